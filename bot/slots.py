"""Slot filling by the mappings of the domain, at each customer message and where a form begins.

Source of the semantics: ``ActionExtractSlots`` of Rasa 3.6.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from bot.events import Event
from bot.tracker import Tracker
from intents.assistant import Assistant, Form, Slot, SlotMapping


def extract(tracker: Tracker, assistant: Assistant) -> list[Event]:
    """Return slot events for what the latest message says."""
    found = []
    for slot in assistant.slots.values():
        value = _first_value(slot, tracker, assistant)
        if value is not None:
            found.append(Event("slot", {"name": slot.name, "value": value}))
    return found


def custom_actions(tracker: Tracker, assistant: Assistant) -> list[str]:
    """Actions of ``custom`` mappings that are to fill their slots now, each once."""
    names = [
        mapping.action
        for slot in assistant.slots.values()
        for mapping in slot.mappings
        if mapping.type == "custom"
        and mapping.action is not None
        and _applies(mapping, slot, tracker, assistant)
    ]
    return list(dict.fromkeys(names))


def _first_value(slot: Slot, tracker: Tracker, assistant: Assistant) -> Any:
    for mapping in slot.mappings:
        if not _applies(mapping, slot, tracker, assistant):
            continue
        value = _mapped(mapping, slot, tracker, exact=assistant.rasa is not None)
        if value is not None:
            return coerce(slot, value)
    return None


def _applies(mapping: SlotMapping, slot: Slot, tracker: Tracker, assistant: Assistant) -> bool:
    intent = tracker.message.intent
    if mapping.intents and intent not in mapping.intents:
        return False
    if intent in mapping.not_intents:
        return False
    if mapping.type == "from_trigger_intent":
        return _triggered(mapping, slot, tracker, assistant)
    if mapping.conditions and not any(
        _condition(loop, requested, tracker) for loop, requested in mapping.conditions
    ):
        return False
    form = assistant.forms.get(tracker.active_loop or "")
    if form is None:
        return bool(mapping.conditions) or not _asked_only(mapping)
    if _asked_only(mapping):
        if tracker.message.is_aside(form.ignored_intents):
            return False
        # a bare from_text or from_intent mapping answers only the form's own question
        return bool(mapping.conditions) or tracker.requested_slot == slot.name
    if mapping.type == "from_entity" and tracker.requested_slot != slot.name:
        return slot.name not in form.required_slots or not _shared(mapping, form, assistant)
    return True


def _asked_only(mapping: SlotMapping) -> bool:
    return mapping.type in ("from_text", "from_intent")


def _condition(loop: str | None, requested: str | None, tracker: Tracker) -> bool:
    if loop is None or loop == "null":
        return tracker.active_loop is None or requested == tracker.requested_slot is not None
    if tracker.active_loop != loop:
        return False
    return requested is None or tracker.requested_slot == requested


def _shared(mapping: SlotMapping, form: Form, assistant: Assistant) -> bool:
    """Whether another slot of the form has the same mapping: then only the one asked for counts."""
    same = [
        name
        for name in form.required_slots
        if name in assistant.slots and mapping in assistant.slots[name].mappings
    ]
    return len(same) > 1


def _triggered(mapping: SlotMapping, slot: Slot, tracker: Tracker, assistant: Assistant) -> bool:
    """Whether the message has set off the form that the mapping is for."""
    loops = {loop for loop, _ in mapping.conditions if loop}
    if tracker.active_loop is not None:
        began = (
            not any(kind == "rejected" for kind, _ in tracker.trail)
            and (
                "active_loop",
                tracker.active_loop,
            )
            in tracker.trail
        )
        return began and (not loops or tracker.active_loop in loops)
    return not loops and _triggers(slot, tracker.message.intent, assistant)


def _triggers(slot: Slot, intent: str | None, assistant: Assistant) -> bool:
    """Whether ``intent`` starts a form that asks for ``slot``."""
    forms = {name for name, form in assistant.forms.items() if slot.name in form.required_slots}
    return any(
        rule.steps
        and rule.steps[0].kind == "intent"
        and rule.steps[0].value == intent
        and any(step.kind == "action" and step.value in forms for step in rule.steps)
        for rule in assistant.rules
    )


def _mapped(mapping: SlotMapping, slot: Slot, tracker: Tracker, *, exact: bool) -> Any:
    """The value that the message has for a slot.

    ``exact`` as in Rasa: a mapping without a role wants an entity without one, and the last of
    several values counts.
    """
    if mapping.type == "from_text":
        return tracker.message.text.strip() or None
    if mapping.type in ("from_intent", "from_trigger_intent"):
        return mapping.value
    if mapping.type != "from_entity":
        return None
    values = [
        item.get("value")
        for item in tracker.message.parse.get("entities", [])
        if item.get("entity") == mapping.entity
        and all(
            item.get(key) == wanted or (wanted is None and not exact)
            for key, wanted in (("role", mapping.role), ("group", mapping.group))
        )
    ]
    if slot.type == "list" or not values:
        return values or None
    return values[-1 if exact else 0]


def coerce(slot: Slot, value: Any) -> Any:
    """Return ``value`` as the slot's type wants it, or None if it cannot be that."""
    if slot.type == "list":
        return value if isinstance(value, list) else [value]
    if slot.type == "bool":
        return _boolean(value)
    if slot.type == "float":
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            return None
        return number if math.isfinite(number) else None
    if slot.type == "categorical" and slot.values:
        known = {str(item).casefold(): item for item in slot.values}
        return known.get(str(value).casefold())
    return value


def _boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "yes": True, "false": False, "no": False}.get(str(value).casefold())


def initial_slots(assistant: Assistant) -> dict[str, Any]:
    """Return the slots of a conversation in which nothing has been said."""
    slots: Mapping[str, Slot] = assistant.slots
    return {name: slot.initial_value for name, slot in slots.items()}
