"""How Chinese characters sound, as far as accents and input methods tell sounds apart."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import lru_cache

_PLAIN = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿ", "aaaaeeeeiiiioooouuuuvvvvvnnnm")


def sound(words: Sequence[str]) -> tuple[str, ...]:
    """The first reading of each character, by pypinyin, without tones.

    z and zh, c and ch, s and sh, and an n or ng at the end count as one.
    """
    return tuple(map(_syllable, words))


@lru_cache(maxsize=8192)
def _syllable(char: str) -> str:
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin.pinyin_dict import pinyin_dict

    reading: str = pinyin_dict.get(ord(char), char).split(",")[0]
    plain = reading.translate(_PLAIN)
    if plain[:2] in ("zh", "ch", "sh"):
        plain = plain[0] + plain[2:]
    return re.sub(r"(?<=[aei]n)g$", "", plain)
