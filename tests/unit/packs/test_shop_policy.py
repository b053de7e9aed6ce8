from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shop.policy import add_working_days, dispatch_day, may_invoice
from shop.records import SHOP_TIME


@pytest.mark.parametrize(
    ("hour", "minute", "day"), [(0, 0, 19), (15, 59, 19), (16, 0, 20), (23, 59, 20)]
)
def test_orders_before_four_leave_the_same_day(hour: int, minute: int, day: int):
    placed = datetime(2025, 11, 19, hour, minute, tzinfo=SHOP_TIME)
    assert dispatch_day(placed, date(2025, 11, 19)) == date(2025, 11, day)


def test_a_day_of_dispatch_is_never_past():
    placed = datetime(2025, 11, 1, 9, 0, tzinfo=SHOP_TIME)
    assert dispatch_day(placed, date(2025, 11, 19)) == date(2025, 11, 19)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 20))
def test_working_days_end_on_a_working_day_and_count_no_weekend(day: date, count: int):
    end = add_working_days(day, count)
    between = (date.fromordinal(n) for n in range(day.toordinal() + 1, end.toordinal() + 1))
    assert end.weekday() < 5
    assert sum(d.weekday() < 5 for d in between) == count


def test_an_invoice_for_sixty_days():
    assert may_invoice(date(2025, 9, 20), date(2025, 11, 19))
    assert not may_invoice(date(2025, 9, 19), date(2025, 11, 19))
