"""Everything that is learned from stored sentence vectors: head, calibration, out-of-scope score.

Training and the live re-fit share this module; it needs numpy and, for the fits, scipy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from intents.calibration import fit_temperature, probabilities
from intents.examples import OUT_OF_SCOPE
from intents.foldheads import LOOSE, TIGHT, FoldHead, fit_head
from intents.folds import fold_of_lines, folds_for, group_of_labels
from intents.outofscope import FEATURES, Fusion, Geometry, features_of, fit_fusion
from intents.thresholds import Thresholds, fit_thresholds
from models.arrays import AnyArray, FloatArray, IntArray
from models.intent_head import IntentHead
from models.progress import Progress, Silent


@dataclass(frozen=True)
class Lines:
    """n labelled lines with their sentence vectors (n, d).

    ``unseen`` (n,) marks lines that the encoder did not learn from: calibration and thresholds come
    from them alone when there are enough.
    """

    texts: Sequence[str]
    labels: Sequence[str]
    vectors: FloatArray
    unseen: AnyArray

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Wanted:
    """What the operator wants of the decisions."""

    error_rate: float = 0.05
    max_options: int = 3
    out_of_scope_share: float = 0.2


@dataclass(frozen=True)
class HeldOut:
    """Held-out judgement of each line by a head that did not see it, and of pseudo out-of-scope.

    ``logits`` (n, c) with ``-inf`` for classes that the fold's head did not know; ``known`` (n,) is
    False where that was the line's own class (a class with a single line). ``inside`` (n, f) and
    ``outside`` (o, f) are out-of-scope features.
    """

    logits: FloatArray
    known: AnyArray
    inside: FloatArray
    outside: FloatArray


@dataclass(frozen=True)
class Before:
    """What a release knows of its own cross-validation: the folds' heads, and the fold (n,) of each
    line that is fitted now, -1 for new ones."""

    heads: tuple[FoldHead, ...]
    folds: IntArray


@dataclass(frozen=True)
class Fitted:
    """A fitted understanding of intents."""

    head: IntentHead
    temperature: float
    geometry: Geometry
    fusion: Fusion
    thresholds: Thresholds
    held_out: HeldOut
    folds: IntArray
    fold_heads: tuple[FoldHead, ...]

    @property
    def own(self) -> int | None:
        """The column of the assistant's own ``out_of_scope`` intent."""
        labels = self.head.labels
        return labels.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in labels else None

    def predictions(self) -> list[str]:
        """The held-out top intent of each line."""
        best = self.held_out.logits.argmax(axis=1)
        return [self.head.labels[code] for code in best]


def fit_lines(
    lines: Lines,
    wanted: Wanted,
    *,
    warm: IntentHead | None = None,
    seed: int = 0,
    quick: bool = False,
    before: Before | None = None,
    progress: Progress | None = None,
) -> Fitted:
    """Fit head, temperature, out-of-scope fusion and thresholds to ``lines``.

    :param warm: a head to start from.
    :param quick: judge each held-out line once more without its own intent's column and lines,
        instead of fitting further heads without whole groups of intents: half the time, and a
        little kinder to the out-of-scope score.
    :param before: the cross-validation of the release before, which goes on with the same folds.
    :raises ModelError: no lines.
    """
    show = progress or Silent()
    folds = len(before.heads) if before is not None else folds_for(len(lines))
    show.start("Fitting intents", 1 + folds * (1 if quick else 2))
    head = IntentHead.fit(lines.vectors, lines.labels, warm=warm, seed=seed)
    show.advance()
    z = head.transform(lines.vectors)
    codes = _codes(head.labels, lines.labels)
    geometry = _geometry(head.labels, z, codes)
    own = head.labels.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in head.labels else None
    fold = fold_of_lines(
        lines.texts, lines.labels, folds, seed, before.folds if before is not None else None
    )
    cross = _Cross(lines, head, z, codes, geometry.whiten, own, fold, folds, seed, quick, show)
    held, heads = cross.hold_out(before.heads if before is not None else ())
    show.done()
    return _decide(lines, head, geometry, codes, held, wanted, (fold, heads))


def _decide(
    lines: Lines,
    head: IntentHead,
    geometry: Geometry,
    codes: IntArray,
    held: HeldOut,
    wanted: Wanted,
    cross: tuple[IntArray, tuple[FoldHead, ...]],
) -> Fitted:
    own = head.labels.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in head.labels else None
    use = _measured(lines, held)
    temperature = fit_temperature(held.logits[use], codes[use])
    shares = probabilities(held.logits, temperature)
    top = held.logits.argmax(axis=1)
    inner = use if own is None else use & (codes != own)
    real = held.inside[use & (codes == own)] if own is not None else held.inside[:0]
    outside = np.concatenate([held.outside, real])
    # Real out-of-scope lines, where there are any, say more than left-out intents.
    weights = np.concatenate(
        [
            np.full(len(held.outside), 1 / max(1, len(held.outside))),
            np.full(len(real), 2 / max(1, len(real))),
        ]
    ).astype(np.float32)
    fusion = fit_fusion(held.inside[inner], outside, weights)
    thresholds = fit_thresholds(
        shares[inner, top[inner]],
        top[inner] == codes[inner],
        fusion.score(held.inside[inner]),
        fusion.score(outside),
        error_rate=wanted.error_rate,
        max_options=wanted.max_options,
        out_of_scope_share=wanted.out_of_scope_share,
    )
    return Fitted(head, temperature, geometry, fusion, thresholds, held, *cross)


