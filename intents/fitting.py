"""Everything that is learned from stored sentence vectors: head, calibration, out-of-scope score.

Training and the live re-fit share this module; it needs numpy and, for the fits, scipy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from intents.calibration import Calibration, fit_calibration, probabilities
from intents.examples import OUT_OF_SCOPE
from intents.foldheads import FoldHead, fit_head
from intents.folds import fold_of_lines, folds_for, group_of_labels
from intents.naming import Name
from intents.outofscope import (
    FEATURES,
    Fusion,
    Geometry,
    Look,
    features_of,
    fit_fusion,
)
from intents.thresholds import Thresholds, reach_of
from intents.verdict import Evidence, Verdict, Wanted, optimism
from models.arrays import AnyArray, FloatArray, IntArray
from models.intent_head import IntentHead
from models.logistic import LOOSE, TIGHT
from models.progress import Progress, Silent

_MANY = 2_000
"""With more lines than this the heads of the folds stop a little early."""

_ENOUGH_UNSEEN = 100
"""Lines that the encoder did not learn from, from which on these alone are believed."""


@dataclass(frozen=True)
class Lines:
    """n labelled lines with their sentence vectors (n, d).

    ``unseen`` (n,) marks lines that the encoder did not learn from: calibration and thresholds come
    from them alone when there are enough. ``names`` says what an intent is called and described as;
    an intent without lines is known by that alone.
    """

    texts: Sequence[str]
    labels: Sequence[str]
    vectors: FloatArray
    unseen: AnyArray
    names: Mapping[str, Name] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.labels)

    def judge_themselves(self, told: Verdict | None = None) -> bool:
        """Whether a cross-validation over these vectors says how new messages will fare: enough
        lines are unseen, and at least half as many as ``told`` has as evidence."""
        unseen = int(np.sum(self.unseen))
        if told is not None and 2 * unseen < len(told.evidence.right) and unseen < len(self):
            return False
        return unseen >= min(_ENOUGH_UNSEEN, len(self))


@dataclass(frozen=True)
class HeldOut:
    """Held-out judgement of each line by a head that did not see it, and of pseudo out-of-scope.

    ``logits`` (n, c), those of head and memory joined, with ``-inf`` for classes that the fold's
    head did not know; ``rival`` (n,) the largest cosine to another intent's line; ``known`` (n,) is
    False where the fold knew no line of the own class (a class with a single line). ``inside``
    (n, f) and ``outside`` (o, f) are out-of-scope features, those of lines whose intent
    ``outside_codes`` (o,) was left out.
    """

    logits: FloatArray
    rival: FloatArray
    known: AnyArray
    inside: FloatArray
    outside: FloatArray
    outside_codes: IntArray


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
    geometry: Geometry
    verdict: Verdict
    thresholds: Thresholds
    held_out: HeldOut
    folds: IntArray
    fold_heads: tuple[FoldHead, ...]

    @property
    def calibration(self) -> Calibration:
        """How logits become probabilities."""
        return self.verdict.calibration

    @property
    def fusion(self) -> Fusion:
        """How signs of being out of scope become one score."""
        return self.verdict.fusion

    @property
    def temperature(self) -> float:
        """What the joint logits are divided by."""
        return self.calibration.temperature

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
    verdict: Verdict | None = None,
    progress: Progress | None = None,
) -> Fitted:
    """Fit head, temperature, out-of-scope fusion and thresholds to ``lines``.

    :param warm: a head to start from.
    :param quick: judge each held-out line once more without its own intent's column and lines,
        instead of fitting further heads without whole groups of intents: half the time, and a
        little kinder to the out-of-scope score.
    :param before: the cross-validation of the release before, which goes on with the same folds.
    :param verdict: how far to believe the head where the encoder has learned from most lines: by
        their own cross-validation its vectors would look far better than those of new messages.
    :raises ModelError: no lines.
    """
    show = progress or Silent()
    folds = len(before.heads) if before is not None else folds_for(len(lines))
    show.start("Fitting intents", 1 + folds * (1 if quick else 2))
    called = {label: name.vector for label, name in lines.names.items()}
    head, z = IntentHead.fit_transform(
        lines.vectors, lines.labels, names=called, warm=warm, apart=OUT_OF_SCOPE
    )
    show.advance()
    names = dict(zip(called, head.transform(_stacked(called, head.dim)), strict=True))
    codes = codes_of(head.labels, lines.labels)
    geometry = geometry_of(head.labels, z, codes, names)
    own = head.labels.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in head.labels else None
    fold = fold_of_lines(
        lines.texts, lines.labels, folds, seed, before.folds if before is not None else None
    )
    cross = _Cross(lines, head, z, names, codes, own, fold, folds, seed, quick, show)
    held, nearest, heads = cross.hold_out(before.heads if before is not None else ())
    show.done()
    if verdict is None or lines.judge_themselves(verdict):
        verdict = verdict_of(lines, head.labels, codes, held, nearest)
    held = replace(held, logits=verdict.calibration.joint(held.logits, nearest))
    thresholds = verdict.evidence.thresholds(wanted)
    return Fitted(head, geometry, verdict, thresholds, held, fold, heads)


def verdict_of(
    lines: Lines, labels: Sequence[str], codes: IntArray, held: HeldOut, nearest: FloatArray
) -> Verdict:
    """What held-out judgement says of a head.

    :param labels: the columns; ``codes`` (n,) the right one of each line.
    :param held: with the logits of the head alone.
    :param nearest: (n, c) as in :func:`fit_calibration`.
    """
    own = labels.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in labels else None
    use = _measured(lines, held)
    inner = use if own is None else use & (codes != own)
    others = np.arange(len(labels)) != (-1 if own is None else own)
    places = np.cumsum(others)[codes[inner]] - 1
    logits = held.logits[:, others]
    calibration = fit_calibration(logits[inner], nearest[:, others][inner], places)
    doubt = optimism(np.bincount(codes))
    calibration = replace(calibration, temperature=calibration.temperature * doubt)
    joint = calibration.joint(held.logits, nearest)
    real = held.inside[use & (codes == own)] if own is not None else held.inside[:0]
    fusion = fit_fusion(held.inside[inner], held.outside, real)
    # What the own intent takes is refused whatever the thresholds are.
    asked = inner if own is None else inner & (joint.argmax(axis=1) != own)
    shares, right = probabilities(joint[asked], calibration.temperature), codes[asked]
    outside = np.concatenate([held.outside, real])
    evidence = Evidence(
        shares.max(axis=1),
        joint[asked].argmax(axis=1) == right,
        reach_of(shares, right),
        fusion.score(held.inside[asked]),
        fusion.score(outside),
        doubt,
    )
    return Verdict(calibration, fusion, evidence)


def _measured(lines: Lines, held: HeldOut) -> AnyArray:
    """The lines that figures may come from."""
    unseen = lines.unseen & held.known
    return unseen if int(unseen.sum()) >= _ENOUGH_UNSEEN else held.known


@dataclass(frozen=True)
class _Cross:
    """One cross-validation over lines in the head's space."""

    lines: Lines
    head: IntentHead
    z: FloatArray
    names: Mapping[str, FloatArray]
    codes: IntArray
    own: int | None
    fold: IntArray
    folds: int
    seed: int
    quick: bool
    show: Progress

    def hold_out(
        self, start: Sequence[FoldHead]
    ) -> tuple[HeldOut, FloatArray, tuple[FoldHead, ...]]:
        """Judge each line by heads that did not see it, and lines of intents left out; also the
        largest cosine (n, c) of each line to the other folds' lines of each class.

        :param start: heads of the same folds to start from.
        """
        n = len(self.lines)
        logits = np.full((n, len(self.head.labels)), -np.inf, dtype=np.float32)
        nearest = np.full_like(logits, -1)
        known = np.zeros(n, dtype=bool)
        inside = np.zeros((n, len(FEATURES)), dtype=np.float32)
        outside = [(np.zeros((0, len(FEATURES)), dtype=np.float32), self.codes[:0])]
        heads = []
        for number in range(self.folds):
            test = np.flatnonzero(self.fold == number)
            rest = np.flatnonzero(self.fold != number)
            rest = rest if len(rest) else test
            part = _Part(self, rest, start[number] if start else None)
            heads.append(part.head)
            if len(test) and len(test) < n:
                known[test] = np.isin(self.codes[test], self.codes[rest])
                logits[test], (look, *without) = part.judge(test, twice=self.quick)
                nearest[test] = look.nearest
                inside[test] = features_of(logits[test], self.own, look)
                outside += [part.without_own_class(test, logits[test], view) for view in without]
            self.show.advance()
        logits[~np.isfinite(logits).any(axis=1)] = 0.0
        if not self.quick:
            outside += self._groups_left_out()
        features, left_out = (np.concatenate(part) for part in zip(*outside, strict=True))
        others = np.arange(nearest.shape[1]) != self.codes[:, None]
        rival = nearest.max(axis=1, initial=-1, where=others)
        held = HeldOut(logits, rival, known, inside, features, left_out)
        return held, nearest, tuple(heads)

    def _groups_left_out(self) -> list[tuple[FloatArray, IntArray]]:
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
                hidden = [label for label, group in groups.items() if group == number]
                logits, (look,) = _Part(self, train, hidden=hidden).judge(test)
                found.append((features_of(logits, self.own, look), self.codes[test]))
            self.show.advance()
        return found


