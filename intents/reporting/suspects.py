"""Lines that are probably labelled wrong, by confident learning.

Northcutt, Jiang and Chuang, "Confident learning: estimating uncertainty in dataset labels" (2021):
held-out probabilities and the given labels give an estimate of how many labels of each kind are
wrong; so many of the lines that trust their label least are shown. The library is the authors'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from intents.reporting.judged import Judged
from intents.reporting.near import Place
from models.arrays import FloatArray, IntArray

MOST = 60
FEWEST_LINES = 30


@dataclass(frozen=True)
class Suspect:
    """A line whose label is doubtful: the probability of its label and of the likelier intent, and
    the nearest line that has the likelier one."""

    line: Place
    share: float
    likelier: str
    likelier_share: float
    witness: str | None


def suspects(judged: Judged, z: FloatArray) -> tuple[Suspect, ...] | None:
    """Doubtful lines of ``judged``, the most doubtful first; None where the library is missing.

    :param z: unit vectors (n, d) in which to look for the nearest line of the likelier intent.
    """
    codes = judged.codes
    use = np.flatnonzero((codes >= 0) & np.isfinite(judged.shares).all(axis=1))
    if len(use) < FEWEST_LINES or len(set(codes[use].tolist())) < 2:
        return ()
    found = _issues(codes[use], judged.shares[use])
    if found is None:
        return None
    rows = [int(use[i]) for i in found]
    rows = [row for row in rows if judged.top[row] != codes[row]]
    return tuple(_suspect(judged, row, z, use) for row in rows[:MOST])


def _issues(codes: IntArray, shares: FloatArray) -> Sequence[int] | None:
    try:
        from cleanlab.filter import find_label_issues
    except ImportError:
        return None
    # Columns of intents that have no line here would have no threshold of their own.
    present = np.unique(codes)
    kept = shares[:, present].astype(np.float64) + 1e-9
    ranked: IntArray = find_label_issues(
        np.searchsorted(present, codes),
        kept / kept.sum(axis=1, keepdims=True),
        return_indices_ranked_by="self_confidence",
        filter_by="low_self_confidence",
        n_jobs=1,
    )
    return [int(i) for i in ranked]


def _suspect(judged: Judged, row: int, z: FloatArray, use: IntArray) -> Suspect:
    likelier = judged.predicted(row)
    theirs = [int(i) for i in use if judged.gold[int(i)] == likelier]
    witness = None
    if theirs:
        witness = judged.texts[theirs[int((z[theirs] @ z[row]).argmax())]]
    return Suspect(
        Place(judged.texts[row], judged.gold[row], judged.places[row]),
        float(judged.shares[row, judged.codes[row]]),
        likelier,
        float(judged.shares[row].max()),
        witness,
    )
