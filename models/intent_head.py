"""Intent head: multinomial logistic regression over centred, renormalised sentence vectors.

The objective is convex, so that a fit does not depend on the order of the examples, and replaying
every stored example costs nothing but the fit. Centring matters for encoders whose vectors share
one strong direction (E5's cosines all lie above 0.7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.arrays import AnyArray, FloatArray, IntArray, load_arrays, save_arrays
from models.errors import ModelError
from models.regression import balanced_weights, solve

KIND = "intent-head"


@dataclass(frozen=True)
class IntentHead:
    """Scores of every intent for a sentence vector.

    ``labels`` has length c, ``weight`` shape (d, c), ``bias`` (c,), ``mean`` (d,); all float32.
    """

    labels: tuple[str, ...]
    weight: FloatArray
    bias: FloatArray
    mean: FloatArray

    @property
    def dim(self) -> int:
        """Length of the sentence vectors that the head reads."""
        return int(self.weight.shape[0])

    @classmethod
    def fit(
        cls,
        x: FloatArray,
        y: Sequence[str],
        *,
        c: float = 10.0,
        balance: float = 0.5,
        warm: IntentHead | None = None,
        seed: int = 0,
    ) -> IntentHead:
        """Fit a head to vectors ``x`` (n, d) with labels ``y``.

        :param c: inverse strength of the L2 penalty, in scikit-learn's sense.
        :param balance: an example of a class with m lines weighs ``m ** -balance`` (mean 1):
            0 counts lines, 1 counts classes.
        :param warm: a head to start from; classes are matched by name.
        :param seed: accepted for symmetry with other fits; the optimum is unique.
        :raises ModelError: no examples, lengths that differ, or values that are not finite.
        """
        del seed
        labels, codes = _encode_labels(x, y)
        order = _canonical_order(x, codes)
        x, codes = np.ascontiguousarray(x[order], dtype=np.float32), codes[order]
        mean = x.mean(axis=0, dtype=np.float64).astype(np.float32)
        start_w, start_b = _starting_point(labels, int(x.shape[1]), warm)
        weight, bias = solve(
            _centred(x, mean), codes, balanced_weights(codes, balance), c, start_w, start_b
        )
        return cls(labels, weight, bias, mean)

    def transform(self, x: FloatArray) -> FloatArray:
        """Centre and renormalise vectors (n, d) the way the head sees them."""
        if x.ndim != 2 or x.shape[1] != self.dim:
            raise ModelError(
                "The vectors do not fit the intent head",
                expected=f"shape (n, {self.dim})",
                found=str(x.shape),
                fix="Use the encoder that the head was trained with.",
            )
        return _centred(x, self.mean)

    def logits(self, x: FloatArray) -> FloatArray:
        """Scores (n, c) for vectors (n, d); softmax of them gives uncalibrated probabilities."""
        scores: FloatArray = self.transform(x) @ self.weight + self.bias
        return scores

    def arrays(self) -> dict[str, AnyArray]:
        """Everything that :meth:`from_arrays` needs, as arrays without objects."""
        return {
            "kind": np.array(KIND),
            "labels": np.array(self.labels),
            "weight": self.weight,
            "bias": self.bias,
            "mean": self.mean,
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, AnyArray]) -> IntentHead:
        """Rebuild a head from :meth:`arrays`."""
        labels = tuple(str(label) for label in arrays["labels"])
        weight, bias, mean = (
            arrays[name].astype(np.float32, copy=False) for name in ("weight", "bias", "mean")
        )
        if weight.shape != (len(mean), len(labels)) or bias.shape != (len(labels),):
            raise ModelError(
                "The intent head's arrays do not fit together",
                expected=f"weight ({len(mean)}, {len(labels)}) and bias ({len(labels)},)",
                found=f"{weight.shape} and {bias.shape}",
                fix="Train again.",
            )
        return cls(labels, weight, bias, mean)

    def save(self, path: Path) -> None:
        """Write an npz file."""
        save_arrays(path, self.arrays())

    @classmethod
    def load(cls, path: Path) -> IntentHead:
        """Read a file written by :meth:`save`."""
        return cls.from_arrays(load_arrays(path, KIND))


def softmax(logits: FloatArray, temperature: float = 1.0) -> FloatArray:
    """Probabilities along the last axis."""
    scaled = logits / np.float32(temperature)
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    shares: FloatArray = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def _encode_labels(x: FloatArray, y: Sequence[str]) -> tuple[tuple[str, ...], IntArray]:
    if x.ndim != 2 or len(x) != len(y) or len(y) == 0:
        raise ModelError(
            "The intent head has nothing sound to fit",
            expected="at least one vector and one label for each vector",
            found=f"vectors of shape {x.shape} and {len(y)} labels",
            fix="Give every training line an intent.",
        )
    if not np.isfinite(x).all():
        raise ModelError(
            "The sentence vectors hold values that are not finite",
            expected="finite numbers",
            found=f"{int((~np.isfinite(x)).any(axis=1).sum())} bad vectors",
            fix="Encode the lines again; if it persists the encoder is damaged.",
        )
    labels = tuple(sorted(set(y)))
    index = {label: code for code, label in enumerate(labels)}
    return labels, np.array([index[label] for label in y], dtype=np.int64)


def _canonical_order(x: FloatArray, codes: IntArray) -> IntArray:
    """Sort lines by class and then by their bytes, so that float sums come out the same."""
    rows = np.ascontiguousarray(x, dtype=np.float32).view(f"V{4 * x.shape[1]}").ravel()
    by_bytes = sorted(range(len(codes)), key=lambda i: (int(codes[i]), rows[i].tobytes()))
    return np.array(by_bytes, dtype=np.int64)


def _centred(x: FloatArray, mean: FloatArray) -> FloatArray:
    moved = x - mean
    norms = np.linalg.norm(moved, axis=1, keepdims=True)
    result: FloatArray = moved / np.maximum(norms, 1e-6)
    return result


def _starting_point(
    labels: tuple[str, ...], dim: int, warm: IntentHead | None
) -> tuple[FloatArray, FloatArray]:
    weight = np.zeros((dim, len(labels)), dtype=np.float32)
    bias = np.zeros(len(labels), dtype=np.float32)
    if warm is None or warm.dim != dim:
        return weight, bias
    known = {label: column for column, label in enumerate(warm.labels)}
    for column, label in enumerate(labels):
        if label in known:
            weight[:, column] = warm.weight[:, known[label]]
            bias[column] = warm.bias[known[label]]
    return weight, bias
