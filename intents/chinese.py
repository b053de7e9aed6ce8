"""Chinese numerals and the simple day and duration words that customers write."""

from __future__ import annotations

import datetime
import re

NUMERAL = "零〇一二两三四五六七八九十百千万亿半"
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_DAYS = {
    "大前天": -3,
    "前天": -2,
    "前日": -2,
    "昨天": -1,
    "昨日": -1,
    "昨晚": -1,
    "今天": 0,
    "今日": 0,
    "今晚": 0,
    "今早": 0,
    "明天": 1,
    "明日": 1,
    "明早": 1,
    "明晚": 1,
    "后天": 2,
    "大后天": 3,
}
_WEEKDAYS = {c: i for i, c in enumerate("一二三四五六")} | {"日": 6, "天": 6}
_WEEKS = {
    "上上": -2,
    "上": -1,
    "这": 0,
    "本": 0,
    "这个": 0,
    "下": 1,
    "下下": 2,
    "上个": -1,
    "下个": 1,
}
DAY_WORDS = (
    "大前天|前天|前日|昨天|昨日|昨晚|今天|今日|今晚|今早|明天|明日|明早|明晚|大后天|后天|"
    "(?:上上|下下|上个|下个|这个|上|下|这|本)?(?:周|星期|礼拜)[一二三四五六日天]|"
    "(?:\\d{4}年)?\\d{1,2}月(?:\\d{1,2}[日号]?)|\\d{1,2}号"
)


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


def day(text: str, today: datetime.date) -> datetime.date | None:
    """The day that simple Chinese words name, seen from ``today``, or None."""
    words = text.strip()
    for name in sorted(_DAYS, key=len, reverse=True):
        if words.startswith(name):
            return today + datetime.timedelta(days=_DAYS[name])
    return _weekday(words, today) or _month_day(words, today) or _ago(words, today)


def _weekday(words: str, today: datetime.date) -> datetime.date | None:
    match = re.match(
        r"(上上|下下|上个|下个|这个|上|下|这|本)?(?:周|星期|礼拜)([一二三四五六日天])", words
    )
    if match is None:
        return None
    monday = today - datetime.timedelta(days=today.weekday())
    weeks = _WEEKS.get(match[1] or "", 0)
    return monday + datetime.timedelta(days=7 * weeks + _WEEKDAYS[match[2]])


def _month_day(words: str, today: datetime.date) -> datetime.date | None:
    match = re.match(r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})[日号]?", words)
    if match is None or (match[2] is None and not re.match(r"\d{1,2}[日号]", words)):
        return None
    try:
        return datetime.date(
            int(match[1] or today.year), int(match[2] or today.month), int(match[3])
        )
    except ValueError:
        return None


def _ago(words: str, today: datetime.date) -> datetime.date | None:
    match = re.match(rf"([\d{NUMERAL}]+)\s*(天|周|个?星期|个?礼拜)(以?前|之前|以?后|之后)", words)
    value = number(match[1]) if match else None
    if match is None or value is None or value > 10_000:
        return None
    days = value * (1 if match[2] == "天" else 7) * (-1 if "前" in match[3] else 1)
    return today + datetime.timedelta(days=int(days))
