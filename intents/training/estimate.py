"""Fits the estimator that spares most messages the second look
(:mod:`intents.requests.estimating`).

The texts that the splitter was fitted to are at hand with their stretches read. Estimates for a
text come from an estimator that did not learn from it, and the bar lies below what they promise of
every message that is divided into several requests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from intents.requests.estimating import Estimator
from intents.requests.glance import pooled
from intents.requests.segments import SOCIAL, Cut, Reading, Span, Splitter, bounds
from models.arrays import FloatArray, IntArray

FOLDS = 5
MISSED = 0.002
"""Share of the messages with several requests that estimates may miss."""

Readings = Callable[[FloatArray], Sequence[Reading]]
"""What sentence vectors (n, d) say."""


@dataclass
class Stretches:
    """The stretches of a text: their ``spans`` and readings, mean token states (n, s), and what was
    estimated of them."""

    text: str
    readings: dict[Span, Reading]
    spans: list[Span]
    states: FloatArray
    vectors: FloatArray

    @classmethod
    def of(
        cls, text: str, readings: dict[Span, Reading], states: FloatArray, offsets: IntArray
    ) -> Stretches:
        """From the readings of a text's stretches and its own token states (t, s) with their
        ``offsets`` (t, 2)."""
        spans = [span for span in readings if span != bounds(text)]
        vectors = np.array([readings[span].vector for span in spans], dtype=np.float32)
        return cls(text, readings, spans, pooled(states, offsets, spans), vectors)

    def estimated(self, estimator: Estimator, readings: Readings) -> dict[Span, Reading]:
        """Readings by estimates; the text as a whole has been read."""
        beside = self.vectors[:, self.states.shape[1] :]
        found = readings(estimator.vectors(self.states, beside))
        return {**self.readings, **dict(zip(self.spans, found, strict=True))}


def fit_estimator(
    splitter: Splitter,
    texts: Sequence[tuple[Stretches, Sequence[Cut]]],
    readings: Readings,
    labels: Sequence[str],
) -> Estimator | None:
    """Fit to texts, each with the cuts that the splitter looks into; None where it divides none."""
    some = [(one, list(kept)) for one, kept in texts if one.spans]
    promised = []
    for fold in range(min(FOLDS, len(some))):
        estimator = _fit([one for at, (one, _) in enumerate(some) if at % FOLDS != fold])
        for one, kept in some[fold::FOLDS]:
            if _several(splitter, one, kept, labels):
                likely = one.estimated(estimator, readings)
                promised.append(splitter.promise(one.text, kept, likely, labels))
    if not promised:
        return None
    least = float(np.quantile(promised, MISSED, method="lower"))
    return _fit([one for one, _ in some]).careful(least)


def _fit(texts: Sequence[Stretches]) -> Estimator:
    states = np.concatenate([one.states for one in texts])
    return Estimator.fit(states, np.concatenate([one.vectors for one in texts]))


def _several(
    splitter: Splitter, one: Stretches, kept: Sequence[Cut], labels: Sequence[str]
) -> bool:
    """Whether a text is divided into requests of different intents, or into one and manners that
    the whole is taken for."""
    spans = splitter.choose(one.text, kept, one.readings, labels)
    whole, *intents = (
        labels[int(one.readings[span].shares.argmax())] for span in (bounds(one.text), *spans)
    )
    requests = [name for name, _ in groupby(name for name in intents if name not in SOCIAL)]
    return len(requests) > 1 or (len(spans) > 1 and len(requests) == 1 and whole in SOCIAL)
