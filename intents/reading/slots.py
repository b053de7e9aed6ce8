"""Slots and forms of Rasa's domain, as of 3.x and as of 2.0 with mappings inside the forms."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from intents.assistant import Assistant, Form, Place, Slot, SlotMapping
from intents.reading.nodes import NodeReader, line_in, names_in, number, optional
from intents.reading.yamlfile import as_text, line_of, plain

SLOT_TYPES = ("text", "bool", "categorical", "float", "list", "any", "unfeaturized")
MAPPING_TYPES = (
    "from_entity",
    "from_text",
    "from_intent",
    "from_trigger_intent",
    "from_llm",
    "custom",
    "controlled",
)
CUSTOM = SlotMapping("custom")
"""How a slot is filled that nothing but actions and stories set."""

_FIELDS = frozenset(
    {
        "type",
        "mappings",
        "initial_value",
        "influence_conversation",
        "values",
        "min_value",
        "max_value",
        "auto_fill",
    }
)
ALWAYS = ("from_entity", "from_trigger_intent")
"""Mappings of a form that hold whichever of its slots is asked for."""


class SlotReader(NodeReader):
    """Adds the slots and forms of one file to an assistant.

    ``auto_filled`` collects the slots that the entity of their name may fill, see
    :func:`close_slots`.
    """

    def __init__(
        self, assistant: Assistant, file: str, version: int | None, auto_filled: set[str]
    ) -> None:
        super().__init__(assistant, file, version)
        self.auto_filled = auto_filled

    def slots(self, node: Any, line: int) -> None:
        """Read the value of the key ``slots``."""
        for name, raw, at in self.named(node, line, "slots"):
            properties = self.map(raw, at, f"slot {name}")
            known = self.assistant.slots.get(name)
            if known is not None and known.place.line:
                self.twice("slot", name, at, known.place)
            inside_forms = known.mappings if known is not None and not known.place.line else ()
            kind = self._kind(properties, at)
            influence = bool(properties.get("influence_conversation", True))
            mappings = self._mappings(properties.get("mappings"), at)
            if self._auto_filled(properties):
                self.auto_filled.add(name)
            self.assistant.slots[name] = Slot(
                name,
                "any" if kind == "unfeaturized" else kind,
                (*mappings, *inside_forms),
                plain(properties.get("initial_value")),
                influence and kind != "unfeaturized",
                names_in(properties.get("values")),
                number(properties.get("min_value")),
                number(properties.get("max_value")),
                Place(self.file, at),
                {as_text(k): plain(v) for k, v in properties.items() if as_text(k) not in _FIELDS},
            )

    def _auto_filled(self, properties: dict[Any, Any]) -> bool:
        """Whether the entity of the slot's name fills it: so up to 2.x, unless switched off.

        A domain without a version is of that age if its slots have no mappings.
        """
        old = "mappings" not in properties if self.version is None else self.version < 3
        return old and properties.get("auto_fill", True) is not False

    def _kind(self, properties: dict[Any, Any], line: int) -> str:
        kind = as_text(properties.get("type", "text"))
        last = kind.split(".")[-1]
        if kind.startswith(("rasa.", "rasa_core.")) and last.endswith("Slot"):
            kind = last.removesuffix("Slot").lower()
            kind = "bool" if kind == "boolean" else kind
        if kind not in SLOT_TYPES and "." not in kind:
            self.problem(
                line_of(properties, "type") or line,
                "a slot type out of " + ", ".join(SLOT_TYPES),
                repr(kind),
                "Use one of them; 'any' takes everything.",
            )
        return kind

    def _mappings(self, node: Any, line: int) -> tuple[SlotMapping, ...]:
        if node is None:
            return ()
        items = node if isinstance(node, list) else [node]
        found = []
        for index, item in enumerate(items):
            mapping = self._mapping(item, line_in(items, index, line))
            if mapping is not None:
                found.append(mapping)
        return tuple(found)

    def _mapping(self, item: Any, line: int) -> SlotMapping | None:
        if not isinstance(item, dict) or "type" not in item:
            self.problem(
                line,
                "a mapping with the key type",
                repr(plain(item))[:60],
                "Write '- type: from_entity' and 'entity: <type>' under it.",
            )
            return None
        kind = as_text(item["type"])
        if kind not in MAPPING_TYPES:
            self.problem(
                line, "a mapping type out of " + ", ".join(MAPPING_TYPES), repr(kind), "Use one."
            )
            return None
        if kind == "from_entity" and not item.get("entity"):
            self.problem(line, "the key entity in from_entity", "none", "Name the entity type.")
            return None
        return SlotMapping(
            kind,
            optional(item.get("entity")),
            names_in(item.get("intent")),
            names_in(item.get("not_intent")),
            optional(item.get("role")),
            optional(item.get("group")),
            plain(item.get("value")),
            optional(item.get("action")),
            _conditions(item.get("conditions")),
        )

    def forms(self, node: Any, line: int) -> None:
        """Read the value of the key ``forms``, a map or a list."""
        for name, raw, at in self.named(node, line, "forms"):
            properties = self.map(raw, at, f"form {name}")
            wanted = properties.get("required_slots")
            if "required_slots" not in properties:
                # Up to 2.5 the slots stood directly under the form.
                wanted = {k: v for k, v in properties.items() if as_text(k) != "ignored_intents"}
            if isinstance(wanted, dict):
                for key, mappings in wanted.items():
                    self._inside_form(name, as_text(key), mappings, line_of(wanted, key) or at)
                wanted = list(wanted)
            self.assistant.forms[name] = Form(
                name,
                names_in(wanted),
                names_in(properties.get("ignored_intents")),
                Place(self.file, at),
            )

    def _inside_form(self, form: str, name: str, node: Any, line: int) -> None:
        """Move the mappings that a form has for a slot to the slot, with the form as condition.

        As ``rasa data migrate`` does; without any, the entity of the slot's name fills it.
        """
        slot = self.assistant.slots.get(name) or Slot(name, place=Place(self.file, 0))
        for new in self._mappings(node, line) or (SlotMapping("from_entity", name),):
            condition = (form, None if new.type in ALWAYS else name)
            slot = replace(slot, mappings=joined(slot.mappings, new, condition))
        self.assistant.slots[name] = slot


def close_slots(assistant: Assistant, auto_filled: set[str]) -> None:
    """When all files are read: what fills slots that say nothing of it, as Rasa's migration does.

    Slots in ``auto_filled`` are filled by the entity of their name, if there is one and if the
    domain has not switched that off.
    """
    for name, slot in assistant.slots.items():
        own = SlotMapping("from_entity", name)
        wanted = name in auto_filled and name in assistant.entities and assistant.entities_as_slots
        if wanted and own not in slot.mappings:
            slot = replace(slot, mappings=(*slot.mappings, own))
        assistant.slots[name] = slot if slot.mappings else replace(slot, mappings=(CUSTOM,))


def joined(
    mappings: tuple[SlotMapping, ...], new: SlotMapping, condition: tuple[str | None, str | None]
) -> tuple[SlotMapping, ...]:
    """``mappings`` with a form's own, under the form as condition; the same twice is one."""
    for index, known in enumerate(mappings):
        if replace(known, conditions=()) == replace(new, conditions=()) and known.conditions:
            if condition in known.conditions:
                return mappings
            wider = replace(known, conditions=(*known.conditions, condition))
            return (*mappings[:index], wider, *mappings[index + 1 :])
    return (*mappings, replace(new, conditions=(condition,)))


def _conditions(node: Any) -> tuple[tuple[str | None, str | None], ...]:
    items = plain(node)
    return tuple(
        (optional(item.get("active_loop")), optional(item.get("requested_slot")))
        for item in (items if isinstance(items, list) else [])
        if isinstance(item, dict)
    )
