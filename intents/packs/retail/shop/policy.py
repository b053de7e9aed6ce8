"""The shop's rules about time and money, as plain functions of days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from shop.records import ReturnReason

RETURN_DAYS = 7
QUALITY_RETURN_DAYS = 30
INVOICE_DAYS = 60
REFUND_WORKING_DAYS = 3
SAME_DAY_UNTIL = time(16, 0)

SHOP_PAYS = frozenset({ReturnReason.QUALITY, ReturnReason.DAMAGED, ReturnReason.WRONG})
"""Reasons for which the shop pays for sending back."""


def dispatch_day(placed_at: datetime, today: date) -> date:
    """Day an order leaves: the same one if placed before 16:00, else the next; never past."""
    leaves = placed_at.date()
    if placed_at.time() >= SAME_DAY_UNTIL:
        leaves += timedelta(days=1)
    return max(leaves, today)


def return_days(reason: ReturnReason) -> int:
    """Days after delivery within which something may come back for ``reason``."""
    return QUALITY_RETURN_DAYS if reason is ReturnReason.QUALITY else RETURN_DAYS


def may_return(delivered_on: date, reason: ReturnReason, today: date) -> bool:
    """Whether a return for ``reason`` is still possible ``today``, the last day included."""
    return (today - delivered_on).days <= return_days(reason)


def may_invoice(placed_on: date, today: date) -> bool:
    """Whether an invoice can still be asked for, the sixtieth day included."""
    return (today - placed_on).days <= INVOICE_DAYS


def add_working_days(day: date, count: int) -> date:
    """The day ``count`` working days (Monday to Friday) after ``day``."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day
