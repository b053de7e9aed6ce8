"""From search scores to the chance that a good template was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64Array = npt.NDArray[np.float64]
LEAST = 20
"""Fewer comparisons than this on either side say nothing; the default is used."""


@dataclass(frozen=True)
class Calibration:
    """Logistic regression over (dense, lexical): weights and bias."""

    dense: float
    lexical: float
    bias: float

    def __call__(self, dense: float, lexical: float) -> float:
        """Chance from 0 to 1, taking good and bad best hits as equally frequent."""
        score = self.dense * dense + self.lexical * lexical + self.bias
        return float(1 / (1 + np.exp(-np.clip(score, -30, 30))))


DEFAULT = Calibration(dense=9.0, lexical=3.0, bias=-5.0)
"""For indexes with too few questions; measured on the retail pack with both packaged encoders."""


def fit(good: Sequence[tuple[float, float]], bad: Sequence[tuple[float, float]]) -> Calibration:
    """Fit to (dense, lexical) of best hits that are right (``good``) and wrong (``bad``).

    Weights are kept from falling below zero: more similarity never means less coverage.
    """
    if min(len(good), len(bad)) < LEAST:
        return DEFAULT
    x = np.array([*good, *bad], dtype=np.float64)
    y = np.concatenate([np.ones(len(good)), np.zeros(len(bad))])
    balance = np.where(y == 1, 0.5 / len(good), 0.5 / len(bad)) * len(y)
    both = _newton(x, y, balance)
    if both[0] >= 0 and both[1] >= 0:
        return Calibration(float(both[0]), float(both[1]), float(both[2]))
    kept = 0 if both[1] < 0 else 1
    single = _newton(x[:, [kept]], y, balance)
    weight, bias = max(0.0, float(single[0])), float(single[1])
    return Calibration(weight, 0.0, bias) if kept == 0 else Calibration(0.0, weight, bias)


def _newton(x: Float64Array, y: Float64Array, weight: Float64Array) -> Float64Array:
    """Weights and bias of an L2-penalised logistic regression; the bias is not penalised."""
    design = np.column_stack([x, np.ones(len(x))])
    penalty = np.full(design.shape[1], 0.1)
    penalty[-1] = 1e-6
    beta = np.zeros(design.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        gradient = design.T @ (weight * (chance - y)) + penalty * beta
        curvature = weight * np.maximum(chance * (1 - chance), 1e-6)
        step = np.linalg.solve((design.T * curvature) @ design + np.diag(penalty), gradient)
        beta = beta - step
        if float(np.abs(step).max()) < 1e-6:
            break
    return beta
