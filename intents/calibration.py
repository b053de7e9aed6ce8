"""Temperature scaling (Guo et al., 2017): one number that makes confidences honest."""

from __future__ import annotations

import numpy as np

from models.arrays import AnyArray, FloatArray, IntArray

_LOW, _HIGH = 0.02, 20.0


def fit_temperature(logits: FloatArray, codes: IntArray) -> float:
    """The temperature with the least negative log-likelihood on held-out logits.

    :param logits: (n, c); a class that was not trained has ``-inf``.
    :param codes: the right class of each line. With fewer than 20 lines 1.0 is returned.
    """
    if len(codes) < 20:
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
