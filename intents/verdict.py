"""How far a head may be believed: its calibration, its out-of-scope fusion, and what shows it.

The evidence is kept apart from the thresholds, so that these follow when the operator asks for
another error rate, even where the lines themselves can no longer be judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from intents.calibration import Calibration
from intents.outofscope import Fusion
from intents.thresholds import Thresholds, conformal_level, fit_thresholds
from models.arrays import AnyArray, FloatArray, IntArray


@dataclass(frozen=True)
class Wanted:
    """What the operator wants of the decisions."""

    error_rate: float = 0.05
    max_options: int = 3
    out_of_scope_share: float = 0.2


@dataclass(frozen=True)
class Evidence:
    """Held-out lines inside (n), and lines of intents that were left out (o).

    ``confidence`` (n,) is the probability of the top intent, ``right`` (n,) whether it is the one,
    ``reach`` (n,) the probability of all intents down to the one, ``inside`` (n,) and ``outside``
    (o,) are out-of-scope scores. ``optimism`` is by how much the lines look easier than new ones.
    """

    confidence: FloatArray
    right: AnyArray
    reach: FloatArray
    inside: FloatArray
    outside: FloatArray
    optimism: float

    def thresholds(self, wanted: Wanted) -> Thresholds:
        """Where decisions change so that ``wanted`` holds."""
        rate = wanted.error_rate / self.optimism
        found = fit_thresholds(
            self.confidence,
            self.right,
            self.inside,
            self.outside,
            error_rate=rate,
            max_options=wanted.max_options,
            out_of_scope_share=wanted.out_of_scope_share,
            covers=conformal_level(self.reach, rate),
        )
        return replace(found, error_rate=wanted.error_rate)

    def arrays(self) -> dict[str, AnyArray]:
        """Everything that :meth:`from_arrays` needs."""
        return {"kind": np.array("evidence"), **vars(self), "optimism": np.array(self.optimism)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, AnyArray]) -> Evidence:
        """The inverse of :meth:`arrays`."""
        return cls(
            arrays["confidence"],
            arrays["right"],
            arrays["reach"],
            arrays["inside"],
            arrays["outside"],
            float(arrays["optimism"]),
        )


@dataclass(frozen=True)
class Verdict:
    """A calibration and a fusion with the evidence that thresholds follow from."""

    calibration: Calibration
    fusion: Fusion
    evidence: Evidence

    def arrays(self) -> dict[str, AnyArray]:
        """Everything that :meth:`from_arrays` needs, as numbers."""
        fusion = self.fusion
        return {
            **vars(self.evidence),
            "optimism": np.array(self.evidence.optimism),
            "calibration": np.array([self.calibration.temperature, self.calibration.memory]),
            "fusion": np.stack([fusion.centre, fusion.scale, fusion.weight]),
            "far": np.array([fusion.bias, fusion.far_from, fusion.far_slope]),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, AnyArray]) -> Verdict:
        """The inverse of :meth:`arrays`."""
        temperature, memory = map(float, arrays["calibration"])
        centre, scale, weight = arrays["fusion"]
        bias, far_from, far_slope = map(float, arrays["far"])
        return cls(
            Calibration(temperature, memory),
            Fusion(centre, scale, weight, bias, far_from, far_slope),
            Evidence.from_arrays(arrays),
        )


def optimism(counts: IntArray) -> float:
    """By how much lines look easier than new messages: ``1 + 1 / m`` with m lines an intent.

    The few lines of an intent are often of one hand, and likelier alike than what customers write.
    Temperatures are multiplied and error rates divided by it.

    :param counts: lines of each intent.
    """
    known = counts[counts > 0]
    return 1.0 + 1.0 / float(np.median(known)) if len(known) else 1.0
