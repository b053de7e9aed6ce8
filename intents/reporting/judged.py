"""Labelled lines with what a release makes of them: the ground of every section of the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from intents.artefacts import Stored, read_stored
from intents.calibration import probabilities
from intents.examples import OUT_OF_SCOPE, Example
from intents.fitting import Before, Lines, fit_lines
from intents.parse import Parse
from intents.parts import load_intents
from intents.release import Release
from intents.verdict import Wanted
from models.arrays import AnyArray, FloatArray, IntArray
from models.progress import Progress

FEWEST = 100
"""So many lines that the encoder never saw are enough to take figures from them alone."""


@dataclass(frozen=True)
class Judged:
    """n labelled lines: ``gold`` intents, ``shares`` (n, c) of the intents ``labels``,
    out-of-scope ``scores`` (n,), ``decisions``, sentence ``vectors`` (n, d).

    ``measured`` (n,) marks the lines that figures are taken from.
    """

    texts: tuple[str, ...]
    gold: tuple[str, ...]
    places: tuple[str, ...]
    labels: tuple[str, ...]
    shares: FloatArray
    scores: FloatArray
    decisions: tuple[str, ...]
    vectors: FloatArray
    measured: AnyArray

    def __len__(self) -> int:
        return len(self.gold)

    @property
    def codes(self) -> IntArray:
        """The column of each line's intent; -1 where the release does not know it."""
        index = {label: code for code, label in enumerate(self.labels)}
        return np.array([index.get(label, -1) for label in self.gold], dtype=np.int64)

    @property
    def top(self) -> IntArray:
        """The column of each line's likeliest intent."""
        best: IntArray = self.shares.argmax(axis=1)
        return best

    @property
    def inside(self) -> AnyArray:
        """Measured lines with an intent that means something."""
        chosen: AnyArray = self.measured & np.array([g != OUT_OF_SCOPE for g in self.gold], bool)
        return chosen

    @property
    def outside(self) -> AnyArray:
        """Measured lines that are out of scope."""
        chosen: AnyArray = self.measured & np.array([g == OUT_OF_SCOPE for g in self.gold], bool)
        return chosen

    def predicted(self, index: int) -> str:
        """The likeliest intent of a line."""
        return self.labels[int(self.shares[index].argmax())]


def of_parses(
    examples: Sequence[Example], parses: Sequence[Parse], labels: Sequence[str]
) -> Judged:
    """Judged lines from parses of ``examples``; lines without an intent are left out."""
    pairs = [(e, p) for e, p in zip(examples, parses, strict=True) if e.intent and p.ranking]
    column = {label: code for code, label in enumerate(labels)}
    shares = np.zeros((len(pairs), len(labels)), dtype=np.float32)
    for row, (_, parse) in enumerate(pairs):
        for name, share in parse.ranking:
            shares[row, column[name]] = share
    dim = len(pairs[0][1].vector) if pairs else 0
    return Judged(
        tuple(e.text for e, _ in pairs),
        tuple(str(e.intent) for e, _ in pairs),
        tuple(e.place if e.file else "" for e, _ in pairs),
        tuple(labels),
        shares,
        np.array([p.out_of_scope for _, p in pairs], dtype=np.float32),
        tuple(p.decision for _, p in pairs),
        np.stack([p.vector for _, p in pairs]) if pairs else np.zeros((0, dim), np.float32),
        np.ones(len(pairs), dtype=bool),
    )


def held_out(release: Release, progress: Progress) -> Judged | None:
    """A release's own lines, each judged by a head that did not see it; None without intents.

    Computed from the stored sentence vectors; nothing is encoded. The release's own thresholds
    and calibration decide.
    """
    stored = read_stored(release)
    if not stored.rows:
        return None
    part = load_intents(release)
    gold = [str(row["intent"]) for row in stored.rows]
    lines = Lines(
        [str(row["text"]) for row in stored.rows],
        gold,
        stored.vectors,
        stored.unseen,
        stored.names,
    )
    before = Before(stored.fold_heads, stored.folds)
    fitted = fit_lines(
        lines, Wanted(), warm=part.head, quick=True, before=before, progress=progress
    )
    held = fitted.held_out
    shares = probabilities(held.logits, part.temperature)
    scores = part.fusion.score(held.inside)
    ranked = -np.sort(-shares, axis=1)
    decisions = [
        "accept"
        if fitted.head.labels[int(shares[i].argmax())] == OUT_OF_SCOPE
        else part.thresholds.decide(ranked[i], float(scores[i]))
        for i in range(len(gold))
    ]
    return Judged(
        tuple(lines.texts),
        tuple(gold),
        tuple(_place(row) for row in stored.rows),
        fitted.head.labels,
        shares,
        scores,
        tuple(decisions),
        stored.vectors,
        _measured(stored, held.known),
    )


def _measured(stored: Stored, known: AnyArray) -> AnyArray:
    unseen = known & stored.unseen
    return unseen if int(unseen.sum()) >= FEWEST else known


def _place(row: Any) -> str:
    return f"{row['file']}:{row['line']}" if row.get("file") else ""
