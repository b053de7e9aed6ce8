"""From a question to an answer: every reading over one or two edges is tried, the best one taken.

A reading is a subject (:mod:`retrieval.knowledge.subjects`), a relation and perhaps an object. Its
score says how much of the question it explains. Where two readings that differ in what they say
are equally good, or the best one is not good enough, there is no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from retrieval.knowledge.answer import Answer, Context
from retrieval.knowledge.comparing import COMPARED, comparisons
from retrieval.knowledge.describing import Described, Reading
from retrieval.knowledge.graph import KnowledgeGraph, Step
from retrieval.knowledge.opening import opening
from retrieval.knowledge.question import Mention, Question
from retrieval.knowledge.schema import Relation
from retrieval.knowledge.subjects import MOST_LISTED, Subject, Subjects


@dataclass(frozen=True)
class Weights:
    """What speaks for and against a reading; measured by benchmarks/bench_knowledge.py."""

    named: float = 1.0
    implied: float = 0.85
    likened: float = 0.55
    unused_phrase: float = 0.3
    unused_order: float = 0.45
    unused_noun: float = 0.25
    unexplained_word: float = 0.45
    unexplained_char: float = 0.22
    slip: float = 0.05
    likeness: float = 0.3
    unlikeness: float = 0.3
    threshold: float = 0.6
    strict: float = 0.9
    margin: float = 0.06


@dataclass(frozen=True)
class Asking:
    """One question with everything that is known beside it.

    ``likeness`` gives for each relation how near the sentence is to questions about it, from -1 to
    1, ``""`` for questions that the graph cannot answer; empty without an encoder.
    ``strict`` asks for a question that is wholly explained.
    """

    question: Question
    graph: KnowledgeGraph
    context: Context
    now: datetime
    likeness: Mapping[str, float]
    weights: Weights = Weights()
    strict: bool = False


def solve(asking: Asking) -> tuple[Answer | None, tuple[str, ...]]:
    """The answer, or None, and the readings that were considered, best first, in words."""
    if "why" in asking.question.roles:
        return None, ()
    readings = sorted(_readings(asking), key=lambda answer: -answer.score)
    told = tuple(f"{answer.score:.2f} {answer.reason}" for answer in readings[:5])
    weights = asking.weights
    least = weights.strict if asking.strict else weights.threshold
    if not readings or readings[0].score < least:
        return None, told
    best = readings[0]
    rivals = [
        other
        for other in readings[1:]
        if other.score > best.score - asking.weights.margin and _says(other) != _says(best)
    ]
    return (None if rivals else best), told


def _says(answer: Answer) -> tuple[object, ...]:
    """What makes two answers different: of two that say *yes* it does not matter why."""
    if answer.truth is not None:
        return (answer.truth,)
    return answer.truth, frozenset(answer.values), answer.aspect


def _readings(asking: Asking) -> Iterator[Answer]:
    solver = _Solver(asking)
    for answer, used in solver.readings():
        yield replace(answer, score=answer.score - solver.cost(answer, used))


class _Solver:
    def __init__(self, asking: Asking) -> None:
        question = asking.question
        if question.follows and asking.context.frame is not None:
            asking = replace(asking, question=_taken_up(question, asking.context))
        self.asking, self.question = asking, asking.question
        self.graph, self.schema = asking.graph, asking.graph.schema
        self.subjects = Subjects(self.question, self.graph, asking.context)
        self.asked = {a.relation for group in self.question.asked for a in group}
        self.described = Described(self.question, self.graph, self.subjects, asking.context)

    def readings(self) -> Iterator[Reading]:
        """All readings with their evidence as score, before what speaks against them."""
        if self.question.orders:
            compared = list(comparisons(self.question, self.graph, self.subjects, self.asked))
            yield from compared
            if compared:
                return
        for relation in self.schema.relations.values():
            if relation.kind == "hours":
                yield from self._hours(relation)
            elif relation.kind == "node":
                yield from self._related(relation)
            else:
                yield from self._valued(relation)
        yield from self.described.readings()

    # -- evidence ---------------------------------------------------------------------------

    def _evidence(self, relation: Relation) -> float:
        """How clearly a question asks for a relation, from its phrases or its likeness."""
        weights = self.asking.weights
        if relation.name in self.asked:
            return weights.named
        if relation.to and any(noun.type == relation.to for noun in self.question.nouns):
            return weights.named
        if self.question.asked or (not self.question.is_polar and not self.question.roles):
            return 0.0
        return weights.likened if self._nearest == relation.name else 0.0

    @cached_property
    def _nearest(self) -> str | None:
        likeness = self.asking.likeness
        return max(likeness, key=lambda name: likeness[name]) if likeness else None

    def cost(self, answer: Answer, used: frozenset[str]) -> float:
        """What a reading leaves unexplained, and how unlike questions of its kind it is."""
        weights, question = self.asking.weights, self.question
        cost = 0.0
        for group in question.asked:
            if not any(a.relation in used for a in group):
                cost += weights.unused_phrase
        for _ in question.orders:
            if answer.situation not in COMPARED:
                cost += weights.unused_order
        for noun in question.nouns:
            if not self._noun_used(noun.type, answer, used):
                cost += weights.unused_noun
        relation = self.schema.relations.get(answer.relation or "")
        if question.times and (relation is None or relation.kind != "hours"):
            cost += weights.unused_phrase  # what is so on a day is not known
        for unit in question.unexplained:
            cost += weights.unexplained_word if unit.isascii() else weights.unexplained_char
        cost += sum(weights.slip for mention in question.mentions if mention.slip)
        if not cost or question.follows_up:
            return cost  # wholly explained, or cut short: its likeness says nothing
        return cost - self._likeness(answer)

    def _likeness(self, answer: Answer) -> float:
        """How much nearer the sentence is to questions about this relation than to others'."""
        likeness, weights = self.asking.likeness, self.asking.weights
        if answer.relation is None or answer.relation not in likeness:
            return 0.0
        rival = max((v for k, v in likeness.items() if k != answer.relation), default=0.0)
        gap = likeness[answer.relation] - rival
        return weights.likeness * min(gap, 0.3) if gap > 0 else weights.unlikeness * max(gap, -0.5)

    def _noun_used(self, noun: str, answer: Answer, used: frozenset[str]) -> bool:
        kinds = {
            kind
            for name in used
            if (relation := self.schema.relations.get(name)) is not None
            for kind in (relation.of, relation.to)
            if kind
        }
        things = {self.graph.types.get(thing, "") for thing in (*answer.subjects, *answer.objects)}
        return any(
            self.schema.is_a(kind, noun) or self.schema.is_a(noun, kind)
            for kind in (*kinds, *things)
            if kind
        )

    # -- properties -------------------------------------------------------------------------

    def _valued(self, relation: Relation) -> Iterator[Reading]:
        evidence = self._evidence(relation)
        if not evidence:
            return
        for subject in self._all_subjects(relation.of, self.question.mentions):
            if len(subject.ids) != 1:
                continue
            [thing] = subject.ids
            values = self.graph.out(thing, relation)
            if not values:
                continue
            truth = values[0] == "yes" if relation.kind == "boolean" else None
            if truth is not None and self.question.roles & {"which", "count", "when"}:
                continue
            situation = "value" if truth is None else "yes" if truth else "no"
            path = (*subject.path, *((thing, relation.name, value) for value in values[:1]))
            yield self._made(relation, situation, subject, values, truth, path, evidence)

    def _hours(self, relation: Relation) -> Iterator[Reading]:
        roles = self.question.roles
        said = bool(roles & {"opens", "closes"}) and not self.question.asked
        evidence = self.asking.weights.named if said else self._evidence(relation)
        if not evidence:
            return
        for subject in self._all_subjects(relation.of, self.question.mentions):
            for thing in subject.ids if len(subject.ids) == 1 else ():
                for text in self.graph.out(thing, relation)[:1]:
                    found = opening(
                        self.question, text, self.schema, self.asking.now, self.asking.context
                    )
                    path = (*subject.path, (thing, relation.name, text))
                    answer, used = self._made(
                        relation, found.situation, subject, found.values, found.truth, path,
                        evidence,
                    )  # fmt: skip
                    yield replace(answer, aspect=found.aspect, day=found.day), used

    # -- relations --------------------------------------------------------------------------

    def _related(self, relation: Relation) -> Iterator[Reading]:
        targets = [m for m in self.question.mentions if self._may_be(m, relation.to)]
        evidence = self._evidence(relation)
        for target in targets:
            rest = [m for m in self.question.mentions if m is not target]
            also = self._more_objects(relation, target, rest)
            rest = [m for m in rest if m not in also]
            yield from self._whether(relation, [target, *also], rest, evidence)
            yield from self.described.behind(relation, target, rest)
        if evidence and not self._carried():
            yield from self._which(relation, evidence)
        if not targets and self._carried():
            yield from self._whether(relation, [], list(self.question.mentions), evidence)

    def _carried(self) -> tuple[str, ...]:
        """Objects that are taken over from the question before."""
        frame = self.asking.context.frame
        return frame.objects if frame is not None and self.question.follows_up else ()

    def _may_be(self, mention: Mention, kind: str | None) -> bool:
        return kind is not None and any(self.graph.is_a(thing, kind) for thing in mention.ids)

    def _more_objects(
        self, relation: Relation, target: Mention, rest: Sequence[Mention]
    ) -> list[Mention]:
        """Objects of sister relations: *in yellow in L* asks for one version that is both."""
        if relation.through is None:
            return []
        sisters = [
            other
            for other in self.schema.relations.values()
            if other.through and other is not relation and other.through[0] == relation.through[0]
        ]
        return [m for m in rest if any(self._may_be(m, sister.to) for sister in sisters)]

    def _whether(
        self, relation: Relation, targets: list[Mention], rest: list[Mention], evidence: float
    ) -> Iterator[Reading]:
        """Does it come in red?"""
        weights, question = self.asking.weights, self.question
        if not (question.is_polar or question.follows) or len(question.limits):
            return
        if not question.asked:
            evidence = max(evidence, weights.implied)
        wanted = self._objects(relation, targets)
        if not evidence or wanted is None or self._rivals(relation, rest):
            return
        for subject in self._all_subjects(relation.of, rest):
            if len(subject.ids) != 1:
                continue
            [thing] = subject.ids
            truth, path = self._holds(thing, relation, wanted)
            values = self.graph.out(thing, relation)
            if not truth and (not relation.closed or not values):
                continue
            path = path or tuple((thing, relation.name, value) for value in values)
            answer, used = self._made(
                relation, "yes" if truth else "no", subject, values, truth,
                (*subject.path, *path), evidence,
            )  # fmt: skip
            last = max(m.start for m in self.question.mentions) if self.question.mentions else 0
            ends = 0.01 if any(target.start == last for target in targets) else 0.0
            yield (
                replace(
                    answer,
                    objects=wanted,
                    values=wanted if truth else values,
                    score=answer.score + ends,
                ),
                used,
            )

    def _rivals(self, relation: Relation, rest: Sequence[Mention]) -> bool:
        """Whether something else could be the object as well: *in red or blue* asks twice."""
        return any(self._may_be(m, relation.to) and not self._may_be(m, relation.of) for m in rest)

    def _objects(self, relation: Relation, targets: list[Mention]) -> tuple[str, ...] | None:
        if not targets:
            return self._carried() or None
        chosen = []
        for target in targets:
            ids = [i for i in sorted(target.ids) if target is not targets[0]
                   or self.graph.is_a(i, relation.to or "")]  # fmt: skip
            if len(ids) != 1:
                return None
            chosen.append(ids[0])
        return tuple(chosen)

    def _holds(
        self, thing: str, relation: Relation, wanted: tuple[str, ...]
    ) -> tuple[bool, tuple[Step, ...]]:
        if len(wanted) == 1 or relation.through is None:
            truth = all(self.graph.holds(thing, relation, other) for other in wanted)
            steps = [self.graph.path(thing, relation, other) for other in wanted] if truth else []
            return truth, tuple(step for path in steps for step in path)
        found: frozenset[str] | None = None
        for other in wanted:
            kind = self.graph.types[other]
            sister = next(
                r for r in self.schema.relations.values()
                if r.through and r.through[0] == relation.through[0]
                and self.schema.is_a(kind, r.to or "")
            )  # fmt: skip
            middles = self.graph.middles(thing, sister, [other])
            found = middles if found is None else found & middles
        return bool(found), tuple((m, relation.through[0], thing) for m in sorted(found or ())[:1])

    def _which(self, relation: Relation, evidence: float) -> Iterator[Reading]:
        """What colours does it come in?"""
        question = self.question
        if not question.roles & {"which", "count", "where"}:
            return
        if any(self._may_be(mention, relation.to) for mention in question.mentions):
            return
        for subject in self._all_subjects(relation.of, question.mentions):
            if len(subject.ids) != 1:
                continue
            [thing] = subject.ids
            values = self.graph.out(thing, relation)
            if not values or len(values) > MOST_LISTED:
                continue
            path = (*subject.path, *self.graph.path(thing, relation, values[0]))
            situation = "count" if "count" in question.roles else "list"
            yield self._made(relation, situation, subject, values, None, path, evidence)

    # -- together ---------------------------------------------------------------------------

    def _all_subjects(self, domain: str, mentions: Sequence[Mention]) -> Iterator[Subject]:
        found: Callable[[], Iterator[Subject]] = lambda: self.subjects.named(domain, mentions)  # noqa: E731
        named = list(found())
        yield from named
        if named:
            return
        is_said = any(self.schema.is_a(noun.type, domain) for noun in self.question.nouns)
        if mentions and is_said:
            yield from (s for s in self.subjects.described(domain, mentions) if len(s.ids) == 1)
        elif not mentions and (not is_said or self.question.roles & {"pronoun", "one"}):
            yield from self.subjects.known(domain)

    def _made(
        self,
        relation: Relation,
        situation: str,
        subject: Subject,
        values: Sequence[str],
        truth: bool | None,
        path: Sequence[Step],
        evidence: float,
    ) -> Reading:
        answer = Answer(
            relation.name, situation, subject.ids, tuple(values), truth, tuple(path),
            evidence - subject.cost, f"{relation.name} of {', '.join(subject.ids)}",
        )  # fmt: skip
        return answer, frozenset({relation.name, *subject.links})


def _taken_up(question: Question, context: Context) -> Question:
    """A question that leaves out what the one before said: *and in blue?*"""
    from retrieval.knowledge.lexicon import Asked

    assert context.frame is not None
    return replace(question, asked=((Asked(context.frame.relation),),), follows_up=True)
