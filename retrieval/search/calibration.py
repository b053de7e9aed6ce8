"""From search scores to the chance that the best template found is a right one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64Array = npt.NDArray[np.float64]
LEAST = 20
"""Fewer comparisons than this on either side say nothing; the default is used."""


@dataclass(frozen=True)
class Evidence:
    """What speaks for the best template: its cosine, its BM25 share, and by how much its score
    is above that of the best template of any other response."""

    dense: float
    lexical: float
    margin: float


@dataclass(frozen=True)
class Calibration:
    """Logistic regression over :class:`Evidence`: a weight for each part, and a bias."""

    dense: float
    lexical: float
    margin: float
    bias: float

    def __call__(self, found: Evidence) -> float:
        """Chance from 0 to 1, taking right and wrong best hits as equally frequent."""
        score = self.dense * found.dense + self.lexical * found.lexical
        score += self.margin * found.margin + self.bias
        return float(1 / (1 + np.exp(-np.clip(score, -30, 30))))


DEFAULT = Calibration(dense=5.0, lexical=2.0, margin=6.0, bias=-3.8)
"""For indexes with too few questions; between what the retail pack gives with the two packaged
encoders."""


def fit(good: Sequence[Evidence], bad: Sequence[Evidence]) -> Calibration:
    """Fit to the evidence of best hits that are right (``good``) and wrong (``bad``).

    A weight below zero is left out: more evidence never means less coverage.
    """
    if min(len(good), len(bad)) < LEAST:
        return DEFAULT
    x = np.array([(e.dense, e.lexical, e.margin) for e in (*good, *bad)], dtype=np.float64)
    y = np.concatenate([np.ones(len(good)), np.zeros(len(bad))])
    balance = np.where(y == 1, 0.5 / len(good), 0.5 / len(bad)) * len(y)
    kept = [0, 1, 2]
    while kept:
        beta = _newton(x[:, kept], y, balance)
        lowest = int(np.argmin(beta[:-1]))
        if beta[lowest] >= 0:
            weights = np.zeros(3)
            weights[kept] = beta[:-1]
            dense, lexical, margin = map(float, weights)
            return Calibration(dense, lexical, margin, float(beta[-1]))
        kept.pop(lowest)
    return DEFAULT


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
