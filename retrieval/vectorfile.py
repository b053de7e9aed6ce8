"""Vectors of many texts in a file that is mapped, not held: mining's memory stays bounded."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from models.arrays import FloatArray, IntArray
from models.progress import Progress
from retrieval.search.corpus import Encode, embed
from retrieval.search.projection import ENOUGH, unit

BATCH = 256


class VectorFile:
    """Unit vectors (n, d), float32, mapped from disk; ``mean`` (d,) is the one of all of them."""

    def __init__(self, mapped: FloatArray) -> None:
        self._mapped = mapped
        self.mean = np.zeros(mapped.shape[1], dtype=np.float32)
        if len(mapped) >= ENOUGH:
            total = np.zeros(mapped.shape[1], dtype=np.float64)
            for start in range(0, len(mapped), 8192):
                total += mapped[start : start + 8192].sum(axis=0)
            self.mean = (total / len(mapped)).astype(np.float32)

    def centred(self, rows: Sequence[int] | IntArray) -> FloatArray:
        """Chosen rows less the mean of all, of length one again: (len(rows), d) in memory."""
        return unit(np.asarray(self._mapped[np.asarray(rows, dtype=np.int64)]) - self.mean)


@contextlib.contextmanager
def encoded(
    texts: Sequence[str], encode: Encode, progress: Progress, work: Path | None = None
) -> Iterator[VectorFile]:
    """Vectors of ``texts`` in a file of ``work`` that is gone when the block ends."""
    if not texts:
        yield VectorFile(np.zeros((0, 1), dtype=np.float32))
        return
    row = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    distinct = list(row)
    progress.start("Encoding texts", len(distinct))
    with tempfile.TemporaryDirectory(dir=work, prefix=".vectors-") as folder:
        mapped: FloatArray | None = None
        for start in range(0, len(distinct), BATCH):
            part = embed(distinct[start : start + BATCH], encode)
            if mapped is None:
                shape = (len(distinct), part.shape[1])
                mapped = np.memmap(Path(folder) / "f32", np.float32, "w+", shape=shape)
            mapped[start : start + len(part)] = part
            progress.advance(len(part))
        progress.done()
        assert mapped is not None
        yield _Rows(mapped, np.array([row[text] for text in texts]))


class _Rows(VectorFile):
    """Vectors by text number, where equal texts share a row."""

    def __init__(self, mapped: FloatArray, row: IntArray) -> None:
        super().__init__(mapped)
        self._row = row

    def centred(self, rows: Sequence[int] | IntArray) -> FloatArray:
        return super().centred(self._row[np.asarray(rows, dtype=np.int64)])
