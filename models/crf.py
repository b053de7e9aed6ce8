"""The sums of a linear-chain CRF (Lafferty et al., 2001), over many sequences at a time."""

from __future__ import annotations

import numpy as np

from models.arrays import FloatArray, IntArray

LEAST = 1e-30


def forward_backward(
    scores: FloatArray,
    lengths: IntArray,
    transitions: FloatArray,
    starts: FloatArray,
    ends: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Log weights of all paths up to, and on from, each tag: two arrays (n, u, t).

    :param scores: of each tag at each place (n, u, t); a sequence has the first of its places, as
        many as ``lengths`` (n,) says, and what stands behind them is not looked at.
    :param transitions: log weight (t, t) of the row's tag before the column's.
    :param starts: of each tag (t,) as the first; ``ends`` as the last.
    """
    powers = np.exp(transitions)
    forward, backward = np.empty_like(scores), np.empty_like(scores)
    forward[:, 0] = scores[:, 0] + starts
    for at in range(1, scores.shape[1]):
        forward[:, at] = _log_product(forward[:, at - 1], powers) + scores[:, at]
    final = lengths - 1
    backward[:, -1] = ends
    for at in range(scores.shape[1] - 2, -1, -1):
        ahead = _log_product(scores[:, at + 1] + backward[:, at + 1], powers.T)
        backward[:, at] = np.where((at < final)[:, None], ahead, ends)
    return forward, backward


def _log_product(logs: FloatArray, powers: FloatArray) -> FloatArray:
    """``log(exp(logs) @ powers)`` (n, t) without overflow."""
    peak = logs.max(axis=1, keepdims=True)
    total: FloatArray = np.log(np.maximum(np.exp(logs - peak) @ powers, LEAST)) + peak
    return total
