"""Slot filling by the mappings of the domain (Rasa 3.x), at each customer message."""

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


def _first_value(slot: Slot, tracker: Tracker, assistant: Assistant) -> Any:
    for mapping in slot.mappings:
        if not _applies(mapping, slot, tracker, assistant):
            continue
        value = _mapped(mapping, tracker)
        if value is not None:
            return coerce(slot, value)
    return None


def _applies(mapping: SlotMapping, slot: Slot, tracker: Tracker, assistant: Assistant) -> bool:
    intent = tracker.message.intent
    if mapping.intents and intent not in mapping.intents:
        return False
    if intent in mapping.not_intents:
        return False
    if mapping.conditions and not any(
        _condition(loop, requested, tracker) for loop, requested in mapping.conditions
    ):
        return False
    form = assistant.forms.get(tracker.active_loop or "")
    if mapping.type == "from_text" and form and tracker.sets_form_aside(form.ignored_intents):
        return False
    if mapping.type in ("from_text", "from_intent") and not mapping.conditions:
        # a bare from_text or from_intent mapping answers only the form's own question
        return tracker.requested_slot == slot.name
    if mapping.type == "from_trigger_intent":
        return tracker.active_loop is None and _triggers(slot, intent, assistant)
    return True


def _condition(loop: str | None, requested: str | None, tracker: Tracker) -> bool:
    if loop is not None and tracker.active_loop != loop:
        return False
    return requested is None or tracker.requested_slot == requested


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


def _mapped(mapping: SlotMapping, tracker: Tracker) -> Any:
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
        and (mapping.role is None or item.get("role") == mapping.role)
        and (mapping.group is None or item.get("group") == mapping.group)
    ]
    return values[0] if values else None


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


def answered_slots(tracker: Tracker, form: Form, filled: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the just filled slots that the form asks for."""
    return {
        name: value
        for name, value in filled.items()
        if name in form.required_slots and value is not None
    }
