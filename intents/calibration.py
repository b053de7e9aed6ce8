"""From logits to honest probabilities.

The head's logits are joined with a memory of nearest examples (Khandelwal et al., 2020), by as much
as held-out lines call for: hardly at all with five examples an intent, much with a hundred. One
temperature (Guo et al., 2017) then makes confidences honest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from models.arrays import FloatArray, IntArray
from models.shares import logsumexp, softmax

SHARPNESS = 20.0
"""How fast a memory line's say falls with its cosine."""
WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
_LOW, _HIGH = 0.02, 20.0
_FEWEST, _ENOUGH = 20, 2000
_STEPS, _EXACT = 50, 1e-4
_NEVER = -1e3
"""How far below the best a logit counts at most: as good as never, and a number to reckon with."""


@dataclass(frozen=True)
class Calibration:
    """``temperature`` divides the joint logits; ``memory`` is the nearest examples' weight."""

    temperature: float
    memory: float

    def joint(self, logits: FloatArray, nearest: FloatArray) -> FloatArray:
        """Logits (n, c) of head and memory; ``nearest`` (n, c) as in :func:`fit_calibration`.

        A class that the memory holds nothing of (-1) is as near as any stranger.
        """
        known: FloatArray = np.where(nearest > -1, nearest, 0).astype(np.float32)
        both: FloatArray = logits + np.float32(self.memory * SHARPNESS) * known
        return both

    def probabilities(self, logits: FloatArray, nearest: FloatArray) -> FloatArray:
        """Calibrated probabilities (n, c)."""
        return probabilities(self.joint(logits, nearest), self.temperature)


def fit_calibration(logits: FloatArray, nearest: FloatArray, codes: IntArray) -> Calibration:
    """The weight and temperature with the least negative log-likelihood on held-out lines.

    :param logits: (n, c); a class that was not trained has ``-inf``.
    :param nearest: (n, c) largest cosine to an example of each class.
    :param codes: the right class of each line; with fewer than 20 nothing can be fitted.
    """
    if len(codes) < _FEWEST:
        return Calibration(1.0, 0.0)
    some = np.linspace(0, len(codes) - 1, min(len(codes), _ENOUGH)).astype(np.int64)
    found: list[tuple[float, Calibration]] = []
    temperature = 1.0
    for weight in WEIGHTS:
        joint = Calibration(1.0, weight).joint(logits[some], nearest[some])
        temperature = fit_temperature(joint, codes[some], temperature)
        found.append((_loss(joint, codes[some], temperature), Calibration(temperature, weight)))
    _, best = min(found, key=lambda one: one[0])
    joint = best.joint(logits, nearest)
    return Calibration(fit_temperature(joint, codes, best.temperature), best.memory)


def fit_temperature(logits: FloatArray, codes: IntArray, start: float = 1.0) -> float:
    """The temperature with the least negative log-likelihood on held-out logits.

    The loss is convex in one over the temperature, in which Newton's method finds its minimum in a
    few steps; where a step leaves what is left of the range, that is halved.

    :param logits: (n, c); a class that was not trained has ``-inf``.
    :param codes: the right class of each line. With fewer than 20 lines 1.0 is returned.
    :param start: where to begin.
    """
    if len(codes) < _FEWEST:
        return 1.0
    scores = logits.astype(np.float64)
    scores = np.maximum(scores - scores.max(axis=1, keepdims=True), _NEVER)
    own = scores[np.arange(len(codes)), codes]
    low, high, sharpness = 1 / _HIGH, 1 / _LOW, 1 / start
    for _ in range(_STEPS):
        shares = np.exp(scores * sharpness)
        shares /= shares.sum(axis=1, keepdims=True)
        expected = np.einsum("nc,nc->n", shares, scores)
        slope = float((expected - own).mean())
        curve = float((np.einsum("nc,nc->n", shares, scores**2) - expected**2).mean())
        low, high = (low, sharpness) if slope > 0 else (sharpness, high)
        wanted = sharpness - slope / curve if curve > 0 else math.inf
        wanted = wanted if low < wanted < high else math.sqrt(low * high)
        sharpness, moved = wanted, abs(wanted / sharpness - 1)
        if moved < _EXACT:
            break
    return 1 / sharpness


def probabilities(logits: FloatArray, temperature: float) -> FloatArray:
    """Calibrated probabilities (n, c); ``-inf`` gives 0."""
    return softmax(logits.astype(np.float64) / temperature).astype(np.float32)


def _loss(logits: FloatArray, codes: IntArray, temperature: float) -> float:
    scaled = logits.astype(np.float64) / temperature
    return float((logsumexp(scaled) - scaled[np.arange(len(codes)), codes]).mean())
