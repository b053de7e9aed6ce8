"""Text -> token ids with exact character offsets, the same for training and serving."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Encoding as RawEncoding
from tokenizers import Tokenizer

from models.arrays import IntArray
from models.errors import ModelError

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

# No tokenizer in use makes pieces longer than 16 characters on average; the rest is cut unread.
_CHARACTERS_PER_TOKEN = 16
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Tokenised:
    """One text: all ``ids`` (t,), and for the rows that stand for characters of the text as
    given (no special or prefix tokens) their indices ``rows`` (m,) and ``offsets`` (m, 2)."""

    ids: IntArray
    rows: IntArray
    offsets: IntArray

    def beginning(self, tokens: int) -> Tokenised:
        """The first ``tokens`` of them, the closing one included."""
        if len(self.ids) <= tokens:
            return self
        kept = self.rows < tokens - 1
        ids = np.concatenate([self.ids[: tokens - 1], self.ids[-1:]])
        return Tokenised(ids, self.rows[kept], self.offsets[kept])


class TextTokenizer:
    """A tokenizer with its prefix and its limit on tokens a text."""

    def __init__(self, tokenizer: Tokenizer, prefix: str, max_tokens: int, pad: int = 0) -> None:
        tokenizer.no_padding()
        tokenizer.enable_truncation(max_tokens)
        self._tokenizer = tokenizer
        self.prefix = prefix
        self.max_tokens = max_tokens
        self.pad = pad

    @classmethod
    def load(cls, file: Path, prefix: str, max_tokens: int, pad: int = 0) -> TextTokenizer:
        """Read ``tokenizer.json``.

        :raises ModelError: it is not there or cannot be read.
        """
        try:
            tokenizer = Tokenizer.from_file(str(file))
        except Exception as error:  # the library raises plain Exception
            raise ModelError(
                f"{file} cannot be read",
                expected="a tokenizer.json",
                found=str(error),
                fix="Take the encoder's folder from its source again.",
            ) from error
        return cls(tokenizer, prefix, max_tokens, pad)

    def encode(self, texts: Sequence[str]) -> list[Tokenised]:
        """Tokenise texts; what lies beyond the token limit is left out."""
        limit = self.max_tokens * _CHARACTERS_PER_TOKEN
        clean = [_SURROGATES.sub("\ufffd", text[:limit]) for text in texts]
        raw = self._tokenizer.encode_batch([self.prefix + text for text in clean])
        return [
            _located(encoding, text, len(self.prefix))
            for encoding, text in zip(raw, clean, strict=True)
        ]

    def padded(self, lines: Sequence[Tokenised]) -> tuple[IntArray, IntArray]:
        """Ids and attention mask (n, longest) for a batch."""
        longest = max((len(line.ids) for line in lines), default=0)
        ids = np.full((len(lines), longest), self.pad, dtype=np.int64)
        mask = np.zeros((len(lines), longest), dtype=np.int64)
        for row, line in enumerate(lines):
            ids[row, : len(line.ids)] = line.ids
            mask[row, : len(line.ids)] = 1
        return ids, mask


def _located(encoding: RawEncoding, text: str, shift: int) -> Tokenised:
    rows, offsets = [], []
    for row, ((start, end), special) in enumerate(
        zip(encoding.offsets, encoding.special_tokens_mask, strict=True)
    ):
        start, end = max(start - shift, 0), end - shift
        while start < end and text[start].isspace():
            start += 1
        while start < end and text[end - 1].isspace():
            end -= 1
        if start < end and not special:
            rows.append(row)
            offsets.append((start, end))
    return Tokenised(
        np.array(encoding.ids, dtype=np.int64),
        np.array(rows, dtype=np.int64),
        np.array(offsets, dtype=np.int64).reshape(-1, 2),
    )


def length_batches(
    lengths: Sequence[int], lines: int, tokens: int = 8192, padding: int | None = None
) -> list[list[int]]:
    """Indices in batches of similar length: at most ``lines`` lines and ``tokens`` padded tokens,
    none of them padded by more than ``padding``.

    Batches come from short to long; a single line over the token limit is a batch of its own.
    """
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda i: (lengths[i], i)):
        current = batches[-1] if batches else None
        full = current is None or len(current) >= lines
        if current and padding is not None:
            full = full or lengths[index] - lengths[current[0]] > padding
        if full or (len(current or ()) + 1) * lengths[index] > tokens:
            batches.append([index])
        else:
            batches[-1].append(index)
    return batches
