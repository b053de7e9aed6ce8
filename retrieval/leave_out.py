"""Calibration without labels: each question looks for its answer without itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.arrays import FloatArray, IntArray
from retrieval.calibration import Calibration, Evidence, fit
from retrieval.corpus import Corpus
from retrieval.filters import primary
from retrieval.lexical import LexicalIndex
from retrieval.templates import Template
from retrieval.vectors import VectorIndex
from retrieval.words import words

SAMPLE = 400


def calibrate(
    templates: Sequence[Template],
    corpus: Corpus,
    vectors: VectorIndex,
    lexical: LexicalIndex,
    *,
    text_loss: float,
    lexical_weight: float,
) -> Calibration:
    """Fit :class:`Calibration` to what questions find in the index that they stand in.

    Each question is asked twice without itself: as it is, where the best hit is right or wrong,
    and with its own response taken away, where any hit is wrong: that is how a question outside
    everything known looks.
    """
    rows = np.unique(corpus.row[corpus.is_question])
    if len(rows) > SAMPLE:
        rows = rows[np.linspace(0, len(rows) - 1, SAMPLE).astype(np.int64)]
    names = _codes([t.name for t in templates])
    languages = _codes([primary(t.language) for t in templates])
    everything = vectors.vectors(np.arange(vectors.size, dtype=np.int64))
    loss = np.where(corpus.is_question, 0.0, text_loss).astype(np.float32)
    good: list[Evidence] = []
    bad: list[Evidence] = []
    for row in rows:
        own = np.unique(corpus.template[corpus.row == row])
        other = corpus.row != row
        near = (everything @ everything[row])[corpus.row] - loss
        shared = lexical.scores(words(corpus.texts[row]))[corpus.row]
        dense = _best(near[other], corpus.template[other], len(templates))
        share = _best(shared[other], corpus.template[other], len(templates))
        score = dense + lexical_weight * share
        score[~np.isin(languages, languages[own])] = -np.inf
        wanted = np.isin(names, names[own])
        for found in (score, np.where(wanted, -np.inf, score)):
            best = int(found.argmax())
            rival = found[names != names[best]].max(initial=0.0)
            if np.isfinite(found[best]):
                evidence = Evidence(
                    float(dense[best]), float(share[best]), float(found[best] - max(rival, 0.0))
                )
                (good if wanted[best] else bad).append(evidence)
    return fit(good, bad)


def _best(scores: FloatArray, templates: IntArray, count: int) -> FloatArray:
    """Best score of each template: (count,), minus infinity where it has none."""
    best = np.full(count, -np.inf, dtype=np.float32)
    np.maximum.at(best, templates, scores)
    return best


def _codes(values: Sequence[str]) -> IntArray:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(v, len(numbers)) for v in values], dtype=np.int64)
