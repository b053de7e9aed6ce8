"""The time zones there are."""

from __future__ import annotations

import functools
from zoneinfo import available_timezones


@functools.cache
def time_zones() -> frozenset[str]:
    """Every name of a time zone; finding them takes hundreds of looks at the disk, once."""
    return frozenset(available_timezones())
