"""Whom or what a question is about: a thing it names, one it describes, or one spoken of before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from retrieval.knowledge.answer import Context
from retrieval.knowledge.graph import KnowledgeGraph, Step
from retrieval.knowledge.question import Mention, Question
from retrieval.knowledge.schema import Relation
from retrieval.knowledge.values import measure

FROM_CONTEXT = 0.05
"""What a reading loses whose subject was not said this time."""

MOST_LISTED = 12
"""Longer lists are no answer in a chat."""

LINKED_BACKWARDS = 0.1
"""What a subject loses that the other thing leads to: *the case for the X200* is a case."""


@dataclass(frozen=True)
class Subject:
    """Things a question may be about. ``named``: one was said by name; ``described``: all that fit
    what was said; ``known``: those spoken of before. ``links`` are the relations that the
    description rests on, ``cost`` speaks against this reading."""

    how: str
    ids: tuple[str, ...]
    type: str
    path: tuple[Step, ...] = ()
    links: frozenset[str] = frozenset()
    cost: float = 0.0
    closed: bool = True
    others: tuple[str, ...] = ()


class Subjects:
    """Finds them for one question."""

    def __init__(self, question: Question, graph: KnowledgeGraph, context: Context) -> None:
        self._question, self._graph, self._context = question, graph, context

    def named(self, domain: str, mentions: Sequence[Mention]) -> Iterator[Subject]:
        """One of ``mentions`` is the subject, and is linked to each of the others."""
        for mention in mentions:
            others = [other for other in mentions if other is not mention]
            fitting = []
            for thing in sorted(mention.ids):
                if not self._graph.is_a(thing, domain):
                    continue
                linked = [self._link(thing, other) for other in others]
                if all(linked):
                    fitting.append((thing, [link for link in linked if link]))
            chosen = self._only(fitting)
            if chosen is None:
                continue
            thing, links = chosen
            yield Subject(
                "named",
                (thing,),
                domain,
                tuple(step for link in links for step in link.path),
                frozenset(link.relation.name for link in links),
                sum(LINKED_BACKWARDS for link in links if link.is_backwards),
                others=tuple(link.other for link in links),
            )

    def described(
        self, domain: str, mentions: Sequence[Mention], *, alone: bool = False
    ) -> Iterator[Subject]:
        """All things of a type that are linked to each of ``mentions``."""
        kinds = [n.type for n in self._question.nouns if self._graph.schema.is_a(n.type, domain)]
        if not mentions and not (alone and kinds):
            return
        kind = kinds[0] if kinds else domain
        found = set(self._graph.of_type(kind))
        links, closed = [], True
        for mention in mentions:
            reach = self._reach(kind, mention)
            if reach is None:
                return
            relations, things = reach
            found &= things
            links += relations
            closed = closed and all(relation.closed for relation in relations)
        for limit in self._question.limits:
            bounded = self._within(found, limit.sign, limit.number)
            if bounded is None:
                return
            found = bounded
        ids = tuple(sorted(found, key=lambda thing: self._graph.name(thing, "en")))
        told = ids if len(ids) <= MOST_LISTED else ()
        path = tuple(step for thing in told for step in self._steps(thing, mentions))
        yield Subject(
            "described", ids, kind, path, frozenset(r.name for r in links), 0.0, closed,
            others=tuple(sorted(i for m in mentions for i in m.ids)),
        )  # fmt: skip

    def known(self, domain: str, *, several: bool = False) -> Iterator[Subject]:
        """What was spoken of last: the one thing, or the group, of the right type."""
        question = self._question
        is_said = bool(question.roles & {"pronoun", "pronouns", "one"})
        for group in self._context.groups:
            fitting = tuple(thing for thing in group if self._graph.is_a(thing, domain))
            if not fitting:
                continue
            if (len(fitting) > 1) == several:
                cost = FROM_CONTEXT if is_said or question.follows else 2 * FROM_CONTEXT
                yield Subject("known", fitting, domain, cost=cost)
            return

    # -- inside -----------------------------------------------------------------------------

    def _only(self, fitting: list[tuple[str, list[Link]]]) -> tuple[str, list[Link]] | None:
        """The thing that a wording means: the only one, or the one spoken of last."""
        if len(fitting) <= 1:
            return fitting[0] if fitting else None
        for group in self._context.groups:
            recent = [item for item in fitting if item[0] in group]
            if len(recent) == 1:
                return recent[0]
        return None

    def _link(self, thing: str, other: Mention) -> Link | None:
        for target in sorted(other.ids):
            for relation in self._between(self._graph.types[thing], self._graph.types[target]):
                if self._graph.holds(thing, relation, target):
                    path = self._graph.path(thing, relation, target)
                    return Link(relation, target, path, False)
            for relation in self._between(self._graph.types[target], self._graph.types[thing]):
                if self._graph.holds(target, relation, thing):
                    path = self._graph.path(target, relation, thing)
                    return Link(relation, target, path, True)
        return None

    def _between(self, source: str, target: str) -> list[Relation]:
        """Relations that lead from things of one type to things of another."""
        schema = self._graph.schema
        return [
            relation
            for relation in schema.relations.values()
            if relation.to is not None
            and schema.is_a(source, relation.of)
            and schema.is_a(target, relation.to)
        ]

    def _reach(self, kind: str, mention: Mention) -> tuple[list[Relation], set[str]] | None:
        """The things of type ``kind`` linked to a mention; None if no relation could link them."""
        relations: dict[str, Relation] = {}
        found: set[str] = set()
        for target in mention.ids:
            known = self._graph.types[target]
            for relation in self._between(kind, known):
                relations[relation.name] = relation
                found |= self._graph.into(target, relation)
            if any(relation.to == kind for relation in self._between(known, kind)):
                for relation in self._between(known, kind):
                    relations[relation.name] = relation
                    found |= set(self._graph.out(target, relation))
        return (list(relations.values()), found) if relations else None

    def _within(self, found: set[str], sign: int, number: float) -> set[str] | None:
        """Those whose price (or other asked amount) keeps a bound."""
        schema = self._graph.schema
        asked = {a.relation for group in self._question.asked for a in group}
        amounts = [r for r in schema.relations.values() if r.kind == "money"]
        named = [r for r in schema.relations.values() if r.name in asked and r.units]
        relation = next(iter(named or amounts), None)
        if relation is None:
            return None
        kept = set()
        for thing in found:
            sizes = [measure(value, relation) for value in self._graph.out(thing, relation)]
            if any(size is not None and sign * (float(size) - number) >= 0 for size in sizes):
                kept.add(thing)
        return kept

    def _steps(self, thing: str, mentions: Sequence[Mention]) -> Iterator[Step]:
        for mention in mentions:
            link = self._link(thing, mention)
            if link is not None:
                yield from link.path


@dataclass(frozen=True)
class Link:
    """How a thing hangs together with another."""

    relation: Relation
    other: str
    path: tuple[Step, ...]
    is_backwards: bool
