"""Learning without labels: each question looks for its answer without itself.

From these trials come the calibration and the fusion: how much words and the learned head count
beside the nearest question, by the likelihood of the right answers. Whatever is learned stays only
where it finds more of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.arrays import FloatArray, IntArray
from retrieval.search.calibration import Calibration, Evidence, fit
from retrieval.search.corpus import Corpus
from retrieval.search.filters import primary
from retrieval.search.lexical import LexicalIndex
from retrieval.search.vectors import BoolArray, VectorIndex
from retrieval.templates import Template
from retrieval.words import words

Float64Array = npt.NDArray[np.float64]
SAMPLE = 1000
LEXICAL, LEARNED = 1.0, 4.0
"""The most that BM25's share and what the head says can count beside the cosine."""
SHARPNESS = (1.0, 60.0)
"""How sharply a likelihood may take scores for chances: the bounds."""
RIVALS = 256
"""Wrong templates of a trial, the best ones, that weights are fitted to."""
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
    """Weights of BM25's share and of the head beside the cosine: the most likely ones.

    The ``usual`` lexical weight alone stays where that does not find clearly more; the cosine alone
    is taken where it finds most.
    """
    if not asked:
        return usual, 0.0
    found = {pair: _share(asked, *pair) for pair in ((0.0, 0.0), likeliest(asked, usual))}
    best = max(found, key=found.__getitem__)
    return best if found[best] >= _share(asked, usual, 0.0) + GAIN else (usual, 0.0)


def likeliest(asked: Sequence[Trial], usual: float) -> tuple[float, float]:
    """The two weights under which right templates are likeliest, scores being log-chances."""
    from scipy.optimize import minimize

    compared = [(trial, at) for trial in asked if trial.right[at := _rivals(trial)].any()]
    parts = [
        np.stack([t.dense[at], t.lexical[at], t.learned[at]], dtype=np.float64)
        for t, at in compared
    ]
    right = [trial.right[at] for trial, at in compared]
    if not compared:
        return usual, 0.0

    def unlikely(given: Float64Array) -> tuple[float, Float64Array]:
        sharpness, weights = given[0], np.array([1.0, *given[1:]])
        loss, slope = 0.0, np.zeros(3)
        for x, is_right in zip(parts, right, strict=True):
            score = weights @ x
            chance = np.exp(sharpness * (score - score.max()))
            chance /= chance.sum()
            hit = max(float(chance[is_right].sum()), 1e-12)
            pull = chance - np.where(is_right, chance, 0.0) / hit
            loss -= float(np.log(hit))
            slope += [pull @ score, *(sharpness * (x[1:] @ pull))]
        return loss / len(parts), slope / len(parts)

    head = LEARNED if any(trial.learned.any() for trial in asked) else 0.0
    bounds = [SHARPNESS, (0.0, LEXICAL), (0.0, head)]
    start = [10.0, usual, head / LEARNED]
    _, lexical, learned = minimize(
        unlikely, start, jac=True, method="L-BFGS-B", bounds=bounds
    ).x.tolist()
    return round(lexical, 3), round(learned, 3)


def _rivals(trial: Trial) -> IntArray:
    """Templates that a trial could find, no more than ``RIVALS`` wrong ones."""
    there = trial.fits & np.isfinite(trial.dense)
    own, others = np.flatnonzero(there & trial.right), np.flatnonzero(there & ~trial.right)
    score = trial.score(0.5, 1.0)[others]
    return np.concatenate([own, others[np.argsort(-score, kind="stable")[:RIVALS]]])


def codes(values: Sequence[str]) -> IntArray:
    """A number for each value, the same for equal ones."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(v, len(numbers)) for v in values], dtype=np.int64)


def _sample(corpus: Corpus) -> list[int]:
    rows = np.unique(corpus.row[corpus.is_question])
    if len(rows) > SAMPLE:
        rows = rows[np.linspace(0, len(rows) - 1, SAMPLE).astype(np.int64)]
    return [int(row) for row in rows]


def _share(asked: Sequence[Trial], lexical: float, learned: float) -> float:
    return float(np.mean([_hit(trial, lexical, learned) for trial in asked]))


def _hit(trial: Trial, lexical: float, learned: float) -> bool:
    scores = trial.score(lexical, learned)
    best = int(scores.argmax())
    return bool(np.isfinite(scores[best]) and trial.right[best])


def _best(scores: FloatArray, templates: IntArray, count: int) -> FloatArray:
    """Best score of each template: (count,), minus infinity where it has none."""
    best = np.full(count, -np.inf, dtype=np.float32)
    np.maximum.at(best, templates, scores)
    return best
