"""Shares that add up to one, out of scores of any size, without overflow."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Scores = TypeVar("Scores", NDArray[np.float32], NDArray[np.float64])
"""What is given is of the type that was taken."""


def logsumexp(values: Scores, axis: int = -1) -> Scores:
    """``log(sum(exp(values)))`` along ``axis``."""
    peak = values.max(axis=axis, keepdims=True)
    total: Scores = np.log(np.exp(values - peak).sum(axis=axis)) + peak.squeeze(axis)
    return total


def log_softmax(logits: Scores) -> Scores:
    """Log-probabilities along the last axis."""
    moved: Scores = logits - logits.max(axis=-1, keepdims=True)
    moved -= np.log(np.exp(moved).sum(axis=-1, keepdims=True))
    return moved


def softmax(logits: Scores) -> Scores:
    """Probabilities along the last axis; a logit of ``-inf`` gives 0."""
    powers: Scores = np.exp(logits - logits.max(axis=-1, keepdims=True))
    powers /= powers.sum(axis=-1, keepdims=True)
    return powers
