"""From logits to honest probabilities.

The head's logits are joined with a memory of nearest examples (Khandelwal et al., 2020), by as much
as held-out lines call for: hardly at all with five examples an intent, much with a hundred. One
temperature (Guo et al., 2017) then makes confidences honest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.arrays import AnyArray, FloatArray, IntArray

SHARPNESS = 20.0
"""How fast a memory line's say falls with its cosine."""
WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
_LOW, _HIGH = 0.02, 20.0
_FEWEST, _ENOUGH = 20, 2000


@dataclass(frozen=True)
class Calibration:
    """``temperature`` divides the joint logits; ``memory`` is the nearest examples' weight."""

    temperature: float
    memory: float

    def joint(self, logits: FloatArray, nearest: FloatArray) -> FloatArray:
        """Logits (n, c) of head and memory; ``nearest`` (n, c) as in :func:`fit_calibration`."""
        both: FloatArray = logits + np.float32(self.memory * SHARPNESS) * nearest
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
    losses = []
    for weight in WEIGHTS:
        joint = Calibration(1.0, weight).joint(logits[some], nearest[some])
        temperature = fit_temperature(joint, codes[some])
        losses.append(_loss(joint.astype(np.float64), codes[some], float(np.log(temperature))))
    memory = WEIGHTS[int(np.argmin(losses))]
    return Calibration(
        fit_temperature(Calibration(1.0, memory).joint(logits, nearest), codes), memory
    )


def fit_temperature(logits: FloatArray, codes: IntArray) -> float:
    """The temperature with the least negative log-likelihood on held-out logits.

    :param logits: (n, c); a class that was not trained has ``-inf``.
    :param codes: the right class of each line. With fewer than 20 lines 1.0 is returned.
    """
    if len(codes) < _FEWEST:
        return 1.0
    scores = logits.astype(np.float64)
    low, high = np.log(_LOW), np.log(_HIGH)
    golden = (np.sqrt(5) - 1) / 2
    left, right = high - golden * (high - low), low + golden * (high - low)
    loss_left, loss_right = _loss(scores, codes, left), _loss(scores, codes, right)
    # The loss has one minimum in log T; 24 steps narrow it to a thousandth.
    for _ in range(24):
        if loss_left < loss_right:
            high, right, loss_right = right, left, loss_left
            left = high - golden * (high - low)
            loss_left = _loss(scores, codes, left)
        else:
            low, left, loss_left = left, right, loss_right
            right = low + golden * (high - low)
            loss_right = _loss(scores, codes, right)
    return float(np.exp((low + high) / 2))


def probabilities(logits: FloatArray, temperature: float) -> FloatArray:
    """Calibrated probabilities (n, c); ``-inf`` gives 0."""
    scaled = logits.astype(np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    shares: FloatArray = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares


def _loss(scores: AnyArray, codes: IntArray, log_temperature: float) -> float:
    scaled = scores / np.exp(log_temperature)
    peak = scaled.max(axis=1)
    total = peak + np.log(np.exp(scaled - peak[:, None]).sum(axis=1))
    return float((total - scaled[np.arange(len(codes)), codes]).mean())
