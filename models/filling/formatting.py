"""Numbers, money, dates, times and names as readers of a language and region write them (CLDR)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_datetime_format
from babel.numbers import format_currency, format_decimal, format_percent

from models.errors import GenerationError

Kind = Literal["text", "number", "money", "percent", "date", "datetime", "time", "person"]
DEFAULT_CURRENCY = "CNY"
_REGION = {"zh": "zh_Hans_CN", "en": "en_US"}
_TRADITIONAL = ("TW", "HK", "MO")
# what could end, turn round or hide the text around a value; joiners stay, emoji need them
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_COMPOUNDS = "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 夏侯 端木 南宫"
_COMPOUND = tuple(_COMPOUNDS.split())
_TITLES = {
    "mr": ("Mr", "先生"), "ms": ("Ms", "女士"), "mrs": ("Mrs", "女士"), "miss": ("Miss", "小姐"),
    "dr": ("Dr", "博士"), "prof": ("Professor", "教授"), "teacher": ("", "老师"),
    "先生": ("Mr", "先生"), "女士": ("Ms", "女士"), "小姐": ("Miss", "小姐"), "老师": ("", "老师"),
    "教授": ("Professor", "教授"), "博士": ("Dr", "博士"), "医生": ("Dr", "医生"),
}  # fmt: skip
# CLDR 42+ separates hours and AM/PM by a narrow no-break space that many fonts lack.
_SPACES = {0x202F: " ", 0x00A0: " "}


@dataclass(frozen=True)
class Money:
    """An amount in a currency (ISO 4217)."""

    amount: Decimal
    currency: str = DEFAULT_CURRENCY


@dataclass(frozen=True)
class Person:
    """Somebody's name, and the title that they are addressed by (``mr``, ``dr``, ``先生``, …)."""

    name: str
    title: str = ""


def format_value(
    value: object, language: str, kind: Kind | None = None, currency: str = DEFAULT_CURRENCY
) -> str:
    """Write ``value`` for readers of ``language``, which may name a region: ``en-GB``, ``zh-TW``.

    Without ``kind`` the Python type decides: text stays as it is (identifiers must be text:
    a number gets its thousands separators). With ``kind`` text is read as that kind first:
    numbers as decimals, percents as hundredths of a whole (``5`` is 5 %), dates and times as
    ISO 8601, money as ``12.50`` (of ``currency``) or ``12.50 USD``, persons as ``Name`` or
    ``Name, title``. Characters that cannot be seen are taken out of text.

    :raises GenerationError: the value is not of the kind, or of a type with no written form.
    """
    locale = _locale(language)
    value = _read(value, kind, currency) if kind is not None else value
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, Person):
        return _addressed(value, locale)
    if kind == "percent" and isinstance(value, Decimal):
        return _plain(format_percent(value / 100, "#,##0.##%", locale=locale))
    if isinstance(value, bool) or value is None:
        raise _unfit(value, kind)
    if isinstance(value, Money):
        return _currency(value, locale)
    if isinstance(value, int | float | Decimal):
        return _number(value, locale)
    return _moment(value, locale, kind)


def visible(text: str) -> str:
    """``text`` without characters that control, turn or hide what stands beside it."""
    return _UNSEEN.sub("", text)


def plural_form(number: Decimal, language: str, forms: Sequence[str]) -> str:
    """The form for ``number``: ``forms`` in CLDR's order (English: one, other; Chinese: other)."""
    locale = _locale(language)
    order: list[str] = [tag for tag in ("zero", "one", "two", "few", "many", "other")
             if tag == "other" or tag in locale.plural_form.tags]  # fmt: skip
    place = order.index(locale.plural_form(abs(number)))
    return forms[min(place, len(forms) - 1)]


def _addressed(person: Person, locale: Locale) -> str:
    """``王先生`` and ``Mr Smith``: by title where it is known, by the whole name where not."""
    name, titles = (
        visible(person.name).strip(),
        _TITLES.get(person.title.strip().lower().rstrip(".")),
    )
    if titles is None:
        return name
    han = all("\u4e00" <= char <= "\u9fff" for char in name)
    if locale.language == "zh":
        family = name[: 2 if name.startswith(_COMPOUND) else 1] if han else name.split()[-1]
        return family + titles[1]
    return f"{titles[0]} {name if han else name.split()[-1]}".strip()


def _currency(value: Money, locale: Locale) -> str:
    """``¥129`` and ``¥12.50``: whole amounts without decimals, as shops write them."""
    pattern = "¤#,##0" if value.amount == value.amount.to_integral_value() else "¤#,##0.00"
    shown = format_currency(
        value.amount, value.currency, pattern, locale=locale, currency_digits=False
    )
    # CLDR marks a foreign yuan in English; prices of one shop need no country
    return _plain(shown).replace("CN¥", "¥").replace("CNY", "¥")


def _read(value: object, kind: Kind, currency: str) -> object:
    """Turn a value as it comes out of JSON into the Python type of ``kind``."""
    try:
        match kind:
            case "text":
                return value if isinstance(value, str) else str(value)
            case "number" | "percent":
                return _decimal(value)
            case "money":
                return value if isinstance(value, Money) else _money(value, currency)
            case "person":
                return value if isinstance(value, Person) else _person(value)
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


def _person(value: object) -> Person:
    if not isinstance(value, str) or not value.strip():
        raise TypeError(type(value).__name__)
    name, _, title = value.rpartition(",")
    return (
        Person(name, title) if name.strip() and title.strip().lower() in _TITLES else Person(value)
    )


def _money(value: object, currency: str) -> Money:
    if isinstance(value, str) and len(parts := value.split()) == 2:
        return Money(_decimal(parts[0]), parts[1].upper())
    return Money(_decimal(value), currency)


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
    base, _, region = language.replace("_", "-").partition("-")
    base, region = base.lower(), region.rpartition("-")[2].upper()
    name = _REGION.get(base, base)
    if base in _REGION and len(region) == 2:
        script = "_Hant" if region in _TRADITIONAL else "_Hans"
        name = f"{base}{script if base == 'zh' else ''}_{region}"
    try:
        return Locale.parse(name)
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
