"""How the turn's sentence vector becomes the vector that search compares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.arrays import FloatArray, IntArray, products
from models.intent_head import whitener

ENOUGH = 32


@dataclass(frozen=True)
class Projection:
    """``unit(vector - mean) @ matrix``, renormalised; ``mean`` (d,), ``matrix`` (d, p) or None.

    Centring spreads the vectors of encoders whose cosines all lie close together. ``matrix`` turns
    down directions in which questions of one answer differ; without one the search runs in the
    encoder's own space.
    """

    mean: FloatArray
    matrix: FloatArray | None = None

    @classmethod
    def centred(cls, vectors: FloatArray) -> Projection:
        """The projection that removes the mean of ``vectors`` (n, d).

        The mean of a few texts is their topic, not the encoder's habit, and stays.
        """
        enough = len(vectors) >= ENOUGH
        mean = vectors.mean(axis=0) if enough else np.zeros(vectors.shape[1])
        return cls(mean.astype(np.float32))

    def whitened(self, vectors: FloatArray, codes: IntArray) -> Projection:
        """This projection with a matrix learned from questions.

        :param vectors: of the questions (n, d).
        :param codes: the answer of each (n,), from 0 on.
        """
        moved = unit(np.asarray(vectors, dtype=np.float32) - self.mean)
        return Projection(self.mean, whitener(moved, codes, int(codes.max()) + 1))

    def __call__(self, vectors: FloatArray) -> FloatArray:
        """Project ``vectors`` (n, d) to unit vectors (n, p), float32."""
        moved = unit(np.asarray(vectors, dtype=np.float32) - self.mean)
        return moved if self.matrix is None else unit(products(moved, self.matrix))


def unit(vectors: FloatArray) -> FloatArray:
    """Rows of length one; rows of zeros stay zeros."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: FloatArray = (vectors / np.where(norms > 0, norms, 1)).astype(np.float32)
    return scaled
