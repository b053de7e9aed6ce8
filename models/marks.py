"""Bags of words and other marks as sparse rows: the part of an input that is no vector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from models.arrays import AnyArray, FloatArray, IntArray

Float64Array = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True)
class Bags:
    """Rows of marks: those of row i are ``columns[starts[i]:starts[i + 1]]`` with ``values``."""

    columns: IntArray
    values: FloatArray
    starts: IntArray

    def __len__(self) -> int:
        return len(self.starts) - 1

    def take(self, rows: IntArray) -> Bags:
        """The chosen rows, in their order."""
        lengths = self.starts[rows + 1] - self.starts[rows]
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        inside = np.arange(starts[-1]) - np.repeat(starts[:-1], lengths)
        entries = np.repeat(self.starts[rows], lengths) + inside
        return Bags(self.columns[entries], self.values[entries], starts)

    def times(self, weight: FloatArray) -> FloatArray:
        """The rows times ``weight`` (v, h): float32 (n, h)."""
        result = np.zeros((len(self), weight.shape[1]), dtype=np.float32)
        for row in range(len(self)):  # a row at a time: together they would not fit the caches
            part = slice(int(self.starts[row]), int(self.starts[row + 1]))
            if part.stop > part.start:
                result[row] = self.values[part] @ weight[self.columns[part]]
        return result


class Marks:
    """The marks that are known, each with its weight.

    ``scaled`` rows weigh a mark by its rarity and have length one, as words of a text; others have
    a one for each mark.
    """

    def __init__(self, names: Sequence[str], weight: FloatArray, *, scaled: bool) -> None:
        self._place = {name: place for place, name in enumerate(names)}
        self.weight, self.scaled = weight, scaled

    def __len__(self) -> int:
        return len(self._place)

    @classmethod
    def learn(cls, bags: Sequence[Collection[str]], *, rare: int, scaled: bool) -> Marks:
        """The marks that stand in at least ``rare`` of ``bags``."""
        spread = Counter(mark for bag in bags for mark in set(bag))
        kept = sorted(mark for mark, count in spread.items() if count >= rare)
        counts = np.array([spread[mark] for mark in kept], dtype=np.float64)
        idf = np.log((len(bags) + 1) / counts) if scaled else np.ones(len(kept))
        return cls(kept, idf.astype(np.float32), scaled=scaled)

    def read(self, bags: Iterable[Collection[str]]) -> Bags:
        """The known marks of each bag, once each."""
        columns: list[int] = []
        values: list[FloatArray] = []
        starts = [0]
        for bag in bags:
            own = [self._place[mark] for mark in dict.fromkeys(bag) if mark in self._place]
            weight = self.weight[own]
            norm = float(np.linalg.norm(weight)) if self.scaled and own else 1.0
            columns += own
            values.append((weight / np.float32(norm)).astype(np.float32))
            starts.append(len(columns))
        return Bags(
            np.array(columns, dtype=np.int64),
            np.concatenate([np.zeros(0, dtype=np.float32), *values]),
            np.array(starts, dtype=np.int64),
        )

    def arrays(self, prefix: str) -> dict[str, AnyArray]:
        """Everything that :meth:`from_arrays` needs, under names that begin with ``prefix``."""
        joined = "\n".join(self._place).encode("utf-8")
        return {
            f"{prefix}names": np.frombuffer(joined, dtype=np.uint8),
            f"{prefix}weight": self.weight,
            f"{prefix}scaled": np.array(self.scaled),
        }

    @classmethod
    def from_arrays(cls, prefix: str, arrays: dict[str, AnyArray]) -> Marks:
        """Rebuild what :meth:`arrays` gave."""
        joined = arrays[f"{prefix}names"].tobytes().decode("utf-8")
        names = joined.split("\n") if joined else []
        return cls(names, arrays[f"{prefix}weight"], scaled=bool(arrays[f"{prefix}scaled"]))
