"""Stories that are followed to the letter: Rasa's MemoizationPolicy and its augmented form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from intents.dialogue.history import LISTEN, History, Moment, State, Vocabulary
from intents.dialogue.paths import Path, Point


@dataclass(frozen=True)
class Remembered:
    """What followed, and the story that tells it."""

    action: str
    story: str


@dataclass
class Memory:
    """What followed after each run of states in the stories.

    ``max_history`` limits how many states count (None: all since the session began); with
    ``augmented``, what was said and set earlier may be forgotten step by step until a story fits.
    """

    max_history: int | None = None
    augmented: bool = True
    known: dict[tuple[State, ...], Remembered] = field(default_factory=dict)
    _lengths: frozenset[int] = frozenset()
    _ends: frozenset[State] = frozenset()

    @classmethod
    def of(
        cls,
        stories: Iterable[tuple[Path, Sequence[Point]]],
        max_history: int | None = None,
        *,
        augmented: bool = True,
    ) -> Memory:
        """Learn stories by heart; states that lead to different actions are not remembered."""
        known: dict[tuple[State, ...], Remembered | None] = {}
        for path, points in stories:
            for point in points:
                key = point.states[-max_history:] if max_history else point.states
                found = known.get(key, Remembered(point.action, path.name))
                same = found is not None and found.action == point.action
                known[key] = found if same else None
        kept = {key: value for key, value in known.items() if value is not None}
        lengths = frozenset(len(key) for key in kept)
        return cls(max_history, augmented, kept, lengths, frozenset(key[-1] for key in kept))

    def recall(
        self,
        history: History,
        vocabulary: Vocabulary,
        slots: Mapping[str, Any],
        initial: Mapping[str, Any],
        hidden: HiddenTurns,
    ) -> Remembered | None:
        """What the stories say follows; None where none fits."""
        if not self.known:
            return None
        seen = hidden.of(history)
        for told in (seen, history) if seen is not history else (history,):
            found = self._recall(told, vocabulary, slots, initial, hidden)
            if found is not None:
                return found
        return None

    def _recall(
        self,
        seen: History,
        vocabulary: Vocabulary,
        slots: Mapping[str, Any],
        initial: Mapping[str, Any],
        hidden: HiddenTurns,
    ) -> Remembered | None:
        found = self._lookup(hidden.clean(seen.states(vocabulary, slots, self.max_history)))
        if found is not None or not self.augmented:
            return found
        longest = max(self._lengths)
        count = len(seen.moments)
        # the first step that is forgotten is the oldest one
        for start in range(max(1, count - longest), count):
            if count - start + 1 not in self._lengths and not self.max_history:
                continue
            shorter = hidden.clean(seen.since(start, vocabulary, slots, initial))
            found = self._lookup(shorter)
            if found is not None:
                return found
        return None

    def _lookup(self, states: list[State]) -> Remembered | None:
        if states[-1] not in self._ends:
            return None
        key = tuple(states[-self.max_history :] if self.max_history else states)
        return self.known.get(key)


@dataclass(frozen=True)
class HiddenTurns:
    """What only rules know of: stories are compared without it.

    ``slots`` and ``loops`` are those that no story names.
    """

    slots: frozenset[str] = frozenset()
    loops: frozenset[str] = frozenset()

    def of(self, history: History) -> History:
        """The history without the turns that only rules tell of."""
        if not any(moment.hidden for moment in history.moments):
            return history
        moments = history.moments
        kept: list[Moment] = []
        gone = False
        action = moments[0].action
        undo: dict[str, Any] = {}
        for at, moment in enumerate(moments):
            if not gone:
                action = moment.action
            following = moments[at + 1].hidden if at + 1 < len(moments) else False
            if moment.action != moment.loop or moment.loop is None:
                gone = following
            merged = {**moment.undo, **undo}
            if gone:
                undo = merged
                continue
            undo = {}
            visible = replace(moment, action=action, undo=merged)
            if kept and action != LISTEN:
                visible = replace(visible, intent=kept[-1].intent, entities=kept[-1].entities)
            kept.append(visible)
        return History(kept or [moments[-1]])

    def clean(self, states: list[State]) -> list[State]:
        """States without the slots and forms that no story names."""
        if not self.slots and not self.loops:
            return states
        return [
            replace(
                state,
                slots=tuple(pair for pair in state.slots if pair[0] not in self.slots),
                loop=None if state.loop in self.loops else state.loop,
            )
            for state in states
        ]
