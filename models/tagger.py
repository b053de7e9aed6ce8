"""Entity tagger: an emission network over the encoder's token states and a linear-chain CRF.

The CRF (Lafferty et al., 2001) runs over tagging units (:mod:`models.units`) with BIO labels;
transitions that BIO forbids are impossible, so that every decoded sequence is a set of spans.
Serving is numpy alone; training lives in :mod:`models.learning.tagger`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from models.arrays import AnyArray, FloatArray, IntArray, load_arrays, save_arrays
from models.crf import forward_backward
from models.errors import ModelError
from models.joint_labels import apart
from models.shares import logsumexp
from models.units import FEATURES, HASH_BUCKETS, Units, units_of

KIND = "tagger"
Requested = str | Sequence[str] | None
IMPOSSIBLE = np.float32(-1e4)
Line = tuple[FloatArray, IntArray, str]
"""Token states (t, d) of a text, their characters (t, 2), and the text."""

_TOGETHER = 128
"""Lines whose chains are summed at a time."""

PARAMETERS = (
    "own",
    "previous",
    "following",
    "whole",
    "shape",
    "written",
    "slot",
    "hidden_bias",
    "emit",
    "emit_bias",
    "transitions",
    "starts",
    "ends",
)


@dataclass(frozen=True)
class Span:
    """An entity at characters ``start`` to ``end``; ``confidence`` is its marginal probability."""

    start: int
    end: int
    label: str
    confidence: float


@dataclass(frozen=True)
class Tagger:
    """A trained tagger.

    ``labels`` are the entity labels (length m), those that are two at once
    (:mod:`models.joint_labels`) among them; tags are ``O`` at 0, ``B-i`` at 1 + 2i and
    ``I-i`` at 2 + 2i. ``slots`` are the slot names known as requested. ``parameters`` are float32:
    ``own``, ``previous``, ``following`` and ``whole`` (d, h) for the states of a unit, of its
    neighbours and of the whole text (their mean), ``shape`` (FEATURES, h), ``written``
    (HASH_BUCKETS, h), ``slot`` (len(slots) + 1, h), ``hidden_bias`` (h,), ``emit`` (h, t),
    ``emit_bias`` (t,), ``transitions`` (t, t) from row to column, ``starts`` and ``ends`` (t,).
    """

    labels: tuple[str, ...]
    slots: tuple[str, ...]
    parameters: dict[str, FloatArray]

    @property
    def names(self) -> tuple[str, ...]:
        """The labels that spans may have."""
        return tuple(sorted({name for label in self.labels for name in apart(label)}))

    def decode(
        self,
        tokens: FloatArray,
        offsets: IntArray,
        text: str,
        requested_slot: Requested = None,
    ) -> list[Span]:
        """The most probable spans of ``text``, in order; none meet but those that are two things
        at once, one after the other on the same characters.

        :param tokens: token states (t, d) of the shared encoder pass.
        :param offsets: their characters (t, 2).
        :param requested_slot: the slot or slots that the bot has just asked for.
        """
        return self.decode_all([(tokens, offsets, text)], [requested_slot])[0]

    def decode_all(
        self, lines: Sequence[Line], requested_slots: Sequence[Requested]
    ) -> list[list[Span]]:
        """What :meth:`decode` gives of each of many lines, at less than half of the time.

        :param requested_slots: the slot or slots that had been asked for, for each line.
        """
        units = [units_of(text, offsets) for _, offsets, text in lines]
        some = [i for i, of_line in enumerate(units) if len(of_line)]
        if not some or not self.labels:
            return [[] for _ in lines]
        states = [units[i].states(lines[i][0]) for i in some]
        scores = self._scores(states, [units[i] for i in some], [requested_slots[i] for i in some])
        tags = [self._best(of_line) for of_line in scores]
        tagged = [at for at, of_line in enumerate(tags) if any(of_line)]
        found: list[list[Span]] = [[] for _ in lines]
        for first in range(0, len(tagged), _TOGETHER):
            part = tagged[first : first + _TOGETHER]
            sums = self._sums([scores[at] for at in part])
            for at, (forward, backward) in zip(part, sums, strict=True):
                offsets = units[some[at]].offsets
                found[some[at]] = self._spans(scores[at], tags[at], offsets, forward, backward)
        return found

    def sureness(
        self,
        tokens: FloatArray,
        offsets: IntArray,
        text: str,
        requested_slot: Requested = None,
    ) -> float:
        """Log probability of the whole tagging that :meth:`decode` gives of the same."""
        units = units_of(text, offsets)
        if not len(units) or not self.labels:
            return 0.0
        scores = self.emissions(units.states(tokens), units, requested_slot)
        forward, _ = self._forward_backward(scores[None], np.array([len(scores)]))
        total = float(logsumexp(forward[0, -1] + self.parameters["ends"], axis=0))
        return min(0.0, self._weight(scores, self._best(scores)) - total)

    def shares(self, lines: Sequence[Line]) -> list[tuple[IntArray, FloatArray]]:
        """Of each line the units' characters (u, 2), and how likely each unit is part of an entity
        of each label (u, m): a caller to whom a missed entity costs more than a wrong one sets its
        own bar. Many short lines at a time cost a third of one after the other."""
        units = [units_of(text, offsets) for _, offsets, text in lines]
        none = np.zeros((0, len(self.labels)), dtype=np.float32)
        found = [(of_line.offsets, none) for of_line in units]
        some = [i for i, of_line in enumerate(units) if len(of_line)]
        some.sort(key=lambda i: len(units[i]))
        for first in range(0, len(some), _TOGETHER):
            part = some[first : first + _TOGETHER]
            states = [units[i].states(lines[i][0]) for i in part]
            inside = self._inside(states, [units[i] for i in part])
            for i, likely in zip(part, inside, strict=True):
                found[i] = (units[i].offsets, likely[: len(units[i])])
        return found

    def _inside(self, states: Sequence[FloatArray], units: Sequence[Units]) -> FloatArray:
        """How likely each unit is part of each label: (n, longest, m)."""
        lengths = np.array([len(of_line) for of_line in units])
        features = np.concatenate([of_line.features for of_line in units])
        hashes = np.concatenate([of_line.hashes for of_line in units])
        held = np.arange(lengths.max()) < lengths[:, None]
        scores = np.zeros((*held.shape, len(self.parameters["starts"])), dtype=np.float32)
        scores[held] = self._emissions(
            np.concatenate(states), features, hashes, lengths, [None] * len(lengths)
        )
        forward, backward = self._forward_backward(scores, lengths)
        logs = forward + backward
        likely = np.exp(logs - logsumexp(logs, axis=2)[:, :, None])
        inside: FloatArray = likely[:, :, 1::2] + likely[:, :, 2::2]
        return inside

    def _weight(self, scores: FloatArray, tags: list[int]) -> float:
        """Log weight of one sequence of tags."""
        p = self.parameters
        moves = p["transitions"][tags[:-1], tags[1:]].sum()
        ends = p["starts"][tags[0]] + p["ends"][tags[-1]]
        return float(scores[np.arange(len(tags)), tags].sum() + moves + ends)

    def emissions(
        self, states: FloatArray, units: Units, requested_slot: Requested = None
    ) -> FloatArray:
        """Scores (u, t) of each tag for unit states (u, d)."""
        return self._scores([states], [units], [requested_slot])[0]

    def _scores(
        self, states: Sequence[FloatArray], units: Sequence[Units], requested: Sequence[Requested]
    ) -> list[FloatArray]:
        """The emissions of several lines, each with a unit at least."""
        p = self.parameters
        joined = np.concatenate(states)
        if joined.shape[1] != p["own"].shape[0]:
            raise ModelError(
                "The token states do not fit the tagger",
                expected=f"{p['own'].shape[0]} numbers a token",
                found=str(joined.shape[1]),
                fix="Use the encoder that the tagger was trained with.",
            )
        lengths = np.array([len(of_line) for of_line in units])
        features = np.concatenate([of_line.features for of_line in units])
        hashes = np.concatenate([of_line.hashes for of_line in units])
        scores = self._emissions(joined, features, hashes, lengths, requested)
        return np.split(scores, lengths.cumsum()[:-1])

    def _emissions(
        self,
        states: FloatArray,
        features: FloatArray,
        hashes: IntArray,
        lengths: IntArray,
        requested: Sequence[Requested],
    ) -> FloatArray:
        """Scores (u, t) of the units of lines of ``lengths``, one line after the other."""
        p = self.parameters
        ends = lengths.cumsum()
        hidden = states @ p["own"] + features @ p["shape"] + p["hidden_bias"]
        before, after = states @ p["previous"], states @ p["following"]
        before[ends - 1], after[ends - lengths] = 0, 0
        hidden[1:] += before[:-1]
        hidden[:-1] += after[1:]
        means = np.add.reduceat(states, ends - lengths) / lengths[:, None].astype(np.float32)
        hidden += np.repeat(means @ p["whole"], lengths, axis=0)
        asked = [p["slot"][list(slot_codes(names, self.slots))].sum(axis=0) for names in requested]
        hidden += p["written"][hashes].sum(axis=1) + np.repeat(asked, lengths, axis=0)
        scores: FloatArray = np.maximum(hidden, 0) @ p["emit"] + p["emit_bias"]
        return scores

    def _best(self, scores: FloatArray) -> list[int]:
        """Viterbi."""
        if not (scores[:, 1:] - scores[:, :1] + self._gains > 0).any():
            return [0] * len(scores)
        p = self.parameters
        best = scores[0] + p["starts"]
        back = np.zeros(scores.shape, dtype=np.int64)
        for unit in range(1, len(scores)):
            paths = best[:, None] + p["transitions"]
            back[unit] = paths.argmax(axis=0)
            best = paths.max(axis=0) + scores[unit]
        tags = [int((best + p["ends"]).argmax())]
        for unit in range(len(scores) - 1, 0, -1):
            tags.append(int(back[unit, tags[-1]]))
        return tags[::-1]

    @cached_property
    def _gains(self) -> FloatArray:
        """The most (t - 1,) that a unit's tag other than ``O`` can gain a path that has ``O``
        there, by how it is come to and left."""
        p = self.parameters
        plain = p["transitions"][0, 0]
        come = np.maximum(p["transitions"].max(axis=0) - plain, p["starts"] - p["starts"][0])
        left = np.maximum(p["transitions"][:, 0] - plain, p["ends"] - p["ends"][0])
        gains: FloatArray = (come + np.maximum(left, 0))[1:]
        return gains

    def _sums(self, scores: Sequence[FloatArray]) -> list[tuple[FloatArray, FloatArray]]:
        """The log weights of all paths up to, and on from, each tag of several lines."""
        lengths = np.array([len(of_line) for of_line in scores])
        held = np.arange(lengths.max()) < lengths[:, None]
        padded = np.zeros((*held.shape, scores[0].shape[1]), dtype=np.float32)
        padded[held] = np.concatenate(scores)
        forward, backward = self._forward_backward(padded, lengths)
        return [(forward[i, :size], backward[i, :size]) for i, size in enumerate(lengths)]

    def _spans(
        self,
        scores: FloatArray,
        tags: list[int],
        offsets: IntArray,
        forward: FloatArray,
        backward: FloatArray,
    ) -> list[Span]:
        total = float(logsumexp(forward[-1] + self.parameters["ends"], axis=0))
        spans = []
        for first, last, label in tag_runs(tags):
            weight = self._span_weight(scores, forward, backward, first, last, label)
            sure = float(np.exp(min(0.0, weight - total)))
            start, end = int(offsets[first, 0]), int(offsets[last, 1])
            spans += [Span(start, end, name, sure) for name in apart(self.labels[label])]
        return spans

    def _forward_backward(
        self, scores: FloatArray, lengths: IntArray
    ) -> tuple[FloatArray, FloatArray]:
        p = self.parameters
        return forward_backward(scores, lengths, p["transitions"], p["starts"], p["ends"])

    def _span_weight(
        self,
        scores: FloatArray,
        forward: FloatArray,
        backward: FloatArray,
        first: int,
        last: int,
        label: int,
    ) -> float:
        """Log weight of all sequences that hold exactly this span."""
        moves = self.parameters["transitions"]
        begin, inside = 1 + 2 * label, 2 + 2 * label
        weight, tag = float(forward[first, begin]), begin
        for unit in range(first + 1, last + 1):
            weight += float(moves[tag, inside] + scores[unit, inside])
            tag = inside
        if last == len(scores) - 1:
            return weight + float(self.parameters["ends"][tag])
        after = moves[tag] + scores[last + 1] + backward[last + 1]
        after[inside] = IMPOSSIBLE  # else the span would go on
        return weight + float(logsumexp(after, axis=0))

    def arrays(self) -> dict[str, AnyArray]:
        """Everything that :meth:`from_arrays` needs, as arrays without objects."""
        named: dict[str, AnyArray] = {
            "kind": np.array(KIND),
            "labels": np.array(self.labels, dtype=np.str_),
            "slots": np.array(self.slots, dtype=np.str_),
        }
        return named | self.parameters

    @classmethod
    def from_arrays(cls, arrays: dict[str, AnyArray]) -> Tagger:
        """Rebuild a tagger from :meth:`arrays`.

        :raises ModelError: the arrays do not fit together.
        """
        labels = tuple(str(label) for label in arrays["labels"])
        slots = tuple(str(slot) for slot in arrays["slots"])
        if missing := [name for name in PARAMETERS if name not in arrays]:
            raise ModelError(
                "The tagger is of another version",
                expected=f"an array {missing[0]!r}",
                found="none of that name",
                fix="Train again with this version.",
            )
        parameters = {name: arrays[name].astype(np.float32, copy=False) for name in PARAMETERS}
        tags, hidden = 1 + 2 * len(labels), len(parameters["hidden_bias"])
        wanted = {
            "shape": (FEATURES, hidden),
            "written": (HASH_BUCKETS, hidden),
            "slot": (len(slots) + 1, hidden),
            "emit": (hidden, tags),
            "transitions": (tags, tags),
        }
        wrong = [name for name, shape in wanted.items() if parameters[name].shape != shape]
        if wrong:
            raise ModelError(
                "The tagger's arrays do not fit together",
                expected=f"{wrong[0]} of shape {wanted[wrong[0]]}",
                found=str(parameters[wrong[0]].shape),
                fix="Train again with this version.",
            )
        return cls(labels, slots, parameters)

    def save(self, path: Path) -> None:
        """Write an npz file."""
        save_arrays(path, self.arrays())

    @classmethod
    def load(cls, path: Path) -> Tagger:
        """Read a file written by :meth:`save`."""
        return cls.from_arrays(load_arrays(path, KIND))


def requested_names(requested: Requested) -> tuple[str, ...]:
    """Requested slots as a tuple of names."""
    if requested is None:
        return ()
    return (requested,) if isinstance(requested, str) else tuple(requested)


def slot_codes(requested: Requested, slots: Sequence[str]) -> tuple[int, ...]:
    """Rows of the requested slots among ``slots``; row 0 stands for none or one never seen."""
    known = {slots.index(name) + 1 for name in requested_names(requested) if name in slots}
    return tuple(sorted(known)) or (0,)


def allowed_transitions(labels: int) -> tuple[AnyArray, AnyArray]:
    """Which tag may follow which (t, t), and which may come first (t,), as booleans."""
    tags = 1 + 2 * labels
    follow = np.ones((tags, tags), dtype=bool)
    first = np.ones(tags, dtype=bool)
    for label in range(labels):
        begin, inside = 1 + 2 * label, 2 + 2 * label
        first[inside] = False
        follow[:, inside] = False
        follow[[begin, inside], inside] = True
    return follow, first


def tag_runs(tags: Sequence[int]) -> list[tuple[int, int, int]]:
    """Spans in a legal tag sequence as (first unit, last unit, label)."""
    runs: list[tuple[int, int, int]] = []
    for unit, tag in enumerate(tags):
        if tag == 0:
            continue
        label, is_inside = (tag - 1) // 2, tag % 2 == 0
        if is_inside and runs and runs[-1][1] == unit - 1:
            runs[-1] = (runs[-1][0], unit, runs[-1][2])
        else:
            runs.append((unit, unit, label))
    return runs
