"""English number words, read by the text2num library, with what customers add to them."""

from __future__ import annotations

import re
from functools import lru_cache

_SMALL = (
    "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|"
    "fifteen|sixteen|seventeen|eighteen|nineteen"
)
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_BIG = "hundred|thousand|million|billion"
_WORD = rf"(?:{_SMALL}|{_TENS}|{_BIG})"
WORDS = rf"(?:(?:an?\s{{1,3}})?{_WORD}(?:[\s-]{{1,3}}(?:and\s{{1,3}})?{_WORD}){{0,12}})\b"
"""A number in words, such as *two hundred and fifty*."""

DIGITS = r"(?<!\d)(?:\d{1,3}(?:,\d{3}){1,5}(?:\.\d{1,9})?|\d{1,15}(?:\.\d{1,9})?)"
"""A number in digits, with or without thousands separators."""

NUMBER = (
    rf"(?:(?:{DIGITS})(?:\s?(?:k|m|thousand|million|billion)\b)?|half\s+an?\b|half\b|"
    rf"an?\s+couple(?:\s+of)?\b|couple(?:\s+of)?\b|an?\s+few\b|few\b|several\b|an?\s+dozen\b|dozen\b|"
    rf"{WORDS}(?:\s+and\s+a\s+half\b)?|an?\b)"
)
"""Everything that :func:`number` reads."""

_FIXED = {
    "a": 1.0,
    "an": 1.0,
    "half": 0.5,
    "half a": 0.5,
    "half an": 0.5,
    "couple": 2.0,
    "couple of": 2.0,
    "few": 3.0,
    "several": 3.0,
    "dozen": 12.0,
}
_SCALES = {"k": 1e3, "m": 1e6, "thousand": 1e3, "million": 1e6, "billion": 1e9}
_SCALED = re.compile(rf"({DIGITS})\s?(k|m|thousand|million|billion)?", re.IGNORECASE)


@lru_cache(maxsize=4096)
def number(words: str) -> float | None:
    """The value of a number in digits or words (*1.2k*, *a couple of*), or None."""
    said = re.sub(r"\s+", " ", words.lower()).strip()
    if said in _FIXED:
        return _FIXED[said]
    if (match := _SCALED.fullmatch(said)) is not None:
        value = float(match[1].replace(",", ""))
        return value * _SCALES.get(match[2] or "", 1.0)
    half = said.endswith(" and a half")
    plain = re.sub(r"^an? ", "", said.removesuffix(" and a half"))
    if plain in _FIXED and not half:
        return _FIXED[plain]
    if not re.fullmatch(rf"{_WORD}(?:[\s-]+(?:and\s+)?{_WORD})*", plain):
        return None
    from text_to_num import text2num  # type: ignore[import-untyped]

    try:
        return float(text2num(plain.replace("-", " "), "en")) + 0.5 * half
    except ValueError:
        return None
