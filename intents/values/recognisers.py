"""Recognisers of values with a fixed form, and what a value means as data.

Every recogniser reads a text into :class:`Value` s: exact characters, the value that a slot gets in
Duckling's terms, and its meaning as plain data. :func:`resolve` does the same for characters that
somebody else found. A cheap look at the text comes before each expensive expression.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from intents.values import amounts, english, times_en, times_zh
from intents.values.moments import Moment, Said, iso, moment, span_of

Span = tuple[int, int]

_KINDS = {"amount-of-money": "money", "phone-number": "phone"}
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}(?![A-Za-z0-9])"
)
_URL = re.compile(
    r"(?<![A-Za-z0-9_@.-])(?:https?://(?P<host>[A-Za-z0-9.-]+(?::\d+)?)(?:[/?#][^\s<>\"'，。！？、；）】]*)?"
    r"|(?P<bare>(?:www\.)?(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
    r"(?:com|org|net|cn|io|shop|co|uk|de|fr|app|dev|info|me|store|hk|tw|eu))"
    r"(?:/[^\s<>\"'，。！？、；）】]*)?)(?![A-Za-z0-9_@-])",
    re.IGNORECASE,
)
_MOBILE = re.compile(r"(?<![\dA-Za-z])(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)")
_HAN = re.compile(r"[\u3400-\u9fff]")
_LETTER = re.compile(r"[A-Za-z]")
_COUNTED = re.compile(
    r"\d|[零〇一二两三四五六七八九十百千万亿半几第]|\b(?:an?|one|two|three|four|five|six|seven|eight|"
    r"nine|ten|eleven|twelve|\w+teen|\w+ty|hundred|thousand|million|half|couple|few|several|dozen|"
    r"first|second|third|\w+th)\b",
    re.IGNORECASE,
)
_ALL_DAY = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True)
class Context:
    """Where and when a message is read: ``now`` is aware, ``region`` a country's two letters."""

    now: datetime.datetime
    region: str = "CN"

    @classmethod
    def on(cls, day: datetime.date | datetime.datetime | None, region: str = "CN") -> Context:
        """The context of a day (its noon), a time, or the present; local time if it has no zone."""
        if day is None:
            return cls(datetime.datetime.now().astimezone(), region)
        if not isinstance(day, datetime.datetime):
            day = datetime.datetime.combine(day, datetime.time(12))
        return cls(day if day.tzinfo is not None else day.astimezone(), region)


@dataclass(frozen=True)
class Value:
    """A value at characters ``start`` to ``end``; ``info`` is its meaning as plain data."""

    start: int
    end: int
    value: Any
    info: dict[str, Any]


def read(kind: str, text: str, context: Context) -> list[Value]:
    """The values of a recogniser or of one of Duckling's dimensions in ``text``, in order."""
    return list(_READERS[_KINDS.get(kind, kind)](text, context))


def recognise(kind: str, text: str, region: str = "CN") -> Iterator[Span]:
    """Spans of a recogniser (see ``intents.settings.RECOGNISERS``) in ``text``."""
    for value in read(kind, text, Context.on(None, region)):
        yield value.start, value.end


def resolve(
    kind: str,
    words: str,
    now: datetime.date | datetime.datetime | None = None,
    region: str = "CN",
) -> dict[str, Any] | None:
    """What ``words`` mean as plain data, or None where that cannot be said for sure."""
    context = Context.on(now, region)
    kind = _KINDS.get(kind, kind)
    values = list(_READERS[kind](words, context)) if kind in _READERS else []
    if values:
        return max(values, key=lambda value: value.end - value.start).info
    return _FALLBACKS[kind](words, context) if kind in _FALLBACKS else None


def _times(text: str, context: Context) -> Iterator[Value]:
    for start, end, found, _ in _moments(text, context):
        yield Value(start, end, found.value(), found.as_duckling())


def _dates(text: str, context: Context) -> Iterator[Value]:
    """Times that name a day; ``day`` is added to what Duckling would say."""
    for start, end, found, names_day in _moments(text, context):
        if names_day:
            yield Value(start, end, found.value(), _with_day(found))


