"""Words of Chinese and English text, as lexical search compares them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache, lru_cache

_LATIN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_CJK = re.compile(r"[㐀-䶿一-鿿豈-﫿]+")


@lru_cache(maxsize=32768)
def words(text: str) -> tuple[str, ...]:
    """Lower-case words in order; Chinese is segmented, with the short words inside long ones.

    Remembered, so that an index with a few texts changed is not segmented anew.
    """
    folded = unicodedata.normalize("NFKC", text).lower()
    found: list[str] = []
    at = 0
    for run in _CJK.finditer(folded):
        found += _latin(folded[at : run.start()])
        found += _segmenter()(run.group())
        at = run.end()
    return (*found, *_latin(folded[at:]))


def bigrams(run: str) -> list[str]:
    """Overlapping pairs of characters: segmentation without a dictionary."""
    return [run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]


def _latin(text: str) -> list[str]:
    return [_singular(word) for word in _LATIN.findall(text)]


def _singular(word: str) -> str:
    """Harman's S stemmer: plural and singular meet, nothing else is touched."""
    word = word.replace("’", "'").removesuffix("'s")
    if len(word) > 3 and word.isascii() and word.endswith("s"):
        if word.endswith("ies") and not word.endswith(("eies", "aies")):
            return word[:-3] + "y"
        if not word.endswith(("us", "ss")):
            return word[:-1]
    return word


@cache
def _segmenter() -> Callable[[str], Iterable[str]]:
    try:
        import rjieba
    except ImportError:  # there is no wheel for every platform
        return bigrams
    cut: Callable[[str], Iterable[str]] = rjieba.cut_for_search
    return cut
