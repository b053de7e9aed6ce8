"""Which index of vectors for how many rows, and reading back what was written."""

from __future__ import annotations

from pathlib import Path

import faiss

from models.arrays import FloatArray, IntArray
from models.errors import ModelError
from retrieval.search.lists import ListedVectors
from retrieval.search.scan import ScannedVectors
from retrieval.search.vectors import FlatVectors, VectorIndex, read_faiss

FLAT, SCANNED = 20_000, 100_000
"""Most rows for a scan of float32 vectors, and for a scan of 8-bit codes; beyond, lists."""


def build(vectors: FloatArray) -> VectorIndex:
    """Index the rows of ``vectors`` (n, d): exact up to ``SCANNED``, by inverted lists beyond."""
    if len(vectors) <= FLAT:
        return FlatVectors.build(vectors)
    if len(vectors) <= SCANNED:
        return ScannedVectors.build(vectors)
    return ListedVectors.build(vectors)


def renew(index: VectorIndex, before: IntArray, vectors: FloatArray) -> VectorIndex:
    """An index for other rows: of each its number in ``index``, or -1, with all ``vectors``.

    Lists are shared and the new rows searched beside them; shorter scans are built in no time.
    """
    if isinstance(index, ListedVectors) and len(vectors) > SCANNED:
        return index.renewed(before, vectors)
    return build(vectors)


def load(path: Path) -> VectorIndex:
    """Read what an index saved; vectors are mapped, not read.

    :raises ModelError: a file is absent, damaged or holds another kind of index.
    """
    stored = read_faiss(path)
    if isinstance(stored, faiss.IndexFlatIP):
        return FlatVectors(stored)
    if isinstance(stored, faiss.IndexScalarQuantizer):
        return ScannedVectors.load(path, stored)
    if isinstance(stored, faiss.IndexIVFPQFastScan):
        return ListedVectors.load(path, stored)
    raise ModelError(
        f"{path} holds another kind of index",
        expected="vectors in a flat scan, in 8-bit codes or in lists",
        found=type(stored).__name__,
        fix="Take the file from a complete release, or build the index again.",
    )
