"""Answers that mean the same, by agglomerative clustering over their vectors."""

from __future__ import annotations

import numpy as np

from models.arrays import FloatArray, IntArray

LARGEST = 4000
"""Answers clustered exactly at once; more are first gathered around leaders."""


def cluster(vectors: FloatArray, distance: float) -> IntArray:
    """Cluster numbers (n,) of unit vectors (n, d).

    Average linkage on cosine distance, cut at ``distance``; the first answer's cluster is 0, and
    numbers rise in order of first appearance.
    """
    count = len(vectors)
    if count <= 1:
        return np.zeros(count, dtype=np.int64)
    if count > LARGEST:
        leader = _leaders(vectors, distance / 2)
        heads = np.unique(leader)
        found = (
            cluster(vectors[heads], distance) if len(heads) <= LARGEST else np.arange(len(heads))
        )
        return _renumbered(found[np.searchsorted(heads, leader)])
    from sklearn.cluster import AgglomerativeClustering  # type: ignore[import-untyped]

    model = AgglomerativeClustering(
        n_clusters=None, distance_threshold=distance, metric="precomputed", linkage="average"
    )
    apart = np.clip(1 - vectors @ vectors.T, 0, 2)
    return _renumbered(np.asarray(model.fit_predict(apart), dtype=np.int64))


def _leaders(vectors: FloatArray, distance: float) -> IntArray:
    """For each vector the first one within ``distance``; one pass, memory of the leaders."""
    heads: list[int] = []
    leader = np.zeros(len(vectors), dtype=np.int64)
    for i, vector in enumerate(vectors):
        if heads:
            near = vectors[heads] @ vector
            best = int(near.argmax())
            if near[best] >= 1 - distance:
                leader[i] = heads[best]
                continue
        heads.append(i)
        leader[i] = i
    return leader


def _renumbered(found: IntArray) -> IntArray:
    numbers: dict[int, int] = {}
    return np.array([numbers.setdefault(int(c), len(numbers)) for c in found], dtype=np.int64)
