"""What an assistant's folder says, as data: Rasa 3.1's domain, training lines and rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from intents.examples import Example
from intents.pipeline import Pipeline
from intents.settings import Settings
from models.errors import Problem

BUILT_IN_ACTIONS = frozenset(
    {
        "action_listen",
        "action_restart",
        "action_session_start",
        "action_default_fallback",
        "action_deactivate_loop",
        "action_revert_fallback_events",
        "action_default_ask_affirmation",
        "action_default_ask_rephrase",
        "action_two_stage_fallback",
        "action_unlikely_intent",
        "action_back",
        "action_extract_slots",
        "action_handoff",
        "action_keep_contact",
        "action_retrieve_answer",
        "...",
    }
)
"""Actions that need no declaration."""

BUILT_IN_INTENTS = frozenset({"nlu_fallback", "restart", "back", "out_of_scope", "session_start"})
"""Intents that rules may name without a declaration."""


@dataclass(frozen=True)
class Place:
    """Where something is written."""

    file: str = ""
    line: int = 0


@dataclass(frozen=True)
class IntentInfo:
    """An intent of the domain; ``use_entities`` is True for all of them, ``()`` for none."""

    name: str
    use_entities: Literal[True] | tuple[str, ...] = True
    ignore_entities: tuple[str, ...] = ()
    place: Place = Place()


@dataclass(frozen=True)
class EntityInfo:
    """An entity type with the roles and groups it may have."""

    name: str
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    place: Place = Place()
    influence_conversation: bool = True


@dataclass(frozen=True)
class SlotMapping:
    """How a slot gets its value; ``conditions`` are (active_loop, requested_slot) pairs."""

    type: str
    entity: str | None = None
    intents: tuple[str, ...] = ()
    not_intents: tuple[str, ...] = ()
    role: str | None = None
    group: str | None = None
    value: Any = None
    action: str | None = None
    conditions: tuple[tuple[str | None, str | None], ...] = ()


@dataclass(frozen=True)
class Slot:
    """A slot of the domain; ``properties`` are those of a type of the assistant's own."""

    name: str
    type: str = "text"
    mappings: tuple[SlotMapping, ...] = ()
    initial_value: Any = None
    influence_conversation: bool = True
    values: tuple[str, ...] = ()
    min_value: float | None = None
    max_value: float | None = None
    place: Place = Place()
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Form:
    """A form: the slots it asks for, in order."""

    name: str
    required_slots: tuple[str, ...] = ()
    ignored_intents: tuple[str, ...] = ()
    place: Place = Place()


@dataclass(frozen=True)
class Button:
    """A quick reply; ``translation`` maps a language to ``title`` and perhaps ``payload``."""

    title: str
    payload: str
    translation: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def title_in(self, language: str) -> str:
        """The title in ``language``, else the main one."""
        return self.translation.get(language, {}).get("title", self.title)

    def payload_in(self, language: str) -> str:
        """The payload in ``language``, else the main one."""
        return self.translation.get(language, {}).get("payload", self.payload)


@dataclass(frozen=True)
class Variation:
    """One of the wordings of a response; ``extra`` is what only some channels understand."""

    text: str | None = None
    translation: Mapping[str, str] = field(default_factory=dict)
    buttons: tuple[Button, ...] = ()
    image: str | None = None
    custom: Any = None
    attachment: Any = None
    channel: str | None = None
    condition: tuple[Mapping[str, Any], ...] = ()
    id: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    place: Place = Place()
    extra: Mapping[str, Any] = field(default_factory=dict)

    def text_in(self, language: str, default_language: str) -> str | None:
        """The text in ``language``, or None where there is none in it."""
        if language == default_language and self.text is not None:
            return self.text
        return self.translation.get(language)


@dataclass(frozen=True)
class Step:
    """A step of a rule or story.

    ``kind``: intent, user, action, bot, active_loop, slot_was_set, checkpoint or or. ``value``:
    a name or text; for slot_was_set a tuple of (slot, value) pairs with ``ANY`` where the value
    does not matter; for ``or`` a tuple of steps. ``text`` is what the customer says in an intent
    step that quotes it (with entity marks), ``slots`` are the pairs that a checkpoint asks for.
    """

    kind: str
    value: Any
    entities: tuple[Mapping[str, Any], ...] = ()
    place: Place = Place()
    text: str | None = None
    slots: tuple[tuple[str, Any], ...] = ()


class _Any:
    """The type of :data:`ANY`."""

    def __repr__(self) -> str:
        return "ANY"


ANY = _Any()
"""A slot value that does not matter, only that the slot is set."""


@dataclass(frozen=True)
class Rule:
    """A rule or story, kept as data."""

    name: str
    steps: tuple[Step, ...]
    condition: tuple[Step, ...] = ()
    conversation_start: bool = False
    wait_for_user_input: bool = True
    place: Place = Place()
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SessionConfig:
    """How long a session lasts without a message, and whether slots outlive it."""

    session_expiration_time: float = 60.0
    carry_over_slots_to_new_session: bool = True


@dataclass(frozen=True)
class Synonym:
    """Variants of one canonical value."""

    value: str
    variants: tuple[str, ...]
    place: Place = Place()


@dataclass(frozen=True)
class Listing:
    """A ``lookup`` (values) or ``regex`` (patterns) item, named after an entity type."""

    name: str
    items: tuple[str, ...]
    place: Place = Place()


@dataclass
class Assistant:
    """Everything in an assistant's folder; ``problems`` are the findings made while reading.

    ``send_domain`` are the actions that are sent the domain, ``action_texts`` what the bot may say
    in end-to-end stories, ``pipeline`` what ``config.yml`` says.
    """

    folder: Path
    intents: dict[str, IntentInfo] = field(default_factory=dict)
    entities: dict[str, EntityInfo] = field(default_factory=dict)
    slots: dict[str, Slot] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    responses: dict[str, tuple[Variation, ...]] = field(default_factory=dict)
    actions: dict[str, Place] = field(default_factory=dict)
    send_domain: set[str] = field(default_factory=set)
    action_texts: list[str] = field(default_factory=list)
    entities_as_slots: bool = True
    rules: list[Rule] = field(default_factory=list)
    stories: list[Rule] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    synonyms: list[Synonym] = field(default_factory=list)
    lookups: list[Listing] = field(default_factory=list)
    regexes: list[Listing] = field(default_factory=list)
    session_config: SessionConfig = field(default_factory=SessionConfig)
    pipeline: Pipeline = field(default_factory=Pipeline)
    settings: Settings = field(default_factory=Settings)
    files: tuple[str, ...] = ()
    problems: list[Problem] = field(default_factory=list)

    @property
    def rasa(self) -> Pipeline | None:
        """What ``config.yml`` says; None where there is none, so that it is no Rasa project."""
        return self.pipeline if self.pipeline.rasa else None

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that replies are written in, the default one first."""
        return self.settings.languages

    def examples_of(self, intent: str) -> list[Example]:
        """The training lines of one intent."""
        return [example for example in self.examples if example.intent == intent]

    def entity_types_of_slot(self, slot: str) -> tuple[str, ...]:
        """The entity types that fill ``slot`` by its mappings."""
        found = self.slots.get(slot)
        mappings = found.mappings if found else ()
        return tuple(m.entity for m in mappings if m.type == "from_entity" and m.entity)

    def title(self, intent: str, language: str) -> str:
        """How to name ``intent`` to a customer in ``language``."""
        info = self.settings.intents.get(intent)
        titles = info.title if info else {}
        fallback = intent.replace("/", " ").replace("_", " ")
        return titles.get(language) or titles.get(self.settings.default_language) or fallback
