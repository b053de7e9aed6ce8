"""The lines of each epoch: as they were written, with slips, and what the intents are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.arrays import IntArray
from models.learning.joint import TrainingLine
from models.slips import with_slip


class EpochLines:
    """Everything that may be read, and which of it an epoch reads.

    :param hints: lines that every epoch reads beside the others.
    :param slips: copies with a slip that each line has. In half of the epochs one of them takes
        the line's place; a line with entities stays, as its offsets do.
    """

    def __init__(
        self, lines: Sequence[TrainingLine], hints: Sequence[TrainingLine], slips: int, seed: int
    ) -> None:
        self._seed = seed
        self._count = len(lines)
        self._hints = np.arange(len(lines), len(lines) + len(hints))
        self.lines = [*lines, *hints]
        self._copies = np.repeat(np.arange(len(lines))[:, None], max(1, slips), axis=1)
        random = np.random.default_rng((seed, 7))
        for row, line in enumerate(lines):
            for copy in range(slips if line.spans is None else 0):
                self._copies[row, copy] = len(self.lines)
                self.lines.append(replace(line, text=with_slip(line.text, random)))

    def __len__(self) -> int:
        """Lines that an epoch reads."""
        return self._count + len(self._hints)

    def of_epoch(self, epoch: int) -> IntArray:
        """Indices of the lines to read, in no order that matters."""
        random = np.random.default_rng((self._seed, epoch, 1))
        copy = random.integers(0, self._copies.shape[1], self._count)
        slipped = self._copies[np.arange(self._count), copy]
        chosen = np.where(random.random(self._count) < 0.5, np.arange(self._count), slipped)
        return np.concatenate([chosen, self._hints])


def split_held_out(lines: Sequence[TrainingLine], share: float, seed: int) -> IntArray:
    """Indices to hold out: a share of each intent with at least 15 lines (and of lines without
    intent), none at all where that gives fewer than 50.

    Of many lines a smaller share says enough: at least half of it, and about 600 lines.
    """
    share *= min(1.0, max(0.5, 600 / max(1.0, share * len(lines))))
    groups: dict[str | None, list[int]] = {}
    for index, line in enumerate(lines):
        groups.setdefault(line.intent, []).append(index)
    shuffle = np.random.default_rng(seed)
    held: list[int] = []
    for name in sorted(groups, key=lambda key: (key is None, key or "")):
        members = groups[name]
        if len(members) >= 15:
            held += shuffle.permutation(members)[: round(len(members) * share)].tolist()
    return np.array(sorted(held) if len(held) >= 50 else [], dtype=np.int64)


def some_of_each(lines: Sequence[TrainingLine], most: int = 64) -> list[TrainingLine]:
    """The first lines of each intent: enough for the mean that its direction starts from."""
    kept: dict[str, list[TrainingLine]] = {}
    for line in lines:
        own = kept.setdefault(line.intent, []) if line.intent is not None else None
        if own is not None and len(own) < most:
            own.append(line)
    return [line for own in kept.values() for line in own]
