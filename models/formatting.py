"""Numbers, money, dates and times the way Chinese and English readers write them (CLDR)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_datetime_format
from babel.numbers import format_currency, format_decimal

from models.errors import GenerationError

Kind = Literal["text", "number", "money", "date", "datetime", "time"]
DEFAULT_CURRENCY = "CNY"
_REGION = {"zh": "zh_Hans_CN", "en": "en_US"}
# CLDR 42+ separates hours and AM/PM by a narrow no-break space that many fonts lack.
_SPACES = {0x202F: " ", 0x00A0: " "}


@dataclass(frozen=True)
class Money:
    """An amount in a currency (ISO 4217)."""

    amount: Decimal
    currency: str = DEFAULT_CURRENCY


def format_value(value: object, language: str, kind: Kind | None = None) -> str:
    """Write ``value`` for readers of ``language``.

    Without ``kind`` the Python type decides: text stays as it is (identifiers must be text:
    a number gets its thousands separators). With ``kind`` text is read as that kind first:
    numbers as decimals, dates and times as ISO 8601, money as ``12.50`` or ``12.50 USD``.

    :raises GenerationError: the value is not of the kind, or of a type with no written form.
    """
    locale = _locale(language)
    value = _read(value, kind) if kind is not None else value
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        raise _unfit(value, kind)
    if isinstance(value, Money):
        return _currency(value, locale)
    if isinstance(value, int | float | Decimal):
        return _number(value, locale)
    return _moment(value, locale, kind)


def _currency(value: Money, locale: Locale) -> str:
    """``¥129`` and ``¥12.50``: whole amounts without decimals, as shops write them."""
    pattern = "¤#,##0" if value.amount == value.amount.to_integral_value() else "¤#,##0.00"
    shown = format_currency(
        value.amount, value.currency, pattern, locale=locale, currency_digits=False
    )
    # CLDR marks a foreign yuan in English; prices of one shop need no country
    return _plain(shown).replace("CN¥", "¥")


def _read(value: object, kind: Kind) -> object:
    """Turn a value as it comes out of JSON into the Python type of ``kind``."""
    try:
        match kind:
            case "text":
                return value if isinstance(value, str) else str(value)
            case "number":
                return _decimal(value)
            case "money":
                return value if isinstance(value, Money) else _money(value)
            case _:
                return _iso(value, kind)
    except (ValueError, InvalidOperation, TypeError) as error:
        raise _unfit(value, kind) from error


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise TypeError(type(value).__name__)
    number = Decimal(str(value).strip())
    if not number.is_finite():
        raise ValueError(str(value))
    return number


def _money(value: object) -> Money:
    if isinstance(value, str) and len(parts := value.split()) == 2:
        return Money(_decimal(parts[0]), parts[1].upper())
    return Money(_decimal(value))


def _iso(value: object, kind: Kind) -> object:
    if isinstance(value, str):
        text = value.strip()
        match kind:
            case "time":
                return time.fromisoformat(text)
            case "date":
                return datetime.fromisoformat(text).date()
            case _:
                return datetime.fromisoformat(text)
    if kind == "date" and isinstance(value, datetime):
        return value.date()
    if isinstance(value, date | datetime | time):
        return value
    raise TypeError(type(value).__name__)


def _number(value: float | Decimal, locale: Locale) -> str:
    if not Decimal(value).is_finite():
        raise _unfit(value, "number")
    return _plain(format_decimal(value, locale=locale))


def _moment(value: object, locale: Locale, kind: Kind | None) -> str:
    if isinstance(value, datetime):
        day = format_date(value.date(), format="long", locale=locale)
        clock = format_time(value.time(), format="short", locale=locale)
        pattern = str(get_datetime_format("medium", locale=locale)).replace("'", "")
        return _plain(pattern.replace("{0}", clock).replace("{1}", day))
    if isinstance(value, date):
        return _plain(format_date(value, format="long", locale=locale))
    if isinstance(value, time):
        return _plain(format_time(value, format="short", locale=locale))
    raise _unfit(value, kind)


def _plain(text: str) -> str:
    return text.translate(_SPACES)


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    base = language.replace("_", "-").split("-")[0].lower()
    try:
        return Locale.parse(_REGION.get(base, base))
    except (UnknownLocaleError, ValueError) as error:
        raise GenerationError(
            "The reply's language is unknown",
            expected="a language code such as 'zh' or 'en'",
            found=repr(language),
            fix="Set the conversation's language to one that the assistant speaks.",
        ) from error


def _unfit(value: object, kind: Kind | None) -> GenerationError:
    return GenerationError(
        "A value cannot be written into the reply",
        expected=kind or "text, a number, money, a date or a time",
        found=f"{type(value).__name__} {str(value)[:60]!r}",
        fix="Mend the action or slot that gives it, or declare its kind.",
    )
