"""The knowledge of a release: a graph, the words for it, and the prototypes of its questions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from models.arrays import FloatArray
from models.errors import ModelError
from retrieval.knowledge.answer import Answer, Context, Reply, Time
from retrieval.knowledge.graph import KnowledgeGraph
from retrieval.knowledge.lexicon import Lexicon
from retrieval.knowledge.prototypes import Encode, Prototypes
from retrieval.knowledge.question import Hint, Question, read_question
from retrieval.knowledge.schema import Schema
from retrieval.knowledge.solving import Asking, solve
from retrieval.knowledge.speaking import spoken

GRAPH, SCHEMA, PROTOTYPES = "graph.nt", "schema.json", "prototypes.npz"
NOTHING = Context()
MAX_TEXT = 500
"""Longer messages are no questions to a catalogue."""


@dataclass(frozen=True)
class Asked:
    """A message as the graph is asked: its text and what understanding knows of it.

    ``intent`` is None where none fits; ``vector`` is the sentence vector of the turn's encoder
    pass, None without one.
    """

    text: str
    language: str
    now: datetime
    hints: Sequence[Hint] = ()
    times: Sequence[Time] = ()
    vector: FloatArray | None = None
    intent: str | None = None


class Knowledge:
    """Answers questions from one release's graph. Immutable; one for all conversations."""

    def __init__(self, graph: KnowledgeGraph, prototypes: Prototypes) -> None:
        self.graph, self.prototypes = graph, prototypes

    @classmethod
    def build(cls, graph: KnowledgeGraph, encode: Encode) -> Knowledge:
        """Make the prototypes with the release's encoder: n texts to unit vectors (n, d)."""
        return cls(graph, Prototypes.build(graph, encode))

    @cached_property
    def lexicon(self) -> Lexicon:
        """All wordings."""
        return Lexicon(self.graph)

    def ask(self, asked: Asked, context: Context = NOTHING) -> Reply:
        """Answer, or say nothing: the reply's ``answer`` is None where the graph cannot."""
        if len(asked.text) > MAX_TEXT:
            return Reply(None, context, asked.language)
        question = read_question(
            asked.text, asked.language, self.lexicon, self.graph, asked.hints, asked.times
        )
        likeness: Mapping[str, float] = {}
        if asked.vector is not None:
            likeness = self.prototypes.likeness(asked.vector)
        answer: Answer | None = None
        told: tuple[str, ...] = ()
        if self._is_for_us(asked, question):
            strict = asked.intent is not None and not self._is_own(asked.intent)
            asking = Asking(question, self.graph, context, asked.now, likeness, strict=strict)
            answer, told = solve(asking)
        said = spoken(answer, self.graph, asked.language) if answer else None
        about = self._about(question, said[0] if said else None)
        after = context.after(about, said[0].frame if said else None)
        if said is None:
            return Reply(None, after, asked.language, None, about, question.unexplained, told)
        return Reply(said[0], after, asked.language, said[1], about, question.unexplained, told)

    def _is_for_us(self, asked: Asked, question: Question) -> bool:
        """Whether the message's intent leaves it to the graph: live data are for actions."""
        if asked.intent not in self.graph.schema.live:
            return True
        return bool(question.asked or question.orders or _wants_place(question))

    def _is_own(self, intent: str) -> bool:
        intents = self.graph.schema.intents
        return not intents or intent in intents

    def _about(self, question: Question, answer: Answer | None) -> tuple[str, ...]:
        """What is spoken of now: the answer's subjects, or what it lists, or what was named."""
        kinds = {relation.of for relation in self.graph.schema.relations.values() if relation.title}
        if answer is not None:
            listed = answer.values if answer.situation in ("things", "count") else ()
            things = answer.subjects or listed
            if len(things) == 1 or listed:
                return tuple(t for t in things if t in self.graph.types)
        named = [next(iter(m.ids)) for m in question.mentions if len(m.ids) == 1]
        return tuple(t for t in named if any(self.graph.is_a(t, kind) for kind in kinds))

    # -- keeping ----------------------------------------------------------------------------

    def save(self, folder: Path) -> None:
        """Write the files of a release."""
        folder.mkdir(parents=True, exist_ok=True)
        self.graph.save(folder / GRAPH)
        self.prototypes.save(folder / PROTOTYPES)
        text = json.dumps(self.graph.schema.as_json(), ensure_ascii=False, indent=1, sort_keys=True)
        (folder / SCHEMA).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Knowledge:
        """Read what :meth:`save` wrote. Raises ModelError."""
        try:
            data = json.loads((folder / SCHEMA).read_text(encoding="utf-8"))
            schema = Schema.from_json(data)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(
                f"The knowledge graph in {folder} cannot be used",
                expected=SCHEMA,
                found=f"{type(error).__name__}: {error}"[:200],
                fix="Take the folder from a complete release, or prepare the release again.",
            ) from error
        graph = KnowledgeGraph.load(folder / GRAPH, schema)
        return cls(graph, Prototypes.load(folder / PROTOTYPES))


def _wants_place(question: Question) -> bool:
    """Whether a noun names what is wanted: *which store has it* is no question about stock."""
    return bool(question.nouns) and bool(question.roles & {"which", "where", "count"})
