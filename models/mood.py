"""Mood heads: how a message is meant (sentiment) and how much it presses (urgency).

A head joins two convex classifiers: one reads pooled states of the shared encoder pass, one reads
character n-grams, which see exclamation marks, emoji, slang and spellings that the encoder smooths
away. Their log-probabilities are mixed in the share, and with the temperature, that fit lines
which neither has seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.arrays import AnyArray, FloatArray, IntArray, load_arrays, save_arrays, unit_rows
from models.encoders.ngrams import Vocabulary
from models.errors import ModelError
from models.regression import balanced_weights, solve
from models.shares import log_softmax

KIND = "mood"
FILE = "mood.npz"
"""The heads' file in a release."""

SENTIMENTS = ("negative", "neutral", "positive")
URGENCIES = ("low", "normal", "high")
NEUTRAL = "neutral"
NORMAL = "normal"
SCALES = {"sentiment": SENTIMENTS, "urgency": URGENCIES}
"""Classes of each trait, from one end to the other."""

BALANCE = 0.5
PENALTY = 3.0
_FOLDS = 5
_MANY = 5000
"""Lines from which on one fold in place of five says enough."""

_SHARES = np.linspace(0.0, 1.0, 11)
_TEMPERATURES = np.geomspace(0.2, 3.0, 28)


@dataclass(frozen=True)
class _Dense:
    """Logistic regression over standardised pooled states."""

    mean: FloatArray
    spread: FloatArray
    weight: FloatArray
    bias: FloatArray

    @classmethod
    def fit(cls, x: FloatArray, codes: IntArray, classes: int) -> _Dense:
        mean = x.mean(axis=0, dtype=np.float64).astype(np.float32)
        spread = (x.std(axis=0) + 1e-6) * np.float32(np.sqrt(x.shape[1]))
        z = unit_rows((x - mean) / spread)
        weight, bias = _solve(z, codes, classes, x.shape[1])
        return cls(mean, spread, weight, bias)

    def logits(self, x: FloatArray) -> FloatArray:
        scores: FloatArray = unit_rows((x - self.mean) / self.spread) @ self.weight + self.bias
        return scores


@dataclass(frozen=True)
class _Lexical:
    """Logistic regression over character n-grams."""

    words: Vocabulary
    weight: FloatArray
    bias: FloatArray

    @classmethod
    def fit(cls, words: Vocabulary, matrix: Any, codes: IntArray, classes: int) -> _Lexical:
        weight, bias = _solve(matrix, codes, classes, len(words.keys))
        return cls(words, weight, bias)

    def logits(self, texts: Sequence[str]) -> FloatArray:
        scores: FloatArray = self.words.project(texts, self.weight) + self.bias
        return scores


