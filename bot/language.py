"""Which language a message is in, and whether there is anything in it to understand."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LATIN_WORD = re.compile(
    r"(?<![A-Za-z0-9@._+-])(?:[A-Za-z]{2,}|[IiAa])(?:['’][A-Za-z]+)?(?![A-Za-z0-9@_+]|[.-][A-Za-z0-9])"
)
"""A word: no code, no part of an address, and no single letter such as a size."""
Script = Literal["understood", "empty", "foreign"]


def choose(text: str, current: str, languages: tuple[str, ...]) -> str:
    """Return the language to answer in; text without words keeps the current one."""
    han, latin = len(_HAN.findall(text)), len(_LATIN_WORD.findall(text))
    if not han and not latin:
        return current
    # a Chinese word has about one and a half characters
    found = "zh" if han / 1.5 >= latin else "en"
    return found if found in languages else current


def script(text: str) -> Script:
    """Tell whether a message can be understood at all.

    ``empty``: no letter and no digit in it (emoji, punctuation); ``foreign``: most of its
    letters are neither Latin nor Chinese.
    """
    letters = [c for c in text if c.isalpha()]
    if not letters:
        return "understood" if any(c.isdigit() for c in text) else "empty"
    known = sum(1 for c in letters if _HAN.match(c) or _is_latin(c))
    return "understood" if known * 2 >= len(letters) else "foreign"


def _is_latin(char: str) -> bool:
    return char.isascii() or unicodedata.name(char, "").startswith(("LATIN", "FULLWIDTH LATIN"))
