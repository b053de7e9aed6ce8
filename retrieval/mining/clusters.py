"""Texts that mean the same, by agglomerative clustering over their vectors, block by block."""

from __future__ import annotations

import numpy as np

from models.arrays import FloatArray, IntArray, grouped_sums
from retrieval.search.projection import unit

LARGEST = 2000
"""Vectors clustered exactly at once; more are first divided by k-means into blocks."""
SHRUNK = 0.9
"""Share of the vectors that clusters must be fewer than for their middles to be clustered."""


def cluster(vectors: FloatArray, distance: float) -> IntArray:
    """Cluster numbers (n,) of unit vectors (n, d).

    Average linkage on cosine distance, cut at ``distance``; the first vector's cluster is 0, and
    numbers rise in order of first appearance. Of more than :data:`LARGEST` vectors each block is
    clustered on its own, then the middles of the clusters, as far as they stand in one block: what
    a border between blocks has cut is joined again. Memory is that of one block's distances.
    """
    if len(vectors) <= 1:
        return np.zeros(len(vectors), dtype=np.int64)
    found = np.zeros(len(vectors), dtype=np.int64)
    taken = 0
    for rows in _blocks(vectors, np.arange(len(vectors))):
        own = _agglomerated(vectors[rows], distance)
        found[rows] = own + taken
        taken += int(own.max()) + 1
    if len(vectors) > LARGEST and taken < SHRUNK * len(vectors):
        middles = grouped_sums(vectors, found, taken).astype(np.float32)
        found = cluster(unit(middles), distance)[found]
    return _renumbered(found)


def _agglomerated(vectors: FloatArray, distance: float) -> IntArray:
    if len(vectors) == 1:
        return np.zeros(1, dtype=np.int64)
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    apart = np.clip(1 - vectors @ vectors.T, 0, 2)
    np.fill_diagonal(apart, 0)
    tree = linkage(squareform(apart, checks=False), method="average")
    return np.asarray(fcluster(tree, distance, criterion="distance"), dtype=np.int64) - 1


def _blocks(vectors: FloatArray, rows: IntArray) -> list[IntArray]:
    """Rows in blocks of at most :data:`LARGEST`, near ones together."""
    if len(rows) <= LARGEST:
        return [rows]
    import faiss

    parts = max(2, -(-2 * len(rows) // LARGEST))
    means = faiss.Kmeans(
        vectors.shape[1], parts, niter=8, seed=1, spherical=True,
        min_points_per_centroid=1, max_points_per_centroid=256,
    )  # fmt: skip
    own = np.ascontiguousarray(vectors[rows], dtype=np.float32)
    means.train(own)
    nearest = means.index.search(own, 1)[1][:, 0]
    blocks: list[IntArray] = []
    for number in range(parts):
        part = rows[nearest == number]
        if len(part) == len(rows):  # all alike: k-means cannot divide them
            blocks += [rows[at : at + LARGEST] for at in range(0, len(rows), LARGEST)]
        elif len(part):
            blocks += _blocks(vectors, part)
    return blocks


def _renumbered(found: IntArray) -> IntArray:
    numbers: dict[int, int] = {}
    return np.array([numbers.setdefault(int(c), len(numbers)) for c in found], dtype=np.int64)
