"""What a stretch of a message is about, at a glance: by the message's own encoder pass.

The mean of a stretch's token states says less than reading the stretch alone would (nine of ten
intents in place of nineteen of twenty), but it costs nothing, and it is enough to see that most
messages ask for one thing.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.arrays import FloatArray, IntArray, unit_rows
from models.regression import solve
from models.shares import softmax

FEATURES = 13
C = 10.0
Span = tuple[int, int]


@dataclass(frozen=True)
class Glance:
    """A linear classifier of unit means of token states around ``mean`` (d,): ``weight`` (d, c)
    and ``bias`` (c,)."""

    mean: FloatArray
    weight: FloatArray
    bias: FloatArray

    @classmethod
    def fit(cls, means: FloatArray, labels: Sequence[str]) -> Glance:
        """Fit to the mean token states (n, d) of whole lines and their intents."""
        names = sorted(set(labels))
        codes: IntArray = np.array([names.index(label) for label in labels], dtype=np.int64)
        mean = means.mean(axis=0).astype(np.float32)
        weight, bias = solve(
            unit_rows(means - mean),
            codes,
            np.ones(len(codes), dtype=np.float32),
            C,
            np.zeros((means.shape[1], len(names)), dtype=np.float32),
            np.zeros(len(names), dtype=np.float32),
            1e-5,
        )
        return cls(mean, weight.astype(np.float32), bias.astype(np.float32))

    def shares(self, means: FloatArray) -> FloatArray:
        """How likely each intent is (n, c) for stretches with these mean states (n, d)."""
        return softmax(unit_rows(means - self.mean) @ self.weight + self.bias)

    def as_json(self) -> dict[str, Any]:
        """The classifier as plain data, its arrays as base64 of half floats."""
        return {name: packed(getattr(self, name)) for name in ("mean", "weight", "bias")}

    @classmethod
    def from_json(cls, read: Mapping[str, Any]) -> Glance:
        """The inverse of :meth:`as_json`.

        :raises KeyError, ValueError: not what :meth:`as_json` gives.
        """
        mean, bias = unpacked(read["mean"]), unpacked(read["bias"])
        weight = unpacked(read["weight"]).reshape(len(mean), len(bias))
        return cls(mean, weight, bias)


def pooled(states: FloatArray, offsets: IntArray, spans: Sequence[Span]) -> FloatArray:
    """Mean token states (n, d) of the spans; zeros for one without a token.

    :param states: token states (t, d) with their character ``offsets`` (t, 2).
    """
    found = np.zeros((len(spans), states.shape[1]), dtype=np.float32)
    for row, (start, end) in enumerate(spans):
        inside = (offsets[:, 0] < end) & (offsets[:, 1] > start)
        if inside.any():
            found[row] = states[inside].mean(axis=0)
    return found


def compared(
    sides: tuple[FloatArray, FloatArray], around: tuple[FloatArray, FloatArray], whole: FloatArray
) -> list[float]:
    """What the shares (c,) of two neighbours, of all that stands before and after their cut, and
    of the whole message say of the cut: ``FEATURES`` numbers."""
    found: list[float] = []
    for left, right in (sides, around):
        sure = sorted((_logit(left), _logit(right)))
        agree = float(left @ right)
        found += [*sure, _log(agree), sure[0] * (1 - agree)]
        found += sorted((_log(float(whole @ left)), _log(float(whole @ right))))
    return [*found, _logit(whole)]


def _logit(shares: FloatArray) -> float:
    top = float(np.clip(shares.max(), 0.01, 0.99))
    return float(np.log(top / (1 - top)))


def _log(share: float) -> float:
    return float(np.log(0.01 + share))


def packed(array: FloatArray) -> str:
    """An array as base64 of half floats."""
    return base64.b64encode(array.astype("<f2").tobytes()).decode()


def unpacked(given: str) -> FloatArray:
    """The numbers (n,) that :func:`packed` wrote."""
    return np.frombuffer(base64.b64decode(given), dtype="<f2").astype(np.float32)
