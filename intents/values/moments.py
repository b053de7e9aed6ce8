"""Times as customers say them, and what they mean seen from a moment.

The grammars (:mod:`intents.values.times_zh`, :mod:`intents.values.times_en`) read expressions into
:class:`Said`; :func:`moment` turns one into a point or an interval. Where an expression leaves
something open:

- an hour without half of the day lies between 7 and 18 beside a day, else it is the next such hour;
- a day and month without a year lie in the last 120 days or else ahead, a day of the month is
  this month's;
- a Chinese weekday belongs to this week (Monday to Sunday), a bare English one is the coming one;
  *next* and 下 are the following week's, *last* is the latest before today.
"""

from __future__ import annotations

import calendar
import datetime
from dataclasses import dataclass, replace
from typing import Any, Literal

Grain = Literal["second", "minute", "hour", "day", "week", "month", "quarter", "year"]
Edge = Literal["before", "after", "from"]

PARTS: dict[str, tuple[int, int]] = {
    "early": (0, 6),
    "morning": (6, 12),
    "noon": (12, 13),
    "afternoon": (12, 18),
    "evening": (18, 24),
    "night": (18, 24),
}
"""Parts of a day by their hours."""

LENGTHS: dict[str, datetime.timedelta] = {
    "second": datetime.timedelta(seconds=1),
    "minute": datetime.timedelta(minutes=1),
    "hour": datetime.timedelta(hours=1),
    "day": datetime.timedelta(days=1),
    "week": datetime.timedelta(days=7),
}
_DAY = LENGTHS["day"]
_LATE = ("afternoon", "evening", "night")


@dataclass(frozen=True)
class Said:
    """One expression at characters ``start`` to ``end``.

    ``day`` is the first day named, ``until`` the day behind the last one where it is a week, a
    weekend or a part of a month, ``grain`` how exact it is. ``hour`` is on the 12-hour clock unless
    ``is_24``. ``at`` is a moment that is already computed ("in two hours"), ``to`` the end of a
    length of time. ``edge`` says that everything before, after or from then on is meant.
    ``month_day`` keeps a bare day of a month and ``weekday`` a bare weekday, for ends of ranges.
    """

    start: int
    end: int
    day: datetime.date | None = None
    until: datetime.date | None = None
    grain: Grain = "day"
    part: str | None = None
    hour: int | None = None
    minute: int | None = None
    is_24: bool = False
    at: datetime.datetime | None = None
    to: datetime.datetime | None = None
    edge: Edge | None = None
    month_day: int | None = None
    weekday: int | None = None


@dataclass(frozen=True)
class Moment:
    """A point (``end`` is None) or an interval; one side of an interval may be open.

    ``end`` is exclusive. Both are aware datetimes.
    """

    start: datetime.datetime | None
    grain: Grain
    end: datetime.datetime | None = None
    is_interval: bool = False

    def as_duckling(self) -> dict[str, Any]:
        """The value in the shape of Duckling's dimension ``time``."""
        if not self.is_interval:
            assert self.start is not None
            point = {"value": iso(self.start), "grain": self.grain, "type": "value"}
            return {"values": [point], **point}
        ends: dict[str, Any] = {"type": "interval"}
        if self.start is not None:
            ends["from"] = {"value": iso(self.start), "grain": self.grain}
        if self.end is not None:
            ends["to"] = {"value": iso(self.end), "grain": self.grain}
        return {"values": [ends], **ends}

    def value(self) -> str | dict[str, str | None]:
        """What Rasa makes of it: an ISO time, or the two ends of an interval."""
        if not self.is_interval:
            assert self.start is not None
            return iso(self.start)
        return {
            "to": iso(self.end) if self.end is not None else None,
            "from": iso(self.start) if self.start is not None else None,
        }

    def day(self) -> datetime.date:
        """The day it begins (of an interval without a beginning: the last day in it)."""
        if self.start is not None:
            return self.start.date()
        assert self.end is not None
        return self.end.date()


def iso(at: datetime.datetime) -> str:
    """ISO 8601 with milliseconds and offset, as Duckling writes it."""
    return at.isoformat(timespec="milliseconds")


def moment(said: Said, now: datetime.datetime) -> Moment | None:
    """What ``said`` means at ``now`` (aware); None where it lies outside the calendar."""
    try:
        return _edged(said, _plain(said, now))
    except (ValueError, OverflowError):
        return None


def span_of(first: Said, last: Said, now: datetime.datetime) -> Moment | None:
    """The interval from ``first`` to ``last``; what one leaves open it takes from the other."""
    first, last = _shared(first, last)
    begin, end = moment(first, now), moment(last, now)
    if begin is None or end is None or begin.start is None or end.start is None:
        return None
    close = end.start
    if end.is_interval and end.end is not None:
        close = end.end
    elif last.hour is None and end.grain in ("day", "week", "month", "year"):
        close = _plus(end.start, 1, end.grain)
    if close <= begin.start and last.hour is not None and last.day == first.day:
        close += _DAY / 2 if not last.is_24 and close + _DAY / 2 > begin.start else _DAY
    if close <= begin.start:
        return None
    return Moment(begin.start, end.grain, close, True)


