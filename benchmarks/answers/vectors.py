"""Vectors of a set's texts by the serving encoder, kept so that a run that is killed goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from intents.training import exported_encoder
from models.arrays import FloatArray
from models.progress import Progress, Silent
from models.runtime import Encoder
from models.weights import resolve

CHUNK = 1000


class Vectors:
    """Sentence vectors (n, d) of a list of texts."""

    def __init__(self, texts: Sequence[str], vectors: FloatArray) -> None:
        self._row = {text: row for row, text in enumerate(texts)}
        self._vectors = vectors

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._vectors.shape[1])

    def __call__(self, texts: Sequence[str]) -> FloatArray:
        """Vectors of known ``texts``; an empty text has a vector of zeros."""
        found = np.zeros((len(texts), self.dim), dtype=np.float32)
        for number, text in enumerate(texts):
            if text:
                found[number] = self._vectors[self._row[text]]
        return found


def encoded(
    texts: Sequence[str], encoder: str, folder: Path, progress: Progress | None = None
) -> Vectors:
    """Encode ``texts`` with the packaged ``encoder``; what lies in ``folder`` is not done again."""
    progress = progress or Silent()
    path = exported_encoder(resolve(encoder))
    opened: Encoder | None = None
    parts = []
    progress.start(f"encoding by {encoder}", len(texts))
    for start in range(0, len(texts), CHUNK):
        part = list(texts[start : start + CHUNK])
        name = hashlib.sha256("\n".join([path.name, *part]).encode()).hexdigest()[:24]
        file = folder / f"{name}.npy"
        if not file.is_file():
            opened = opened or Encoder.load(path)
            _save(file, opened.encode(part).sentence)
        parts.append(np.load(file, allow_pickle=False))
        progress.advance(len(part))
    progress.done()
    return Vectors(texts, np.concatenate(parts).astype(np.float32))


def _save(file: Path, vectors: FloatArray) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    with partial.open("wb") as out:
        np.save(out, vectors.astype(np.float16), allow_pickle=False)
    partial.replace(file)
