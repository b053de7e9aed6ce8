"""Which response answers a question: a convex classifier for responses with several questions.

It reads the message's stored vector and its character n-grams side by side. Search by the nearest
question takes one line's word for it; the head has seen them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.arrays import AnyArray, FloatArray, IntArray, load_arrays, save_arrays
from models.encoders.ngrams import Vocabulary
from models.shares import log_softmax
from retrieval.search.projection import Projection

KIND = "answer-head"
STRENGTH = 30.0
"""Inverse strength of the penalty, in scikit-learn's sense."""
TOLERANCE = 1e-5
JITTER = 1e-4
"""Added to texts' products with themselves; keeps equal texts from making them singular."""
FLOOR = 7.0


@dataclass(frozen=True)
class Lesson:
    """A text, its vector (d,), and by how much it speaks for each response that it belongs to."""

    text: str
    vector: FloatArray
    shares: dict[str, float]


@dataclass(frozen=True)
class AnswerHead:
    """Scores of the responses ``labels`` (k): ``weight`` (d, k) for vectors as ``projection`` shows
    them, ``grams`` (v, k) for the n-grams of ``vocabulary``, ``bias`` (k,)."""

    labels: tuple[str, ...]
    projection: Projection
    weight: FloatArray
    vocabulary: Vocabulary
    grams: FloatArray
    bias: FloatArray

    @classmethod
    def learn(cls, lessons: Sequence[Lesson], projection: Projection) -> AnswerHead:
        """Learn from texts and the responses they belong to. Needs the libraries of training."""
        labels = sorted({name for lesson in lessons for name in lesson.shares})
        place = {name: code for code, name in enumerate(labels)}
        pairs = [
            (row, place[name], share)
            for row, lesson in enumerate(lessons)
            for name, share in lesson.shares.items()
        ]
        rows = np.array([row for row, _, _ in pairs], dtype=np.int64)
        codes: IntArray = np.array([code for _, code, _ in pairs], dtype=np.int64)
        shares = np.array([share for _, _, share in pairs], dtype=np.float32)
        vocabulary, grams = Vocabulary.learn([lesson.text for lesson in lessons])
        x = projection(np.stack([lesson.vector for lesson in lessons]))
        basis, bias = _solve(x @ x.T + (grams @ grams.T).toarray(), rows, codes, shares)
        return cls(tuple(labels), projection, x.T @ basis, vocabulary, grams.T @ basis, bias)

    def says(
        self, texts: Sequence[str], vectors: FloatArray, shown: FloatArray | None = None
    ) -> FloatArray:
        """How likely each label is, from 0 to 1 by the probability's logarithm: (n, k).

        1 is certainty, 0 a probability of ``exp(-FLOOR)`` or less.

        :param shown: the vectors as the projection shows them, where that is known.
        """
        shown = self.projection(vectors) if shown is None else shown
        scores = shown.reshape(len(texts), -1) @ self.weight + self.bias
        scores += self.vocabulary.project(texts, self.grams)
        said: FloatArray = np.maximum(0, 1 + log_softmax(scores) / np.float32(FLOOR))
        return said

    def save(self, path: Path) -> None:
        """Write one npz file, without the projection."""
        arrays: dict[str, AnyArray] = {
            "kind": np.array(KIND),
            "labels": np.array(self.labels),
            "weight": self.weight.astype(np.float16),
            "keys": self.vocabulary.keys,
            "idf": self.vocabulary.idf,
            "grams": self.grams.astype(np.float16),
            "bias": self.bias,
        }
        save_arrays(path, arrays)

    @classmethod
    def load(cls, path: Path, projection: Projection) -> AnswerHead:
        """Read what :meth:`save` wrote, for the projection that it was learned with.

        :raises ModelError: the file is absent, damaged or of another kind.
        """
        arrays = load_arrays(path, KIND)
        return cls(
            tuple(str(label) for label in arrays["labels"]),
            # heads written before projections were learned hold a mean of their own
            Projection(arrays["mean"]) if "mean" in arrays else projection,
            arrays["weight"].astype(np.float32),
            Vocabulary(arrays["keys"], arrays["idf"]),
            arrays["grams"].astype(np.float32),
            arrays["bias"],
        )


def _solve(
    products: FloatArray, rows: IntArray, codes: IntArray, shares: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Coefficients (n, k) of the texts in the weights, and biases (k,), by their inner products.

    The best weights are sums of the texts' own vectors, so that n numbers stand for each text in
    place of thousands of n-grams: the rows of the products' Cholesky factor.
    """
    from scipy.linalg import solve_triangular

    from models.regression import solve

    factor = np.linalg.cholesky(products + np.float32(JITTER) * np.eye(len(products)))
    factor = factor.astype(np.float32)
    k = int(codes.max()) + 1
    start = np.zeros((len(factor), k), dtype=np.float32), np.zeros(k, dtype=np.float32)
    line_weights = (shares / shares.mean()).astype(np.float32)
    weight, bias = solve(factor[rows], codes, line_weights, STRENGTH, *start, TOLERANCE)
    basis: FloatArray = solve_triangular(factor, weight, lower=True, trans=1).astype(np.float32)
    return basis, bias