def _with_day(found: Moment) -> dict[str, Any]:
    return {"day": found.day().isoformat()} | found.as_duckling()


def _moments(text: str, context: Context) -> Iterator[tuple[int, int, Moment, bool]]:
    said, join = _said(text, context.now)
    at = 0
    while at < len(said):
        one, names_day = said[at], _names_day(said[at])
        if at + 1 < len(said) and join(text, one, said[at + 1]):
            other = said[at + 1]
            both = span_of(one, other, context.now)
            if both is not None:
                yield one.start, other.end, both, names_day or _names_day(other)
                at += 2
                continue
        at += 1
        alone = one.end - one.start > 2 or not text[one.start : one.end].strip().isdigit()
        found = moment(one, context.now) if alone else None
        if found is not None:
            yield one.start, one.end, found, names_day


def _names_day(said: Said) -> bool:
    return said.day is not None or (said.at is not None and said.grain in _ALL_DAY)


_Join = Callable[[str, Said, Said], bool]


def _said(text: str, now: datetime.datetime) -> tuple[list[Said], _Join]:
    """Expressions of the languages that the text is written in."""
    chinese: list[Said] = []
    if _HAN.search(text) is not None:
        if times_zh.could_hold_time(text):
            chinese = list(times_zh.times(text, now))
        if _LETTER.search(text) is None:
            return chinese, times_zh.joined
    if not times_en.could_hold_time(text):
        return chinese, times_zh.joined
    english = [
        said
        for said in times_en.times(text, now)
        if all(said.end <= other.start or other.end <= said.start for other in chinese)
    ]

    def join(text: str, first: Said, second: Said) -> bool:
        return times_en.joined(text, first, second) or times_zh.joined(text, first, second)

    return sorted([*chinese, *english], key=lambda said: said.start), join


def _amounts(reader: Callable[[str], Iterable[amounts.Amount]]) -> _Reader:
    def values(text: str, _: Context) -> Iterator[Value]:
        if _COUNTED.search(text) is not None:
            for found in reader(text):
                yield Value(found.start, found.end, found.value, found.info)

    return values


def _money(text: str, context: Context) -> Iterator[Value]:
    if _COUNTED.search(text) is not None:
        for found in amounts.money(text, context.region):
            yield Value(found.start, found.end, found.value, _priced(found.info))


def _priced(info: dict[str, Any]) -> dict[str, Any]:
    """``amount`` and ``currency`` beside Duckling's names for them."""
    if info["type"] == "value":
        return info | {"amount": info["value"], "currency": info["unit"]}
    side = info.get("to") or info["from"]
    return info | {"amount": side["value"], "currency": side["unit"]}


def _phones(text: str, context: Context) -> Iterator[Value]:
    for start, end in _phone_spans(text, context.region):
        info = _phone(text[start:end], context)
        if info is not None:
            yield Value(start, end, info["value"], info)


def _phone_spans(text: str, region: str) -> list[Span]:
    if sum(c.isdigit() for c in text) < 7:
        return []
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
    return sorted(found)


