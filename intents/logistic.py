"""Logistic regression of two classes, small enough to be kept as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.arrays import AnyArray, FloatArray


@dataclass(frozen=True)
class Logistic:
    """A logistic model: ``weight`` (f,) and ``bias``."""

    weight: FloatArray
    bias: float

    def scores(self, features: AnyArray) -> FloatArray:
        """Log-odds (n,) of features (n, f)."""
        found: FloatArray = (features @ self.weight + self.bias).astype(np.float32)
        return found

    def as_json(self) -> dict[str, Any]:
        """The model as plain data."""
        return {"weight": [round(float(w), 5) for w in self.weight], "bias": round(self.bias, 5)}

    @classmethod
    def from_json(cls, read: Mapping[str, Any]) -> Logistic:
        """The inverse of :meth:`as_json`."""
        return cls(np.array(read["weight"], dtype=np.float32), float(read["bias"]))


def fit_logistic(features: AnyArray, target: AnyArray, ridge: float = 20.0) -> Logistic:
    """Logistic regression by Newton's method, both classes weighing the same.

    :param ridge: strength of the penalty on weights of standardised features.
    """
    x = features.astype(np.float64)
    centre, scale = x.mean(axis=0), x.std(axis=0)
    scale[scale < 1e-6] = 1.0
    z = np.column_stack([(x - centre) / scale, np.ones(len(x))])
    y = target.astype(np.float64)
    share = float(np.clip(y.mean(), 1e-3, 1 - 1e-3))
    weights = np.where(y > 0, 0.5 / share, 0.5 / (1 - share))
    penalty = np.full(z.shape[1], ridge)
    penalty[-1] = 1e-3
    found = np.zeros(z.shape[1])
    for _ in range(30):
        guess = 1 / (1 + np.exp(-np.clip(z @ found, -30, 30)))
        slope = z.T @ (weights * (guess - y)) + penalty * found
        curve = (z * (weights * guess * (1 - guess))[:, None]).T @ z + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        found -= step
        if float(np.abs(step).max()) < 1e-6:
            break
    weight = found[:-1] / scale
    return Logistic(weight.astype(np.float32), float(found[-1] - weight @ centre))
