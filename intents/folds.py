"""Dividing lines for cross-validation, the same way each time whatever else is added."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from models.arrays import IntArray


def fold_of_lines(
    texts: Sequence[str],
    labels: Sequence[str],
    folds: int,
    seed: int = 0,
    known: IntArray | None = None,
) -> IntArray:
    """A fold for each line, stratified by label.

    The lines of a label are ordered by a hash of their text and dealt out in turn, starting at a
    fold that depends on the label: lines of other labels never move a line to another fold.

    :param known: folds that lines have had so far (-1 for new ones) and keep; new lines go where
        their label has fewest.
    """
    by_label: dict[str, list[int]] = defaultdict(list)
    for index, label in enumerate(labels):
        by_label[label].append(index)
    result = np.full(len(texts), -1, dtype=np.int64) if known is None else known.copy()
    result[result >= folds] = -1
    for label, indices in by_label.items():
        start = _hash(label, seed) % folds
        counts = np.bincount([result[i] for i in indices if result[i] >= 0], minlength=folds)
        fresh = sorted(
            (i for i in indices if result[i] < 0), key=lambda i: (_hash(texts[i], seed), i)
        )
        for index in fresh:
            turn = [(start + step) % folds for step in range(folds)]
            chosen = min(turn, key=lambda fold: int(counts[fold]))
            result[index] = chosen
            counts[chosen] += 1
    return result


def group_of_labels(labels: Sequence[str], groups: int, seed: int = 0) -> dict[str, int]:
    """A group for each distinct label, of equal size, in an order that a hash decides."""
    ordered = sorted(set(labels), key=lambda label: (_hash(label, seed), label))
    return {label: place % groups for place, label in enumerate(ordered)}


def held_out(texts: Sequence[str], labels: Sequence[str], share: float, seed: int = 0) -> IntArray:
    """Indices of a stratified hold-out part of about ``share`` of the lines.

    A label with fewer than four lines gives none, one with more at least one when its share is at
    least a half line: learning from a rare intent comes before measuring it.
    """
    by_label: dict[str, list[int]] = defaultdict(list)
    for index, label in enumerate(labels):
        by_label[label].append(index)
    chosen: list[int] = []
    for indices in by_label.values():
        if len(indices) >= 4:
            ordered = sorted(indices, key=lambda i: (_hash(texts[i], seed), i))
            chosen += ordered[: max(1, round(share * len(indices)))]
    return np.array(sorted(chosen), dtype=np.int64)


def folds_for(lines: int) -> int:
    """How many folds: five, or fewer where lines are many and each fold costs time."""
    if lines > 30_000:
        return 2
    return 3 if lines > 3_000 else 5


def _hash(text: str, seed: int) -> int:
    digest = hashlib.blake2b(
        text.encode("utf-8", "replace"), digest_size=8, salt=b"%8d" % (seed % 10**8)
    )
    return int.from_bytes(digest.digest(), "big")
