"""Vectors of a set's texts by the serving encoder, kept so that a run that is killed goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from intents.training.training import exported_encoder
from models.arrays import AnyArray, FloatArray, save_arrays
from models.encoders.runtime import Encoder
from models.encoders.weights import resolve
from models.progress import Progress, Silent

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
    """Encode ``texts`` with the packaged ``encoder``; what ``folder`` holds is not done again."""
    progress = progress or Silent()
    path = exported_encoder(resolve(encoder))
    texts = list(dict.fromkeys(texts))
    keys = [_key(path.name, text) for text in texts]
    known = _read(folder)
    new = [row for row, key in enumerate(keys) if key not in known]
    progress.start(f"encoding by {encoder}", len(new))
    model = Encoder.load(path)
    for start in range(0, len(new), CHUNK):
        rows = new[start : start + CHUNK]
        made = model.encode([texts[row] for row in rows]).sentence.astype(np.float16)
        _save(folder, [keys[row] for row in rows], made)
        known.update(zip((keys[row] for row in rows), made, strict=True))
        progress.advance(len(rows))
    progress.done()
    return Vectors(texts, np.stack([known[key] for key in keys]).astype(np.float32))


def _key(encoder: str, text: str) -> bytes:
    return hashlib.sha256(f"{encoder}\n{text}".encode()).digest()[:16]


def _read(folder: Path) -> dict[bytes, FloatArray]:
    known: dict[bytes, FloatArray] = {}
    for file in sorted(folder.glob("*.npz")):
        with np.load(file, allow_pickle=False) as stored:
            keys, vectors = stored["keys"].tobytes(), stored["vectors"]
        for row, vector in enumerate(vectors):
            known[keys[16 * row : 16 * row + 16]] = vector
    return known


def _save(folder: Path, keys: Sequence[bytes], vectors: AnyArray) -> None:
    """Write a chunk in one step, named by what it holds."""
    joined = b"".join(keys)
    arrays = {"keys": np.frombuffer(joined, dtype=np.uint8), "vectors": vectors}
    save_arrays(folder / f"{hashlib.sha256(joined).hexdigest()[:24]}.npz", arrays)
