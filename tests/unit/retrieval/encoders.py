"""A deterministic encoder for tests: hashed character trigrams, no weights."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from models.arrays import FloatArray

DIM = 96


def trigrams(texts: Sequence[str]) -> FloatArray:
    """Unit vectors (n, 96): texts with common trigrams are near each other."""
    vectors = np.zeros((len(texts), DIM), dtype=np.float32)
    for row, text in enumerate(texts):
        padded = f"  {text.lower()} "
        for i in range(len(padded) - 2):
            code = zlib.crc32(padded[i : i + 3].encode())
            vectors[row, code % DIM] += 1.0 if code & 65536 else -1.0
        vectors[row, 0] += 0.5
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
