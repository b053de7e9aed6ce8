"""Rules as Rasa's RulePolicy understands them: the longest whose states fit the conversation's.

Source: rasa/core/policies/rule_policy.py (3.6). A rule state matches a conversation state when
all that the rule names is as it says; what it does not name does not matter.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property

from intents.assistant import Place
from intents.dialogue.history import LISTEN, UNSET, State
from intents.dialogue.paths import Path, Point


@dataclass(frozen=True)
class Entry:
    """What a rule says follows after ``states``; ``weight`` grows with how much it says."""

    states: tuple[State, ...]
    action: str
    name: str
    place: Place
    weight: int

    @property
    def reason(self) -> str:
        """The rule as people are told of it."""
        done = self.action == LISTEN
        return f"rule “{self.name}”" + (" is complete" if done else "")


@dataclass(frozen=True)
class Forked:
    """What rules and stories know of a form's digressions: see :meth:`RuleBook.digression`."""

    states: tuple[State, ...]
    interrupted: bool


@dataclass
class RuleBook:
    """The rules of an assistant, ready to be looked up."""

    entries: list[Entry] = field(default_factory=list)
    forked: list[Forked] = field(default_factory=list)
    clashes: list[tuple[Entry, Entry]] = field(default_factory=list)
    """Rules that say different things of the same states; neither counts."""
    hidden: frozenset[tuple[State, ...]] = frozenset()
    """States whose rule no story follows: their turns are kept from memory and learned policy."""
    _by_state: dict[tuple[str | None, str | None], list[Entry]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        rules: Iterable[tuple[Path, Sequence[Point]]],
        stories: Iterable[tuple[Path, Sequence[Point]]],
    ) -> RuleBook:
        """Learn the rules."""
        book = cls()
        known: dict[tuple[State, ...], Entry] = {}
        for path, points in rules:
            for point in points:
                weight = len(json.dumps([asdict(state) for state in point.states]))
                entry = Entry(point.states, point.action, path.name, point.place, weight)
                other = known.setdefault(point.states, entry)
                if other.action != entry.action:
                    book.clashes.append((other, entry))
                book._fork(point)
        for _, points in stories:
            for point in points:
                book._fork(point)
        clashing = {entry.states for pair in book.clashes for entry in pair}
        book.entries = [entry for entry in known.values() if entry.states not in clashing]
        for entry in book.entries:
            last = entry.states[-1]
            book._by_state.setdefault((last.action, last.intent), []).append(entry)
        return book

    def _fork(self, point: Point) -> None:
        last = point.states[-1]
        if last.loop in (None, UNSET):
            return
        listened = last.action == LISTEN
        if listened == (point.action == last.loop):
            before = point.states[-2].action if len(point.states) > 1 else None
            kept = (State(before), last) if before is not None else (last,)
            self.forked.append(Forked(kept, listened))

    @cached_property
    def longest(self) -> int:
        """States that the longest rule says something of; no more need be looked at."""
        told = [*(entry.states for entry in self.entries), *(one.states for one in self.forked)]
        return max((len(states) for states in told), default=1)

    def drop(self, entry: Entry) -> None:
        """Take an entry out."""
        self.entries.remove(entry)
        last = entry.states[-1]
        self._by_state[last.action, last.intent].remove(entry)

    def find(self, states: Sequence[State]) -> Entry | None:
        """The rule that says most of those that fit the end of ``states``."""
        last = states[-1]
        candidates: list[Entry] = []
        for key in {(last.action, last.intent), (last.action, None)}:
            candidates += self._by_state.get(key, ())
        fitting = [entry for entry in candidates if _fits(entry.states, states)]
        return max(fitting, key=lambda entry: entry.weight, default=None)

    def digression(self, states: Sequence[State]) -> tuple[bool, bool]:
        """What is known of a digression inside a form, as (interrupted, another action follows).

        The first: the form goes on without taking the message for an answer. The second: after a
        rule has ended the form must not simply go on.
        """
        fitting = [one.interrupted for one in self.forked if _fits(one.states, states)]
        return True in fitting, False in fitting


def _fits(wanted: Sequence[State], states: Sequence[State]) -> bool:
    if len(wanted) > len(states):
        return False
    return all(
        _state_fits(rule, state)
        for rule, state in zip(reversed(wanted), reversed(states), strict=False)
    )


def _state_fits(rule: State, state: State) -> bool:
    if rule.action is None or state.action is None:
        # where a conversation begins there is nothing else to compare
        return rule.action is None and state.action is None
    if rule.action != state.action:
        return False
    if rule.intent is not None and rule.intent != state.intent:
        return False
    if rule.entities and rule.entities != state.entities:
        return False
    if rule.loop == UNSET:
        if state.loop not in (None, UNSET):
            return False
    elif rule.loop is not None and rule.loop != state.loop:
        return False
    if not rule.slots:
        return True
    known = dict(state.slots)
    for name, feature in rule.slots:
        found = known.get(name)
        if feature == UNSET:
            if found not in (None, UNSET):
                return False
        elif found != feature:
            return False
    return True
