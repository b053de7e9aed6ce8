"""Exact nearest vectors through FAISS, restricted to allowed rows inside the scan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from models.arrays import FloatArray, IntArray
from models.errors import ModelError

BoolArray = npt.NDArray[np.bool_]


class VectorIndex:
    """Inner products with unit vectors (n, d): a flat scan, exact for any filter."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: FloatArray) -> VectorIndex:
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
        k = min(k, int(allowed.sum()))
        if k == 0:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        bits = np.packbits(allowed, bitorder="little")
        selector = faiss.IDSelectorBitmap(len(allowed), faiss.swig_ptr(bits))
        scores, rows = self._index.search(query[None].astype(np.float32), k, params=_only(selector))
        kept = rows[0] >= 0
        return rows[0][kept], scores[0][kept]

    def similarities(self, query: FloatArray, rows: IntArray) -> FloatArray:
        """Inner products of ``query`` (d,) with chosen rows: float32 (len(rows),)."""
        scores: FloatArray = self.vectors(rows) @ query
        return scores

    def vectors(self, rows: IntArray) -> FloatArray:
        """The stored vectors of ``rows``: float32 (len(rows), d)."""
        if len(rows) == 0:
            return np.zeros((0, self.dim), dtype=np.float32)
        found: FloatArray = self._index.reconstruct_batch(rows)
        return found

    def save(self, path: Path) -> None:
        """Write FAISS's own file in one step."""
        partial = path.with_name(f".{path.name}.partial")
        faiss.write_index(self._index, str(partial))
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> VectorIndex:
        """Map the file into memory; processes that load it share the pages.

        :raises ModelError: the file is absent or damaged.
        """
        try:
            return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC))
        except RuntimeError as error:
            raise ModelError(
                f"{path} cannot be read",
                expected="a FAISS index",
                found=str(error)[:200],
                fix="Take the file from a complete release, or build the index again.",
            ) from error


def _only(selector: Any) -> Any:
    # FAISS adds keyword arguments to its classes at import, out of the stubs' sight.
    parameters: Any = faiss.SearchParameters
    return parameters(sel=selector)
