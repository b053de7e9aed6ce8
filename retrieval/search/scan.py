"""Tens of thousands of vectors: a scan of 8-bit codes, whose best are ranked by exact vectors.

A code has a byte for each component (uniform between the component's least and greatest value),
so that a scan reads a quarter of the bytes. The error of a code is far below the differences
among a hundred thousand texts: with ``SPARE`` more candidates than are asked for nothing is lost
(``benchmarks/bench_vectors.py`` measures it).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import faiss
import numpy as np

from models.arrays import FloatArray, IntArray
from models.errors import ModelError
from retrieval.search.vectors import (
    Allowed,
    BoolArray,
    VectorIndex,
    nothing,
    one,
    write_faiss,
)

SPARE = 30
"""Candidates of the codes beyond those asked for."""
EXACT = ".exact.npy"


class ScannedVectors(VectorIndex):
    """8-bit codes before exact vectors (n, d), which may be mapped from a file."""

    def __init__(self, codes: Any, exact: FloatArray) -> None:
        self._codes, self._exact = codes, exact

    @classmethod
    def build(cls, vectors: FloatArray) -> ScannedVectors:
        """Index the rows of ``vectors`` (n, d)."""
        vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        codes = eight_bits(vectors.shape[1])
        codes.train(vectors)
        codes.add(vectors)
        return cls(codes, vectors)

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self._exact)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._exact.shape[1])

    def search(self, query: FloatArray, k: int, allowed: BoolArray) -> tuple[IntArray, FloatArray]:
        """The at most ``k`` best rows among those where ``allowed`` (n,) is true, best first."""
        count = int(np.count_nonzero(allowed))
        if min(k, count) == 0:
            return nothing()
        with Allowed(allowed) as only:
            parameters = None if count == self.size else only.parameters(faiss.SearchParameters)
            wide = min(count, k + SPARE)
            _, rows = self._codes.search(one(query), wide, params=parameters)
        return self.best(query, min(k, count), rows[0][rows[0] >= 0])

    def vectors(self, rows: IntArray) -> FloatArray:
        """The exact vectors of ``rows``: float32 (len(rows), d)."""
        return np.asarray(self._exact[rows], dtype=np.float32)

    def save(self, path: Path) -> None:
        """Write the codes, and the exact vectors beside them."""
        exact = path.with_name(path.name + EXACT)
        partial = exact.with_name(f".{exact.name}")
        with partial.open("wb") as out:
            np.save(out, self._exact, allow_pickle=False)
        partial.replace(exact)
        write_faiss(self._codes, path)

    @classmethod
    def load(cls, path: Path, codes: Any) -> ScannedVectors:
        """The index whose ``codes`` were read from ``path``.

        :raises ModelError: the exact vectors are absent, damaged or of another index.
        """
        file = path.with_name(path.name + EXACT)
        try:
            exact = np.load(file, mmap_mode="r", allow_pickle=False)
            if exact.shape != (codes.ntotal, codes.d) or exact.dtype != np.float32:
                raise ValueError(f"{exact.dtype} of shape {exact.shape}")
        except (OSError, ValueError, EOFError) as error:
            raise ModelError(
                f"{file} cannot be used",
                expected=f"float32 vectors of shape ({codes.ntotal}, {codes.d})",
                found=str(error)[:200],
                fix="Take the file from a complete release, or build the index again.",
            ) from error
        return cls(codes, exact)


def eight_bits(dim: int) -> Any:
    """An empty index of 8-bit codes for inner products."""
    return faiss.IndexScalarQuantizer(
        dim, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
