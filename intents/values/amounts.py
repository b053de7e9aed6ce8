"""Numbers, money, lengths of time and space, counts and places in a row, in Chinese and English.

Each reader gives :class:`Amount` s: characters, the value, and its meaning in the shape of Duckling
(``value`` and ``unit``, or ``from`` and ``to`` where a range is said).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from intents.values import english
from intents.values.amount_forms import (
    BOUND,
    BOUND_AFTER,
    CURRENCIES,
    DISTANCE,
    DURATION,
    EN_TIME,
    LENGTH_UNITS,
    MONEY,
    NUMBER,
    ORDINAL,
    ORDINAL_WORDS,
    QUANTITY,
    TIME_UNITS,
    WEIGHTS,
    ZH_TIME,
)
from intents.values.chinese import number as chinese_number


@dataclass(frozen=True)
class Amount:
    """What stands at characters ``start`` to ``end``: a value, or the two ends of a range.

    ``info`` is Duckling's value; ``value`` what Rasa takes from it: the number, or a dict with
    ``from`` and ``to``.
    """

    start: int
    end: int
    value: Any
    info: dict[str, Any]


def read_number(words: str) -> float | None:
    """The value of a number in either language and any of its forms, or None."""
    plain = words.strip()
    if not plain:
        return None
    for unit, scale in (("万", 1e4), ("千", 1e3), ("百", 1e2), ("亿", 1e8)):
        if plain.endswith(unit) and plain[0].isdigit():
            head = english.number(plain[:-1])
            return None if head is None else head * scale
    pair = _pair(plain)
    found = pair[0] if pair is not None else chinese_number(plain)
    return found if found is not None else english.number(plain)


def numbers(text: str) -> Iterator[Amount]:
    """Dimension ``number``."""
    for match in NUMBER.finditer(text):
        value = read_number(match[0].lstrip("-"))
        if value is not None:
            value = -value if match[0].startswith("-") else value
            yield _single(match.start(), match.end(), value)


def ordinals(text: str) -> Iterator[Amount]:
    """Dimension ``ordinal``."""
    for match in ORDINAL.finditer(text):
        if match["wn"]:
            value: float | None = ORDINAL_WORDS.index(match["wn"].lower()) + 1
        else:
            value = read_number(match["zn"] or match["dn"])
        if value is not None:
            yield _single(match.start(), match.end(), int(value))


def money(text: str, region: str = "CN") -> Iterator[Amount]:
    """Dimension ``amount-of-money``; ``unit`` is the currency by ISO 4217."""
    for match in MONEY.finditer(text):
        read = _amount(match, region)
        if read is None:
            continue
        low, value, unit = read
        start, end = match.start(), match.start() + len(match[0].rstrip())
        start, end, side = _bounded(text, start, end)
        if low is not None:
            yield _range(start, end, low, value, unit)
        elif side:
            low, high = (None, value) if side == "to" else (value, None)
            yield _range(start, end, low, high, unit)
        else:
            yield _single(start, end, value, unit)


def durations(text: str) -> Iterator[Amount]:
    """Dimension ``duration``; ``normalized`` are seconds."""
    for match in DURATION.finditer(text):
        read = _length_of_time(match)
        if read is not None:
            low, value, unit = read
            start, end = match.start(), match.start() + len(match[0].rstrip())
            found = _single(start, end, value, unit)
            if low is not None:
                found = _range(start, end, low, value, unit)
            else:
                seconds = {"value": neat(value * TIME_UNITS[unit]), "unit": "second"}
                found.info.update({unit: neat(value), "normalized": seconds})
            yield found


def distances(text: str) -> Iterator[Amount]:
    """Dimension ``distance``."""
    for match in DISTANCE.finditer(text):
        words = match["zn"] or match["en"] or match["qn"]
        value = read_number(words)
        unit = (match["zu"] or match["eu"] or match["qu"]).lower()
        unit = {"'": "foot", "′": "foot", '"': "inch", "″": "inch"}.get(unit, unit)
        name = LENGTH_UNITS.get(unit) or LENGTH_UNITS.get(unit.removesuffix("s"), unit)
        if value is not None:
            if match["half"]:
                value += 0.5 if match["half"] == "半" else (chinese_number(match["half"]) or 0) / 10
            yield _single(match.start(), match.end(), value, name)


def quantities(text: str) -> Iterator[Amount]:
    """Dimension ``quantity``: counts with a classifier or a unit, weights, volumes."""
    for match in QUANTITY.finditer(text):
        words = match["zn"] or match["en"]
        value = read_number(words)
        unit = (match["zu"] or match["eu"]).lower()
        plain = WEIGHTS.get(unit) or WEIGHTS.get(unit.removesuffix("s")) or _singular(unit)
        if value is None:
            continue
        low = read_number(match["low"] or match["elow"] or "")
        pair = _pair(words)
        if pair is not None:
            low, value = pair
        start, end = match.span()
        yield (
            _single(start, end, value, plain)
            if low is None
            else _range(start, end, low, value, plain)
        )


def _length_of_time(match: re.Match[str]) -> tuple[float | None, float, str] | None:
    words = match["n"] or match["en"] or match["sn"]
    low_words = match["low"] or match["elow"]
    value = 3.0 if words == "几" else read_number(words)
    low = read_number(low_words) if low_words else None
    if value is None:
        return None
    if match["zu"]:
        unit = ZH_TIME[match["zu"]]
        if (unit == "month" and not match["piece"]) or (unit == "year" and value > 200):
            return None
        value = value * 15 if match["zu"] == "刻钟" else value
        value += 0.5 * bool(match["half"] or match["half2"])
    else:
        said = re.sub(r"\s+", " ", (match["eu"] or match["su"]).lower())
        unit = "hour" if said == "h" else EN_TIME[said.removesuffix("s")]
        value = value * 2 if said.startswith("fortnight") else value
        value += 0.5 * bool(match["ehalf"])
    pair = _pair(words)
    return (pair[0], pair[1], unit) if pair is not None else (low, value, unit)


def _amount(match: re.Match[str], region: str) -> tuple[float | None, float, str] | None:
    g = match.groupdict()
    if g["sign"] or g["sign2"]:
        return _with_sign(g, region)
    if g["dimes"]:
        dimes, cents = read_number(g["dimes"]), read_number((g["cents"] or "零")[0])
        return (
            None
            if dimes is None
            else (None, dimes / 10 + (cents or 0) / 100, home_currency(region))
        )
    if g["a5"]:
        value = read_number(g["a5"])
        return None if value is None else (None, value / 100, _dollar(region))
    words, low_words = g["a3"] or g["a4"], g["a3low"] or g["a4low"]
    value = read_number(words)
    low = read_number(low_words) if low_words else None
    if value is None:
        return None
    unit = re.sub(r"\s+", " ", (g["u3"] or g["u4"]).lower()).removesuffix("钱")
    currency = CURRENCIES.get(unit) or CURRENCIES.get(unit.removesuffix("s"), "")
    if not currency:
        currency = _dollar(region) if unit[0] in "db" else home_currency(region)
    if g["tail"]:
        value += _change(g["tail"])
    if g["c4"]:
        value += (read_number(g["c4"]) or 0) / 100
    pair = _pair(words)
    return (pair[0], pair[1], currency) if pair is not None else (low, value, currency)


def _with_sign(g: dict[str, str | None], region: str) -> tuple[float | None, float, str] | None:
    from price_parser import Price

    written = str(g["a1"] or g["a2"])
    thousands = re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", written) is not None
    price = Price.fromstring(re.sub(r"[.,]", "", written) if thousands else written)
    if price.amount_float is None:
        return None
    value = price.amount_float
    scale = (g["k1"] or "").strip().lower()
    value *= {"k": 1e3, "m": 1e6, "million": 1e6, "万": 1e4, "千": 1e3}.get(scale, 1.0)
    sign = str(g["sign"] or g["sign2"]).lower()
    currency = CURRENCIES[sign]
    if sign == "$":
        currency = _dollar(region)
    if sign in "¥￥" and region == "JP":
        currency = "JPY"
    if g["a1b"]:
        high = read_number(g["a1b"])
        return None if high is None else (value, high, currency)
    return None, value, currency


def _change(tail: str) -> float:
    """What stands behind 块: 三块五 is 3.5, 三块五毛 too, 五毛三分 .53."""
    match = re.fullmatch(r"(.)[角毛](?:(.)分)?", tail)
    if match:
        return (read_number(match[1]) or 0) / 10 + (read_number(match[2] or "零") or 0) / 100
    value = read_number(tail)
    if value is None or value >= 100:
        return 0.0
    return value / 10 if value < 10 else value / 100


def _pair(words: str) -> tuple[float, float] | None:
    """两三 is 2 to 3, 三五十 is 30 to 50."""
    match = re.fullmatch(r"([一二两三四五六七八九])([一二两三四五六七八九])([十百千万]?)", words)
    if match is None:
        return None
    low, high = chinese_number(match[1]), chinese_number(match[2])
    if low is None or high is None or low >= high:
        return None
    scale = {"十": 10, "百": 100, "千": 1000, "万": 10000}.get(match[3], 1)
    return low * scale, high * scale


def _bounded(text: str, start: int, end: int) -> tuple[int, int, str]:
    before = BOUND.search(text, 0, start)
    if before is not None:
        return before.start(), end, "to" if before["most"] or before["zmost"] else "from"
    after = BOUND_AFTER.match(text, end)
    if after is not None:
        return start, after.end(), "to" if after["zmost"] else "from"
    return start, end, ""


def _single(start: int, end: int, value: float, unit: str | None = None) -> Amount:
    shown = neat(value)
    info: dict[str, Any] = {"value": shown, "type": "value"}
    return Amount(start, end, shown, info if unit is None else info | {"unit": unit})


def _range(start: int, end: int, low: float | None, high: float | None, unit: str) -> Amount:
    info: dict[str, Any] = {"type": "interval"}
    if low is not None:
        info["from"] = {"value": neat(low), "unit": unit}
    if high is not None:
        info["to"] = {"value": neat(high), "unit": unit}
    ends = {
        "to": None if high is None else neat(high),
        "from": None if low is None else neat(low),
    }
    return Amount(start, end, ends, info)


def neat(value: float) -> float | int:
    """A whole number as one, others without the noise of binary fractions."""
    return int(value) if float(value).is_integer() else round(value, 6)


def _singular(unit: str) -> str:
    if unit == "pcs":
        return "piece"
    if unit in ("boxes", "copies"):
        return {"boxes": "box", "copies": "copy"}[unit]
    return unit.removesuffix("s") if unit.isascii() else unit


@lru_cache(maxsize=64)
def home_currency(region: str) -> str:
    """The currency of a country by its two letters; CNY where there is none."""
    from babel.numbers import get_territory_currencies

    found = get_territory_currencies(region) if re.fullmatch("[A-Z]{2}", region) else []
    return str(found[-1]) if found else "CNY"


def _dollar(region: str) -> str:
    home = home_currency(region)
    return home if home in ("AUD", "CAD", "SGD", "HKD", "NZD", "TWD") else "USD"
