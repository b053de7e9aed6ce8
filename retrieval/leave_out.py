"""Calibration without labels: each question looks for its answer without itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.arrays import FloatArray, IntArray
from retrieval.calibration import Calibration, fit
from retrieval.corpus import Corpus
from retrieval.filters import primary
from retrieval.lexical import LexicalIndex
from retrieval.templates import Template
from retrieval.vectors import BoolArray, VectorIndex
from retrieval.words import words

SAMPLE = 400

Scores = tuple[float, float]


def calibrate(
    templates: Sequence[Template],
    corpus: Corpus,
    vectors: VectorIndex,
    lexical: LexicalIndex,
    text_loss: float,
) -> Calibration:
    """Fit :class:`Calibration` to what questions find in the index that they stand in.

    Right: the best text of the same response, the question itself left out. Wrong: the best text
    of any other response of the language, which is what a question outside everything known would
    find at most.
    """
    rows = np.unique(corpus.row[corpus.is_question])
    if len(rows) > SAMPLE:
        rows = rows[np.linspace(0, len(rows) - 1, SAMPLE).astype(np.int64)]
    names = _codes([t.name for t in templates])[corpus.template]
    languages = _codes([primary(t.language) for t in templates])[corpus.template]
    everything = vectors.vectors(np.arange(vectors.size, dtype=np.int64))
    loss = np.where(corpus.is_question, 0.0, text_loss).astype(np.float32)
    good: list[Scores] = []
    bad: list[Scores] = []
    for row in rows:
        own = corpus.row == row
        same = np.isin(names, names[own]) & ~own
        other = ~np.isin(names, names[own]) & np.isin(languages, languages[own])
        near = (everything @ everything[row])[corpus.row] - loss
        shared = lexical.scores(words(corpus.texts[row]))[corpus.row]
        good += _best(near, shared, same)
        bad += _best(near, shared, other)
    return fit(good, bad)


def _best(near: FloatArray, shared: FloatArray, among: BoolArray) -> list[Scores]:
    return [(float(near[among].max()), float(shared[among].max()))] if among.any() else []


def _codes(values: Sequence[str]) -> IntArray:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(v, len(numbers)) for v in values], dtype=np.int64)