def _phone(words: str, context: Context) -> dict[str, Any] | None:
    import phonenumbers

    try:
        parsed = phonenumbers.parse(words, context.region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    national = str(phonenumbers.national_significant_number(parsed))
    return {"value": e164, "type": "value", "e164": e164, "national": national}


def _emails(text: str, _: Context) -> Iterator[Value]:
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield Value(*match.span(), match[0], {"value": match[0], "type": "value"})


def _urls(text: str, _: Context) -> Iterator[Value]:
    if "." in text:
        for match in _URL.finditer(text):
            words = match[0].rstrip(".,;:!?)")
            domain = (match["host"] or match["bare"]).lower().removeprefix("www.")
            info = {"value": words, "domain": domain, "type": "value"}
            yield Value(match.start(), match.start() + len(words), words, info)


_ABOUT = re.compile(r"(?:左右?|上下|以内|之内|出头|多|[块元]?吧)+$")
"""What follows an amount that is not exact, as far as a tagger took it for part of it."""


def _bare_money(words: str, context: Context) -> dict[str, Any] | None:
    """An amount without a currency is in the region's own; 三百左右 is one, too."""
    value = amounts.read_number(_ABOUT.sub("", words))
    if value is None:
        return None
    unit = amounts.home_currency(context.region)
    return _priced({"value": amounts.neat(value), "type": "value", "unit": unit})


def _bare_count(words: str, _: Context) -> dict[str, Any] | None:
    found = max(amounts.numbers(words), key=lambda found: found.end - found.start, default=None)
    if found is not None:
        return found.info
    value = amounts.read_number(words)
    return None if value is None else {"value": amounts.neat(value), "type": "value"}


_BARE_HOUR = re.compile(
    r"(?:at |around |about |@ ?)?(?P<h>\d{1,2}|[a-z]+)(?: ?ish)?(?P<hr> ?h(?:ou)?rs?)?",
    re.IGNORECASE,
)
_FOUR_DIGITS = re.compile(
    r"(?P<h>[01]\d|2[0-3])(?P<m>[0-5]\d)\s?(?P<half>[ap]\.?m\.?)?", re.IGNORECASE
)
_BARE_DAY = re.compile(r"(?:the |on the )?(?P<d>\d{1,2})(?:st|nd|rd|th)?", re.IGNORECASE)


def _bare_time(words: str, context: Context) -> dict[str, Any] | None:
    """An hour alone: 7, eight, 7ish, 2030, 17hr."""
    plain = words.strip()
    hour: float | None = None
    minute, half = None, ""
    if (match := _FOUR_DIGITS.fullmatch(plain)) is not None:
        hour, minute = int(match["h"]), int(match["m"])
        half = (match["half"] or "")[:1].lower()
    elif (match := _BARE_HOUR.fullmatch(plain)) is not None:
        hour = english.number(match["h"])
    if hour is None or hour != int(hour) or not 0 <= hour <= 24:
        return None
    part = {"a": "morning", "p": "afternoon"}.get(half) if hour <= 12 else None
    is_24 = hour > 12 or (plain.startswith("0") and not half)
    found = moment(
        Said(0, len(words), hour=int(hour), minute=minute, part=part, is_24=is_24), context.now
    )
    return None if found is None else found.as_duckling()


def _bare_date(words: str, context: Context) -> dict[str, Any] | None:
    """A day of this month alone, and forms of dates that only the library knows."""
    match = _BARE_DAY.fullmatch(words.strip())
    if match is None:
        return _parsed_date(words, context)
    try:
        day = context.now.date().replace(day=int(match["d"]))
    except ValueError:
        return None
    found = moment(Said(0, len(words), day), context.now)
    return None if found is None else _with_day(found)


def _parsed_date(words: str, context: Context) -> dict[str, Any] | None:
    """Forms of dates that only the library knows."""
    if not words.isascii() or not any(c.isdigit() for c in words) or len(words) > 60:
        return None
    import dateparser

    try:
        parsed = dateparser.parse(
            words,
            languages=["en"],
            settings={
                "RELATIVE_BASE": context.now.replace(tzinfo=None),
                "PREFER_DATES_FROM": "current_period",
                "REQUIRE_PARTS": ["day", "month"],
            },
        )
    except (ValueError, OverflowError, RecursionError):
        return None
    if parsed is None:
        return None
    midnight = datetime.datetime.combine(parsed.date(), datetime.time(), context.now.tzinfo)
    return {
        "day": parsed.date().isoformat(),
        "value": iso(midnight),
        "grain": "day",
        "type": "value",
    }


_Reader = Callable[[str, Context], Iterable[Value]]
_READERS: dict[str, _Reader] = {
    "time": _times,
    "date": _dates,
    "money": _money,
    "duration": _amounts(amounts.durations),
    "quantity": _amounts(amounts.quantities),
    "distance": _amounts(amounts.distances),
    "number": _amounts(amounts.numbers),
    "ordinal": _amounts(amounts.ordinals),
    "phone": _phones,
    "email": _emails,
    "url": _urls,
}
_FALLBACKS: dict[str, Callable[[str, Context], dict[str, Any] | None]] = {
    "money": _bare_money,
    "quantity": _bare_count,
    "number": _bare_count,
    "phone": _phone,
    "date": _bare_date,
    "time": _bare_time,
}
