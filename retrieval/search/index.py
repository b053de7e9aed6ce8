"""Hybrid search for answer templates: FAISS and BM25 over questions and answers, fused.

A template stands in the index with every customer question it answered and with its own words;
its best text counts. Both searches are restricted to allowed templates inside the scan, so that a
filter never costs recall. The score is ``dense + w * lexical + u * learned``: all are absolute (a
centred cosine, the share of the query's BM25 weight that is found, how likely a classifier over
the responses takes it to be), so that scores compare between queries and no list's rank is
mistaken for its worth. The weights are chosen when the index is built
(:mod:`retrieval.search.leave_out`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from models.arrays import FloatArray, IntArray
from models.errors import ModelError
from retrieval.naming import names_any
from retrieval.search.answer_head import AnswerHead
from retrieval.search.calibration import DEFAULT, Calibration, Evidence
from retrieval.search.corpus import Corpus, Encode, embed
from retrieval.search.filters import Eligibility, Query
from retrieval.search.indexfiles import IndexFiles, broken
from retrieval.search.leave_out import calibrate, choose, codes, trials
from retrieval.search.lessons import Lessons
from retrieval.search.lexical import LexicalIndex
from retrieval.search.lines import Line, Read, reader
from retrieval.search.nearest import build, renew
from retrieval.search.projection import Projection, unit
from retrieval.search.vectors import BoolArray, VectorIndex
from retrieval.templates import Template, speak
from retrieval.words import words

__all__ = ["Encode", "Fusion", "Hit", "Query", "TemplateIndex"]

RIVALS = 40
"""How far down coverage looks for the best template of another response."""
LIKELY = 0.4
"""What the head has to say of a response for it to be looked at however far it is."""


@dataclass(frozen=True)
class Fusion:
    """Weights of the score; the defaults are measured (docs/decisions/0005-retrieval.md).

    ``lexical`` weighs BM25's share and ``learned`` what the head says beside the cosine; both are
    chosen anew for each index. ``text`` is what a match with the answer's own words loses against
    one with a question, ``quality`` what the best answer gains over the worst, ``avoid`` what a
    template said before loses, ``about`` one that is about something the message does not name.
    ``earlier`` weighs what the customer said before against the message.
    """

    lexical: float = 0.5
    text: float = 0.1
    quality: float = 0.3
    avoid: float = 0.1
    about: float = 0.6
    learned: float = 0.0
    earlier: float = 0.4


@dataclass(frozen=True)
class Hit:
    """A template found: ``score`` orders; ``dense`` (cosine), ``lexical`` and ``learned`` (0..1)
    explain, and ``following``, what it gained by where the conversation is."""

    template: Template
    score: float
    dense: float
    lexical: float
    learned: float = 0.0
    following: float = 0.0


class TemplateIndex:
    """Immutable index over templates; changes make a new one and share what stays."""

    def __init__(
        self,
        templates: Sequence[Template],
        raw: FloatArray,
        projection: Projection,
        *,
        fusion: Fusion,
        calibration: Calibration,
        head: AnswerHead | None = None,
        stored: tuple[VectorIndex, LexicalIndex] | None = None,
        moved: int = 0,
    ) -> None:
        self.templates = tuple(templates)
        self.head = head
        self._moved = moved
        self.fusion, self.calibration, self.projection = fusion, calibration, projection
        self._corpus = Corpus(self.templates)
        self._raw = raw
        self._eligible = Eligibility(self.templates)
        self._place = {t.id: place for place, t in enumerate(self.templates)}
        self._quality = np.array([t.quality for t in self.templates], dtype=np.float32)
        self._vectors, self._lexical = stored or (
            build(projection(raw)),
            _lexical(self._corpus),
        )

    @classmethod
    def build(
        cls,
        templates: Sequence[Template],
        encode: Encode,
        *,
        fusion: Fusion | None = None,
        known: dict[str, FloatArray] | None = None,
    ) -> TemplateIndex:
        """Index ``templates``.

        :param encode: the shared encoder: n texts to unit vectors (n, d).
        :param known: vectors of texts that were encoded before (training examples).
        :raises ModelError: the encoder's answer has another shape, or two templates share an id.
        """
        templates = _distinct(templates)
        corpus = Corpus(templates)
        raw = embed(corpus.texts, encode, known)
        lessons = Lessons(templates, corpus, raw) if fusion is None else None
        projection = Projection.centred(raw)
        if lessons is not None and lessons.enough:
            projection = lessons.projection(projection)
        made = cls(templates, raw, projection, fusion=fusion or Fusion(), calibration=DEFAULT)
        made._learn(lessons)
        return made

    def search(self, query: Query, k: int = 5) -> list[Hit]:
        """The ``k`` best templates that pass the query's filters, best first."""
        mask = self._eligible.mask(query)
        allowed = self._corpus.rows_of(mask)
        if k < 1 or not allowed.any():
            return []
        self._fits(query)
        # a copy: the vector is a row of its batch, which would stay in memory as a whole
        own, learned = self._read(Line(query.text, query.vector.copy()))
        vector = self._towards(query, own)
        lexical = self._lexical.scores(words(query.text))
        found = self._candidates(vector, lexical, mask, allowed, k)
        following = self._following(query)
        found = np.union1d(found, np.flatnonzero(mask & ((learned > LIKELY) | (following > 0))))
        dense, shared = self._best(vector, lexical, found, mask)
        avoided = np.array([self.templates[i].id in query.avoid for i in found])
        fusion = self.fusion
        score = dense + fusion.lexical * shared + fusion.learned * learned[found]
        score = score + fusion.quality * self._quality[found] + following[found]
        score = score - fusion.avoid * avoided - fusion.about * self._beside(found, query.text)
        order = sorted(range(len(found)), key=lambda i: (-score[i], self.templates[found[i]].id))
        return [
            Hit(
                self.templates[found[i]], float(score[i]), float(dense[i]), float(shared[i]),
                float(learned[found[i]]), float(following[found[i]]),
            )
            for i in order[:k]
        ]  # fmt: skip

    def coverage(self, query: Query) -> float:
        """Chance from 0 to 1 that a right template for ``query`` is here; 0 where none passes."""
        return self.coverage_of(self.search(query, RIVALS))

    def coverage_of(self, hits: Sequence[Hit]) -> float:
        """The same for the hits of a search, which should reach down to another response."""
        if not hits:
            return 0.0
        # calibrated without the head, which knows no questions but its own
        best = max(hits, key=lambda hit: hit.score - self.fusion.learned * hit.learned)
        rivals = [h for h in hits if h.template.name != best.template.name]
        rival = max((self._plain(h) for h in rivals), default=0.0)
        margin = self._plain(best) - max(rival, 0.0)
        return self.calibration(Evidence(best.dense, best.lexical, margin))

    def with_templates(
        self, templates: Sequence[Template], encode: Encode, *, drop: Collection[str] = ()
    ) -> TemplateIndex:
        """A new index with ``templates`` added, or put in the place of those with their ids.

        Only texts that are new are encoded; scores keep their scale.

        :param drop: ids to leave out, such as an edited response's old wordings.
        """
        added = {t.id: t for t in _distinct(templates)}
        kept = [added.pop(t.id, t) for t in self.templates if t.id not in drop]
        return self._rebuilt([*kept, *added.values()], encode)

    def without(self, ids: Collection[str]) -> TemplateIndex:
        """A new index without the templates of these ids."""
        return self._rebuilt([t for t in self.templates if t.id not in ids], _encodes_nothing)

    @property
    def moved(self) -> int:
        """Texts that came or went since the index was built as a whole."""
        return self._moved

    @property
    def stale(self) -> float:
        """Share of texts that came or went since then: what was learned does not know of them."""
        return max(self._vectors.stale, self._moved / max(1, len(self._corpus.texts)))

    def vector_of(self, text: str) -> FloatArray:
        """The encoder's vector (d,) of a text that stands in the index."""
        vector: FloatArray = self._raw[self._corpus.texts.index(text)]
        return vector

    def vector_said(self, identifier: str) -> FloatArray | None:
        """The encoder's vector (d,) of a template's own words; None for an unknown id."""
        place = self._place.get(identifier)
        spoken = "" if place is None else self.templates[place].spoken()
        return self.vector_of(spoken) if spoken.strip() else None

    def renewed(self, unasked: Collection[str] = ()) -> TemplateIndex:
        """The same templates learned and built as a whole; nothing is encoded.

        :param unasked: questions, as spoken, that are left out.
        """
        left = [
            replace(t, questions=tuple(q for q in t.questions if speak(q) not in unasked))
            for t in self.templates
        ]
        known = dict(zip(self._corpus.texts, self._raw, strict=True))
        return type(self).build(left, _encodes_nothing, known=known)

    def save(self, folder: Path) -> None:
        """Write the index's files."""
        IndexFiles(
            self.templates, self._raw, self.projection, asdict(self.fusion), self.calibration,
            self.head, self._vectors, self._lexical, self._moved,
        ).write(folder)  # fmt: skip

    @classmethod
    def load(cls, folder: Path) -> TemplateIndex:
        """Read what :meth:`save` wrote; vectors are mapped, not read.

        :raises ModelError: a file is absent, damaged, or the files do not belong together.
        """
        read = IndexFiles.read(folder)
        index = cls(
            read.templates,
            read.raw,
            read.projection,
            fusion=Fusion(**read.fusion),
            calibration=read.calibration,
            head=read.head,
            stored=(read.vectors, read.lexical),
            moved=read.moved,
        )
        if len(index._corpus.texts) != len(read.raw):
            found = f"{len(index._corpus.texts)} texts of templates, {len(read.raw)} vectors"
            raise broken(folder, "files of one index", found)
        return index

    def _beside(self, found: IntArray, text: str) -> BoolArray:
        """Which of the templates ``found`` are about something that ``text`` does not name."""
        about = [self.templates[i].about for i in found]
        named = {groups: names_any(text, groups) for groups in set(about)}
        return np.array([bool(groups) and not named[groups] for groups in about], bool)

    def _plain(self, hit: Hit) -> float:
        return hit.dense + self.fusion.lexical * hit.lexical

    def _towards(self, query: Query, own: FloatArray) -> FloatArray:
        """Where the query points (p,), drawn a little towards what was said before.

        :param own: where it points by itself (p,).
        """
        if query.earlier is None or not query.vector.any():
            return own
        earlier = self.projection(query.earlier[None])[0]
        return unit(own + np.float32(self.fusion.earlier) * earlier)

    def _fits(self, query: Query) -> None:
        for vector in (query.vector, query.earlier):
            if vector is not None and vector.shape != self.projection.mean.shape:
                raise ModelError(
                    "The query's vector does not fit the index",
                    expected=f"shape {self.projection.mean.shape}",
                    found=str(vector.shape),
                    fix="Use the encoder of the release that the index belongs to.",
                )

    def _candidates(
        self, vector: FloatArray, lexical: FloatArray, mask: BoolArray, allowed: BoolArray, k: int
    ) -> IntArray:
        """Templates of the best rows of both searches; wider until ``k`` or all are there."""
        width = max(64, 8 * k)
        if np.count_nonzero(allowed) <= width:  # the best rows of so few are all of them
            return self._corpus.templates_of(np.flatnonzero(allowed), mask)
        matching = np.flatnonzero(allowed & (lexical > 0))
        while True:
            near, _ = self._vectors.search(vector, width, allowed)
            if len(matching) > width:
                best = np.argpartition(-lexical[matching], width)[:width]
                near = np.concatenate([near, matching[best]])
            else:
                near = np.concatenate([near, matching])
            found = self._corpus.templates_of(near, mask)
            if len(found) >= k or width >= len(allowed):
                return found
            width *= 4

    def _best(
        self, vector: FloatArray, lexical: FloatArray, found: IntArray, mask: BoolArray
    ) -> tuple[FloatArray, FloatArray]:
        """Exact best cosine and best BM25 share of each template in ``found`` (ascending)."""
        corpus = self._corpus
        chosen = np.zeros(len(mask), dtype=bool)
        chosen[found] = True
        pairs = np.flatnonzero(chosen[corpus.template])
        rows, place = np.unique(corpus.row[pairs], return_inverse=True)
        loss = np.where(corpus.is_question[pairs], 0.0, self.fusion.text).astype(np.float32)
        near = self._vectors.similarities(vector, rows)[place] - loss
        owner = np.searchsorted(found, corpus.template[pairs])
        dense = np.full(len(found), -np.inf, dtype=np.float32)
        np.maximum.at(dense, owner, near)
        shared = np.zeros(len(found), dtype=np.float32)
        np.maximum.at(shared, owner, lexical[corpus.row[pairs]])
        return dense, shared

    def _rebuilt(self, templates: Sequence[Template], encode: Encode) -> TemplateIndex:
        known = dict(zip(self._corpus.texts, self._raw, strict=True))
        if not known:
            return type(self).build(templates, encode, fusion=self.fusion)
        corpus = Corpus(templates)
        raw = embed(corpus.texts, encode, known)
        raw = raw if len(raw) else self._raw[:0]
        rows = {text: row for row, text in enumerate(self._corpus.texts)}
        before = np.array([rows.get(text, -1) for text in corpus.texts], dtype=np.int64)
        kept = int((before >= 0).sum())
        return type(self)(
            templates,
            raw,
            self.projection,
            fusion=self.fusion,
            calibration=self.calibration,
            head=self.head,
            stored=(renew(self._vectors, before, self.projection(raw)), _lexical(corpus)),
            moved=self._moved + len(corpus.texts) + len(self._corpus.texts) - 2 * kept,
        )

    def _learn(self, lessons: Lessons | None) -> None:
        """Choose what each part counts, keep the head if it helps, and calibrate coverage."""
        heads = lessons.heads(self.projection) if lessons is not None and lessons.enough else None
        asked = trials(
            self.templates, self._corpus, self._vectors, self._lexical,
            text_loss=self.fusion.text, said=None if heads is None else heads[1],
        )  # fmt: skip
        if lessons is not None:
            lexical, learned = choose(asked, self.fusion.lexical)
            self.fusion = replace(self.fusion, lexical=lexical, learned=learned)
            self.head = heads[0] if heads is not None and learned > 0 else None
        names = codes([t.name for t in self.templates])
        self.calibration = calibrate(asked, names, self.fusion.lexical)

    @cached_property
    def _read(self) -> Read:
        """Reads lines; a turn searches for the same one more than once, and customers ask the same
        in the same words."""
        return reader(self.projection, self.head, self.templates)

    def _following(self, query: Query) -> FloatArray:
        """What each template gains by where the conversation is: (n,)."""
        gains = np.zeros(len(self.templates), dtype=np.float32)
        for identifier in query.following.keys() & self._place.keys():
            gains[self._place[identifier]] = query.following[identifier]
        return gains


def _lexical(corpus: Corpus) -> LexicalIndex:
    return LexicalIndex.build([words(text) for text in corpus.texts])


def _distinct(templates: Sequence[Template]) -> list[Template]:
    seen = {t.id: t for t in templates}
    if len(seen) != len(templates):
        raise ModelError(
            "Two templates share an id",
            expected="one template an id",
            found=f"{len(templates)} templates with {len(seen)} ids",
            fix="Give the later one's questions and provenance to the first.",
        )
    return list(templates)


def _encodes_nothing(texts: Sequence[str]) -> FloatArray:
    return np.zeros((len(texts), 0), dtype=np.float32)
