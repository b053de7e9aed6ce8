"""Number words of English and Chinese as numbers."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_EN = {word: value for value, word in enumerate(_ONES.split())}
_EN |= {word: 10 * value for value, word in enumerate(_TENS.split(), start=2)}
_EN_SCALES = {"hundred": 100, "thousand": 1000}
_ZH = {char: value for value, char in enumerate("零一二三四五六七八九")} | {
    "两": 2,
    "〇": 0,
    "俩": 2,
}
_ZH_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000}

EN_WORD = "(?:" + "|".join((*_EN, *_EN_SCALES)) + ")"
"""Pattern of one English number word."""

EN_WORDS = rf"{EN_WORD}(?:[ -](?:and )?{EN_WORD})*"
ZH_WORDS = "[零〇一二两俩三四五六七八九十百千万]+"
DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"


def number(text: str) -> Decimal | None:
    """The number that digits or number words stand for, or None."""
    plain = text.strip().lower().replace(",", "")
    if not plain:
        return None
    if plain[0].isdigit():
        try:
            return Decimal(plain)
        except InvalidOperation:
            return None
    return _english(plain) if plain.isascii() else _chinese(plain)


def _english(text: str) -> Decimal | None:
    total, part = 0, 0
    for word in text.replace("-", " ").split():
        if word in _EN:
            part += _EN[word]
        elif word in _EN_SCALES:
            part = max(part, 1) * _EN_SCALES[word]
            if part >= 1000:
                total, part = total + part, 0
        elif word != "and":
            return None
    return Decimal(total + part)


def _chinese(text: str) -> Decimal | None:
    if not set(text) & set(_ZH_SCALES):
        # digits one after another, as in 二零二五
        if any(char not in _ZH for char in text):
            return None
        return Decimal("".join(str(_ZH[char]) for char in text))
    total, part, digit = 0, 0, 0
    for char in text:
        if char in _ZH:
            digit = _ZH[char]
        elif char == "万":
            total, part, digit = total + (part + digit) * 10_000, 0, 0
        elif char in _ZH_SCALES:
            part, digit = part + (digit or 1) * _ZH_SCALES[char], 0
        else:
            return None
    return Decimal(total + part + digit)
