"""What has happened in a conversation, as the states that rules and stories are compared with.

A *moment* begins with an action (``action_listen`` for a customer's message) and holds what became
of slots and form until the next one. Stories, rules and living conversations are all told to a
:class:`History`, so that they can be compared.

Source of the semantics: ``DialogueStateTracker.applied_events`` and
``Domain.states_for_tracker_history`` of Rasa 3.6.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from intents.assistant import IntentInfo, Slot, SlotMapping
from intents.dialogue.slot_features import Feature, feature_of

LISTEN = "action_listen"
UNSET = "should_not_be_set"
"""In a rule: the slot or form must not be set."""

MAX_MOMENTS = 60
"""Moments that are kept: what lies further back decides nothing, and costs nothing."""


@dataclass(frozen=True)
class State:
    """What is known when an action is to be predicted; states are equal or not, nothing between.

    ``action`` is the one before (None where a conversation begins); ``slots`` are the features of
    those that are set, by name.
    """

    action: str | None = None
    intent: str | None = None
    entities: tuple[str, ...] = ()
    slots: tuple[tuple[str, Feature | str], ...] = ()
    loop: str | None = None


@dataclass(frozen=True)
class Vocabulary:
    """What of a domain decides how states look.

    ``fills``: whether entities fill slots at all (``store_entities_as_slots``).
    """

    slots: Mapping[str, Slot]
    intents: Mapping[str, IntentInfo]
    fills: bool = True

    def entities(self, intent: str | None, found: Sequence[str]) -> tuple[str, ...]:
        """The entities that count for ``intent`` (``use_entities``, ``ignore_entities``)."""
        info = self.intents.get(intent or "")
        if info is None:
            return tuple(sorted(set(found)))
        used = info.use_entities
        kept = {
            name
            for name in found
            if (used is True or name.split("#")[0] in used)
            and name.split("#")[0] not in info.ignore_entities
        }
        return tuple(sorted(kept))

    def filled(self, entities: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
        """The slots that the entities of a told message fill, with their values.

        Source: ``Domain.slots_for_entities`` of Rasa 3.6, which stories and rules go through.
        Mappings that wait for a form are left to the form.
        """
        for slot in self.slots.values() if self.fills and entities else ():
            values = [
                item.get("value")
                for mapping in slot.mappings
                for item in entities
                if _fills(mapping, item)
            ]
            if values:
                yield slot.name, values if slot.type == "list" else values[-1]

    def features(self, values: Mapping[str, Any]) -> tuple[tuple[str, Feature | str], ...]:
        """The features of the slots that are set and influence the conversation."""
        found: list[tuple[str, Feature | str]] = []
        for name, value in values.items():
            slot = self.slots.get(name)
            if value == UNSET:
                found.append((name, UNSET))
            elif slot is not None and value is not None and slot.influence_conversation:
                feature = feature_of(slot, value)
                if any(feature):
                    found.append((name, feature))
        return tuple(sorted(found))


def _fills(mapping: SlotMapping, item: Mapping[str, Any]) -> bool:
    waits = mapping.conditions and mapping.conditions[0][0] is not None
    return (
        mapping.type == "from_entity"
        and not waits
        and mapping.entity == item.get("entity")
        and mapping.role == item.get("role")
        and mapping.group == item.get("group")
    )


@dataclass
class Moment:
    """An action and what became of slots and form until the next.

    ``undo`` holds the values that slots had before; ``heard`` says that a message arrived;
    ``ended`` and ``rejected`` that a form ended or declined here; ``hidden`` that a rule which
    no story tells of chose the action. ``quotation`` stands for the intent in stories that quote
    the message.
    """

    action: str | None = None
    intent: str | None = None
    entities: list[str] = field(default_factory=list)
    heard: bool = False
    loop: str | None = None
    undo: dict[str, Any] = field(default_factory=dict)
    ended: bool = False
    rejected: str | None = None
    hidden: bool = False
    quotation: str | None = None

    def copy(self) -> Moment:
        """A moment that can change without this one."""
        return replace(self, undo=dict(self.undo))

    def plain(self) -> list[Any]:
        """The moment as JSON data: its fields in order."""
        return [
            self.action,
            self.intent,
            self.entities,
            self.heard,
            self.loop,
            self.undo,
            self.ended,
            self.rejected,
            self.hidden,
            self.quotation,
        ]


@dataclass
class History:
    """The moments of a session; told what happens, it gives the states."""

    moments: list[Moment] = field(default_factory=lambda: [Moment()])
    before: list[Moment] | None = None
    """The moments as they were before the form went on, which may yet decline."""

    @property
    def last(self) -> Moment:
        """The moment that lasts."""
        return self.moments[-1]

    def begin(self) -> None:
        """A session begins."""
        self.moments, self.before = [Moment()], None

    def message(
        self, intent: str | None, entities: Sequence[str], quotation: str | None = None
    ) -> None:
        """The customer said something."""
        heard = Moment(
            LISTEN,
            intent,
            list(entities),
            heard=True,
            loop=self.last.loop,
            quotation=quotation,
        )
        self.moments.append(heard)
        self.before = None
        if len(self.moments) > MAX_MOMENTS:
            del self.moments[: -MAX_MOMENTS // 2]

    def did(self, name: str, *, hidden: bool = False) -> None:
        """An action is done. A form that goes on as it should is one long moment."""
        again = self._form_before(name)
        if again is None:
            now, self.before = self.last, None
            self.moments.append(
                Moment(
                    name,
                    now.intent,
                    now.entities,
                    loop=now.loop,
                    hidden=hidden,
                    quotation=now.quotation,
                )
            )
            return
        self.before = self.moments[again:]
        kept = self.moments[again].copy()
        for later in self.moments[again + 1 :]:
            for slot, value in later.undo.items():
                kept.undo.setdefault(slot, value)
        kept.loop = self.last.loop
        self.moments[again:] = [kept]

    def _form_before(self, name: str) -> int | None:
        """The moment of the form's last run, if it has only been answered since."""
        following: str | None = None
        for index in range(len(self.moments) - 1, -1, -1):
            moment = self.moments[index]
            if moment.ended or moment.rejected == name:
                return None
            if moment.heard and following not in (None, name):
                return None
            if moment.action == name:
                return index if self.last.loop == name else None
            following = moment.action
        return None

    def rejected(self, name: str) -> None:
        """The action under way declined: it did not happen, what it set stays."""
        if self.last.action == name and len(self.moments) > 1:
            gone = self.moments.pop()
            if self.before is None:
                for slot, value in gone.undo.items():
                    self.last.undo.setdefault(slot, value)
            self.moments += self.before or []
            self.before = None
        self.last.rejected = name

    def slot(self, name: str, before: Any) -> None:
        """A slot changed; ``before`` is its former value."""
        for moment in (self.last, self.before[-1] if self.before else self.last):
            moment.undo.setdefault(name, before)

    def form(self, name: str | None) -> None:
        """A form became active, or none is."""
        self.last.loop = name
        if name is None or name == UNSET:
            self.last.ended = True

    def rewind(self) -> dict[str, Any]:
        """Forget the latest message and all since; returns what slots were before it."""
        values: dict[str, Any] = {}
        while len(self.moments) > 1:
            gone = self.moments.pop()
            values.update(gone.undo)
            if gone.heard:
                break
        self.before = None
        return values

    def undone(self) -> dict[str, Any]:
        """Forget the latest action; returns what slots were before it."""
        self.before = None
        return self.moments.pop().undo if len(self.moments) > 1 else {}

    def copy(self) -> History:
        """A history that can go on without this one."""
        before = None if self.before is None else [moment.copy() for moment in self.before]
        return History([moment.copy() for moment in self.moments], before)

    def plain(self) -> dict[str, Any]:
        """The history as JSON data."""
        before = None if self.before is None else [moment.plain() for moment in self.before]
        return {"moments": [moment.plain() for moment in self.moments], "before": before}

    @classmethod
    def restore(cls, data: Mapping[str, Any]) -> History:
        """The inverse of :meth:`plain`."""
        before = data["before"]
        return cls(
            [Moment(*one) for one in data["moments"]],
            None if before is None else [Moment(*one) for one in before],
        )

    def quoting(self) -> History:
        """The history with quotations for intents; this one where no story quotes anything."""
        if not any(moment.quotation for moment in self.moments):
            return self
        moments = [replace(one, intent=one.quotation or one.intent) for one in self.moments]
        return History(moments, self.before)

    # -- states -----------------------------------------------------------------------------

    def values(self, slots: Mapping[str, Any], first: int = 0) -> list[Mapping[str, Any]]:
        """The slots' values after each moment from ``first`` on; ``slots`` are those of now."""
        found: list[Mapping[str, Any]] = []
        current: Mapping[str, Any] = slots
        for moment in reversed(self.moments[first:]):
            found.append(current)
            if moment.undo:
                current = {**current, **moment.undo}
        return found[::-1]

    def states(
        self, vocabulary: Vocabulary, slots: Mapping[str, Any], last: int | None = None
    ) -> list[State]:
        """The states of the ``last`` moments (all if None), the present one at the end."""
        first = max(0, len(self.moments) - last) if last is not None else 0
        pairs = zip(self.moments[first:], self.values(slots, first), strict=True)
        return [_state(moment, values, vocabulary) for moment, values in pairs]

    def since(
        self,
        start: int,
        vocabulary: Vocabulary,
        slots: Mapping[str, Any],
        initial: Mapping[str, Any],
    ) -> list[State]:
        """The states of a conversation that had begun with moment ``start``.

        What was said and set before is forgotten: this is how old slots are kept from hiding a
        story (Rasa's augmented memoization).
        """
        values = self.values(slots, start)
        known = dict(initial)
        states = [State(slots=vocabulary.features(known))]
        heard, loop_known = False, False
        for at in range(start, len(self.moments)):
            moment = self.moments[at]
            heard = heard or moment.heard
            earlier = self.moments[at - 1].loop if at else None
            loop_known = loop_known or moment.loop != earlier
            known.update({name: values[at - start].get(name) for name in moment.undo})
            seen = replace(
                moment,
                intent=moment.intent if heard else None,
                entities=moment.entities if heard else [],
                loop=moment.loop if loop_known else None,
            )
            states.append(_state(seen, known, vocabulary))
        return states


def _state(moment: Moment, values: Mapping[str, Any], vocabulary: Vocabulary) -> State:
    return State(
        moment.action,
        moment.intent,
        vocabulary.entities(moment.intent, moment.entities),
        vocabulary.features(values),
        moment.loop,
    )


def entity_names(entities: Sequence[Mapping[str, Any]]) -> list[str]:
    """Entities of a parse as names: the type, and the type with role and with group."""
    found: list[str] = []
    for item in entities:
        name = str(item.get("entity"))
        found.append(name)
        found += [f"{name}#{item[key]}" for key in ("role", "group") if item.get(key)]
    return sorted(set(found))