def _shared(first: Said, last: Said) -> tuple[Said, Said]:
    if last.day is None and last.at is None:
        last = replace(last, day=first.day)
    elif last.month_day is not None and first.day is not None:
        last = replace(last, day=first.day.replace(day=last.month_day))
    elif last.weekday is not None and first.day is not None:
        ahead = (last.weekday - first.day.weekday()) % 7
        last = replace(last, day=first.day + datetime.timedelta(days=ahead))
    if first.day is None and first.at is None and last.day is not None:
        first = replace(first, day=last.day)
    if last.hour is not None and last.part is None and not last.is_24:
        last = replace(last, part=first.part)
    if first.hour is not None and first.part is None and not first.is_24 and last.part:
        later = last.hour is not None and first.hour % 12 > last.hour % 12
        first = replace(first, part="morning" if later else last.part)
    return first, last


def _plain(said: Said, now: datetime.datetime) -> Moment:
    if said.at is not None:
        if said.to is not None:
            return Moment(said.at, said.grain, said.to, True)
        return Moment(said.at, said.grain)
    if said.hour is not None:
        return _clock(said, now)
    day = said.day or now.date()
    midnight = _midnight(day, now)
    if said.part == "noon":
        return Moment(midnight + 12 * LENGTHS["hour"], "hour")
    if said.part is not None:
        first, last = PARTS[said.part]
        hour = LENGTHS["hour"]
        return Moment(midnight + first * hour, "hour", midnight + last * hour, True)
    if said.until is not None:
        return Moment(midnight, "day", _midnight(said.until, now), True)
    return Moment(midnight, said.grain)


def _clock(said: Said, now: datetime.datetime) -> Moment:
    assert said.hour is not None
    hour, days = said.hour, 0
    part = said.part
    if not said.is_24 and hour <= 12:
        hour, days = _on_24(hour, part, said.day is not None)
    if hour == 24:
        hour, days = 0, days + 1
    grain: Grain = "hour" if said.minute is None else "minute"
    at = _midnight(said.day or now.date(), now).replace(hour=hour, minute=said.minute or 0)
    at += days * _DAY
    if said.day is None and part is None:
        step = _DAY if said.is_24 or said.hour > 12 else _DAY / 2
        while at < now:
            at += step
    return Moment(at, grain)


def _on_24(hour: int, part: str | None, has_day: bool) -> tuple[int, int]:
    """The hour of a 24-hour clock, and days to add."""
    if part in _LATE:
        if hour == 12:
            return (0, 1) if part != "afternoon" else (12, 0)
        return (hour, 1) if part == "night" and hour < 5 else (hour + 12, 0)
    if part == "noon":
        return (hour + 12, 0) if hour < 5 else (hour, 0)
    if part is not None:
        return (0 if hour == 12 and part == "early" else hour), 0
    return (hour + 12, 0) if has_day and 1 <= hour <= 6 else (hour, 0)


def _edged(said: Said, found: Moment) -> Moment:
    if said.edge == "before":
        return Moment(None, found.grain, found.start, True)
    if said.edge == "from":
        return Moment(found.start, found.grain, None, True)
    if said.edge == "after":
        start = found.end if found.is_interval else found.start
        if not found.is_interval and said.hour is None and said.at is None and start is not None:
            start = _plus(start, 1, found.grain)
        return Moment(start, found.grain, None, True)
    return found


def _midnight(day: datetime.date, now: datetime.datetime) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), now.tzinfo)


def _plus(at: datetime.datetime, count: float, grain: str) -> datetime.datetime:
    if grain in LENGTHS:
        return at + count * LENGTHS[grain]
    months = {"month": 1, "quarter": 3, "year": 12}[grain] * count
    if months != int(months):
        return at + datetime.timedelta(days=months * 30)
    return datetime.datetime.combine(add_months(at.date(), int(months)), at.timetz())


def shifted(now: datetime.datetime, count: float, grain: str) -> tuple[datetime.datetime, Grain]:
    """``now`` moved by ``count`` of ``grain``, and how exact that is.

    Whole days and more give midnights. Working days skip Saturdays and Sundays.

    :raises OverflowError: outside the calendar.
    """
    if abs(count) > 100_000:
        raise OverflowError(count)
    if grain == "working_day":
        return _midnight(_working(now.date(), int(count)), now), "day"
    at = _plus(now, count, grain)
    if grain in ("second", "minute", "hour"):
        return at.replace(microsecond=0), "minute" if grain == "hour" else "second"
    return _midnight(at.date(), now), "day"


def _working(day: datetime.date, count: int) -> datetime.date:
    step = datetime.timedelta(days=1 if count >= 0 else -1)
    left = min(abs(count), 1000)
    while left:
        day += step
        left -= day.weekday() < 5
    return day


def add_months(day: datetime.date, months: int) -> datetime.date:
    """``day`` moved by months; the last day of a shorter month where there is no such day.

    :raises ValueError: outside the calendar.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise ValueError(f"year {year} is out of range")
    return day.replace(
        year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1])
    )


def nearest_year(month: int, day: int, today: datetime.date, back: int = 120) -> datetime.date:
    """The first such day of a year that is not more than ``back`` days ago.

    :raises ValueError: there is no such day in the years around.
    """
    for year in (today.year - 1, today.year, today.year + 1, today.year + 2):
        if 1 <= year <= 9999 and day <= calendar.monthrange(year, month)[1]:
            found = datetime.date(year, month, day)
            if (today - found).days <= back:
                return found
    raise ValueError(f"no day {day} in month {month}")


def week_day(today: datetime.date, weeks: int, weekday: int) -> datetime.date:
    """A weekday (Monday is 0) of the week ``weeks`` ahead."""
    return today + datetime.timedelta(days=7 * weeks + weekday - today.weekday())
