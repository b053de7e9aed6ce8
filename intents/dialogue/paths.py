"""Rules and stories unfolded: every way through their choices and checkpoints, step by step.

A path is played into a :class:`~intents.dialogue.history.History`; what was known before each
action, and the action, are what the policies learn from.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from intents.assistant import ANY, Assistant, Place, Rule, Step
from intents.dialogue.history import LISTEN, UNSET, History, State, Vocabulary, entity_names
from intents.dialogue.words import quoted
from intents.reading.marks import parse_marks
from models.errors import Problem

SNIPPET = "..."
"""In a rule: whatever else may happen; a rule that does not begin a conversation begins with it."""

MAX_PATHS = 2000
"""Ways through the stories that are followed; more would come of checkpoints that branch wildly."""


@dataclass(frozen=True)
class Path:
    """One way through a rule or through stories joined by checkpoints."""

    name: str
    place: Place
    steps: tuple[Step, ...]
    rule: Rule | None = None


@dataclass(frozen=True)
class Point:
    """Before an action: the states up to then, and the action that followed."""

    states: tuple[State, ...]
    action: str
    place: Place


def vocabulary_of(assistant: Assistant) -> Vocabulary:
    """What of the assistant's domain decides how states look."""
    return Vocabulary(assistant.slots, assistant.intents, assistant.entities_as_slots)


def initial_values(assistant: Assistant) -> dict[str, Any]:
    """The slots' values as a conversation begins."""
    return {name: slot.initial_value for name, slot in assistant.slots.items()}


def rule_paths(assistant: Assistant) -> list[Path]:
    """Every way through each rule."""
    return [
        Path(rule.name, rule.place, steps, rule)
        for rule in assistant.rules
        for steps in _choices(rule.steps)
    ]


def story_paths(assistant: Assistant, problems: list[Problem] | None = None) -> list[Path]:
    """Every way through the stories, checkpoints followed.

    A checkpoint that leads back to itself is left out, and reported in ``problems``.
    """
    report = problems if problems is not None else []
    pieces = [piece for story in assistant.stories for piece in _pieces(story)]
    starts: dict[str, list[_Piece]] = {}
    for piece in pieces:
        if piece.start is not None:
            starts.setdefault(piece.start, []).append(piece)
    _unknown(pieces, starts, report)
    found: list[Path] = []
    joined = _Joined(starts, initial_values(assistant), report)
    for piece in pieces:
        if piece.start is not None:
            continue
        for chain in joined.chains([piece]):
            steps = tuple(itertools.chain.from_iterable(one.steps for one in chain))
            story = chain[-1].story
            for choice in _choices(steps):
                if len(found) >= MAX_PATHS:
                    return found
                found.append(Path(story.name, chain[0].story.place, choice))
    return found


@dataclass(frozen=True)
class _Piece:
    """A part of a story between checkpoints."""

    story: Rule
    start: str | None
    steps: tuple[Step, ...]
    end: str | None
    place: Place
    wanted: tuple[tuple[str, Any], ...] = ()
    """The slots that the checkpoint asks for where this part begins."""

    def follows(self, chain: Sequence[_Piece], initial: Mapping[str, Any]) -> bool:
        """Whether the slots are what this part wants after ``chain``."""
        values = dict(initial)
        for step in itertools.chain.from_iterable(one.steps for one in chain):
            if step.kind == "slot_was_set":
                values.update(step.value)
        return all(_is(values.get(name), value) for name, value in self.wanted)


def _is(value: Any, wanted: Any) -> bool:
    """Whether a slot's value is the one wanted; one that is not known may be any."""
    if wanted is ANY or value is ANY:
        return value is not None and wanted is not None
    return bool(value == wanted)


def _pieces(story: Rule) -> Iterator[_Piece]:
    start: str | None = None
    steps: list[Step] = []
    place = story.place
    wanted: tuple[tuple[str, Any], ...] = ()
    for step in story.steps:
        if step.kind != "checkpoint":
            steps.append(step)
            continue
        if steps or start is not None:
            yield _Piece(story, start, tuple(steps), step.value, step.place, wanted)
        start, steps, place, wanted = step.value, [], step.place, step.slots
    if steps:
        yield _Piece(story, start, tuple(steps), None, place, wanted)


def _unknown(
    pieces: Sequence[_Piece], starts: Mapping[str, Sequence[_Piece]], report: list[Problem]
) -> None:
    ends = {piece.end for piece in pieces}
    for piece in pieces:
        if piece.end is not None and piece.end not in starts:
            report.append(
                _problem(
                    piece.place,
                    f"a story that begins with checkpoint {piece.end!r}",
                    "none",
                    "Write one, or end the story without the checkpoint.",
                    "warning",
                )
            )
        if piece.start is not None and piece.start not in ends:
            report.append(
                _problem(
                    piece.place,
                    f"a story that ends with checkpoint {piece.start!r}",
                    "none, so that this one never begins",
                    "Write one, or begin the story without the checkpoint.",
                    "warning",
                )
            )


