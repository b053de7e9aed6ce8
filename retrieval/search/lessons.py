"""What an index learns from by itself: its questions and its answers' own words."""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from models.arrays import FloatArray, IntArray
from retrieval.search.answer_head import AnswerHead, Lesson
from retrieval.search.corpus import Corpus
from retrieval.search.projection import Projection
from retrieval.templates import Template

FOLDS = 5
LEAST = 100
LEAST_EACH = 3.0
"""Questions a response, on average, below which there is nothing to learn beyond the nearest."""
MOST = 4000
"""Texts that are learned from; the fit's memory grows with the square of them."""


class Lessons:
    """The texts of an index by the responses they belong to.

    A question that several responses answer counts for each by its share. The wordings of a
    response count together as one question of it: a customer may use its words.
    """

    def __init__(self, templates: Sequence[Template], corpus: Corpus, raw: FloatArray) -> None:
        self._templates = templates
        self._texts = corpus.texts
        named: dict[int, dict[str, None]] = defaultdict(dict)
        spoken: dict[int, dict[str, None]] = defaultdict(dict)
        for row, template, asked in zip(
            corpus.row.tolist(), corpus.template.tolist(), corpus.is_question, strict=True
        ):
            (named if asked else spoken)[row][templates[template].name] = None
        self.questions = {row: tuple(names) for row, names in _most(named).items()}
        self._lessons = {
            row: Lesson(corpus.texts[row], raw[row], dict.fromkeys(names, 1 / len(names)))
            for row, names in self.questions.items()
        }
        words = {row: tuple(names) for row, names in _most(spoken).items() if row not in named}
        times = Counter(name for names in words.values() for name in names)
        self._words = [
            Lesson(corpus.texts[row], raw[row], {name: 1 / times[name] for name in names})
            for row, names in words.items()
        ]

    @property
    def enough(self) -> bool:
        """Whether there are questions enough to learn from."""
        labels = {name for names in self.questions.values() for name in names}
        count = len(self.questions)
        return count >= LEAST and count >= LEAST_EACH * len(labels) > LEAST_EACH

    def projection(self, usual: Projection) -> Projection:
        """The usual projection, whitened by how questions of one response differ."""
        pairs = [(row, name) for row, names in self.questions.items() for name in names]
        codes: dict[str, int] = {}
        labels = np.array([codes.setdefault(name, len(codes)) for _, name in pairs])
        vectors = np.stack([self._lessons[row].vector for row, _ in pairs])
        return usual.whitened(vectors, labels)

    def heads(self, projection: Projection) -> tuple[AnswerHead, FloatArray]:
        """A head over the responses, and what heads that had not seen a question say of each
        template for it (texts, templates)."""
        said = np.zeros((len(self._texts), len(self._templates)), dtype=np.float32)
        fold = {row: zlib.crc32(self._texts[row].encode()) % FOLDS for row in self.questions}
        for number in range(FOLDS):
            kept = [self._lessons[row] for row in self.questions if fold[row] != number]
            apart = [row for row in self.questions if fold[row] == number]
            if kept and apart:
                head = AnswerHead.learn([*kept, *self._words], projection)
                held = [self._lessons[row] for row in apart]
                found = head.says([o.text for o in held], np.stack([o.vector for o in held]))
                said[apart] = columns(found, head, self._templates)
        everything = [*self._lessons.values(), *self._words]
        return AnswerHead.learn(everything, projection), said


def columns(said: FloatArray, head: AnswerHead, templates: Sequence[Template]) -> FloatArray:
    """What is said of labels (n, labels) as said of each template's response (n, templates)."""
    return at_places(said, places_of(head, templates))


def places_of(head: AnswerHead, templates: Sequence[Template]) -> IntArray:
    """Each template's response among the head's labels (templates,); after the last of them for a
    response that the head does not know."""
    place = {label: number for number, label in enumerate(head.labels)}
    return np.array([place.get(t.name, len(place)) for t in templates], dtype=np.int64)


def at_places(said: FloatArray, places: IntArray) -> FloatArray:
    """What is said of labels (n, labels) as said of templates (n, templates) at these places; of a
    response that the head does not know nothing is said."""
    widened = np.concatenate([said, np.zeros((len(said), 1), np.float32)], axis=1)
    picked: FloatArray = widened[:, places]
    return picked


def _most(named: dict[int, dict[str, None]]) -> dict[int, dict[str, None]]:
    """At most about ``MOST`` rows: as many of each response as leave room for all."""
    limit = len(named)
    kept = named
    while len(kept) > MOST and limit > 1:
        limit = max(1, min(limit // 2, MOST))
        counts: Counter[str] = Counter()
        kept = {}
        for row, names in named.items():
            if min(counts[name] for name in names) < limit:
                kept[row] = names
                counts.update(tuple(names))
    return kept
