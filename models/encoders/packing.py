"""Several lines in one row of a batch, so that little of a pass is spent on padding.

Lines of one row do not see each other: the mask has a number for each (Krell et al., 2021).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.arrays import IntArray
from models.encoders.tokens import Tokenised

Row = list[int]
"""Lines (by index) that stand in one row, in order."""


def packed_batches(lengths: Sequence[int], rows: int, tokens: int) -> list[list[Row]]:
    """Batches of rows, each as long as the longest line of its batch.

    A batch has at most ``rows`` rows and ``tokens`` tokens with padding; one row is always taken.
    Lines go, the longest first, into the first row of the batch that has room for them.
    """
    batches: list[list[Row]] = []
    room: list[int] = []
    width = 0
    for index in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        length = lengths[index]
        at = next((row for row, left in enumerate(room) if left >= length), None)
        if at is None:
            full = len(room) >= rows or (len(room) + 1) * width > tokens
            if not batches or full:
                batches.append([])
                room, width = [], length
            batches[-1].append([])
            room.append(width)
            at = len(room) - 1
        batches[-1][at].append(index)
        room[at] -= length
    return batches


def packed(lines: Sequence[Tokenised], batch: Sequence[Row], pad: int) -> tuple[IntArray, IntArray]:
    """Ids (rows, length) of a batch, and the number of each token's line within its row; 0 beside
    them."""
    length = max((sum(len(lines[i].ids) for i in row) for row in batch), default=0)
    ids = np.full((len(batch), length), pad, dtype=np.int64)
    numbers = np.zeros((len(batch), length), dtype=np.int64)
    for at, row in enumerate(batch):
        start = 0
        for number, index in enumerate(row, 1):
            end = start + len(lines[index].ids)
            ids[at, start:end] = lines[index].ids
            numbers[at, start:end] = number
            start = end
    return ids, numbers
