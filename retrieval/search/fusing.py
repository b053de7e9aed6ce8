"""Fusion that is learned: how much each part of a search counts, judged on what it had not seen.

The score is linear in the parts. Weights come from a softmax regression over each query's
candidates, which is convex. The gate: where the fused order is not better than the best single
part's on queries that had no say in the weights, that part alone is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.arrays import FloatArray

Float64Array = npt.NDArray[np.float64]
PENALTY = 1e-3


@dataclass(frozen=True)
class LearnedFusion:
    """A weight for each of the named parts."""

    names: tuple[str, ...]
    weights: tuple[float, ...]

    def __call__(self, parts: FloatArray) -> FloatArray:
        """Scores (…,) of candidates with ``parts`` (…, f)."""
        scores: FloatArray = parts @ np.array(self.weights, dtype=np.float32)
        return scores

    @property
    def single(self) -> bool:
        """Whether the gate left one part alone."""
        return sum(weight != 0 for weight in self.weights) == 1


def learn_fusion(names: Sequence[str], parts: FloatArray) -> LearnedFusion:
    """Learn from queries with their candidates.

    :param parts: (n, c, f); the first candidate of each query is the right one. They must come
        from searches that had not seen the query.
    """
    halves = np.arange(len(parts)) % 2 == 0
    apart = np.zeros(parts.shape[:2], dtype=np.float32)
    for half in (halves, ~halves):
        if half.any() and not half.all():
            apart[half] = parts[half] @ _weights(parts[~half]).astype(np.float32)
    alone = [first_share(parts[..., f]) for f in range(parts.shape[2])]
    best = int(np.argmax(alone))
    if len(parts) < 2 or first_share(apart) < alone[best]:
        return LearnedFusion(tuple(names), tuple(float(f == best) for f in range(len(names))))
    return LearnedFusion(tuple(names), tuple(map(float, _weights(parts))))


def first_share(scores: FloatArray) -> float:
    """Share of queries (n, c) whose first candidate is ahead of all others."""
    if not len(scores):
        return 0.0
    return float((scores[:, 1:].max(axis=1) < scores[:, 0]).mean())


def ranks(scores: FloatArray) -> Float64Array:
    """Rank of the first candidate of each query (n, c); ties share the mean of their ranks."""
    right = scores[:, :1]
    above = (scores[:, 1:] > right).sum(axis=1)
    level = (scores[:, 1:] == right).sum(axis=1)
    found: Float64Array = 1.0 + above + level / 2
    return found


def _weights(parts: FloatArray) -> Float64Array:
    """The most likely weights under an L2 penalty on those of standardised parts."""
    from scipy.optimize import minimize

    spread = np.maximum(parts.std(axis=(0, 1), dtype=np.float64), 1e-6)
    x = parts / spread

    def objective(weights: Float64Array) -> tuple[float, Float64Array]:
        z = x @ weights
        z -= z.max(axis=1, keepdims=True)
        chance = np.exp(z)
        chance /= chance.sum(axis=1, keepdims=True)
        loss = -np.log(np.maximum(chance[:, 0], 1e-12)).mean() + PENALTY * float(weights @ weights)
        gradient = np.einsum("nc,ncf->f", chance, x, optimize=True) / len(x)
        return loss, gradient - x[:, 0].mean(axis=0) + 2 * PENALTY * weights

    start = np.zeros(parts.shape[2])
    found: Float64Array = minimize(objective, start, jac=True, method="L-BFGS-B").x / spread
    return found
