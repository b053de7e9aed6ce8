"""Times as exports write them: ISO 8601, Unix seconds or milliseconds, usual local forms."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

_EARLIEST, _LATEST = 631_152_000, 4_102_444_800  # 1990 to 2100
_LOCAL = re.compile(
    r"\s*(?P<a>\d{1,4})\s?[-/.年]\s?(?P<b>\d{1,2})\s?[-/.月]\s?(?P<c>\d{1,4})日?"
    r"(?:[,，\sT]+(?:klo\s)?(?P<before>上午|下午|凌晨|早上|中午|晚上)?\s?"
    r"(?P<hour>\d{1,2})[:.：时](?P<minute>\d{2})(?:[:.：分](?P<second>\d{2})(?:\.\d+)?秒?)?"
    r"\s?(?P<half>[AaPp]\.?\s?[Mm]\.?)?)?\s*(?:UTC|GMT|Z)?\s*"
)


def parse_time(value: object, *, month_first: bool = False) -> datetime | None:
    """The moment that ``value`` names, with UTC where it names no zone; None where it is none.

    :param month_first: whether ``03/04/2026`` is the fourth of March.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _unix(float(value))
    text = str(value).strip()
    if not 8 <= len(text) <= 40:
        return None
    if re.fullmatch(r"\d{10}(?:\.\d+)?|\d{13}|\d{16}", text):
        return _unix(float(text))
    try:
        time = datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        return _local(text, month_first)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def months_first(values: Iterable[str]) -> bool:
    """Whether dates such as ``03/25/2026`` among ``values`` show that the month stands first."""
    for value in values:
        match = _LOCAL.fullmatch(value)
        if match and len(match["a"]) <= 2 and int(match["b"]) > 12:
            return True
    return False


def _unix(seconds: float) -> datetime | None:
    for _ in range(3):  # seconds, milliseconds, microseconds
        if _EARLIEST <= seconds <= _LATEST:
            return datetime.fromtimestamp(seconds, UTC)
        seconds /= 1000
    return None


def _local(text: str, month_first: bool) -> datetime | None:
    match = _LOCAL.fullmatch(text)
    if match is None:
        return None
    a, b, c = (int(match[name]) for name in "abc")
    year, month, day = (a, b, c) if len(match["a"]) == 4 else (c, b, a)
    if len(match["a"]) < 4 and (month_first or month > 12) and day <= 12:
        month, day = day, month
    year += 2000 if year < 100 else 0
    hour, half = int(match["hour"] or 0), (match["half"] or match["before"] or "").lower()
    if half[:1] == "p" or half in ("下午", "晚上"):
        hour += 12 if hour < 12 else 0
    elif hour == 12 and (half[:1] == "a" or half == "凌晨"):
        hour = 0
    try:
        return datetime(
            year, month, day, hour, int(match["minute"] or 0), int(match["second"] or 0), tzinfo=UTC
        )
    except ValueError:
        return None
