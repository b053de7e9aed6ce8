"""Entities by type: how many are found, and what goes wrong most often."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from intents.examples import Example

MOST_ERRORS = 5

Kind = Literal["missed", "invented", "edges", "type"]


class Span(Protocol):
    """A found value."""

    @property
    def start(self) -> int:
        """First character."""

    @property
    def end(self) -> int:
        """Character after the last."""

    @property
    def entity(self) -> str:
        """Its type."""


class Found(Protocol):
    """What was found in a line."""

    @property
    def entities(self) -> Sequence[Span]:
        """The values."""


@dataclass(frozen=True)
class EntityError:
    """An error that happened ``times``: a value was ``missed``, ``invented``, found with other
    ``edges`` or as another ``type``. ``marked`` and ``found`` are the words, with an example."""

    kind: Kind
    marked: str
    found: str
    other: str
    times: int
    text: str


@dataclass(frozen=True)
class EntityRow:
    """One type: exact spans with type."""

    entity: str
    marked: int
    found: int
    precision: float | None
    recall: float | None
    f1: float | None
    errors: tuple[EntityError, ...]


def entity_rows(examples: Sequence[Example], parses: Sequence[Found]) -> tuple[EntityRow, ...]:
    """Figures by type over the lines that somebody annotated, the weakest first."""
    marked: Counter[str] = Counter()
    given: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    errors: dict[str, list[EntityError]] = defaultdict(list)
    for example, parse in zip(examples, parses, strict=True):
        if example.entities is None:
            continue
        gold = {(e.start, e.end, e.entity) for e in example.entities}
        found = {(e.start, e.end, e.entity) for e in parse.entities}
        marked.update(e for _, _, e in gold)
        given.update(e for _, _, e in found)
        hits.update(e for _, _, e in gold & found)
        for entity, error in _errors(example.text, gold - found, found - gold):
            errors[entity].append(error)
    rows = [
        _row(name, marked[name], given[name], hits[name], errors[name])
        for name in sorted(set(marked) | set(given))
    ]
    return tuple(sorted(rows, key=lambda row: (row.f1 is not None, row.f1 or 0.0, row.entity)))


def micro_f1(rows: Sequence[EntityRow]) -> float | None:
    """F1 over all values of all types together."""
    total = sum(row.marked + row.found for row in rows)
    hits = sum((row.f1 or 0.0) * (row.marked + row.found) / 2 for row in rows)
    return 2 * hits / total if total else None


def _row(name: str, marked: int, given: int, hits: int, errors: list[EntityError]) -> EntityRow:
    counted: dict[tuple[str, str, str, str], EntityError] = {}
    times: Counter[tuple[str, str, str, str]] = Counter()
    for error in errors:
        key = (error.kind, error.marked.casefold(), error.found.casefold(), error.other)
        times[key] += 1
        counted.setdefault(key, error)
    common = sorted(times, key=lambda key: (-times[key], key))[:MOST_ERRORS]
    return EntityRow(
        name,
        marked,
        given,
        hits / given if given else None,
        hits / marked if marked else None,
        2 * hits / (marked + given) if marked + given else None,
        tuple(
            EntityError(e.kind, e.marked, e.found, e.other, times[key], e.text)
            for key in common
            for e in [counted[key]]
        ),
    )


Mark = tuple[int, int, str]


def _errors(text: str, missed: set[Mark], extra: set[Mark]) -> list[tuple[str, EntityError]]:
    """Errors of one line with the type that each is counted under."""
    found: list[tuple[str, EntityError]] = []
    left = set(extra)
    for start, end, entity in sorted(missed):
        words = text[start:end]
        near = [m for m in sorted(left) if m[0] < end and start < m[1]]
        best = min(near, key=lambda m: (m[2] != entity, m), default=None)
        if best is None:
            found.append((entity, EntityError("missed", words, "", "", 1, text)))
            continue
        left.discard(best)
        kind: Kind = "edges" if best[2] == entity else "type"
        given = text[best[0] : best[1]]
        found.append((entity, EntityError(kind, words, given, best[2], 1, text)))
    for start, end, entity in sorted(left):
        found.append((entity, EntityError("invented", "", text[start:end], "", 1, text)))
    return found