class _Joined:
    """Joins parts of stories at their checkpoints."""

    def __init__(
        self,
        starts: Mapping[str, Sequence[_Piece]],
        initial: Mapping[str, Any],
        report: list[Problem],
    ) -> None:
        self._starts = starts
        self._initial = initial
        self._report = report
        self._reported: set[str] = set()

    def chains(self, chain: list[_Piece]) -> Iterator[list[_Piece]]:
        """Every way on from the end of ``chain``."""
        end = chain[-1].end
        known = self._starts.get(end, ()) if end is not None else ()
        following = [one for one in known if one.follows(chain, self._initial)]
        if not following:
            yield chain
            return
        for piece in following:
            if piece in chain:
                self._circle(str(end), chain)
            else:
                yield from self.chains([*chain, piece])

    def _circle(self, end: str, chain: Sequence[_Piece]) -> None:
        if end in self._reported:
            return
        self._reported.add(end)
        lines = ", ".join(sorted({f"{p.place.file}:{p.place.line}" for p in chain}))
        self._report.append(
            _problem(
                chain[-1].place,
                "checkpoints that lead forward",
                f"checkpoint {end!r} leads back to itself ({lines})",
                "End the story before the checkpoint: stories are followed again anyway.",
            )
        )


def _choices(steps: Sequence[Step]) -> Iterator[tuple[Step, ...]]:
    """Every way through the ``or`` steps."""
    options = [step.value if step.kind == "or" else (step,) for step in steps]
    return itertools.islice(itertools.product(*options), MAX_PATHS)


# -- playing a path -------------------------------------------------------------------------


class Player:
    """Plays paths into histories."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        initial: Mapping[str, Any],
        uttered: Mapping[str, str] | None = None,
    ) -> None:
        self._vocabulary = vocabulary
        self._initial = initial
        self._uttered = uttered or {}

    def points(self, path: Path) -> list[Point]:
        """The points of a path at which an action was taken, the final wait included."""
        initial = {} if path.rule else self._initial
        run = _Run(path, self._vocabulary, initial, self._uttered)
        return run.points()


class _Run:
    def __init__(
        self,
        path: Path,
        vocabulary: Vocabulary,
        initial: Mapping[str, Any],
        uttered: Mapping[str, str],
    ) -> None:
        self._path = path
        self._uttered = uttered
        self._rule = path.rule
        self._vocabulary = vocabulary
        self._slots: dict[str, Any] = dict(initial)
        self._history = History()
        self._found: list[Point] = []

    def points(self) -> list[Point]:
        rule = self._rule
        if rule is not None and not rule.conversation_start:
            self._history.did(SNIPPET)
        for step in rule.condition if rule else ():
            self._take(step)
        for step in self._path.steps:
            self._take(step)
        waits = rule is None or rule.wait_for_user_input
        if waits and self._history.last.action not in (LISTEN, SNIPPET) and self._path.steps:
            self._point(LISTEN, self._path.steps[-1].place)
        return self._found

    def _take(self, step: Step) -> None:
        if step.kind in ("intent", "user"):
            self._hear(step)
        elif step.kind == "action":
            self._point(str(step.value), step.place)
            self._history.did(str(step.value))
        elif step.kind == "bot":
            action = self._uttered.get(str(step.value).strip())
            if action is not None:
                self._point(action, step.place)
                self._history.did(action)
        elif step.kind == "active_loop":
            name = None if step.value in (None, "null") else str(step.value)
            self._history.form(UNSET if name is None and self._rule else name)
        elif step.kind == "slot_was_set":
            for name, value in step.value:
                self._set(name, value)

    def _set(self, name: str, value: Any) -> None:
        slot = self._vocabulary.slots.get(name)
        if slot is None or not slot.influence_conversation:
            return
        if value is None and self._rule is not None:
            value = UNSET
        self._history.slot(name, self._slots.get(name))
        self._slots[name] = value

    def _hear(self, step: Step) -> None:
        self._point(LISTEN, step.place)
        if step.kind == "user":
            _, marked, _ = parse_marks(str(step.value))
            found = [*_entities(step), *map(vars, marked)]
            self._history.message(quoted(str(step.value)), entity_names(found))
        else:
            found = _entities(step)
            self._history.message(str(step.value).split("/")[0], entity_names(found))
        for name, value in self._vocabulary.filled(found):
            self._set(name, value)

    def _point(self, action: str, place: Place) -> None:
        if action == SNIPPET or len(self._history.moments) == 1:
            return  # out of nothing, nothing can be foretold
        states = self._history.states(self._vocabulary, self._slots)
        if self._rule is not None:
            last = max((i for i, s in enumerate(states) if s.action == SNIPPET), default=-1)
            states = states[last + 1 :]
        if states:
            self._found.append(Point(tuple(states), action, place))


def _entities(step: Step) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for item in step.entities:
        names = [name for name in item if name not in ("role", "group", "value")]
        for name in names:
            extra = {key: item[key] for key in ("role", "group") if item.get(key)}
            found.append({"entity": name, "value": _value(item, name), **extra})
    return found


def _value(item: Mapping[str, Any], name: str) -> Any:
    """What a story says of an entity; one that is only named fills its slot with no words."""
    return "" if item[name] is None else item[name]


def _problem(place: Place, expected: str, found: str, fix: str, severity: str = "error") -> Problem:
    return Problem(place.file, place.line, expected, found, fix, severity)
