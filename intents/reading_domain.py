"""The domain part of Rasa's YAML: intents, entities, slots, forms, responses, actions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from intents.assistant import (
    Assistant,
    Button,
    EntityInfo,
    Form,
    IntentInfo,
    Place,
    SessionConfig,
    Slot,
    SlotMapping,
    Variation,
)
from intents.yamlfile import as_text, line_of, plain
from models.errors import Problem

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
_VARIATION_KEYS = frozenset(
    {
        "text",
        "translation",
        "buttons",
        "image",
        "custom",
        "attachment",
        "channel",
        "condition",
        "id",
        "metadata",
        "quick_replies",
        "elements",
        "type",
    }
)


class DomainReader:
    """Adds the domain keys of one file to an assistant."""

    def __init__(self, assistant: Assistant, file: str) -> None:
        self.assistant = assistant
        self.file = file

    def read(self, document: Any) -> None:
        """Read every domain key that ``document`` has."""
        for key, method in (
            ("intents", self._intents),
            ("entities", self._entities),
            ("slots", self._slots),
            ("forms", self._forms),
            ("responses", self._responses),
            ("actions", self._actions),
            ("session_config", self._session),
        ):
            if key in document and document[key] is not None:
                method(document[key], line_of(document, key))

    def problem(
        self, line: int, expected: str, found: str, fix: str, severity: str = "error"
    ) -> None:
        """Add a finding."""
        self.assistant.problems.append(Problem(self.file, line, expected, found, fix, severity))

    def _named(self, node: Any, line: int, what: str) -> Iterator[tuple[str, Any, int]]:
        """Names with their properties out of a list of names and one-key maps, or of a map."""
        if isinstance(node, dict):
            for key, value in node.items():
                yield as_text(key), value, line_of(node, key) or line
            return
        if not isinstance(node, list):
            self.problem(line, f"a list under {what}", repr(plain(node))[:60], "Write '- <name>'.")
            return
        for index, item in enumerate(node):
            at = _line_in(node, index, line)
            if isinstance(item, dict):
                for key, value in item.items():
                    yield as_text(key), value, at
            elif isinstance(item, list) or item is None:
                self.problem(
                    at, f"a name under {what}", repr(plain(item))[:60], "Write '- <name>'."
                )
            else:
                yield as_text(item), None, at

    def _map(self, node: Any, line: int, what: str) -> dict[Any, Any]:
        if isinstance(node, dict):
            return node
        if node is not None:
            self.problem(line, f"a map under {what}", repr(plain(node))[:60], "Write 'key: value'.")
        return {}

    def _intents(self, node: Any, line: int) -> None:
        for name, raw, at in self._named(node, line, "intents"):
            properties = self._map(raw, at, f"intent {name}")
            use = plain(properties.get("use_entities", True))
            use = tuple(map(as_text, use)) if isinstance(use, list) else bool(use)
            info = IntentInfo(
                name, use, _names(properties.get("ignore_entities")), Place(self.file, at)
            )
            known = self.assistant.intents.get(name)
            if known is not None:
                self._twice("intent", name, at, known.place)
            self.assistant.intents.setdefault(name, info)

    def _entities(self, node: Any, line: int) -> None:
        for name, raw, at in self._named(node, line, "entities"):
            properties = self._map(raw, at, f"entity {name}")
            self.assistant.entities.setdefault(
                name,
                EntityInfo(
                    name,
                    _names(properties.get("roles")),
                    _names(properties.get("groups")),
                    Place(self.file, at),
                ),
            )

    def _actions(self, node: Any, line: int) -> None:
        for name, _, at in self._named(node, line, "actions"):
            self.assistant.actions.setdefault(name, Place(self.file, at))

    def _slots(self, node: Any, line: int) -> None:
        for name, raw, at in self._named(node, line, "slots"):
            properties = self._map(raw, at, f"slot {name}")
            kind = as_text(properties.get("type", "text"))
            if kind not in SLOT_TYPES and "." not in kind:
                self.problem(
                    line_of(properties, "type") or at,
                    "a slot type out of " + ", ".join(SLOT_TYPES),
                    repr(kind),
                    "Use one of them; 'any' takes everything.",
                )
            if name in self.assistant.slots:
                self._twice("slot", name, at, self.assistant.slots[name].place)
            self.assistant.slots[name] = Slot(
                name,
                kind,
                self._mappings(properties.get("mappings"), at),
                plain(properties.get("initial_value")),
                bool(properties.get("influence_conversation", True)),
                _names(properties.get("values")),
                _number(properties.get("min_value")),
                _number(properties.get("max_value")),
                Place(self.file, at),
            )

    def _mappings(self, node: Any, line: int) -> tuple[SlotMapping, ...]:
        if node is None:
            return ()
        items = node if isinstance(node, list) else [node]
        found = []
        for index, item in enumerate(items):
            at = _line_in(items, index, line)
            if not isinstance(item, dict) or "type" not in item:
                self.problem(
                    at,
                    "a mapping with the key type",
                    repr(plain(item))[:60],
                    "Write '- type: from_entity' and 'entity: <type>' under it.",
                )
                continue
            kind = as_text(item["type"])
            if kind not in MAPPING_TYPES:
                self.problem(
                    at,
                    "a mapping type out of " + ", ".join(MAPPING_TYPES),
                    repr(kind),
                    "Use one of them.",
                )
                continue
            if kind == "from_entity" and not item.get("entity"):
                self.problem(at, "the key entity in from_entity", "none", "Name the entity type.")
                continue
            found.append(_mapping(item, kind))
        return tuple(found)

    def _forms(self, node: Any, line: int) -> None:
        for name, raw, at in self._named(node, line, "forms"):
            properties = self._map(raw, at, f"form {name}")
            wanted = properties.get("required_slots")
            if wanted is None and "ignored_intents" not in properties:
                # Rasa 2.0 had the slots directly under the form.
                wanted = properties
            if isinstance(wanted, dict):
                self._old_mappings(wanted, at)
            names = tuple(map(as_text, wanted)) if isinstance(wanted, dict) else _names(wanted)
            ignored = _names(properties.get("ignored_intents"))
            self.assistant.forms[name] = Form(name, names, ignored, Place(self.file, at))

    def _old_mappings(self, slots: dict[Any, Any], line: int) -> None:
        for key, raw in slots.items():
            name = as_text(key)
            mappings = self._mappings(raw, line_of(slots, key) or line)
            slot = self.assistant.slots.get(name) or Slot(name, place=Place(self.file, line))
            self.assistant.slots[name] = Slot(
                slot.name,
                slot.type,
                slot.mappings + mappings,
                slot.initial_value,
                slot.influence_conversation,
                slot.values,
                slot.min_value,
                slot.max_value,
                slot.place,
            )

    def _responses(self, node: Any, line: int) -> None:
        for name, raw, at in self._named(node, line, "responses"):
            items = raw if isinstance(raw, list) else [raw]
            variations = []
            for index, item in enumerate(items):
                row = _line_in(items, index, at)
                if isinstance(item, str):
                    item = {"text": item}
                if not isinstance(item, dict):
                    self.problem(
                        row,
                        f"a variation of {name}",
                        repr(plain(item))[:60],
                        "Write '- text: \"…\"'.",
                    )
                    continue
                variations.append(self._variation(name, item, row))
            if name in self.assistant.responses:
                place = self.assistant.responses[name][0].place
                self._twice("response", name, at, place)
            if variations:
                self.assistant.responses[name] = tuple(variations)
            else:
                self.problem(at, f"a text for {name}", "none", "Write '- text: \"…\"'.")

    def _variation(self, name: str, item: dict[Any, Any], line: int) -> Variation:
        for key in item:
            if as_text(key) not in _VARIATION_KEYS:
                self.problem(
                    line_of(item, key) or line,
                    "a key out of " + ", ".join(sorted(_VARIATION_KEYS)),
                    repr(as_text(key)),
                    f"Mend or remove it in {name}.",
                    "warning",
                )
        text = item.get("text")
        metadata = plain(item.get("metadata"))
        conditions = plain(item.get("condition"))
        conditions = conditions if isinstance(conditions, list) else [conditions]
        return Variation(
            None if text is None else as_text(text),
            self._translations(item, line),
            self._buttons(name, item, line),
            None if item.get("image") is None else as_text(item["image"]),
            plain(item.get("custom")),
            plain(item.get("attachment")),
            None if item.get("channel") is None else as_text(item["channel"]),
            tuple(condition for condition in conditions if isinstance(condition, dict)),
            None if item.get("id") is None else as_text(item["id"]),
            metadata if isinstance(metadata, dict) else {},
            Place(self.file, line),
        )

    def _translations(self, item: dict[Any, Any], line: int) -> dict[str, str]:
        """Texts by language: ``zh: text`` as in Rasa Pro, or ``zh: {text: text}``."""
        found: dict[str, str] = {}
        for key, value in self._map(item.get("translation"), line, "translation").items():
            if isinstance(value, dict):
                value = value.get("text")
            if value is None or isinstance(value, list):
                self.problem(
                    line_of(item["translation"], key) or line,
                    f"a text in {as_text(key)}",
                    repr(plain(value))[:60],
                    "Write the text behind the language.",
                )
                continue
            found[as_text(key)] = as_text(value)
        return found

    def _buttons(self, name: str, item: dict[Any, Any], line: int) -> tuple[Button, ...]:
        node = item.get("buttons") or item.get("quick_replies") or []
        if not isinstance(node, list):
            self.problem(line, f"a list of buttons in {name}", repr(plain(node))[:60], "Use '- '.")
            return ()
        buttons = []
        for index, raw in enumerate(node):
            at = _line_in(node, index, line)
            if not isinstance(raw, dict) or raw.get("title") is None:
                self.problem(
                    at,
                    "a button with title and payload",
                    repr(plain(raw))[:60],
                    "Write '- title: …' and 'payload: …'.",
                )
                continue
            title = as_text(raw["title"])
            extra = {
                as_text(key): plain(value)
                for key, value in raw.items()
                if as_text(key) not in ("title", "payload", "translation")
            }
            payload = as_text(raw.get("payload")) or title
            buttons.append(Button(title, payload, self._button_texts(raw, at), extra))
        return tuple(buttons)

    def _button_texts(self, raw: dict[Any, Any], line: int) -> dict[str, dict[str, str]]:
        texts: dict[str, dict[str, str]] = {}
        for key, value in self._map(raw.get("translation"), line, "translation").items():
            if isinstance(value, dict):
                texts[as_text(key)] = {as_text(k): as_text(v) for k, v in value.items()}
            elif value is not None:
                texts[as_text(key)] = {"title": as_text(value)}
        return texts

    def _session(self, node: Any, line: int) -> None:
        properties = self._map(node, line, "session_config")
        expiry = _number(properties.get("session_expiration_time", 60))
        if expiry is None or expiry < 0:
            self.problem(
                line,
                "minutes in session_expiration_time",
                repr(plain(properties["session_expiration_time"])),
                "Give a number; 0 is never.",
            )
            expiry = 60.0
        carry = bool(properties.get("carry_over_slots_to_new_session", True))
        self.assistant.session_config = SessionConfig(expiry, carry)

    def _twice(self, what: str, name: str, line: int, first: Place) -> None:
        self.problem(
            line,
            f"one declaration of {what} {name!r}",
            f"another in {first.file}:{first.line}",
            "Keep one of them.",
            "warning" if what == "intent" else "error",
        )


def _mapping(item: dict[Any, Any], kind: str) -> SlotMapping:
    conditions = plain(item.get("conditions"))
    pairs = tuple(
        (condition.get("active_loop"), condition.get("requested_slot"))
        for condition in (conditions if isinstance(conditions, list) else [])
        if isinstance(condition, dict)
    )
    return SlotMapping(
        kind,
        _optional(item.get("entity")),
        _names(item.get("intent")),
        _names(item.get("not_intent")),
        _optional(item.get("role")),
        _optional(item.get("group")),
        plain(item.get("value")),
        _optional(item.get("action")),
        pairs,
    )


def _line_in(node: Any, index: int, fallback: int) -> int:
    marks = getattr(node, "lc", None)
    if marks is not None and isinstance(marks.data, dict) and index in marks.data:
        return int(marks.data[index][0]) + 1
    return fallback


def _names(node: Any) -> tuple[str, ...]:
    if node is None:
        return ()
    items = plain(node)
    items = items if isinstance(items, list) else [items]
    return tuple(as_text(item) for item in items if not isinstance(item, dict | list))


def _optional(node: Any) -> str | None:
    return None if node is None else as_text(node)


def _number(node: Any) -> float | None:
    try:
        value = float(node)
    except (TypeError, ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None
