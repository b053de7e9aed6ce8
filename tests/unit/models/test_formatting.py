"""Values are written the way the reader's language writes them."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import GenerationError
from models.filling.formatting import Money, format_value, plural_form


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
    assert format_value(value, "en", kind) == en


@pytest.mark.parametrize(
    ("value", "kind", "region", "shown"),
    [
        ("2024-05-03", "date", "en-GB", "3 May 2024"),
        ("21:30", "time", "en-GB", "21:30"),
        ("5 usd", "money", "en-GB", "US$5"),
        ("5 twd", "money", "zh-TW", "$5"),
        ("2024-05-03", "date", "zh_Hant_TW", "2024年5月3日"),
        ("12.5", "percent", "en", "12.5%"),
        ("王伟, 先生", "person", "zh", "王先生"),
        ("欧阳娜, ms", "person", "zh", "欧阳女士"),
        ("John Smith, mr", "person", "en", "Mr Smith"),
        ("John Smith, mr", "person", "zh", "Smith先生"),
        ("Smith, John", "person", "en", "Smith, John"),
    ],
)
def test_regions_and_names(value: object, kind, region: str, shown: str) -> None:
    assert format_value(value, region, kind) == shown


def test_the_shops_currency_is_that_of_bare_amounts() -> None:
    assert format_value("5", "en-GB", "money", "GBP") == "£5"


@pytest.mark.parametrize(
    ("number", "language", "form"),
    [
        (1, "en", "item"),
        (2, "en", "items"),
        (0, "en", "items"),
        (1, "zh", "item"),
        (5, "zh", "item"),
    ],
)
def test_plural_forms(number: int, language: str, form: str) -> None:
    assert plural_form(Decimal(number), language, ("item", "items")) == form


@given(st.text(max_size=80))
def test_nothing_unseen_comes_out(text: str) -> None:
    shown = format_value(text, "en")
    assert not any(
        unicodedata.bidirectional(c)
        in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
        for c in shown
    )
    assert all(unicodedata.category(c) not in ("Cc", "Cs") or c in "\n\t" for c in shown)


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
