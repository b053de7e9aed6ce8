"""A text as a question to the graph: what it names, what it asks for, in which manner."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from retrieval.knowledge.answer import Time
from retrieval.knowledge.graph import KnowledgeGraph
from retrieval.knowledge.lexicon import Asked, Lexicon, Noun, Order, Segment, Thing, Word

S = TypeVar("S")
_LIMIT = 3
_NUMBER = re.compile(r"(\d{1,9}(?:\.\d{1,4})?)")


@dataclass(frozen=True)
class Hint:
    """Characters that the tagger has marked as an entity."""

    start: int
    end: int
    entity: str


@dataclass(frozen=True)
class Mention:
    """A thing named at characters ``start`` to ``end``; several ids where it is ambiguous."""

    start: int
    end: int
    ids: frozenset[str]
    slip: bool = False


@dataclass(frozen=True)
class Limit:
    """A bound on an amount: at most (``sign`` -1) or at least (1) ``number``."""

    sign: int
    number: float
    is_money: bool


@dataclass(frozen=True)
class Question:
    """What was found in a text, each in its order."""

    text: str
    language: str
    mentions: tuple[Mention, ...]
    nouns: tuple[Noun, ...]
    asked: tuple[tuple[Asked, ...], ...]
    orders: tuple[tuple[Order, ...], ...]
    roles: frozenset[str]
    limits: tuple[Limit, ...]
    times: tuple[Time, ...]
    unexplained: tuple[str, ...]
    follows_up: bool = False
    """Whether the question before was put in place of what this one leaves out."""

    @property
    def is_polar(self) -> bool:
        """Whether it asks whether something is so."""
        if self.roles & {"which", "count", "where", "when"}:
            return self.language == "zh" and self.text.rstrip("？?。 ").endswith(("吗", "么"))
        return "polar" in self.roles or "have" in self.roles or self.text.rstrip().endswith("?")

    @property
    def follows(self) -> bool:
        """Whether it takes up the question before: *and in blue?*, 那蓝色呢."""
        short = not self.asked and not self.orders
        return bool(self.roles & {"and", "also"}) and short


def read_question(
    text: str,
    language: str,
    lexicon: Lexicon,
    graph: KnowledgeGraph,
    hints: Sequence[Hint] = (),
    times: Sequence[Time] = (),
) -> Question:
    """Read ``text``; ``hints`` tell which of several things of one name is meant."""
    marked = [
        (hint.start, hint.end, _hinted(text[hint.start : hint.end], hint, lexicon, graph))
        for hint in hints
    ]
    found = lexicon.segments(text, marked, [(time.start, time.end) for time in times])
    segments = found.segments
    roles = frozenset(
        sense.role
        for segment in segments
        for sense in segment.senses
        if isinstance(sense, Word) and not _names(segment)
    )
    limits, used = _limits(text, segments, roles)
    left = tuple(unit for unit in found.unexplained if unit not in used)
    return Question(
        text=text,
        language=language,
        mentions=tuple(_mention(segment, hints, graph) for segment in segments if _names(segment)),
        nouns=tuple(_of(segment, Noun)[0] for segment in segments if _leads(segment, Noun)),
        asked=tuple(a for s in segments if not _names(s) and (a := tuple(_of(s, Asked)))),
        orders=tuple(o for s in segments if not _names(s) and (o := tuple(_of(s, Order)))),
        roles=_opening(segments, roles),
        limits=limits,
        times=tuple(times),
        unexplained=left,
    )


def _of(segment: Segment, kind: type[S]) -> list[S]:
    return [sense for sense in segment.senses if isinstance(sense, kind)]


def _names(segment: Segment) -> bool:
    return any(isinstance(sense, Thing) for sense in segment.senses)


def _leads(segment: Segment, kind: type) -> bool:
    return not _names(segment) and any(isinstance(sense, kind) for sense in segment.senses)


def _opening(segments: Sequence[Segment], roles: frozenset[str]) -> frozenset[str]:
    """``and`` counts only where a message begins with it, ``also`` only where it ends so."""
    first = segments[0].senses if segments else ()
    last = segments[-1].senses if segments else ()
    kept = set(roles)
    if not any(isinstance(sense, Word) and sense.role == "and" for sense in first):
        kept.discard("and")
    if not any(isinstance(sense, Word) and sense.role == "also" for sense in last):
        kept.discard("also")
    return frozenset(kept)


def _hinted(text: str, hint: Hint, lexicon: Lexicon, graph: KnowledgeGraph) -> frozenset[str]:
    """The things of the tagger's type that are called exactly as it marked."""
    kinds = {node.name for node in graph.schema.types.values() if node.entity == hint.entity}
    named = set(lexicon.ids_of(text))
    for kind in kinds:
        named |= {thing for thing in graph.of_type(kind) if _called(thing, text, graph)}
    return frozenset(t for t in named if any(graph.is_a(t, kind) for kind in kinds))


def _called(thing: str, text: str, graph: KnowledgeGraph) -> bool:
    wanted = text.casefold().strip()
    return any(wanted == name.casefold() for many in graph.names[thing].values() for name in many)


def _mention(segment: Segment, hints: Sequence[Hint], graph: KnowledgeGraph) -> Mention:
    ids = frozenset(i for sense in _of(segment, Thing) for i in sense.ids)
    for hint in hints:
        if hint.start < segment.end and segment.start < hint.end and len(ids) > 1:
            kinds = [n.name for n in graph.schema.types.values() if n.entity == hint.entity]
            fitting = frozenset(i for i in ids if any(graph.is_a(i, kind) for kind in kinds))
            ids = fitting or ids
    return Mention(segment.start, segment.end, ids, segment.slip)


def _limits(
    text: str, segments: Sequence[Segment], roles: frozenset[str]
) -> tuple[tuple[Limit, ...], frozenset[str]]:
    """Bounds such as *under 250 yuan* and 250元以下, and the numbers that they explain."""
    sign = -1 if "below" in roles else 1 if "above" in roles else 0
    if not sign:
        return (), frozenset()
    named = [(s.start, s.end) for s in segments if _names(s)]
    found = [
        number
        for number in _NUMBER.finditer(text)
        if not any(start <= number.start() < end for start, end in named)
    ][:_LIMIT]
    limits = tuple(Limit(sign, float(n[1]), "money" in roles) for n in found)
    return limits, frozenset(n[1] for n in found)
