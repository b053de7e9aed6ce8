"""Recognisers of values with a fixed form, and what a value means as data.

Every recogniser gives character spans; :func:`resolve` turns the characters of a span into plain
data: a day, an amount with its currency, a length of time, a count, a phone number.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator
from typing import Any

from intents.chinese import DAY_WORDS, NUMERAL, day, number

Span = tuple[int, int]

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}(?![A-Za-z0-9])"
)
_MOBILE = re.compile(r"(?<![\dA-Za-z])(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)")
_EN_NUMBER = (
    r"(?:\d[\d,]*(?:\.\d+)?|an?|half an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|"
    r"twelve|fifteen|twenty|thirty|hundred)"
)
_COUNTED = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
)  # fmt: skip
_WORDS = {word: float(value) for value, word in enumerate(_COUNTED)} | {
    "a": 1.0,
    "an": 1.0,
    "half a": 0.5,
    "half an": 0.5,
    "fifteen": 15.0,
    "twenty": 20.0,
    "thirty": 30.0,
    "hundred": 100.0,
}
_ZH_NUMBER = rf"[\d{NUMERAL}][\d,.{NUMERAL}]*"
_MONEY = re.compile(
    rf"[¥￥$€£]\s?\d[\d,]*(?:\.\d+)?|\d[\d,]*(?:\.\d+)?\s?(?:yuan|rmb|cny|usd|dollars?|bucks)\b|"
    rf"{_ZH_NUMBER}\s?(?:元|块钱|块|人民币|美元)",
    re.IGNORECASE,
)
_DURATION = re.compile(
    rf"\b{_EN_NUMBER}[ -](?:working |business )?(?:minute|hour|day|week|month|year)s?\b|"
    rf"{_ZH_NUMBER}\s?(?:个?工作日|分钟|个?小时|个?钟头|天|个?星期|个?礼拜|周|个月|年)",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    rf"{_ZH_NUMBER}\s?(?:个|件|条|双|只|台|套|盒|瓶|箱|份|包|把|张|床|副|对|支|杯|部|样)"
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE = re.compile(
    r"\b(?:(?:the )?day (?:before yesterday|after tomorrow)|yesterday|today|tonight|tomorrow|tmrw|"
    r"(?:(?:last|next|this) )?(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:last|next|this) week|"
    rf"\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}(?: \d{{4}})?|"
    rf"{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?|\d{{4}}-\d{{1,2}}-\d{{1,2}}|"
    rf"{_EN_NUMBER} (?:day|week)s? ago)\b|{DAY_WORDS}|"
    rf"{_ZH_NUMBER}(?:天|周|个?星期)(?:之|以)?前",
    re.IGNORECASE,
)
_CURRENCIES = {
    "$": "USD",
    "美元": "USD",
    "dollar": "USD",
    "buck": "USD",
    "usd": "USD",
    "€": "EUR",
    "£": "GBP",
}
_UNITS = (
    ("minute", "minute"), ("分钟", "minute"), ("hour", "hour"), ("小时", "hour"), ("钟头", "hour"),
    ("工作日", "working_day"), ("working day", "working_day"), ("business day", "working_day"),
    ("day", "day"), ("天", "day"), ("week", "week"), ("周", "week"), ("星期", "week"),
    ("礼拜", "week"), ("month", "month"), ("月", "month"), ("year", "year"), ("年", "year"),
)  # fmt: skip


def recognise(kind: str, text: str, region: str = "CN") -> Iterator[Span]:
    """Spans of a recogniser (see ``intents.settings.RECOGNISERS``) in ``text``."""
    if kind == "phone":
        yield from _phones(text, region)
        return
    for match in _PATTERNS[kind].finditer(text):
        if match.end() > match.start():
            yield match.start(), match.end()


def resolve(kind: str, words: str, today: datetime.date, region: str = "CN") -> Any:
    """What ``words`` mean as plain data, or None where that cannot be said for sure."""
    return _RESOLVERS[kind](words, today, region) if kind in _RESOLVERS else None


def _phones(text: str, region: str) -> Iterator[Span]:
    if sum(c.isdigit() for c in text) < 7:
        return
    found: list[Span] = []
    if region == "CN":
        found = [(m.start(), m.end()) for m in _MOBILE.finditer(text)]
    from phonenumbers import PhoneNumberMatcher

    for match in PhoneNumberMatcher(text, region):
        # The library takes a tail of a longer code for a number where only a letter precedes it.
        inside_code = (
            match.start > 0 and text[match.start - 1].isascii() and text[match.start - 1].isalnum()
        )
        if not inside_code and all(match.end <= s or match.start >= e for s, e in found):
            found.append((match.start, match.end))
    yield from sorted(found)


def _phone(words: str, _: datetime.date, region: str) -> Any:
    import phonenumbers

    try:
        read = phonenumbers.parse(words, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(read):
        return None
    return {
        "e164": phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.E164),
        "national": str(phonenumbers.national_significant_number(read)),
    }


def _money(words: str, _: datetime.date, __: str) -> Any:
    match = re.search(rf"[\d{NUMERAL}][\d,.{NUMERAL}]*", words)
    amount = number(match[0].rstrip(".")) if match else None
    if amount is None:
        return None
    lowered = words.lower()
    currency = next((code for sign, code in _CURRENCIES.items() if sign in lowered), "CNY")
    return {"amount": amount, "currency": currency}


def _duration(words: str, _: datetime.date, __: str) -> Any:
    value = _count(words)
    lowered = words.lower()
    unit = next((name for sign, name in _UNITS if sign in lowered), None)
    return None if value is None or unit is None else {"value": value, "unit": unit}


def _quantity(words: str, _: datetime.date, __: str) -> Any:
    value = _count(words)
    return None if value is None else {"value": value}


def _count(words: str) -> float | None:
    match = re.match(rf"\s*({_ZH_NUMBER})", words)
    if match:
        return number(match[1].rstrip("."))
    lowered = words.lower().strip()
    for length in (2, 1):
        head = " ".join(re.split(r"[ -]", lowered)[:length])
        if head in _WORDS:
            return _WORDS[head]
    return None


def _date(words: str, today: datetime.date, _: str) -> Any:
    found = day(words, today)
    if found is None and words.isascii():
        found = _english_day(words, today)
    return None if found is None else {"day": found.isoformat()}


def _english_day(words: str, today: datetime.date) -> datetime.date | None:
    import dateparser

    asked = words.strip().lower().replace("tmrw", "tomorrow").replace("tonight", "today")
    asked = re.sub(r"^the day", "day", asked)
    known = {"day before yesterday": -2, "day after tomorrow": 2}
    if asked in known:
        return today + datetime.timedelta(days=known[asked])
    base = datetime.datetime.combine(today, datetime.time(12))
    try:
        read = dateparser.parse(
            asked,
            languages=["en"],
            settings={"RELATIVE_BASE": base, "PREFER_DATES_FROM": "current_period"},
        )
    except (ValueError, OverflowError, RecursionError):
        return None
    return read.date() if read is not None else None


_PATTERNS: dict[str, re.Pattern[str]] = {
    "email": _EMAIL,
    "money": _MONEY,
    "duration": _DURATION,
    "quantity": _QUANTITY,
    "date": _DATE,
}
_RESOLVERS: dict[str, Callable[[str, datetime.date, str], Any]] = {
    "phone": _phone,
    "money": _money,
    "duration": _duration,
    "quantity": _quantity,
    "date": _date,
}