@dataclass(frozen=True)
class MoodHead:
    """A calibrated classifier of messages into the classes of one trait.

    ``labels`` are those classes of the trait that its examples had; ``share`` is the weight of the
    n-grams in the mixture.
    """

    trait: str
    labels: tuple[str, ...]
    dense: _Dense
    lexical: _Lexical
    share: float
    temperature: float

    @classmethod
    def fit(
        cls,
        trait: str,
        x: FloatArray,
        texts: Sequence[str],
        y: Sequence[str],
        *,
        unseen: AnyArray | None = None,
        sources: IntArray | None = None,
        seed: int = 0,
    ) -> tuple[MoodHead, HeldOut]:
        """Fit to pooled states ``x`` (n, p), their ``texts`` and labels ``y`` of ``trait``.

        :param unseen: lines (n,) that the encoder was not fine-tuned on; where there are enough of
            them the mixture is judged on those alone.
        :param sources: for each line the line (n,) that it is a copy of, or its own number; copies
            are held out together.
        :return: the head, and what heads that had not seen a line said about it.
        :raises ModelError: no examples, or a label that the trait does not have.
        """
        labels, codes = _codes(trait, x, y)
        folds = _folds(codes, unseen, seed, sources)
        held = np.flatnonzero(folds >= 0)
        words, matrix = Vocabulary.learn(texts)
        dense = np.zeros((len(codes), len(labels)), dtype=np.float32)
        lexical = np.zeros_like(dense)
        for fold in range(folds.max() + 1):
            train, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
            dense[test] = _Dense.fit(x[train], codes[train], len(labels)).logits(x[test])
            fitted = _Lexical.fit(words, matrix[train], codes[train], len(labels))
            lexical[test] = matrix[test] @ fitted.weight + fitted.bias
        share, temperature = _mixture(dense[held], lexical[held], codes[held])
        head = cls(
            trait,
            labels,
            _Dense.fit(x, codes, len(labels)),
            _Lexical.fit(words, matrix, codes, len(labels)),
            share,
            temperature,
        )
        shares = np.exp(_mixed(dense[held], lexical[held], share, temperature))
        return head, HeldOut(held, head._spread(shares))

    def probabilities(self, x: FloatArray, texts: Sequence[str]) -> FloatArray:
        """Probabilities (n, k) of the trait's classes, in the order of :data:`SCALES`."""
        mixed = _mixed(
            self.dense.logits(x), self.lexical.logits(texts), self.share, self.temperature
        )
        return self._spread(np.exp(mixed))

    def predict(self, x: FloatArray, texts: Sequence[str]) -> list[tuple[str, float]]:
        """The likeliest class of each message with its probability."""
        return best_of(self.trait, self.probabilities(x, texts))

    def _spread(self, shares: FloatArray) -> FloatArray:
        scale = SCALES[self.trait]
        result = np.zeros((len(shares), len(scale)), dtype=np.float32)
        result[:, [scale.index(label) for label in self.labels]] = shares
        return result

    def arrays(self) -> dict[str, AnyArray]:
        """Everything that :meth:`from_arrays` needs."""
        dense, words = self.dense, self.lexical
        return {
            "labels": np.array(self.labels),
            "mean": dense.mean,
            "spread": dense.spread,
            "weight": dense.weight,
            "bias": dense.bias,
            "keys": words.words.keys,
            "idf": words.words.idf,
            "word_weight": words.weight,
            "word_bias": words.bias,
            "mixture": np.array([self.share, self.temperature], dtype=np.float32),
        }

    @classmethod
    def from_arrays(cls, trait: str, arrays: dict[str, AnyArray]) -> MoodHead:
        """Rebuild a head from :meth:`arrays`.

        :raises ModelError: arrays are missing or do not fit together.
        """
        try:
            labels = tuple(str(label) for label in arrays["labels"])
            dense = _Dense(*(arrays[name] for name in ("mean", "spread", "weight", "bias")))
            words = Vocabulary(arrays["keys"], arrays["idf"])
            lexical = _Lexical(words, arrays["word_weight"], arrays["word_bias"])
            share, temperature = (float(value) for value in arrays["mixture"])
            shapes = (dense.weight.shape, lexical.weight.shape)
            fits = shapes == ((len(dense.mean), len(labels)), (len(words.keys), len(labels)))
        except (KeyError, ValueError) as error:
            raise _unfit(trait, f"{type(error).__name__}: {error}") from error
        if not fits or not set(labels) <= set(SCALES[trait]):
            raise _unfit(trait, f"weights of shapes {shapes}, classes {', '.join(labels)}")
        return cls(trait, labels, dense, lexical, share, temperature)


@dataclass(frozen=True)
class HeldOut:
    """``rows`` (m,) of the examples and their probabilities ``shares`` (m, k), held out."""

    rows: IntArray
    shares: FloatArray


def best_of(trait: str, shares: FloatArray) -> list[tuple[str, float]]:
    """The likeliest class of each row of ``shares`` (n, k) with its probability."""
    best = shares.argmax(axis=1)
    return [(SCALES[trait][b], float(shares[row, b])) for row, b in enumerate(best)]


def save_moods(path: Path, heads: dict[str, MoodHead]) -> None:
    """Write the heads, by trait, to one npz file."""
    arrays = {f"{t}.{name}": a for t, head in heads.items() for name, a in head.arrays().items()}
    save_arrays(path, arrays | {"kind": np.array(KIND)})


