"""What of a slot's value counts for the conversation: Rasa's featurisation of slots."""

from __future__ import annotations

from typing import Any

from intents.assistant import ANY, Slot

Feature = tuple[float, ...]


def feature_of(slot: Slot, value: Any) -> Feature:
    """The feature of a value; all zero where it counts as not set.

    ``text`` and ``list``: set or not. ``bool``: set, and its truth. ``float``: set, and where it
    lies between minimum and maximum. ``categorical``: one place for each value, the last for
    others where the domain has ``__other__``. ``any``: nothing.
    """
    kind = slot.type.rsplit(".", 1)[-1].removesuffix("Slot").lower()
    if kind in ("any", "unfeaturized"):
        return ()
    if value is ANY:
        return (1.0,)
    if value is None:
        return (0.0,)
    if kind == "bool" or kind == "boolean":
        truth = _truth(value)
        return (0.0, 0.0) if truth is None else (1.0, float(truth))
    if kind == "float":
        return _between(slot, value)
    if kind == "categorical":
        return _one_of(slot, value)
    if kind == "list":
        return (1.0 if value else 0.0,)
    return (1.0,)


def _truth(value: Any) -> bool | None:
    if isinstance(value, bool | int | float):
        return value == 1
    return {"true": True, "1": True, "false": False, "0": False}.get(str(value).strip().lower())


def _between(slot: Slot, value: Any) -> Feature:
    low = 0.0 if slot.min_value is None else slot.min_value
    high = 1.0 if slot.max_value is None else slot.max_value
    try:
        capped = max(low, min(high, float(value)))
    except (TypeError, ValueError):
        return (0.0, 0.0)
    return (1.0, (capped - low) / ((high - low) or 1.0))


def _one_of(slot: Slot, value: Any) -> Feature:
    names = [name.lower() for name in slot.values]
    said = str(value).lower()
    at = names.index(said) if said in names else -1
    if at < 0 and "__other__" in names:
        at = names.index("__other__")
    return tuple(1.0 if index == at else 0.0 for index in range(len(names))) or (1.0,)
