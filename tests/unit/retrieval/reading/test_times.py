"""Times in the forms that exports use."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.reading.times import months_first, parse_time

MARCH = datetime(2026, 3, 4, 15, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-04T15:02:00Z", "2026-03-04 15:02:00 UTC", "2026-03-04T23:02:00+08:00",
        "1772636520", "1772636520000", "1772636520.0", "2026/3/4 15:02", "2026年3月4日 15:02",
        "2026年3月4日 下午3:02", "04/03/2026, 15:02", "04/03/26, 3:02 pm", "4.3.2026 klo 15.02.00",
        "04/03/2026 3:02\u202fPM",
    ],
)  # fmt: skip
def test_one_moment_in_many_forms(text: str) -> None:
    assert parse_time(text) == MARCH


def test_numbers_and_order_of_day_and_month() -> None:
    assert parse_time(1772636520) == parse_time(1772636520.0) == MARCH
    assert parse_time("03/04/2026 15:02", month_first=True) == MARCH
    assert parse_time("03/25/2026 12:00 am") == datetime(2026, 3, 25, tzinfo=UTC)
    assert months_first(["03/04/2026 10:00", "03/25/2026 10:00"])
    assert not months_first(["25/03/2026 10:00", "2026-03-25"])


@pytest.mark.parametrize("value", [None, True, "", "10:02", "soon", "31/31/2026", 12, "2026", -5.0])
def test_what_is_no_time(value: object) -> None:
    assert parse_time(value) is None


@given(st.text(max_size=40) | st.floats() | st.integers())
def test_anything_is_a_time_with_a_zone_or_none(value: object) -> None:
    found = parse_time(value)
    assert found is None or found.tzinfo is not None
