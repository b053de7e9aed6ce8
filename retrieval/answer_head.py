"""Which response answers a question: a convex classifier for responses with several questions.

It reads the message's stored vector and its character n-grams side by side. Search by the nearest
question takes one line's word for it; the head has seen them all.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.arrays import AnyArray, FloatArray, IntArray, load_arrays, save_arrays
from models.ngrams import Vocabulary
from retrieval.projection import unit

KIND = "answer-head"
STRENGTH = 30.0
"""Inverse strength of the penalty, in scikit-learn's sense."""
TOLERANCE = 1e-5
JITTER = 1e-4
"""Added to texts' products with themselves; keeps equal texts from making them singular."""
FLOOR = 7.0
LEAST_QUESTIONS = 100
LEAST_EACH = 3.0
"""Questions a response, on average, below which there is nothing to learn beyond the nearest."""


@dataclass(frozen=True)
class AnswerHead:
    """Scores of the responses ``labels`` (k): ``weight`` (d, k) for unit vectors around ``mean``
    (d,), ``grams`` (v, k) for the n-grams of ``vocabulary``, ``bias`` (k,)."""

    labels: tuple[str, ...]
    mean: FloatArray
    weight: FloatArray
    vocabulary: Vocabulary
    grams: FloatArray
    bias: FloatArray

    @classmethod
    def learn(
        cls, texts: Sequence[str], vectors: FloatArray, answered: Sequence[Collection[str]]
    ) -> AnswerHead:
        """Learn from questions, their vectors (n, d), and the responses that answer each.

        Needs the libraries of training. A question that several responses answer counts for each
        by its share.
        """
        labels = sorted({name for names in answered for name in names})
        place = {name: code for code, name in enumerate(labels)}
        pairs = [(row, place[n], 1 / len(ns)) for row, ns in enumerate(answered) for n in ns]
        rows = np.array([row for row, _, _ in pairs], dtype=np.int64)
        codes: IntArray = np.array([code for _, code, _ in pairs], dtype=np.int64)
        shares = np.array([share for _, _, share in pairs], dtype=np.float32)
        mean = vectors.mean(axis=0).astype(np.float32)
        vocabulary, grams = Vocabulary.learn(texts)
        x = unit(vectors - mean)
        basis, bias = _solve(x @ x.T + (grams @ grams.T).toarray(), rows, codes, shares)
        return cls(tuple(labels), mean, x.T @ basis, vocabulary, grams.T @ basis, bias)

    def says(self, texts: Sequence[str], vectors: FloatArray) -> FloatArray:
        """How likely each label is, from 0 to 1 by the probability's logarithm: (n, k).

        1 is certainty, 0 a probability of ``exp(-FLOOR)`` or less.
        """
        scores = unit(vectors - self.mean) @ self.weight + self.bias
        scores += self.vocabulary.project(texts, self.grams)
        scores -= scores.max(axis=1, keepdims=True)
        scores -= np.log(np.exp(scores).sum(axis=1, keepdims=True))
        said: FloatArray = np.maximum(0, 1 + scores / np.float32(FLOOR))
        return said

    def save(self, path: Path) -> None:
        """Write one npz file."""
        arrays: dict[str, AnyArray] = {
            "kind": np.array(KIND),
            "labels": np.array(self.labels),
            "mean": self.mean,
            "weight": self.weight.astype(np.float16),
            "keys": self.vocabulary.keys,
            "idf": self.vocabulary.idf,
            "grams": self.grams.astype(np.float16),
            "bias": self.bias,
        }
        save_arrays(path, arrays)

    @classmethod
    def load(cls, path: Path) -> AnswerHead:
        """Read what :meth:`save` wrote.

        :raises ModelError: the file is absent, damaged or of another kind.
        """
        arrays = load_arrays(path, KIND)
        return cls(
            tuple(str(label) for label in arrays["labels"]),
            arrays["mean"],
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


def enough(answered: Sequence[Collection[str]]) -> bool:
    """Whether there are questions enough to learn a head from."""
    labels = {name for names in answered for name in names}
    return len(answered) >= LEAST_QUESTIONS and len(answered) >= LEAST_EACH * len(labels) > 3
