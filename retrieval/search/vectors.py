"""Nearest vectors, restricted to allowed rows inside the scan: what every index of them can do.

The exact scan stands here; ``retrieval.search.scan`` and ``retrieval.search.lists`` are for more
rows, and ``retrieval.search.nearest`` chooses among the three.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from models.arrays import FloatArray, IntArray
from models.errors import ModelError

BoolArray = npt.NDArray[np.bool_]


class VectorIndex(ABC):
    """Inner products with n unit vectors of length d."""

    @property
    @abstractmethod
    def size(self) -> int:
        """Number of rows."""

    @property
    @abstractmethod
    def dim(self) -> int:
        """Length of a vector."""

    @abstractmethod
    def search(self, query: FloatArray, k: int, allowed: BoolArray) -> tuple[IntArray, FloatArray]:
        """The at most ``k`` best rows among those where ``allowed`` (n,) is true, best first."""

    @abstractmethod
    def vectors(self, rows: IntArray) -> FloatArray:
        """The stored vectors of ``rows``: float32 (len(rows), d)."""

    @abstractmethod
    def save(self, path: Path) -> None:
        """Write FAISS's own file in one step, and what belongs to it beside it."""

    @property
    def stale(self) -> float:
        """Share of rows that came or went since the index was built as a whole."""
        return 0.0

    def similarities(self, query: FloatArray, rows: IntArray) -> FloatArray:
        """Inner products of ``query`` (d,) with chosen rows: float32 (len(rows),)."""
        scores: FloatArray = self.vectors(rows) @ query
        return scores

    def best(self, query: FloatArray, k: int, rows: IntArray) -> tuple[IntArray, FloatArray]:
        """The ``k`` best of a few ``rows`` by their stored vectors, best first."""
        scores = self.similarities(query, rows)
        order = np.argsort(-scores, kind="stable")[:k]
        return rows[order], scores[order]


class FlatVectors(VectorIndex):
    """A scan of float32 vectors, exact for any filter."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: FloatArray) -> FlatVectors:
        """Index the rows of ``vectors`` (n, d)."""
        index = faiss.IndexFlatIP(int(vectors.shape[1]))
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    @property
    def size(self) -> int:
        """Number of rows."""
        return int(self._index.ntotal)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    def search(self, query: FloatArray, k: int, allowed: BoolArray) -> tuple[IntArray, FloatArray]:
        """The at most ``k`` best rows among those where ``allowed`` (n,) is true, best first."""
        k = min(k, int(np.count_nonzero(allowed)))
        if k == 0:
            return nothing()
        with Allowed(allowed) as only:
            parameters = only.parameters(faiss.SearchParameters)
            scores, rows = self._index.search(one(query), k, params=parameters)
        kept = rows[0] >= 0
        return rows[0][kept], scores[0][kept]

    def vectors(self, rows: IntArray) -> FloatArray:
        """The stored vectors of ``rows``: float32 (len(rows), d)."""
        return reconstruct(self._index, rows)

    def save(self, path: Path) -> None:
        """Write FAISS's own file in one step."""
        write_faiss(self._index, path)


class Allowed:
    """A filter in FAISS's terms; FAISS keeps no hold of the bits, so they live in here."""

    def __init__(self, allowed: BoolArray) -> None:
        self._bits = np.packbits(allowed, bitorder="little")
        self._selector = faiss.IDSelectorBitmap(len(allowed), faiss.swig_ptr(self._bits))

    def __enter__(self) -> Allowed:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def parameters(self, kind: Any, **options: Any) -> Any:
        """Search parameters of ``kind`` with this filter."""
        # FAISS adds keyword arguments to its classes at import, out of the stubs' sight.
        return kind(sel=self._selector, **options)


def nothing() -> tuple[IntArray, FloatArray]:
    """What a search finds where no row is allowed."""
    return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)


def one(query: FloatArray) -> FloatArray:
    """A query (d,) as FAISS wants it: float32 (1, d)."""
    return np.ascontiguousarray(query[None], dtype=np.float32)


def reconstruct(index: Any, rows: IntArray) -> FloatArray:
    """The vectors that ``index`` stores for ``rows``: float32 (len(rows), d)."""
    if len(rows) == 0:
        return np.zeros((0, int(index.d)), dtype=np.float32)
    found: FloatArray = index.reconstruct_batch(rows)
    return found


def write_faiss(index: Any, path: Path) -> None:
    """Write FAISS's own file in one step."""
    partial = path.with_name(f".{path.name}.partial")
    faiss.write_index(index, str(partial))
    partial.replace(path)


def read_faiss(path: Path) -> Any:
    """Map the file into memory; processes that load it share the pages.

    :raises ModelError: the file is absent or damaged.
    """
    try:
        return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    except RuntimeError as error:
        raise ModelError(
            f"{path} cannot be read",
            expected="a FAISS index",
            found=str(error)[:200],
            fix="Take the file from a complete release, or build the index again.",
        ) from error