def _measured(lines: Lines, held: HeldOut) -> AnyArray:
    """The lines that figures may come from."""
    unseen = lines.unseen & held.known
    return unseen if int(unseen.sum()) >= 100 else held.known


@dataclass(frozen=True)
class _Cross:
    """One cross-validation over lines in the head's space."""

    lines: Lines
    head: IntentHead
    z: FloatArray
    codes: IntArray
    whiten: FloatArray
    own: int | None
    fold: IntArray
    folds: int
    seed: int
    quick: bool
    show: Progress

    def hold_out(self, start: Sequence[FoldHead]) -> tuple[HeldOut, tuple[FoldHead, ...]]:
        """Judge each line by heads that did not see it, and lines of intents left out.

        :param start: heads of the same folds to start from.
        """
        n = len(self.lines)
        logits = np.full((n, len(self.head.labels)), -np.inf, dtype=np.float32)
        inside = np.zeros((n, len(FEATURES)), dtype=np.float32)
        outside = [np.zeros((0, len(FEATURES)), dtype=np.float32)]
        heads = []
        for number in range(self.folds):
            test = np.flatnonzero(self.fold == number)
            rest = np.flatnonzero(self.fold != number)
            rest = rest if len(rest) else test
            part = _Part(self, rest, start[number] if start else None)
            heads.append(part.head)
            if len(test) and len(test) < n:
                logits[test], inside[test] = part.judge(test)
                if self.quick:
                    outside.append(part.without_own_class(test, logits[test]))
            self.show.advance()
        known = np.isfinite(logits[np.arange(n), self.codes])
        logits[~np.isfinite(logits).any(axis=1)] = 0.0
        if not self.quick:
            outside += self._groups_left_out()
        return HeldOut(logits, known, inside, np.concatenate(outside)), tuple(heads)

    def _groups_left_out(self) -> list[FloatArray]:
        """Features of lines whose whole intent a head never saw."""
        inner = [label for label in self.lines.labels if label != OUT_OF_SCOPE]
        groups = group_of_labels(inner, self.folds, self.seed)
        member = np.array([groups.get(label, -1) for label in self.lines.labels], dtype=np.int64)
        found = []
        for number in range(self.folds):
            test = np.flatnonzero((member == number) & self.lines.unseen)
            test = test if len(test) >= 20 else np.flatnonzero(member == number)
            train = np.flatnonzero(member != number)
            if len(test) and len(set(self.codes[train].tolist()) - {self.own}) >= 2:
                found.append(_Part(self, train).judge(test)[1])
            self.show.advance()
        return found


class _Part:
    """A head and a geometry fitted to a part of the lines."""

    def __init__(self, cross: _Cross, train: IntArray, start: FoldHead | None = None) -> None:
        self.cross = cross
        labels = [cross.lines.labels[i] for i in train]
        # Only a head that has not seen the fold's lines either may be stopped early.
        tolerance = LOOSE if start is not None else TIGHT
        self.head = fit_head(cross.z[train], labels, start, tolerance)
        inner = train if cross.own is None else train[cross.codes[train] != cross.own]
        inner = inner if len(inner) else train
        self.geometry = Geometry.of(cross.z[inner], cross.codes[inner], cross.whiten)

    def judge(self, test: IntArray) -> tuple[FloatArray, FloatArray]:
        """Logits in the columns of the whole head, and out-of-scope features."""
        cross = self.cross
        logits = self.head.logits(cross.z[test], cross.head.labels)
        return logits, features_of(logits, cross.own, cross.z[test], self.geometry)

    def without_own_class(self, test: IntArray, logits: FloatArray) -> FloatArray:
        """Features of in-scope lines as if the intent of each did not exist."""
        cross = self.cross
        codes = cross.codes[test]
        inner = codes != cross.own if cross.own is not None else np.ones(len(test), dtype=bool)
        if len(self.head.labels) < 3:
            inner[:] = False
        return features_of(
            logits[inner], cross.own, cross.z[test][inner], self.geometry, codes[inner]
        )


def _geometry(labels: tuple[str, ...], z: FloatArray, codes: IntArray) -> Geometry:
    inner = np.array([labels[code] != OUT_OF_SCOPE for code in codes], dtype=bool)
    if not inner.any():
        inner[:] = True
    return Geometry.of(z[inner], codes[inner])


def _codes(labels: Sequence[str], given: Sequence[str]) -> IntArray:
    index = {label: code for code, label in enumerate(labels)}
    return np.array([index[label] for label in given], dtype=np.int64)
