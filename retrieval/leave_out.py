"""Learning without labels: each question looks for its answer without itself.

From these trials come the calibration and the fusion: how much words and the learned head count
beside the nearest question. Whatever is learned stays only where it finds more right answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.arrays import FloatArray, IntArray
from retrieval.calibration import Calibration, Evidence, fit
from retrieval.corpus import Corpus
from retrieval.filters import primary
from retrieval.lexical import LexicalIndex
from retrieval.templates import Template
from retrieval.vectors import BoolArray, VectorIndex
from retrieval.words import words

SAMPLE = 1000
LEXICAL = (0.0, 0.25, 0.5, 1.0)
LEARNED = (0.0, 1.0, 2.0, 4.0)
"""Weights that are tried for BM25's share and for what the head says."""
GAIN = 0.01
"""What other weights than the usual ones must find more of, as a share of the questions."""


@dataclass(frozen=True)
class Trial:
    """A question without itself: each template's cosine, BM25 share and what the head says (n,),
    which templates are in its language, and which are right."""

    dense: FloatArray
    lexical: FloatArray
    learned: FloatArray
    fits: BoolArray
    right: BoolArray

    def score(self, lexical: float, learned: float) -> FloatArray:
        """Scores of all templates by these weights; minus infinity for other languages."""
        found = self.dense + np.float32(lexical) * self.lexical
        found += np.float32(learned) * self.learned
        found[~self.fits] = -np.inf
        return found


def trials(
    templates: Sequence[Template], corpus: Corpus, vectors: VectorIndex, lexical: LexicalIndex,
    *, text_loss: float, said: FloatArray | None = None,
) -> list[Trial]:  # fmt: skip
    """A trial for each question of the index, of a sample where there are many.

    :param said: (texts, templates), of heads that had not seen the text.
    """
    names = codes([t.name for t in templates])
    languages = codes([primary(t.language) for t in templates])
    everything = vectors.vectors(np.arange(vectors.size, dtype=np.int64))
    loss = np.where(corpus.is_question, 0.0, text_loss).astype(np.float32)
    nothing = np.zeros(len(templates), dtype=np.float32)
    made = []
    for row in _sample(corpus):
        own = np.unique(corpus.template[corpus.row == row])
        other = corpus.row != row
        near = (everything @ everything[row])[corpus.row] - loss
        shared = lexical.scores(words(corpus.texts[row]))[corpus.row]
        made.append(
            Trial(
                _best(near[other], corpus.template[other], len(templates)),
                np.maximum(_best(shared[other], corpus.template[other], len(templates)), 0),
                nothing if said is None else said[row],
                np.isin(languages, languages[own]),
                np.isin(names, names[own]),
            )
        )
    return made


def calibrate(asked: Sequence[Trial], names: IntArray, lexical_weight: float) -> Calibration:
    """Fit :class:`Calibration` to what questions find in the index that they stand in.

    Each counts twice: as it is, where the best hit is right or wrong, and with its own response
    taken away, where any hit is wrong: that is how a question outside everything known looks.
    """
    good: list[Evidence] = []
    bad: list[Evidence] = []
    for trial in asked:
        score = trial.score(lexical_weight, 0.0)
        for found in (score, np.where(trial.right, -np.inf, score)):
            best = int(found.argmax())
            rival = found[names != names[best]].max(initial=0.0)
            if np.isfinite(found[best]):
                margin = float(found[best] - max(rival, 0.0))
                evidence = Evidence(float(trial.dense[best]), float(trial.lexical[best]), margin)
                (good if trial.right[best] else bad).append(evidence)
    return fit(good, bad)


def choose(asked: Sequence[Trial], usual: float) -> tuple[float, float]:
    """Weights of BM25's share and of the head that find the most right answers.

    The ``usual`` lexical weight alone stays where nothing finds clearly more. The cosine alone and
    the head nearly alone are among what is tried, so that the choice is not below either.
    """
    if not asked:
        return usual, 0.0
    learned = LEARNED if any(trial.learned.any() for trial in asked) else (0.0,)
    found = {
        pair: float(np.mean([_hit(trial, *pair) for trial in asked]))
        for pair in ((lexical, head) for lexical in sorted({*LEXICAL, usual}) for head in learned)
    }
    best = max(found, key=lambda pair: (found[pair], -pair[1], -abs(pair[0] - usual)))
    return best if found[best] >= found[usual, 0.0] + GAIN else (usual, 0.0)


def codes(values: Sequence[str]) -> IntArray:
    """A number for each value, the same for equal ones."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(v, len(numbers)) for v in values], dtype=np.int64)


def _sample(corpus: Corpus) -> list[int]:
    rows = np.unique(corpus.row[corpus.is_question])
    if len(rows) > SAMPLE:
        rows = rows[np.linspace(0, len(rows) - 1, SAMPLE).astype(np.int64)]
    return [int(row) for row in rows]


def _hit(trial: Trial, lexical: float, learned: float) -> bool:
    scores = trial.score(lexical, learned)
    best = int(scores.argmax())
    return bool(np.isfinite(scores[best]) and trial.right[best])


def _best(scores: FloatArray, templates: IntArray, count: int) -> FloatArray:
    """Best score of each template: (count,), minus infinity where it has none."""
    best = np.full(count, -np.inf, dtype=np.float32)
    np.maximum.at(best, templates, scores)
    return best
