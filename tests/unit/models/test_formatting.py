"""Values are written the way the reader's language writes them."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import GenerationError
from models.formatting import Money, format_value


@pytest.mark.parametrize(
    ("value", "kind", "zh", "en"),
    [
        ("A-1", None, "A-1", "A-1"),
        (1299, None, "1,299", "1,299"),
        (12.5, None, "12.5", "12.5"),
        (Money(Decimal("1299")), None, "¥1,299", "¥1,299"),
        (Money(Decimal("5.5"), "USD"), None, "US$5.50", "$5.50"),
        ("12.5", "money", "¥12.50", "¥12.50"),
        ("5 usd", "money", "US$5", "$5"),
        (20240101, "text", "20240101", "20240101"),
        ("3", "number", "3", "3"),
        (date(2024, 5, 3), None, "2024年5月3日", "May 3, 2024"),
        (datetime(2024, 5, 3, 14, 5), None, "2024年5月3日 14:05", "May 3, 2024, 2:05 PM"),
        ("2024-05-03T14:05:00", "datetime", "2024年5月3日 14:05", "May 3, 2024, 2:05 PM"),
        ("2024-05-03T14:05:00", "date", "2024年5月3日", "May 3, 2024"),
        (datetime(2024, 5, 3, 14, 5), "date", "2024年5月3日", "May 3, 2024"),
        (time(9, 5), None, "09:05", "9:05 AM"),
        ("21:30", "time", "21:30", "9:30 PM"),
    ],
)
def test_written_forms(value: object, kind, zh: str, en: str) -> None:
    assert format_value(value, "zh", kind) == zh
    assert format_value(value, "en-GB", kind) == en


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("soon", "date"),
        ("a lot", "money"),
        ("NaN", "number"),
        (True, "number"),
        ([1], "date"),
        (float("inf"), None),
        (True, None),
        ({"a": 1}, None),
    ],
)
def test_values_of_another_kind_are_refused(value: object, kind) -> None:
    with pytest.raises(GenerationError, match="cannot be written"):
        format_value(value, "en", kind)


@pytest.mark.parametrize("language", ["", "xx-klingon", "../../etc"])
def test_unknown_languages_are_refused(language: str) -> None:
    with pytest.raises(GenerationError, match="language is unknown"):
        format_value(1, language)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**9, places=2))
def test_money_keeps_every_digit(amount: Decimal) -> None:
    shown = format_value(Money(amount), "zh")
    assert Decimal(shown.replace("¥", "").replace(",", "")) == amount