def load_moods(path: Path) -> dict[str, MoodHead]:
    """Read what :func:`save_moods` wrote."""
    arrays = load_arrays(path, KIND)
    parts: dict[str, dict[str, AnyArray]] = {}
    for name, array in arrays.items():
        trait, _, part = name.partition(".")
        if trait in SCALES:
            parts.setdefault(trait, {})[part] = array
    return {trait: MoodHead.from_arrays(trait, found) for trait, found in parts.items()}


def _codes(trait: str, x: FloatArray, y: Sequence[str]) -> tuple[tuple[str, ...], IntArray]:
    if x.ndim != 2 or len(x) != len(y) or not len(y) or not np.isfinite(x).all():
        raise ModelError(
            f"The {trait} head has nothing sound to fit",
            expected="at least one finite vector and one label for each vector",
            found=f"vectors of shape {x.shape} and {len(y)} labels",
            fix="Label the training lines.",
        )
    unknown = sorted(set(y) - set(SCALES[trait]))
    if unknown:
        raise ModelError(
            f"A label of {trait} is unknown",
            expected=", ".join(SCALES[trait]),
            found=", ".join(unknown[:5]),
            fix="Correct the labels of the training lines.",
        )
    labels = tuple(label for label in SCALES[trait] if label in set(y))
    return labels, np.array([labels.index(label) for label in y], dtype=np.int64)


def _folds(
    codes: IntArray, unseen: AnyArray | None, seed: int, sources: IntArray | None
) -> IntArray:
    """The fold that each line is held out in; -1: never. No class loses its last line."""
    count = len(codes)
    never = np.full(count, -1, dtype=np.int64)
    usable = np.ones(count, dtype=bool)
    if unseen is not None and unseen.sum() >= 10 * _FOLDS:
        usable = unseen.astype(bool)
    if usable.sum() < 4 * _FOLDS:
        return never
    fold = np.random.default_rng(seed).permutation(count) % _FOLDS
    if usable.sum() <= count // 3:
        fold[:] = 0
    elif count > _MANY:
        usable &= fold == 0
    folds: IntArray = np.where(usable, fold, -1).astype(np.int64)
    if sources is not None:
        folds = folds[sources]
    for number in range(int(folds.max()) + 1):
        apart = folds == number
        if set(codes[apart]) - set(codes[~apart]):
            return never
    return folds


def _mixture(dense: FloatArray, lexical: FloatArray, codes: IntArray) -> tuple[float, float]:
    """The share and temperature with the smallest log loss on held-out lines."""
    if not len(codes):
        return 0.5, 1.0
    rows = np.arange(len(codes))
    best = (np.inf, 0.5, 1.0)
    for share in _SHARES:
        for temperature in _TEMPERATURES:
            mixed = _mixed(dense, lexical, float(share), float(temperature))
            loss = -float(mixed[rows, codes].mean())
            if loss < best[0] - 1e-9:
                best = (loss, float(share), float(temperature))
    return best[1], best[2]


def _mixed(dense: FloatArray, lexical: FloatArray, share: float, temperature: float) -> FloatArray:
    """Log-probabilities (n, k) of the mixture."""
    first, second = np.float32((1 - share) / temperature), np.float32(share / temperature)
    return log_softmax(first * log_softmax(dense) + second * log_softmax(lexical))


def _solve(x: Any, codes: IntArray, classes: int, width: int) -> tuple[FloatArray, FloatArray]:
    return solve(
        x,
        codes,
        balanced_weights(codes, BALANCE),
        PENALTY,
        np.zeros((width, classes), dtype=np.float32),
        np.zeros(classes, dtype=np.float32),
        tolerance=1e-6,
    )


def _unfit(trait: str, found: str) -> ModelError:
    return ModelError(
        f"The {trait} head's arrays do not fit together",
        expected="weights for its classes",
        found=found,
        fix="Train again.",
    )
