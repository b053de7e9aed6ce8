"""The domain part of Rasa's YAML: intents, entities, slots, forms, responses, actions."""

from __future__ import annotations

from typing import Any

from intents.assistant import Assistant, EntityInfo, IntentInfo, Place, Rule, SessionConfig, Step
from intents.reading.nodes import NodeReader, names_in, number
from intents.reading.responses import ResponseReader
from intents.reading.slots import SlotReader
from intents.reading.yamlfile import as_text, line_of, plain


class DomainReader(NodeReader):
    """Adds the domain keys of one file to an assistant; ``auto_filled`` as in ``SlotReader``."""

    def __init__(
        self,
        assistant: Assistant,
        file: str,
        version: int | None = None,
        auto_filled: set[str] | None = None,
    ) -> None:
        super().__init__(assistant, file, version)
        self.auto_filled = set() if auto_filled is None else auto_filled

    def read(self, document: Any) -> None:
        """Read every domain key that ``document`` has."""
        slots = SlotReader(self.assistant, self.file, self.version, self.auto_filled)
        responses = ResponseReader(self.assistant, self.file, self.version)
        for key, method in (
            ("intents", self._intents),
            ("entities", self._entities),
            ("slots", slots.slots),
            ("forms", slots.forms),
            ("templates", responses.read),
            ("responses", responses.read),
            ("actions", self._actions),
            ("e2e_actions", self._action_texts),
            ("config", self._config),
            ("session_config", self._session),
        ):
            if key in document and document[key] is not None:
                method(document[key], line_of(document, key))

    def _intents(self, node: Any, line: int) -> None:
        for name, raw, at in self.named(node, line, "intents"):
            properties = self.map(raw, at, f"intent {name}")
            use = plain(properties.get("use_entities", True))
            use = tuple(map(as_text, use)) if isinstance(use, list) else bool(use) or ()
            ignore = names_in(properties.get("ignore_entities"))
            known = self.assistant.intents.get(name)
            if known is not None:
                self.twice("intent", name, at, known.place)
            self.assistant.intents.setdefault(
                name, IntentInfo(name, use, ignore, Place(self.file, at))
            )
            if properties.get("triggers"):
                self._triggers(name, as_text(properties["triggers"]), at)

    def _triggers(self, intent: str, action: str, line: int) -> None:
        """``triggers`` of 1.x and 2.x: the action that follows the intent whatever was before."""
        place = Place(self.file, line)
        steps = (Step("intent", intent, place=place), Step("action", action, place=place))
        self.assistant.rules.append(Rule(f"{intent} triggers {action}", steps, place=place))

    def _entities(self, node: Any, line: int) -> None:
        for name, raw, at in self.named(node, line, "entities"):
            # Rasa takes the name and passes over a list under it.
            severity = "warning" if isinstance(raw, list) else "error"
            properties = self.map(raw, at, f"entity {name}", severity)
            self.assistant.entities.setdefault(
                name,
                EntityInfo(
                    name,
                    names_in(properties.get("roles")),
                    names_in(properties.get("groups")),
                    Place(self.file, at),
                    properties.get("influence_conversation", True) is not False,
                ),
            )

    def _actions(self, node: Any, line: int) -> None:
        for name, raw, at in self.named(node, line, "actions"):
            self.assistant.actions.setdefault(name, Place(self.file, at))
            if isinstance(raw, dict) and raw.get("send_domain") is True:
                self.assistant.send_domain.add(name)

    def _action_texts(self, node: Any, line: int) -> None:
        self.assistant.action_texts += names_in(node)

    def _config(self, node: Any, line: int) -> None:
        if self.map(node, line, "config").get("store_entities_as_slots") is False:
            self.assistant.entities_as_slots = False

    def _session(self, node: Any, line: int) -> None:
        properties = self.map(node, line, "session_config")
        expiry = number(properties.get("session_expiration_time", 60))
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
