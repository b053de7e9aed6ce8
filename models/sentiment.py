"""Sentiment head: negative, neutral or positive, from the sentence vector of the shared pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.arrays import AnyArray, FloatArray, load_arrays, save_arrays
from models.errors import ModelError
from models.intent_head import IntentHead, softmax

KIND = "sentiment-head"
SENTIMENTS = ("negative", "neutral", "positive")
NEUTRAL = "neutral"
_FOLDS = 5
_TEMPERATURES = np.geomspace(0.25, 4.0, 33)


@dataclass(frozen=True)
class SentimentHead:
    """A calibrated logistic head over those of the three classes that its examples had."""

    head: IntentHead
    temperature: float

    @classmethod
    def fit(
        cls, x: FloatArray, y: Sequence[str], *, c: float = 3.0, seed: int = 0
    ) -> SentimentHead:
        """Fit to vectors (n, d) and labels out of :data:`SENTIMENTS`.

        The temperature comes from five-fold cross-validation.

        :raises ModelError: no examples, or a label that is none of the three.
        """
        unknown = sorted(set(y) - set(SENTIMENTS))
        if unknown:
            raise ModelError(
                "A sentiment label is unknown",
                expected=", ".join(SENTIMENTS),
                found=", ".join(unknown[:5]),
                fix="Correct the labels of the training lines.",
            )
        head = IntentHead.fit(x, y, c=c, balance=1.0)
        return cls(head, _temperature(x, y, c, seed))

    def probabilities(self, x: FloatArray) -> FloatArray:
        """Probabilities (n, 3) in the order of :data:`SENTIMENTS`."""
        shares = softmax(self.head.logits(x), self.temperature)
        result = np.zeros((len(x), len(SENTIMENTS)), dtype=np.float32)
        result[:, [SENTIMENTS.index(label) for label in self.head.labels]] = shares
        return result

    def predict(self, x: FloatArray) -> list[tuple[str, float]]:
        """The likeliest sentiment of each vector with its probability."""
        shares = self.probabilities(x)
        best = shares.argmax(axis=1)
        return [(SENTIMENTS[b], float(shares[row, b])) for row, b in enumerate(best)]

    def save(self, path: Path) -> None:
        """Write an npz file."""
        temperature: AnyArray = np.array(self.temperature, dtype=np.float32)
        save_arrays(path, self.head.arrays() | {"kind": np.array(KIND), "temperature": temperature})

    @classmethod
    def load(cls, path: Path) -> SentimentHead:
        """Read a file written by :meth:`save`."""
        arrays = load_arrays(path, KIND)
        return cls(IntentHead.from_arrays(arrays), float(arrays["temperature"]))


def _temperature(x: FloatArray, y: Sequence[str], c: float, seed: int) -> float:
    labels = np.array(y)
    if len(labels) < 10 * _FOLDS:
        return 1.0
    fold = np.random.default_rng(seed).permutation(len(labels)) % _FOLDS
    logits, hits = [], []
    for part in range(_FOLDS):
        train, held = fold != part, fold == part
        if set(labels[held]) - set(labels[train]):
            return 1.0
        head = IntentHead.fit(x[train], labels[train].tolist(), c=c, balance=1.0)
        logits.append(_in_order(head, x[held]))
        hits.append(np.array([SENTIMENTS.index(label) for label in labels[held]]))
    scores, gold = np.concatenate(logits), np.concatenate(hits)
    rows = np.arange(len(gold))
    losses = [-np.log(softmax(scores, float(t))[rows, gold] + 1e-9).mean() for t in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def _in_order(head: IntentHead, x: FloatArray) -> FloatArray:
    scores = np.full((len(x), len(SENTIMENTS)), -1e4, dtype=np.float32)
    scores[:, [SENTIMENTS.index(label) for label in head.labels]] = head.logits(x)
    return scores
