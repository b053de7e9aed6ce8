"""Hundreds of thousands of vectors and more: inverted lists of 4-bit codes, ranked twice.

The vectors are parted into about sqrt(n) lists by k-means (Jégou, Douze, Schmid 2011). A query
visits the nearest lists and scans product codes of the residuals (4 bits for two components, in
registers: André, Kermarrec, Le Scouarnec 2017), ranks the best by 8-bit codes, and the best of
those by the 8-bit codes with 4 more bits of what they miss. A row takes d * 7 / 4 bytes and a
little. How many lists are visited is found when the index is built, by the rows' own neighbours.

A filter is kept inside the scan. One that few rows pass is answered by a scan of those rows'
8-bit codes, so that it costs no recall.

Rows that come later stand in a flat tail, rows that went are skipped; :attr:`stale` says when
the whole is worth building anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from models.arrays import FloatArray, IntArray, load_arrays, save_arrays
from models.errors import ModelError
from retrieval.search.scan import eight_bits
from retrieval.search.vectors import (
    Allowed,
    BoolArray,
    FlatVectors,
    VectorIndex,
    nothing,
    one,
    read_faiss,
    reconstruct,
    write_faiss,
)

KIND = "vector-lists"
CODES, FINE, MOVED = ".codes", ".fine", ".moved.npz"
BLOCK = 65_536
SAMPLE = 80
"""Training vectors for each list."""
NARROW = 0.03
"""Filters that pass a smaller share of the rows are answered by a scan of those rows."""
SECOND, THIRD = 200, 30
"""Candidates ranked by 8 bits, and by 12, beyond those asked for."""
GOAL = 0.985
"""Share of what a visit to every list finds that must be found, for ``PROBES`` rows."""
PROBES, COPY, COPIES = 300, 0.9, 50
"""Rows nearer than ``COPY`` are copies of a probe, which nobody's question has; so many at most."""