class _Part:
    """A head and a geometry fitted to a part of the lines."""

    def __init__(
        self,
        cross: _Cross,
        train: IntArray,
        start: FoldHead | None = None,
        hidden: Sequence[str] = (),
    ) -> None:
        self.cross = cross
        labels = [cross.lines.labels[i] for i in train]
        names = {label: name for label, name in cross.names.items() if label not in hidden}
        tolerance = LOOSE if start is not None or len(train) > _MANY else TIGHT
        self.head = fit_head(cross.z[train], labels, start, tolerance, names)
        # With a whitener of all lines, those held out would look nearer than new messages do.
        self.geometry = geometry_of(cross.head.labels, cross.z[train], cross.codes[train], names)

    def judge(self, test: IntArray, *, twice: bool = False) -> tuple[FloatArray, list[Look]]:
        """Logits in the columns of the whole head and what is near; ``twice`` once more as if
        there were no line of the own class."""
        cross = self.cross
        logits = self.head.logits(cross.z[test], cross.head.labels)
        views = (None, cross.codes[test]) if twice else (None,)
        return logits, self.geometry.looks(cross.z[test], logits.shape[1], views)

    def without_own_class(
        self, test: IntArray, logits: FloatArray, look: Look
    ) -> tuple[FloatArray, IntArray]:
        """Features of in-scope lines as if the intent of each did not exist."""
        own, codes = self.cross.own, self.cross.codes[test]
        inner = np.full(len(test), len(self.head.labels) >= 3)
        inner &= codes != (-1 if own is None else own)
        return features_of(logits, own, look, codes)[inner], codes[inner]


def geometry_of(
    labels: Sequence[str],
    z: FloatArray,
    codes: IntArray,
    names: Mapping[str, FloatArray],
) -> Geometry:
    """What distances are measured against; an intent without lines stands there by its name."""
    inner = np.array([labels[code] != OUT_OF_SCOPE for code in codes], dtype=bool)
    if not inner.any():
        inner[:] = True
    seen = set(codes.tolist())
    alone = [(labels.index(label), name) for label, name in names.items()]
    alone = [(code, name) for code, name in alone if code not in seen]
    places = np.concatenate([codes[inner], np.array([c for c, _ in alone], dtype=np.int64)])
    return Geometry.of(np.concatenate([z[inner], *(n[None] for _, n in alone)]), places)


def _stacked(vectors: Mapping[str, FloatArray], dim: int) -> FloatArray:
    return np.array(list(vectors.values()), dtype=np.float32).reshape(-1, dim)


def codes_of(labels: Sequence[str], given: Sequence[str]) -> IntArray:
    """The place among ``labels`` of each of ``given``."""
    index = {label: code for code, label in enumerate(labels)}
    return np.array([index[label] for label in given], dtype=np.int64)
