"""Which intents are taken for which others, and the lines that cause it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np

from intents.reporting.curves import wilson
from intents.reporting.judged import Judged

ROWS = 14
PAIRS = 40
LINES = 6


@dataclass(frozen=True)
class WrongLine:
    """A line that was taken for another intent, with the confidence in both."""

    text: str
    place: str
    confidence: float
    right_share: float
    decision: str


@dataclass(frozen=True)
class Pair:
    """``lines`` of ``intent`` were taken for ``taken_for``; ``back`` of the other way round.
    ``examples`` are those of them that were surest of the wrong."""

    intent: str
    taken_for: str
    lines: int
    of: int
    back: int
    examples: tuple[WrongLine, ...]


@dataclass(frozen=True)
class Matrix:
    """The most confused intents against each other: ``counts[i][j]`` lines of ``intents[i]`` were
    taken for ``intents[j]``; ``others[i]`` for any intent outside; ``whole`` is every confusion."""

    intents: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    others: tuple[int, ...]
    all_intents: int
    whole: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class IntentRow:
    """One intent's figures: ``answered`` is the share of its lines that are answered at once."""

    intent: str
    trained: int
    lines: int
    recall: float
    interval: tuple[float, float]
    precision: float | None
    f1: float
    answered: float
    confidence: float
    mistaken_for: str | None


def confused_pairs(judged: Judged) -> tuple[Pair, ...]:
    """The pairs that are confused most often, each with its lines."""
    groups = _wrong(judged)
    sizes = Counter(judged.gold[int(i)] for i in np.flatnonzero(judged.inside))
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(
        Pair(
            intent,
            other,
            len(rows),
            sizes[intent],
            len(groups.get((other, intent), ())),
            tuple(_line(judged, row) for row in _surest(judged, rows)[:LINES]),
        )
        for (intent, other), rows in ordered[:PAIRS]
    )


def matrix(judged: Judged) -> Matrix:
    """The block of the most confused intents, those that are confused with each other together."""
    counts = {pair: len(rows) for pair, rows in _wrong(judged).items()}
    inner = [judged.gold[int(i)] for i in np.flatnonzero(judged.inside)]
    right = Counter(
        judged.gold[int(i)]
        for i in np.flatnonzero(judged.inside)
        if judged.predicted(int(i)) == judged.gold[int(i)]
    )
    whole = tuple(
        (a, b, n) for (a, b), n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )
    chosen: list[str] = []
    for a, b, _ in whole:
        fresh = [name for name in (a, b) if name not in chosen]
        if len(chosen) + len(fresh) <= ROWS:
            chosen += fresh
    table = tuple(
        tuple(right[a] if a == b else counts.get((a, b), 0) for b in chosen) for a in chosen
    )
    others = tuple(
        sum(n for (x, y), n in counts.items() if x == a and y not in chosen) for a in chosen
    )
    return Matrix(tuple(chosen), table, others, len(set(inner)), whole)


def intent_rows(judged: Judged, trained: Counter[str]) -> tuple[IntentRow, ...]:
    """Figures of every intent that has lines, the weakest first."""
    rows = defaultdict(list)
    given: Counter[str] = Counter()
    for i in np.flatnonzero(judged.inside):
        rows[judged.gold[int(i)]].append(int(i))
        given[judged.predicted(int(i))] += 1
    found = [_intent_row(judged, name, at, given[name], trained[name]) for name, at in rows.items()]
    return tuple(sorted(found, key=lambda row: (row.f1, row.intent)))


def _intent_row(judged: Judged, name: str, rows: list[int], given: int, trained: int) -> IntentRow:
    wrong = Counter(judged.predicted(i) for i in rows if judged.predicted(i) != name)
    hits = len(rows) - sum(wrong.values())
    return IntentRow(
        name,
        trained,
        len(rows),
        hits / len(rows),
        wilson(hits, len(rows)),
        hits / given if given else None,
        2 * hits / (len(rows) + given),
        sum(judged.decisions[i] == "accept" for i in rows) / len(rows),
        float(judged.shares[rows].max(axis=1).mean()),
        min(wrong, key=lambda other: (-wrong[other], other)) if wrong else None,
    )


def _wrong(judged: Judged) -> dict[tuple[str, str], list[int]]:
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i in np.flatnonzero(judged.inside):
        gold, given = judged.gold[int(i)], judged.predicted(int(i))
        if gold != given:
            groups[gold, given].append(int(i))
    return groups


def _surest(judged: Judged, rows: list[int]) -> list[int]:
    return sorted(rows, key=lambda i: (-float(judged.shares[i].max()), i))


def _line(judged: Judged, row: int) -> WrongLine:
    code = int(judged.codes[row])
    return WrongLine(
        judged.texts[row],
        judged.places[row],
        float(judged.shares[row].max()),
        float(judged.shares[row, code]) if code >= 0 else 0.0,
        judged.decisions[row],
    )