class ListedVectors(VectorIndex):
    """Inverted lists over built rows, a tail of later rows, and where each row is.

    ``place`` (n,) is a row's number among the built ones, or ``-1 - its number in the tail``;
    None where all rows are built ones in their order.
    """

    def __init__(
        self, lists: Any, codes: Any, fine: Any, place: IntArray | None = None,
        tail: FlatVectors | None = None,
    ) -> None:  # fmt: skip
        self._lists, self._codes, self._fine = lists, codes, fine
        self._refined = faiss.IndexRefine(lists, codes)
        self._place, self._tail = place, tail
        if place is not None:
            built = np.flatnonzero(place >= 0)
            self._row_of = np.full(int(lists.ntotal), -1, dtype=np.int64)
            self._row_of[place[built]] = built
            later = np.flatnonzero(place < 0)
            self._tail_rows = later[np.argsort(-1 - place[later])]

    @classmethod
    def build(cls, vectors: FloatArray, *, seed: int = 0) -> ListedVectors:
        """Index the rows of ``vectors`` (n, d), which may be mapped from a file."""
        count, dim = int(vectors.shape[0]), int(vectors.shape[1])
        lists = _empty(count, dim, seed)
        sample = _some(vectors, int(lists.nlist) * SAMPLE, seed)
        lists.train(sample)
        codes = eight_bits(dim)
        codes.train(sample)
        fine = faiss.IndexScalarQuantizer(
            dim, faiss.ScalarQuantizer.QT_4bit, faiss.METRIC_INNER_PRODUCT
        )
        fine.train(_missed(codes, sample))
        for block in _blocks(vectors):
            lists.add(block)
            codes.add(block)
            fine.add(_missed(codes, block))
        made = cls(lists, codes, fine)
        made._visit_enough(vectors, seed)
        return made

    @property
    def size(self) -> int:
        """Number of rows."""
        return int(self._lists.ntotal) if self._place is None else len(self._place)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._lists.d)

    @property
    def stale(self) -> float:
        """Share of rows that came or went since the index was built as a whole."""
        if self._place is None:
            return 0.0
        gone = int((self._row_of < 0).sum())
        return (gone + len(self._tail_rows)) / max(1, self.size)

    def search(self, query: FloatArray, k: int, allowed: BoolArray) -> tuple[IntArray, FloatArray]:
        """The at most ``k`` best rows among those where ``allowed`` (n,) is true, best first.

        A score is within about 0.001 of the exact inner product.
        """
        k = min(k, int(np.count_nonzero(allowed)))
        if k == 0:
            return nothing()
        rows = self._built(query, k, allowed)
        if self._tail is not None:
            later, _ = self._tail.search(query, k, allowed[self._tail_rows])
            rows = np.concatenate([rows, self._tail_rows[later]])
        return self.best(query, k, rows)

    def vectors(self, rows: IntArray) -> FloatArray:
        """The stored vectors of ``rows``, 12 bits a component: float32 (len(rows), d)."""
        if self._place is None:
            return reconstruct(self._codes, rows) + reconstruct(self._fine, rows)
        place = self._place[rows]
        found = np.empty((len(rows), self.dim), dtype=np.float32)
        built = place >= 0
        found[built] = reconstruct(self._codes, place[built]) + reconstruct(
            self._fine, place[built]
        )
        if self._tail is not None:
            found[~built] = self._tail.vectors(-1 - place[~built])
        return found

    def renewed(self, before: IntArray, vectors: FloatArray) -> ListedVectors:
        """The index for other rows: of each its number in this one, or -1, with all ``vectors``.

        What was built is shared, only new rows are stored.
        """
        place = np.full(len(before), -1, dtype=np.int64)
        kept = before >= 0
        place[kept] = before[kept] if self._place is None else self._place[before[kept]]
        later = np.flatnonzero(place < 0)
        place[later] = -1 - np.arange(len(later))
        tail = FlatVectors.build(np.asarray(vectors[later])) if len(later) else None
        return type(self)(self._lists, self._codes, self._fine, place, tail)

    def save(self, path: Path) -> None:
        """Write the lists, and the codes and what has moved beside them."""
        write_faiss(self._codes, path.with_name(path.name + CODES))
        write_faiss(self._fine, path.with_name(path.name + FINE))
        if self._place is not None:
            tail = self._tail.vectors(np.arange(self._tail.size)) if self._tail else np.zeros((0,))
            moved = {"kind": np.array(KIND), "place": self._place, "tail": tail}
            save_arrays(path.with_name(path.name + MOVED), moved)
        write_faiss(self._lists, path)

    @classmethod
    def load(cls, path: Path, lists: Any) -> ListedVectors:
        """The index whose ``lists`` were read from ``path``.

        :raises ModelError: a file beside it is absent, damaged or of another index.
        """
        codes, fine = (read_faiss(path.with_name(path.name + end)) for end in (CODES, FINE))
        place, tail = None, None
        moved = path.with_name(path.name + MOVED)
        if moved.is_file():
            stored = load_arrays(moved, KIND)
            place = stored["place"]
            tail = FlatVectors.build(stored["tail"]) if len(stored["tail"]) else None
        shapes = {(int(index.ntotal), int(index.d)) for index in (lists, codes, fine)}
        later = 0 if tail is None else tail.size
        if len(shapes) > 1 or (place is not None and int((place < 0).sum()) != later):
            raise ModelError(
                f"The files beside {path} do not belong together",
                expected="lists and codes of the same vectors",
                found=f"{sorted(shapes)}, {later} later rows",
                fix="Take the folder from a complete release, or build the index again.",
            )
        return cls(lists, codes, fine, place, tail)

    def _built(self, query: FloatArray, k: int, allowed: BoolArray) -> IntArray:
        """Candidates among the built rows, at least ``k`` where so many are allowed."""
        if self._place is not None:
            allowed = (self._row_of >= 0) & allowed[self._row_of]
        count = int(np.count_nonzero(allowed))
        wide = min(count, k + THIRD)
        if not wide:
            return np.zeros(0, dtype=np.int64)
        with Allowed(allowed) as only:
            if count < NARROW * len(allowed):
                parameters = only.parameters(faiss.SearchParameters)
                _, found = self._codes.search(one(query), wide, params=parameters)
            else:
                found = self._visit(query, wide, None if count == len(allowed) else only, count)
        rows: IntArray = found[0][found[0] >= 0]
        return rows if self._place is None else self._row_of[rows]

    def _visit(self, query: FloatArray, wide: int, only: Allowed | None, count: int) -> IntArray:
        share = count / int(self._lists.ntotal)
        lists: dict[str, Any] = {"nprobe": min(self._lists.nlist, int(self._lists.nprobe / share))}
        kind: Any = faiss.SearchParametersIVF
        visited = kind(**lists) if only is None else only.parameters(kind, **lists)
        refined: Any = faiss.IndexRefineSearchParameters
        parameters = refined(k_factor=(wide + SECOND) / wide, base_index_params=visited)
        _, found = self._refined.search(one(query), wide, params=parameters)
        rows: IntArray = found
        return rows

    def _visit_enough(self, vectors: FloatArray, seed: int) -> None:
        """Set the number of visited lists by what sampled rows find beside their copies."""
        probes = _some(vectors, PROBES, seed + 1)
        self._lists.nprobe = int(self._lists.nlist)
        truth = self._found(probes)
        visits = 8
        while visits < self._lists.nlist:
            self._lists.nprobe = visits
            found = self._found(probes)
            hits = sum(len(a & b) for a, b in zip(truth, found, strict=True))
            if hits >= GOAL * sum(map(len, truth)):
                return
            visits = visits * 5 // 4
        self._lists.nprobe = int(self._lists.nlist)

    def _found(self, probes: FloatArray) -> list[set[int]]:
        """The ten rows nearest to each probe that are no copies of it."""
        everything = np.ones(self.size, dtype=bool)
        nearest = (self.search(probe, 10 + COPIES, everything) for probe in probes)
        return [set(rows[scores < COPY][:10].tolist()) for rows, scores in nearest]


def _empty(count: int, dim: int, seed: int) -> Any:
    lists = max(4, 2 ** round(np.log2(np.sqrt(max(16, count)))))
    made = faiss.IndexIVFPQFastScan(
        faiss.IndexFlatIP(dim),
        dim,
        lists,
        dim // 2 if dim % 2 == 0 else dim,
        4,
        faiss.METRIC_INNER_PRODUCT,
    )
    made.by_residual = True
    made.cp.niter, made.cp.spherical, made.cp.seed = 10, True, seed + 1
    return made


def _missed(codes: Any, block: FloatArray) -> FloatArray:
    """What 8-bit codes leave of vectors (n, d)."""
    left: FloatArray = block - codes.sa_decode(codes.sa_encode(block))
    return left


def _blocks(vectors: FloatArray) -> Iterator[FloatArray]:
    for start in range(0, len(vectors), BLOCK):
        yield np.ascontiguousarray(vectors[start : start + BLOCK], dtype=np.float32)


def _numbers(count: int, wanted: int, seed: int) -> IntArray:
    chosen = np.random.default_rng(seed).choice(count, min(count, wanted), replace=False)
    return chosen.astype(np.int64)


def _some(vectors: FloatArray, wanted: int, seed: int) -> FloatArray:
    at = np.sort(_numbers(len(vectors), wanted, seed))
    return np.ascontiguousarray(vectors[at], dtype=np.float32)
