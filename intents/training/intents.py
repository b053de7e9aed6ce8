"""The intent part of a training, judged by vectors that show how new messages will fare.

A fine-tune draws the lines it learns from so close together that heads fitted to some of them know
nearly all the others: by its own vectors a training with ten examples an intent would be 98 % sure
and 87 % right. Where too few lines were held out of it, calibration, out-of-scope score and
thresholds come from the same lines as the encoder read them before. An adapter that has learned
from most of the lines brings what cross-fitting said of them (:mod:`intents.crossfitting`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from intents.figures import cross_validated
from intents.fitting import Fitted, Lines, fit_lines
from intents.naming import encoded_names
from intents.verdict import Verdict, Wanted
from models.encoders.adapter import evidence_in
from models.encoders.runtime import Encoder
from models.encoders.weights import Weights
from models.progress import Progress


@dataclass(frozen=True)
class Judge:
    """Fits lines and says how far they may be believed.

    ``languages`` are those of the lines, ``names`` what their intents are called. ``untouched``
    gives an encoder that did not learn from them; it is asked only where they cannot judge
    themselves. ``told`` is what an adapter brings.
    """

    languages: Sequence[str]
    names: Mapping[str, Sequence[str]]
    untouched: Callable[[], Encoder]
    wanted: Wanted
    seed: int
    told: Verdict | None = None

    def fit(self, lines: Lines, progress: Progress) -> tuple[Fitted, dict[str, Any]]:
        """Heads for ``lines``, and the figures of a cross-validation."""
        told = self.told if 2 * int(np.sum(lines.unseen)) <= len(lines) else None
        if told is not None or lines.judge_themselves():
            fitted = fit_lines(lines, self.wanted, seed=self.seed, verdict=told, progress=progress)
            return fitted, cross_validated(lines, fitted, self.languages)
        before = self._read_by(self.untouched(), lines)
        judged = fit_lines(before, self.wanted, seed=self.seed, progress=progress)
        figures = cross_validated(before, judged, self.languages)
        figures["method"] += " of the encoder before it was fine-tuned"
        fitted = fit_lines(
            lines,
            self.wanted,
            seed=self.seed,
            quick=True,
            verdict=judged.verdict,
            progress=progress,
        )
        return fitted, figures

    def _read_by(self, encoder: Encoder, lines: Lines) -> Lines:
        return replace(
            lines,
            vectors=encoder.encode(lines.texts).sentence,
            unseen=np.ones(len(lines), dtype=bool),
            names=encoded_names(self.names, lambda texts: encoder.encode(texts).sentence),
        )


def told_by(weights: Weights) -> Verdict | None:
    """How far heads on ``weights`` may be believed, by what the adapter in them brings."""
    evidence = evidence_in(weights.path)
    return None if evidence is None else Verdict.from_arrays(evidence)
