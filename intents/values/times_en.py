"""English times: next Friday, half past six, March 5th at 3 pm, in two weeks, by the 15th."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator

from intents.values.english import number
from intents.values.feasts import ENGLISH, feast
from intents.values.moments import Edge, Grain, Said, add_months, nearest_year, shifted, week_day
from intents.values.times_en_forms import (
    BEFORE,
    DAYS,
    HOLIDAYS,
    JOIN,
    MONTHS,
    ORDINALS,
    PARTS,
    RANGE_START,
    SHIFT,
    TIME,
    WEEKDAYS,
)

_GATE = re.compile(
    r"\d|day|night|morrow|week|month|year|hour|minute|\bsec|\bhrs?\b|\bmins?\b|tmr|noon|morning|"
    r"afternoon|evening|o'?clock|past|\bto\b|half|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|"
    r"thanks|black fri|cyber|"
    r"mon\b|tue|wed\b|thu|fri\b|\bsat\b|mas\b|hallow|fortnight|\bat\b|\bthe\b",
    re.IGNORECASE,
)
_GRAINS = {
    "s": "second", "sec": "second", "second": "second", "min": "minute", "minute": "minute",
    "hr": "hour", "hour": "hour", "day": "day", "week": "week", "fortnight": "fortnight",
    "month": "month", "year": "year", "working day": "working_day", "business day": "working_day",
}  # fmt: skip


def could_hold_time(text: str) -> bool:
    """Whether the expensive expressions are worth a try."""
    return _GATE.search(text) is not None


def times(text: str, now: datetime.datetime) -> Iterator[Said]:
    """Expressions in ``text``, from left to right, without overlap; ranges in their two parts."""
    found: list[Said] = []
    for read, how in ((SHIFT, _shift), (TIME, _point), (RANGE_START, _bare_start)):
        for match in read.finditer(text):
            if any(match.start() < said.end and said.start < match.end() for said in found):
                continue
            said = _read(how, match, text, now)
            if said is not None:
                found.append(said)
    yield from sorted(found, key=lambda said: said.start)


def joined(text: str, first: Said, second: Said) -> bool:
    """Whether the two are the ends of a range."""
    between = text[first.end : second.start]
    if not JOIN.fullmatch(between):
        return False
    if between.strip().lower() == "and":
        return text[: first.start].rstrip().lower().endswith("between")
    return True


_Reader = Callable[[re.Match[str], str, datetime.datetime], Said | None]


def _read(how: _Reader, match: re.Match[str], text: str, now: datetime.datetime) -> Said | None:
    try:
        return how(match, text, now)
    except (ValueError, OverflowError, KeyError):
        return None


def _shift(match: re.Match[str], text: str, now: datetime.datetime) -> Said | None:
    """In two weeks, three days ago, within 24 hours, the last month."""
    g = match.groupdict()
    unit = _GRAINS[re.sub(r"\s+", " ", str(g["aunit"] or g["bunit"] or g["cunit"]).lower())]
    words = g["c1"] or g["c2"] or g["c3"]
    if words is None and g["pastnext"] and unit in ("day", "year", "hour", "minute", "second"):
        return None if unit == "day" else _interval(match, now, unit, 1, g["pastnext"])
    count = number(words) if words else 1.0
    if count is None or (not words and unit in ("week", "month")):
        return None
    if unit == "fortnight":
        unit, count = "week", 2 * count
    if g["pastnext"]:
        return _interval(match, now, unit, count, g["pastnext"])
    if g["in"] and g["in"].lower() == "within":
        return _interval(match, now, unit, count, "next")
    back = (g["dir"] or "").lower() in ("ago", "back", "earlier")
    if (g["dir"] or "").lower() == "from tomorrow":
        count += 1
    at, grain = shifted(now, -count if back else count, unit)
    return Said(match.start(), match.end(), grain=grain, at=at)


def _interval(
    match: re.Match[str], now: datetime.datetime, unit: str, count: float, side: str
) -> Said:
    fine = unit in ("second", "minute", "hour")
    here = now.replace(microsecond=0)
    midnight = here.replace(hour=0, minute=0, second=0)
    if side.lower() == "next":
        to, grain = shifted(now, count, unit)
        end = to if fine else to + datetime.timedelta(days=1)
        return Said(match.start(), match.end(), grain=grain, at=here if fine else midnight, to=end)
    at, grain = shifted(now, -count, unit)
    return Said(match.start(), match.end(), grain=grain, at=at, to=here)


def _bare_start(match: re.Match[str], text: str, now: datetime.datetime) -> Said | None:
    """The first hour of "2 to 4 pm", which has no half of the day of its own."""
    hour = number(match["h"])
    if hour is None or not 0 < hour <= 12:
        return None
    return Said(match.start(), match.start() + len(match["h"]), hour=int(hour))


def _point(match: re.Match[str], text: str, now: datetime.datetime) -> Said | None:
    g = match.groupdict()
    mark = "x" if _has_date(g, "x") else ""
    day, until, grain, month_day, weekday = _date(g, mark, now.date())
    part = _part(g)
    if (g["word"] or g["xword"] or "").lower() == "tonight":
        part = part or "night"
    clock = _clock(g, "") or _clock(g, "x")
    hour, minute, half = clock if clock is not None else (None, None, None)
    if hour is not None and not (0 <= hour <= 24 and 0 <= (minute or 0) < 60):
        return None
    if day is None and hour is None and part is None:
        return None
    if hour is not None and half is not None:
        if hour > 12:
            half = None
        part = {"a": "morning", "p": "afternoon"}.get(half or "", part)
        if hour == 12 and half is not None:
            part = {"a": "early", "p": "noon"}.get(half, part)
    is_24 = hour is not None and (hour > 12 or hour == 0 or half == "24")
    edge: Edge | None = None
    start, end = match.span()
    before = BEFORE.search(text, 0, start)
    if before is not None and not _opens_range(before, text, end):
        edge = "before" if before[1] else "after" if before[2] else "from"
        start = before.start()
    end = start + len(text[start:end].rstrip(" .,"))
    return Said(
        start, end, day, until, grain, part, hour, minute, is_24, None, None, edge, month_day,
        weekday,
    )  # fmt: skip


def _opens_range(before: re.Match[str], text: str, end: int) -> bool:
    """Whether "from" is followed by an end."""
    word = before[0].strip().lower()
    return word == "from" or (word in ("until", "till") and bool(_is_time_end(text, before)))


def _is_time_end(text: str, before: re.Match[str]) -> bool:
    return bool(re.search(r"(?:\d|m|day|row|th|st|nd|rd|noon)\s*$", text[: before.start()], re.I))


def _part(g: dict[str, str | None]) -> str | None:
    said = g["part"] or g["part2"] or g["xpart"] or g["ypart"] or g["zpart"]
    return None if said is None else PARTS[re.sub(r"\s+", " ", said.lower())]


def _clock(g: dict[str, str | None], mark: str) -> tuple[int, int | None, str | None] | None:
    """Hour, minute, and ``a``, ``p`` or ``24``."""
    if (hour := g[f"{mark}oh"]) is not None:
        return _offset(g, mark, hour)
    if (hour := g[f"{mark}halfh"]) is not None:
        return _int(hour), 30, None
    if (hour := g[f"{mark}h1"]) is not None:
        half = (g[f"{mark}p1"] or "")[:1].lower() or None
        is_24 = half is None and (hour.startswith("0") or int(hour) > 12)
        return int(hour), int(g[f"{mark}m1"] or 0), "24" if is_24 else half
    if (hour := g[f"{mark}h2"]) is not None:
        half = (g[f"{mark}p2"] or g[f"{mark}p3"] or "")[:1].lower() or None
        return _int(hour), None, half
    if (named := g[f"{mark}named"]) is not None:
        return (0, None, "24") if named.lower() == "midnight" else (12, None, "24")
    if (hour := g[f"{mark}h3"]) is not None:
        return _int(hour), None, None
    return None


def _offset(g: dict[str, str | None], mark: str, hour: str) -> tuple[int, int | None, str | None]:
    words = str(g[f"{mark}offset"]).lower()
    fixed = {"half": 30, "quarter": 15, "a quarter": 15}
    minutes = fixed.get(words) or _int(re.sub(r"\s+minutes?$", "", words))
    value = _int(hour)
    half = (g[f"{mark}om"] or "")[:1].lower() or None
    if str(g[f"{mark}side"]).lower() in ("past", "after"):
        return value, minutes, half
    return (value - 1 or 12), 60 - minutes, half


_Date = tuple[datetime.date | None, datetime.date | None, Grain, int | None, int | None]
_DATE_NAMES = (
    "word", "which", "following", "day1", "month2", "dom", "iy", "sm", "month3", "month4",
    "holiday", "weekday",
)  # fmt: skip


def _has_date(g: dict[str, str | None], mark: str) -> bool:
    return any(g[mark + name] for name in _DATE_NAMES)


def _date(g: dict[str, str | None], mark: str, today: datetime.date) -> _Date:
    """First day, day behind the last, grain, bare day of a month, bare weekday."""

    def of(name: str) -> str:
        return (g[mark + name] or "").lower()

    if of("word"):
        word = re.sub(r"^to.*ow$", "tomorrow", of("word"))
        return today + datetime.timedelta(days=DAYS[word]), None, "day", None, None
    if of("which") or of("following"):
        return _which(of, today)
    for day, month, year in (("day1", "month1", "year1"), ("day2", "month2", "year2")):
        if of(month):
            return _month_day(_month(of(month)), _nth(of(day)), of(year), today)
    if of("dom"):
        return today.replace(day=_nth(of("dom"))), None, "day", _nth(of("dom")), None
    if of("iy"):
        return datetime.date(int(of("iy")), int(of("im")), int(of("id"))), None, "day", None, None
    if of("sm"):
        return _slashed(int(of("sm")), int(of("sd")), of("sy"), today)
    if of("month3"):
        return datetime.date(int(of("year3")), _month(of("month3")), 1), None, "month", None, None
    if of("month4"):
        first = nearest_year(_month(of("month4")), 15, today).replace(day=1)
        return first, None, "month", None, None
    if of("holiday") in ENGLISH:
        return feast(of("holiday"), today), None, "day", None, None
    if of("holiday"):
        return nearest_year(*HOLIDAYS[of("holiday")], today, 30), None, "day", None, None
    if of("weekday"):
        weekday = WEEKDAYS.index(of("weekday")[:3])
        ahead = (weekday - today.weekday() - 1) % 7 + 1
        return today + datetime.timedelta(days=ahead), None, "day", None, weekday
    return None, None, "day", None, None


def _which(of: Callable[[str], str], today: datetime.date) -> _Date:
    step = {"next": 1, "last": -1, "past": -1}.get(of("which"), 0)
    if of("wweekday"):
        weekday = WEEKDAYS.index(of("wweekday")[:3])
        if step < 0:
            back = (today.weekday() - weekday - 1) % 7 + 1
            return today - datetime.timedelta(days=back), None, "day", None, None
        if "coming" in of("which"):
            ahead = (weekday - today.weekday() - 1) % 7 + 1
            return today + datetime.timedelta(days=ahead), None, "day", None, None
        return week_day(today, step, weekday), None, "day", None, None
    unit = of("wunit") or ("weekend" if of("following") else "")
    if unit == "weekend":
        saturday = week_day(today, step, 5)
        return saturday, saturday + datetime.timedelta(days=2), "day", None, None
    if unit == "week":
        return week_day(today, step, 0), None, "week", None, None
    if unit == "month":
        return add_months(today.replace(day=1), step), None, "month", None, None
    if unit == "year":
        return datetime.date(today.year + step, 1, 1), None, "year", None, None
    month = _month(of("wmonth"))
    year = today.year + (step if step * (month - today.month) <= 0 else 0)
    day = _nth(of("wmday")) if of("wmday") else 0
    first = datetime.date(year, month, day or 1)
    return first, None, "day" if day else "month", None, None


def _month_day(month: int, day: int, year: str, today: datetime.date) -> _Date:
    if year:
        return datetime.date(int(year), month, day), None, "day", None, None
    return nearest_year(month, day, today), None, "day", None, None


def _slashed(first: int, second: int, year: str, today: datetime.date) -> _Date:
    """Month before day, unless only the other way is possible."""
    month, day = (second, first) if first > 12 else (first, second)
    full = str(int(year) + 2000) if len(year) == 2 else year
    return _month_day(month, day, full, today)


def _month(name: str) -> int:
    return MONTHS.index(name[:3]) + 1


def _nth(words: str) -> int:
    digits = re.match(r"\d+", words)
    return int(digits[0]) if digits else ORDINALS[re.sub(r"[\s-]+", " ", words)]


def _int(words: str) -> int:
    value = number(words)
    if value is None or value != int(value):
        raise ValueError(words)
    return int(value)
