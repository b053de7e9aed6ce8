"""Comparisons: which is cheaper, the cheapest of all, is this one bigger than that one."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from retrieval.knowledge.answer import Answer
from retrieval.knowledge.graph import KnowledgeGraph
from retrieval.knowledge.lexicon import Order
from retrieval.knowledge.question import Question
from retrieval.knowledge.schema import ORDERED, Relation
from retrieval.knowledge.subjects import Subject, Subjects
from retrieval.knowledge.values import measure

Reading = tuple[Answer, frozenset[str]]
Sized = list[tuple[Decimal, str]]

COMPARED = frozenset({"best", "equal", "more", "less"})
"""Situations of answers that compare."""


def comparisons(
    question: Question, graph: KnowledgeGraph, subjects: Subjects, asked: set[str]
) -> Iterator[Reading]:
    """Readings of a question with a comparing word."""
    words = [order for group in question.orders for order in group]
    named = [order for order in words if order.relation in asked]
    for order in dict.fromkeys(named or words):
        relation = graph.schema.relations[order.relation]
        if relation.kind not in ORDERED:
            continue
        if "than" in question.roles:
            yield from _than(question, graph, relation, order)
        else:
            yield from _best(question, graph, subjects, relation, order)


def _than(
    question: Question, graph: KnowledgeGraph, relation: Relation, order: Order
) -> Iterator[Reading]:
    """Is the first bigger than the second?"""
    things = [next(iter(m.ids)) for m in question.mentions if len(m.ids) == 1]
    if len(things) != 2 or len(question.mentions) != 2 or not question.is_polar:
        return
    sized = {thing: size for size, thing in _sized(things, graph, relation)}
    if len(sized) != 2:
        return
    truth = (sized[things[0]] - sized[things[1]]) * order.sign > 0
    yield _made(relation, "more" if truth else "less", things, tuple(things), truth, graph, 1.0)


def _best(
    question: Question,
    graph: KnowledgeGraph,
    subjects: Subjects,
    relation: Relation,
    order: Order,
) -> Iterator[Reading]:
    """The one that has most (or least) of it, out of those named, described or spoken of."""
    if not question.roles & {"which", "one", "pronouns", "and", "extreme", "where"}:
        return
    for subject in _candidates(question, graph, subjects, relation):
        sized = sorted(_sized(list(subject.ids), graph, relation), key=lambda p: p[0])
        if len(sized) < 2 or (len(sized) != len(subject.ids) and subject.how != "described"):
            continue
        if order.sign > 0:
            sized.reverse()
        best = [thing for size, thing in sized if size == sized[0][0]]
        things = [thing for _, thing in sized]
        if len(best) == len(things) == 2:
            yield _made(relation, "equal", things, tuple(things), None, graph, 1.0 - subject.cost)
        elif len(best) == 1:
            made, used = _made(
                relation, "best", [best[0]], (best[0],), None, graph, 1.0 - subject.cost
            )
            yield made, used | subject.links


def _candidates(
    question: Question, graph: KnowledgeGraph, subjects: Subjects, relation: Relation
) -> Iterator[Subject]:
    mentions = question.mentions
    fitting = [m for m in mentions if len(m.ids) == 1 and _is_all(m.ids, relation.of, graph)]
    if len(fitting) >= 2 and len(fitting) == len(mentions):
        ids = tuple(next(iter(m.ids)) for m in fitting)
        yield Subject("named", ids, relation.of)
        return
    if mentions or any(graph.schema.is_a(n.type, relation.of) for n in question.nouns):
        yield from subjects.described(relation.of, mentions, alone=True)
        return
    if question.roles & {"which", "one", "pronouns", "and"}:
        yield from subjects.known(relation.of, several=True)


def _is_all(ids: frozenset[str], kind: str, graph: KnowledgeGraph) -> bool:
    return all(graph.is_a(thing, kind) for thing in ids)


def _sized(things: list[str], graph: KnowledgeGraph, relation: Relation) -> Sized:
    """Things that have one comparable value, with its size."""
    found: Sized = []
    for thing in things:
        values = graph.out(thing, relation)
        size = measure(values[0], relation) if len(values) == 1 else None
        if size is not None:
            found.append((size, thing))
    return found


def _made(
    relation: Relation,
    situation: str,
    things: list[str],
    values: tuple[str, ...],
    truth: bool | None,
    graph: KnowledgeGraph,
    score: float,
) -> Reading:
    path = tuple((t, relation.name, graph.out(t, relation)[0]) for t in things)
    reason = f"{relation.name} compared"
    answer = Answer(relation.name, situation, tuple(things), values, truth, path, score, reason)
    return answer, frozenset({relation.name})
