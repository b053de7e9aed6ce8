"""A second view of a text: the Universal Sentence Encoder's n-gram form, by ONNX Runtime.

It knows word order only within a few words, and costs a seventh of the transformer's work. What
the two get wrong differs, so that heads read both vectors side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort  # type: ignore[import-untyped]

from models.arrays import FloatArray
from models.encoders.tokens import TextTokenizer, length_batches

GRAPH, TOKENIZER = "use.onnx", "use-tokenizer.json"
DIM = 512
_MAX_TOKENS = 128
_MARKS = 2
_TOKENS = 1024
_PADDING = 3
"""A further pass costs as much as a few tokens."""


class SentenceView:
    """An exported Universal Sentence Encoder; safe to share among threads."""

    def __init__(self, session: ort.InferenceSession, tokenizer: TextTokenizer) -> None:
        self._session = session
        self._tokenizer = tokenizer

    @classmethod
    def load(cls, folder: Path, session: ort.InferenceSession) -> SentenceView:
        """Read the tokenizer beside the opened graph.

        :raises ModelError: the tokenizer is absent or cannot be used.
        """
        return cls(session, TextTokenizer.load(folder / TOKENIZER, "", _MAX_TOKENS))

    def encode(self, texts: Sequence[str], batch: int = 32) -> FloatArray:
        """Vectors (n, 512) of unit length; zero for a text without any word piece."""
        lines = self._tokenizer.encode(texts)
        vectors = np.zeros((len(lines), DIM), dtype=np.float32)
        lengths = [len(line.ids) for line in lines]
        for indices in length_batches(lengths, batch, _TOKENS, _PADDING):
            chosen = [i for i in indices if len(lines[i].ids) > _MARKS]
            if chosen:
                ids, mask = self._tokenizer.padded([lines[i] for i in chosen])
                (found,) = self._session.run(["vector"], {"ids": ids, "mask": mask})
                vectors[chosen] = found
        return vectors
