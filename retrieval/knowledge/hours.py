"""Opening hours, in the notation of OpenStreetMap's ``opening_hours``, by its kept library.

https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification; holidays (``PH``) are those of
the schema's country, times those of its time zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from opening_hours import (  # type: ignore[attr-defined]
    OpeningHours,
    ParserError,
    State,
    UnknownCountryError,
)

from retrieval.knowledge.schema import Schema

Span = tuple[str, str]
"""From and until, as ``10:00``."""


@dataclass(frozen=True)
class Day:
    """When a place is open on one day."""

    day: date
    spans: tuple[Span, ...]


def check_hours(text: str, schema: Schema) -> bool:
    """Whether ``text`` can be read."""
    try:
        _read(text, schema.timezone, schema.country)
    except (ParserError, ValueError, OverflowError):
        return False
    return 0 < len(text) <= 300


def on_day(text: str, day: date, schema: Schema) -> Day:
    """When a place with the hours ``text`` opens and closes on ``day``.

    What runs past midnight ends the next day and is told by its own hour.
    """
    zone = ZoneInfo(schema.timezone)
    begin = datetime.combine(day, time(0), zone)
    end_of_day = begin + timedelta(days=1)
    read = _read(text, schema.timezone, schema.country)
    spans = []
    for start, end, state, _ in read.intervals(begin, end_of_day):
        if state != State.OPEN or start is None:
            continue
        if start == begin and end != end_of_day and read.is_open(begin - timedelta(minutes=1)):
            continue  # still open from the evening before
        until = read.next_change(start) if end == end_of_day else end
        spans.append((f"{start:%H:%M}", _ending(start, until)))
    return Day(day, tuple(spans))


def is_open(text: str, at: datetime, schema: Schema) -> bool:
    """Whether it is open at the moment ``at`` (aware)."""
    here = at.astimezone(ZoneInfo(schema.timezone))
    return bool(_read(text, schema.timezone, schema.country).is_open(here))


def same_every_day(text: str, start: date, schema: Schema) -> tuple[Span, ...] | None:
    """The hours of each day where all seven days from ``start`` have the same."""
    week = {on_day(text, start + timedelta(days=n), schema).spans for n in range(7)}
    return week.pop() if len(week) == 1 else None


def known_country(code: str) -> bool:
    """Whether the holidays of a country (ISO 3166) are known."""
    try:
        OpeningHours("24/7", country=code)
    except UnknownCountryError:
        return False
    return True


def _ending(start: datetime, end: datetime | None) -> str:
    """The hour it ends at; 24:00 at midnight, or where it does not end for a day."""
    if end is None or end - start >= timedelta(days=1) or end.time() == time(0):
        return "24:00"
    return f"{end:%H:%M}"


@lru_cache(maxsize=1024)
def _read(text: str, zone: str, country: str | None) -> OpeningHours:
    return OpeningHours(text, timezone=ZoneInfo(zone), country=country)
