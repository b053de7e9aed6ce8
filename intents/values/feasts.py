"""Holidays whose day changes from year to year, by the holidays library."""

from __future__ import annotations

import datetime
from functools import lru_cache

CHINESE = {
    "除夕": ("农历除夕", 0),
    "春节": ("春节", 0),
    "元宵节": ("春节", 14),
    "元宵": ("春节", 14),
    "清明节": ("清明节", 0),
    "清明": ("清明节", 0),
    "端午节": ("端午节", 0),
    "端午": ("端午节", 0),
    "中秋节": ("中秋节", 0),
    "中秋": ("中秋节", 0),
}
"""What customers say, the library's name, and days to add."""

ENGLISH = {
    "thanksgiving": ("Thanksgiving Day", 0),
    "black friday": ("Thanksgiving Day", 1),
    "cyber monday": ("Thanksgiving Day", 4),
}
"""The same for English."""

_COUNTRIES = (("CN", "zh_CN", CHINESE), ("US", "en_US", ENGLISH))


def feast(name: str, today: datetime.date, back: int = 30) -> datetime.date:
    """The first such day that is not more than ``back`` days ago.

    :raises KeyError: no holiday of that name.
    :raises ValueError: the library knows no such day in the years around.
    """
    for country, language, names in _COUNTRIES:
        if name in names:
            official, later = names[name]
            for year in (today.year - 1, today.year, today.year + 1):
                first = _days(country, language, year).get(official)
                if first is not None:
                    found = first + datetime.timedelta(days=later)
                    if (today - found).days <= back:
                        return found
            raise ValueError(f"no {name} around {today.year}")
    raise KeyError(name)


@lru_cache(maxsize=64)
def _days(country: str, language: str, year: int) -> dict[str, datetime.date]:
    """The first day of each holiday of a year."""
    if not 1950 <= year <= 2100:
        return {}
    import holidays

    first: dict[str, datetime.date] = {}
    for day, name in sorted(
        holidays.country_holidays(country, years=[year], language=language).items()
    ):
        first.setdefault(name, day)
    return first
