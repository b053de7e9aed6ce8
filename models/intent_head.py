"""Intent head: a linear classifier over sentence vectors, fitted at once.

Vectors are centred, whitened a little by the spread within the intents, and renormalised; weights
come from :mod:`models.logistic`. The objective is convex, so that a fit does not depend on the
order of the examples, and replaying every stored example costs nothing but the fit. Centring
matters for encoders whose vectors share one strong direction (E5's cosines all lie above 0.7).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.arrays import (
    AnyArray,
    FloatArray,
    IntArray,
    inverse_factor,
    load_arrays,
    products,
    save_arrays,
    unit_rows,
)
from models.errors import ModelError
from models.logistic import class_means, fit_all

KIND = "intent-head"
SPHERE = 0.9
"""Share of the round part in the covariance that vectors are whitened by."""


@dataclass(frozen=True)
class IntentHead:
    """Scores of every intent for a sentence vector.

    ``labels`` has length c, ``weight`` shape (d, c), ``bias`` (c,), ``mean`` (d,), ``whiten``
    (d, d); all float32.
    """

    labels: tuple[str, ...]
    weight: FloatArray
    bias: FloatArray
    mean: FloatArray
    whiten: FloatArray

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
        names: Mapping[str, FloatArray] | None = None,
        warm: IntentHead | None = None,
        apart: str | None = None,
    ) -> IntentHead:
        """Fit a head to vectors ``x`` (n, d) with labels ``y``; the optimum is unique.

        :param names: sentence vectors (d,) of what labels are called; a label that ``y`` lacks
            becomes an intent known by its name alone.
        :param warm: a head to start from; classes are matched by name.
        :param apart: a label that is no intent like the others: its lines have nothing in common,
            and what is learned of the others is the same with and without them.
        :raises ModelError: no examples, lengths that differ, or values that are not finite.
        """
        return cls.fit_transform(x, y, names=names, warm=warm, apart=apart)[0]

    @classmethod
    def fit_transform(
        cls,
        x: FloatArray,
        y: Sequence[str],
        *,
        names: Mapping[str, FloatArray] | None = None,
        warm: IntentHead | None = None,
        apart: str | None = None,
    ) -> tuple[IntentHead, FloatArray]:
        """As :meth:`fit`, and ``x`` as :meth:`transform` turns it, (n, d)."""
        names = names or {}
        labels, codes = _encode_labels(x, y, names)
        order = _canonical_order(x, codes)
        x, codes = np.ascontiguousarray(x[order], dtype=np.float32), codes[order]
        column = labels.index(apart) if apart in set(y) - {None} and len(set(y)) > 1 else -1
        inner = codes != column
        mean = x[inner].mean(axis=0, dtype=np.float64).astype(np.float32)
        whiten = whitener(unit_rows(x[inner] - mean), codes[inner], len(labels))
        z = unit_rows(unit_rows(x - mean) @ whiten)
        called = np.zeros((len(labels), x.shape[1]), dtype=np.float32)
        if named := [column for column, label in enumerate(labels) if label in names]:
            vectors = np.stack([names[labels[column]] for column in named])
            called[named] = unit_rows(unit_rows(vectors - mean) @ whiten)
        start = starting_point(labels, warm.labels, warm.weight, warm.bias) if warm else None
        if start is not None and start[0].shape[0] != x.shape[1]:
            start = None
        weight, bias = fit_all(z, codes, called, start, apart=column)
        given = np.empty_like(z)
        given[order] = z
        return cls(labels, weight, bias, mean, whiten), given

    def transform(self, x: FloatArray) -> FloatArray:
        """Centre, whiten and renormalise vectors (n, d) the way the head sees them."""
        if x.ndim != 2 or x.shape[1] != self.dim:
            raise ModelError(
                "The vectors do not fit the intent head",
                expected=f"shape (n, {self.dim})",
                found=str(x.shape),
                fix="Use the encoder that the head was trained with.",
            )
        return unit_rows(products(unit_rows(x - self.mean), self.whiten))

    def logits(self, x: FloatArray) -> FloatArray:
        """Scores (n, c) for vectors (n, d); softmax of them gives uncalibrated probabilities."""
        return self.scores(self.transform(x))

    def scores(self, z: FloatArray) -> FloatArray:
        """Scores (n, c) for vectors (n, d) that :meth:`transform` has been applied to."""
        scores: FloatArray = z @ self.weight + self.bias
        return scores

    def arrays(self) -> dict[str, AnyArray]:
        """Everything that :meth:`from_arrays` needs, as arrays without objects."""
        return {
            "kind": np.array(KIND),
            "labels": np.array(self.labels),
            "weight": self.weight,
            "bias": self.bias,
            "mean": self.mean,
            "whiten": self.whiten,
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, AnyArray]) -> IntentHead:
        """Rebuild a head from :meth:`arrays`."""
        if "whiten" not in arrays:
            raise ModelError(
                "The intent head was made by an older version",
                expected="arrays weight, bias, mean and whiten",
                found=", ".join(sorted(arrays)),
                fix="Train again with this version.",
            )
        labels = tuple(str(label) for label in arrays["labels"])
        weight, bias, mean, whiten = (
            arrays[name].astype(np.float32, copy=False)
            for name in ("weight", "bias", "mean", "whiten")
        )
        d, c = len(mean), len(labels)
        if weight.shape != (d, c) or bias.shape != (c,) or whiten.shape != (d, d):
            raise ModelError(
                "The intent head's arrays do not fit together",
                expected=f"weight ({d}, {c}), bias ({c},) and whiten ({d}, {d})",
                found=f"{weight.shape}, {bias.shape} and {whiten.shape}",
                fix="Train again.",
            )
        return cls(labels, weight, bias, mean, whiten)

    def save(self, path: Path) -> None:
        """Write an npz file."""
        save_arrays(path, self.arrays())

    @classmethod
    def load(cls, path: Path) -> IntentHead:
        """Read a file written by :meth:`save`."""
        return cls.from_arrays(load_arrays(path, KIND))


def _encode_labels(
    x: FloatArray, y: Sequence[str], names: Mapping[str, FloatArray]
) -> tuple[tuple[str, ...], IntArray]:
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
    labels = tuple(sorted({*y, *names}))
    index = {label: code for code, label in enumerate(labels)}
    return labels, np.array([index[label] for label in y], dtype=np.int64)


def _canonical_order(x: FloatArray, codes: IntArray) -> IntArray:
    """Sort lines by class and then by their bytes, so that float sums come out the same."""
    rows = np.ascontiguousarray(x, dtype=np.float32).view(f"V{4 * x.shape[1]}").ravel()
    by_bytes = sorted(range(len(codes)), key=lambda i: (int(codes[i]), rows[i].tobytes()))
    return np.array(by_bytes, dtype=np.int64)


def starting_point(
    labels: Sequence[str], known: Sequence[str], weight: FloatArray, bias: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Weights (d, k) and biases (k,) of ``labels`` from a head of the labels ``known``."""
    column = {label: place for place, label in enumerate(known)}
    first = np.zeros((weight.shape[0], len(labels)), dtype=np.float32)
    offset = np.zeros(len(labels), dtype=np.float32)
    for place, label in enumerate(labels):
        if label in column:
            first[:, place], offset[place] = weight[:, column[label]], bias[column[label]]
    return first, offset


def whitener(z: FloatArray, codes: IntArray, k: int) -> FloatArray:
    """Cholesky factor (d, d) of the inverse covariance within ``k`` classes, drawn to the sphere.

    :param z: vectors (n, d), centred and of length 1, with classes ``codes`` (n,).
    """
    apart = z - class_means(z, codes, k)[codes]
    n, d = apart.shape
    covariance = (apart.T @ apart).astype(np.float64) / max(n, 1)
    spread = float(np.trace(covariance)) / d
    if spread < 1e-9:
        return np.eye(d, dtype=np.float32)
    shrunk = (1 - SPHERE) * covariance / spread + SPHERE * np.eye(d)
    return inverse_factor(shrunk)
