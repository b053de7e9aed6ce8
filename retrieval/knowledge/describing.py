"""Questions for things by what they are: which store near Pudong has it, what comes in yellow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from retrieval.knowledge.answer import Answer, Context
from retrieval.knowledge.graph import KnowledgeGraph
from retrieval.knowledge.question import Mention, Question
from retrieval.knowledge.schema import Relation
from retrieval.knowledge.subjects import MOST_LISTED, Subject, Subjects

Reading = tuple[Answer, frozenset[str]]
"""An answer with the relations that it takes the question's phrases for."""

NAMED = 1.0
BY_TYPE = 0.05
"""What a description loses against a relation that is asked for by its phrase."""


class Described:
    """Readings whose answer is the things that a question describes."""

    def __init__(
        self, question: Question, graph: KnowledgeGraph, subjects: Subjects, context: Context
    ) -> None:
        self._question, self._graph, self._subjects = question, graph, subjects
        self._context, self._schema = context, graph.schema
        self._asked = {a.relation for group in question.asked for a in group}

    def behind(
        self, relation: Relation, target: Mention, rest: Sequence[Mention]
    ) -> Iterator[Reading]:
        """Where can I see the jacket: a phrase asks for what leads to the thing."""
        backwards = any(
            a.backwards and a.relation == relation.name for g in self._question.asked for a in g
        )
        if not backwards:
            return
        for subject in self._subjects.described(relation.of, [target, *rest]):
            yield from self._listed(subject, relation, NAMED)

    def readings(self) -> Iterator[Reading]:
        """Which store near Pudong has it? What do you have in yellow?"""
        question = self._question
        wh = question.roles & {"which", "count", "where"}
        if not wh and not (question.is_polar and "have" in question.roles):
            return
        if question.times or question.roles & {"opens", "closes"}:
            return  # which of them are open then is more than a relation
        kinds = [n.type for n in question.nouns if self._is_subject_noun(n.type)]
        for kind in dict.fromkeys(kinds if question.nouns else self._domains()):
            for mentions in self._with_context(kind):
                for subject in self._subjects.described(kind, mentions, alone=bool(wh)):
                    if len(subject.ids) == 1 and subject.ids[0] in {
                        i for m in question.mentions for i in m.ids
                    }:
                        continue
                    first = self._first(subject)
                    yield from self._listed(subject, first, NAMED - BY_TYPE)

    def _is_subject_noun(self, kind: str) -> bool:
        return any(relation.of in self._schema.line_of(kind) for relation in self._spoken())

    def _spoken(self) -> list[Relation]:
        return [r for r in self._schema.relations.values() if r.title]

    def _domains(self) -> list[str]:
        """Types of things that could be meant where no noun says so."""
        roles = self._question.roles
        if not {"which", "have"} <= roles or roles & {"pronoun", "pronouns"}:
            return []
        kinds = {self._graph.types[i] for m in self._question.mentions for i in m.ids}
        return [
            relation.of
            for relation in self._spoken()
            if any(relation.to and self._schema.is_a(kind, relation.to) for kind in kinds)
        ]

    def _with_context(self, kind: str) -> Iterator[list[Mention]]:
        """The question's mentions, and with them what *it* stands for."""
        mentions = list(self._question.mentions)
        if not self._question.roles & {"pronoun"}:
            yield mentions
            return
        for group in self._context.groups[:1]:
            if len(group) == 1:
                yield [*mentions, Mention(0, 0, frozenset(group))]

    def _first(self, subject: Subject) -> Relation | None:
        links = [self._schema.relations[name] for name in sorted(subject.links)]
        asked = [relation for relation in links if relation.name in self._asked]
        worded = [relation for relation in links if "things" in relation.say]
        exact = [relation for relation in [*asked, *worded, *links] if relation.along is None]
        return next(iter([*exact, *links]), None)

    def _listed(
        self, subject: Subject, relation: Relation | None, evidence: float
    ) -> Iterator[Reading]:
        polar = self._question.is_polar and not self._question.roles & {"which", "where", "count"}
        if (not subject.ids and not subject.closed) or len(subject.ids) > MOST_LISTED:
            return
        situation = "things" if subject.ids else "nothing"
        if subject.ids and "count" in self._question.roles:
            situation = "count"
        truth = bool(subject.ids) if polar or not subject.ids else None
        used = frozenset({*subject.links, *([relation.name] if relation else [])})
        reason = f"{subject.type} by {', '.join(sorted(subject.links)) or 'type'}"
        yield (
            Answer(
                relation.name if relation else None, situation, (), subject.ids, truth,
                subject.path, evidence, reason, objects=subject.others,
            ),
            used,
        )  # fmt: skip
