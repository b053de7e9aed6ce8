"""Chinese numerals as customers write them, colloquial forms included."""

from __future__ import annotations

import re

NUMERAL = "零〇一二两三四五六七八九十百千万亿半"
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}


def number(text: str) -> float | None:
    """The value of a Chinese or Arabic numeral (``三百二``, ``两万八``, ``1.5``), or None."""
    plain = text.replace(",", "").strip()
    if re.fullmatch(r"\d+(?:\.\d+)?", plain):
        return float(plain)
    if plain == "半":
        return 0.5
    if not plain or any(c not in NUMERAL for c in plain) or "半" in plain:
        return None
    if not any(c in "十百千万亿" for c in plain):
        return float("".join(str(_DIGITS[c]) for c in plain))
    return _composed(plain)


def _composed(plain: str) -> float:
    total = section = digit = 0
    last = 1
    skipped = False
    for c in plain:
        if c in _DIGITS:
            digit = _DIGITS[c]
            skipped = skipped or digit == 0
        elif c in _UNITS:
            section += (digit or (1 if c == "十" else 0)) * _UNITS[c]
            last, digit, skipped = _UNITS[c], 0, False
        else:
            unit = 10_000 if c == "万" else 100_000_000
            total = (
                (total + section + digit) * unit if c == "亿" else total + (section + digit) * unit
            )
            section, digit, last, skipped = 0, 0, unit, False
    # 一百五 is 150 and 两万八 is 28,000, but 一百零五 is 105 and 十五 is 15.
    if digit and last >= 100 and not skipped:
        digit *= last // 10
    return float(total + section + digit)
