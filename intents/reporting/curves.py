"""Pictures of confidence: reliability, and risk against coverage."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from models.arrays import AnyArray

BINS = 10
POINTS = 120


@dataclass(frozen=True)
class Bin:
    """Lines whose confidence lies in (low, high]: how sure, how often right, with a 95 % interval
    (Wilson, 1927)."""

    low: float
    high: float
    lines: int
    confidence: float
    right: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class RiskPoint:
    """When the ``coverage`` surest share of lines is answered, ``risk`` of these are wrong, and
    the least confidence among them is ``confidence``."""

    coverage: float
    risk: float
    confidence: float


@dataclass(frozen=True)
class RiskCoverage:
    """The curve, and where the release stands: the share answered and the errors among these."""

    points: tuple[RiskPoint, ...]
    deployed: RiskPoint | None
    wanted_error: float | None


def reliability(confidence: AnyArray, right: AnyArray, bins: int = BINS) -> tuple[Bin, ...]:
    """Bins of equal width that hold at least one line."""
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    found = []
    for number in range(bins):
        inner = place == number
        count = int(inner.sum())
        if count:
            hits = int(right[inner].sum())
            found.append(
                Bin(
                    number / bins,
                    (number + 1) / bins,
                    count,
                    float(confidence[inner].mean()),
                    hits / count,
                    wilson(hits, count),
                )
            )
    return tuple(found)


def risk_coverage(
    confidence: AnyArray, right: AnyArray, accepted: AnyArray, wanted_error: float | None = None
) -> RiskCoverage:
    """The curve over falling confidence (El-Yaniv and Wiener, 2010), thinned to what is drawn."""
    n = len(confidence)
    if not n:
        return RiskCoverage((), None, wanted_error)
    order = np.argsort(-confidence, kind="stable")
    wrong = np.cumsum(~right[order].astype(bool))
    taken = np.arange(1, n + 1)
    ordered = confidence[order]
    ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
    step = max(1, math.ceil(len(ends) / POINTS))
    kept = np.unique(np.append(ends[::-1][::step], ends[-1]))
    points = tuple(
        RiskPoint(float(taken[i] / n), float(wrong[i] / taken[i]), float(ordered[i])) for i in kept
    )
    return RiskCoverage(points, _deployed(confidence, right, accepted), wanted_error)


def wilson(hits: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share."""
    if not count:
        return 0.0, 1.0
    share = hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count**2)) / (1 + z * z / count)
    return max(0.0, middle - half), min(1.0, middle + half)


def _deployed(confidence: AnyArray, right: AnyArray, accepted: AnyArray) -> RiskPoint | None:
    taken = accepted.astype(bool)
    if not taken.any():
        return None
    return RiskPoint(
        float(taken.mean()),
        float((~right[taken].astype(bool)).mean()),
        float(confidence[taken].min()),
    )
