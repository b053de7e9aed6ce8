"""Values of properties: how they are written in data files, compared, and said."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from models.filling.formatting import Money, format_value
from retrieval.knowledge.hours import check_hours
from retrieval.knowledge.schema import ORDERED, Relation, Schema

_TRUE = frozenset({"yes", "true", "1", "y", "是", "有", "可以"})
_FALSE = frozenset({"no", "false", "0", "n", "否", "没有", "不可以"})
_QUANTITY = re.compile(r"^([+-]?\d+(?:\.\d+)?)\s*(\S.*)?$")
LARGEST = Decimal(10) ** 12


def normal(text: str, relation: Relation, schema: Schema) -> str | None:
    """A value as the graph keeps it, or None where it is not of the property's kind."""
    text = text.strip()
    match relation.kind:
        case "boolean":
            said = text.casefold()
            return "yes" if said in _TRUE else "no" if said in _FALSE else None
        case "hours":
            return text if check_hours(text, schema) else None
        case "text" | "node":
            return text or None
        case _:
            amount = measure(text, relation)
            return None if amount is None or abs(amount) > LARGEST else text


def expected(relation: Relation) -> str:
    """What a value of the property should be, in words."""
    match relation.kind:
        case "boolean":
            return "yes or no"
        case "hours":
            return "opening hours such as 'Mo-Sa 10:00-22:00; Su off'"
        case "quantity":
            return "a number with one of the units " + ", ".join(relation.units)
        case "money" | "number":
            return "a number"
        case _:
            return "a text"


def measure(text: str, relation: Relation) -> Decimal | None:
    """The size of an ordered value in base units; None where it cannot be compared."""
    if relation.kind not in ORDERED or (found := _QUANTITY.match(text.strip())) is None:
        return None
    try:
        number = Decimal(found[1])
    except InvalidOperation:  # pragma: no cover - the pattern lets numbers through only
        return None
    unit = (found[2] or "").strip()
    if relation.kind != "quantity":
        return number if not unit or unit.upper() == "CNY" else None
    if (not unit and len(relation.units) == 1) or (not unit and relation.units):
        return number * Decimal(str(next(iter(relation.units.values())).factor))
    known = relation.units.get(unit)
    return number * Decimal(str(known.factor)) if known else None


def shown(text: str, relation: Relation, schema: Schema, language: str) -> str:
    """A value the way readers of ``language`` write it."""
    if relation.kind == "money":
        return format_value(Money(Decimal(text), schema.currency), language)
    if relation.kind == "number":
        return format_value(Decimal(text), language)
    if relation.kind != "quantity" or (found := _QUANTITY.match(text)) is None:
        return text
    number, unit = Decimal(found[1]), (found[2] or "").strip() or next(iter(relation.units), "")
    known = relation.units.get(unit)
    pattern = known.shown.get(language, "{n} " + unit) if known else "{n} " + unit
    return pattern.replace("{n}", format_value(number, language)).strip()
