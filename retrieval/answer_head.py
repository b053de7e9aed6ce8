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
        from scipy.sparse import csr_matrix, hstack

        from models.regression import solve

        labels = sorted({name for names in answered for name in names})
        place = {name: code for code, name in enumerate(labels)}
        pairs = [(row, place[n], 1 / len(ns)) for row, ns in enumerate(answered) for n in ns]
        rows = np.array([row for row, _, _ in pairs], dtype=np.int64)
        codes: IntArray = np.array([code for _, code, _ in pairs], dtype=np.int64)
        shares = np.array([share for _, _, share in pairs], dtype=np.float32)
        mean = vectors.mean(axis=0).astype(np.float32)
        vocabulary, grams = Vocabulary.learn(texts)
        read = hstack([csr_matrix(unit(vectors - mean)), grams]).tocsr()[rows].astype(np.float32)
        start = np.zeros((read.shape[1], len(labels)), dtype=np.float32)
        bias = np.zeros(len(labels), dtype=np.float32)
        weight, bias = solve(read, codes, shares / shares.mean(), STRENGTH, start, bias, TOLERANCE)
        d = vectors.shape[1]
        return cls(tuple(labels), mean, weight[:d], vocabulary, weight[d:], bias)

    def chances(self, texts: Sequence[str], vectors: FloatArray) -> FloatArray:
        """Probabilities (n, k) of the labels."""
        scores = unit(vectors - self.mean) @ self.weight + self.bias
        scores += self.vocabulary.project(texts, self.grams)
        scores -= scores.max(axis=1, keepdims=True)
        powers = np.exp(scores)
        shares: FloatArray = powers / powers.sum(axis=1, keepdims=True)
        return shares

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


def enough(answered: Sequence[Collection[str]]) -> bool:
    """Whether there are questions enough to learn a head from."""
    labels = {name for names in answered for name in names}
    return len(answered) >= LEAST_QUESTIONS and len(answered) >= LEAST_EACH * len(labels) > 3
