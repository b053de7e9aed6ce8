"""Clauses of a text with their words of content, and which clause of another text each is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from models.checking.claims import Token
from models.checking.lexicon import lexicon, stems
from models.checking.markers import classes

HAN_RUN = re.compile(r"[㐀-䶿一-鿿]+")
SAME, LIKE = 0.99, 0.5
_BREAKS = frozenset(
    ("if", "unless", "when", "once", "provid", "until", "except", "becaus", "but", "so", "while",
     "otherwis", "但", "但是", "不过", "否则", "不然", "而")
)  # fmt: skip
_THING = 0.35
"""Weight of a word that names a thing, against one that says what happens to it."""


@dataclass
class Clause:
    """Neighbouring words that one predicate holds together."""

    text: str
    tokens: list[Token]
    marks: list[str]
    """Closed classes of its small words, one for each."""
    units: list[Token] = field(default_factory=list)
    """Its words of content."""

    def has(self, *names: str) -> bool:
        """Whether a word of one of these classes stands in it."""
        return any(name in self.marks for name in names)


@dataclass(frozen=True)
class Pair:
    """A clause of the output and the one of the source that each finds likest."""

    said: Clause
    known: Clause
    likeness: float


def clauses_of(text: str, tokens: Sequence[Token]) -> list[Clause]:
    """Cut at stops and before the words that begin another clause."""
    groups: list[list[Token]] = [[]]
    for token in tokens:
        if token.stop or (token.key.split(" ")[0] in _BREAKS and groups[-1]):
            groups.append([])
        if not token.stop:
            groups[-1].append(token)
    return [_clause(text, group) for group in groups if group]


def _clause(text: str, tokens: list[Token]) -> Clause:
    piece = text[tokens[0].start : tokens[-1].end]
    units = [t for t in tokens if t.key and t.content and not t.denies and not t.neutral]
    return Clause(piece, tokens, list(marks_of(piece)), units)


def marks_of(text: str) -> Iterator[str]:
    """The closed classes of a text's small words."""
    return classes(stems(text), HAN_RUN.findall(text))


def likeness(a: Token, b: Token) -> float:
    """1 for the same word or concept, less for words that share their beginning or characters."""
    if a.key == b.key or {c for c, _ in a.claims} & {c for c, _ in b.claims}:
        return 1.0
    if a.key.isascii() != b.key.isascii():
        return 0.0
    if a.key.isascii():
        shared = _shared(a.key, b.key)
        return 0.8 if shared >= 4 and shared >= 0.6 * max(len(a.key), len(b.key)) else 0.0
    first, second = set(a.key), set(b.key)
    return 0.75 * len(first & second) / min(len(first), len(second))


def _shared(first: str, second: str) -> int:
    at = 0
    while at < min(len(first), len(second)) and first[at] == second[at]:
        at += 1
    return at


def nearest(unit: Token, others: Sequence[Clause]) -> float:
    """How near the nearest word of these clauses is."""
    return max((likeness(unit, other) for clause in others for other in clause.units), default=0.0)


def weight(unit: Token) -> float:
    """How much a word tells which clause this is."""
    concepts = {c for c, _ in unit.claims}
    return _THING if concepts and concepts <= lexicon().things else 1.0


class Alignment:
    """Which clauses of two texts say the same: by their words, both ways."""

    def __init__(self, said: Sequence[Clause], known: Sequence[Clause]) -> None:
        self.said, self.known = list(said), list(known)
        self.table = [[alike(a, b) for b in known] for a in said]

    def pairs(self, least: float = LIKE) -> Iterator[Pair]:
        """Clauses that are each other's likest."""
        for i, row in enumerate(self.table):
            if not row:
                return
            j = max(range(len(row)), key=row.__getitem__)
            if row[j] >= least and max(r[j] for r in self.table) <= row[j]:
                yield Pair(self.said[i], self.known[j], row[j])

    def rivals(self, pair: Pair) -> tuple[list[Clause], list[Clause]]:
        """Clauses of the source, and of the output, that are nearly as like."""
        i, j = self.said.index(pair.said), self.known.index(pair.known)
        near = 0.85 * pair.likeness
        return (
            [b for q, b in enumerate(self.known) if q != j and self.table[i][q] > near],
            [a for q, a in enumerate(self.said) if q != i and self.table[q][j] > near],
        )

    def best_of_known(self, number: int) -> float:
        """How like the likest clause of the output is to this one of the source."""
        return max((row[number] for row in self.table), default=0.0)

    def best_of_said(self, number: int) -> float:
        """How like the likest clause of the source is to this one of the output."""
        return max(self.table[number], default=0.0)


def alike(a: Clause, b: Clause) -> float:
    """How much of the words of each the other has, things counting less (0 to 1)."""
    if not a.units or not b.units:
        return 0.0
    return float((_covered(a, b) * _covered(b, a)) ** 0.5)


def _covered(a: Clause, b: Clause) -> float:
    total = sum(map(weight, a.units))
    return sum(weight(u) * max(likeness(u, v) for v in b.units) for u in a.units) / total
