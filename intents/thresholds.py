"""From scores to a decision: accept, ask which of a few was meant, or reject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from intents.examples import OUT_OF_SCOPE
from models.arrays import AnyArray

Decision = Literal["accept", "clarify", "reject"]
SURE = 0.9
"""How sure it is that deployed thresholds hold the error rate on lines like the held-out ones."""
_FEW = 100


@dataclass(frozen=True)
class Taken:
    """What a text is taken for; the fields are those of :class:`intents.parse.Parse`."""

    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...]
    decision: Decision
    options: tuple[str, ...]
    out_of_scope: float


@dataclass(frozen=True)
class Thresholds:
    """Where decisions change.

    A line is rejected when its out-of-scope score reaches ``reject_at``, or when even its best
    ``max_options`` intents together have less than ``least_known``; it is accepted when its top
    intent has at least ``accept_at``; between the two the customer is asked. The intents to offer
    are the likeliest that together reach ``covers``, a split-conformal level.
    """

    accept_at: float
    reject_at: float
    least_known: float
    error_rate: float
    max_options: int
    covers: float = 0.95

    def decide(self, ranked: AnyArray, out_of_scope: float) -> Decision:
        """Decide by the probabilities of the intents, largest first."""
        if out_of_scope >= self.reject_at:
            return "reject"
        if float(ranked[0]) >= self.accept_at:
            return "accept"
        known = float(ranked[: self.max_options].sum())
        return "clarify" if known >= self.least_known and len(ranked) > 1 else "reject"

    def taken(self, names: Sequence[str], shares: AnyArray, out_of_scope: float) -> Taken:
        """What a text is taken for by the probabilities (c,) of the intents ``names``.

        The assistant's own ``out_of_scope`` intent is an answer, not a refusal, and no option.
        """
        order = np.argsort(-shares, kind="stable")
        ranking = tuple((names[c], float(shares[c])) for c in order)
        top, confidence = ranking[0]
        decision = "accept" if top == OUT_OF_SCOPE else self.decide(shares[order], out_of_scope)
        options = self._offered(ranking) if decision == "clarify" else ()
        return Taken(top, confidence, ranking, decision, options, out_of_scope)

    def _offered(self, ranking: tuple[tuple[str, float], ...]) -> tuple[str, ...]:
        inner = [(name, share) for name, share in ranking if name != OUT_OF_SCOPE]
        most = self.options(np.array([share for _, share in inner]))
        return tuple(name for name, _ in inner[:most])

    def options(self, ranked: AnyArray) -> int:
        """How many options to offer: the fewest that hold the answer at the wanted error rate."""
        most = min(self.max_options, len(ranked))
        enough = np.searchsorted(np.cumsum(ranked[:most]), self.covers) + 1
        return int(np.clip(enough, min(2, most), most))

    def as_json(self) -> dict[str, Any]:
        """The thresholds as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, read: Mapping[str, Any]) -> Thresholds:
        """The inverse of :meth:`as_json`."""
        return cls(**{name: read[name] for name in cls.__dataclass_fields__})


def fit_thresholds(
    confidence: AnyArray,
    right: AnyArray,
    score_in: AnyArray,
    score_out: AnyArray,
    *,
    error_rate: float,
    max_options: int,
    out_of_scope_share: float,
    covers: float,
    least_known: float = 0.5,
) -> Thresholds:
    """Derive thresholds from held-out lines.

    ``reject_at`` is where most messages get what they need, with ``out_of_scope_share`` of them
    out of scope: an in-scope line needs to be kept if its top intent is right, an out-of-scope one
    to be rejected. ``accept_at`` is the lowest confidence at which no more than ``error_rate`` of
    the accepted in-scope lines are wrong.
    """
    reject_at = _best_rejection(right, score_in, score_out, out_of_scope_share)
    kept = score_in < reject_at
    accept_at = lowest_confidence(confidence[kept], right[kept], error_rate)
    return Thresholds(accept_at, reject_at, least_known, error_rate, max_options, covers)


def conformal_level(reach: AnyArray, error_rate: float) -> float:
    """The summed probability at which sets of the likeliest intents hold the right one.

    Adaptive prediction sets (Romano et al., 2020) without randomising: the level is the quantile
    of ``reach`` with the usual correction for a finite sample. Without enough lines it is
    ``1 - error_rate``.

    :param reach: scores (n,) of held-out lines by :func:`reach_of`.
    """
    rank = np.ceil((len(reach) + 1) * (1 - error_rate))
    if rank > len(reach) or len(reach) < _FEW:
        return 1 - error_rate
    return float(np.sort(reach)[int(rank) - 1])


def reach_of(shares: AnyArray, codes: AnyArray) -> AnyArray:
    """The probability (n,) of all intents down to the right one.

    :param shares: calibrated probabilities (n, c) of lines with right classes ``codes``.
    """
    own = shares[np.arange(len(codes)), codes][:, None]
    reach: AnyArray = np.where(shares >= own, shares, 0.0).sum(axis=1)
    return reach


def lowest_confidence(confidence: AnyArray, right: AnyArray, error_rate: float) -> float:
    """The lowest confidence at which at most ``error_rate`` of the lines above are wrong.

    What must hold the rate is the upper end of a one-sided interval of Clopper and Pearson with
    ``SURE``, as in risk-controlling prediction sets (Bates et al., 2021): a rate that was merely
    met on the held-out lines is missed on the next ones half of the time. Fewer than ``_FEW`` lines
    can show nothing of the kind, nor can lines some of which are mislabelled, at whatever
    confidence; there one error is added to those seen. Above 1 where no threshold holds the rate.
    """
    if not len(confidence):
        return 1.01
    order = np.argsort(-confidence, kind="stable")
    ordered, wrong = confidence[order], np.cumsum(~right[order].astype(bool))
    taken = np.arange(1, len(order) + 1)
    last_of_tie = np.append(ordered[1:] != ordered[:-1], True)
    surely = (len(order) >= _FEW) & (_upper_rate(wrong, taken) <= error_rate)
    probably = wrong + 1 <= error_rate * (taken + 1)
    fits = np.flatnonzero(last_of_tie & surely)
    if not len(fits):
        fits = np.flatnonzero(last_of_tie & probably)
    if not len(fits):
        return 1.01
    place = int(fits[-1])
    # Half way to the next line, so that rounding does not flip the last one.
    below = ordered[place + 1] if place + 1 < len(ordered) else ordered[place]
    return float((ordered[place] + below) / 2)


def _upper_rate(wrong: AnyArray, taken: AnyArray) -> AnyArray:
    """Upper end of the interval for each error rate ``wrong / taken``."""
    from scipy.special import betaincinv

    left = taken - wrong
    upper: AnyArray = np.where(left > 0, betaincinv(wrong + 1, np.maximum(left, 1), SURE), 1.0)
    return upper


def _best_rejection(
    right: AnyArray, score_in: AnyArray, score_out: AnyArray, share: float
) -> float:
    if len(score_in) < 5 or len(score_out) < 5:
        return 0.9
    candidates = np.unique(np.concatenate([score_in, score_out, [1.01]]))
    kept_right = np.sort(score_in[right.astype(bool)])
    kept = np.searchsorted(kept_right, candidates, side="left") / len(score_in)
    rejected = 1 - np.searchsorted(np.sort(score_out), candidates, side="left") / len(score_out)
    gain = (1 - share) * kept + share * rejected
    best = np.flatnonzero(gain >= gain.max() - 1e-9)
    return float(candidates[best[len(best) // 2]])
