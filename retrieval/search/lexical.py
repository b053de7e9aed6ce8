"""BM25 over short texts in numpy: impacts are computed once, a query adds a few slices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.arrays import FloatArray, IntArray, load_arrays, save_arrays
from models.errors import ModelError

KIND = "lexical-index"
K1, B = 1.2, 0.75


class LexicalIndex:
    """Inverted index with BM25 impacts (Robertson and Zaragoza 2009, Lucene's idf).

    Scores are a share of what a perfect match of the query could reach, so that they compare
    between queries: 0 is no word in common; words that nobody wrote count against the match.
    """

    def __init__(
        self, vocabulary: dict[str, int], starts: IntArray, rows: IntArray, impacts: FloatArray,
        idf: FloatArray, size: int,
    ) -> None:  # fmt: skip
        self._vocabulary = vocabulary
        self._starts, self._rows, self._impacts, self._idf = starts, rows, impacts, idf
        self.size = size

    @classmethod
    def build(cls, texts: Sequence[Sequence[str]]) -> LexicalIndex:
        """Index texts given as words."""
        vocabulary: dict[str, int] = {}
        counts = [Counter(text) for text in texts]
        postings = [
            (vocabulary.setdefault(word, len(vocabulary)), row, count)
            for row, counter in enumerate(counts)
            for word, count in counter.items()
        ]
        table = np.array(postings, dtype=np.int64).reshape(-1, 3)
        table = table[np.lexsort((table[:, 1], table[:, 0]))]
        lengths = np.array([max(1, len(text)) for text in texts], dtype=np.float64)
        frequency = np.bincount(table[:, 0], minlength=len(vocabulary))
        idf = np.log1p((len(texts) - frequency + 0.5) / (frequency + 0.5))
        impacts = _impacts(table, lengths, idf)
        starts = np.concatenate(([0], np.cumsum(frequency))).astype(np.int64)
        return cls(
            vocabulary, starts, table[:, 1].copy(), impacts, idf.astype(np.float32), len(texts)
        )

    def scores(self, query: Sequence[str]) -> FloatArray:
        """Share of the best possible match, 0..1, for every text: float32 (n,)."""
        found = np.zeros(self.size, dtype=np.float32)
        unknown = float(np.log1p((self.size + 0.5) / 0.5))
        best = 0.0
        for word in dict.fromkeys(query):
            term = self._vocabulary.get(word)
            if term is None:
                best += unknown
                continue
            best += float(self._idf[term])
            part = slice(int(self._starts[term]), int(self._starts[term + 1]))
            # A text occurs once in a term's slice, so that plain indexing adds rightly.
            found[self._rows[part]] += self._impacts[part]
        return found / np.float32(best) if best > 0 else found

    def save(self, path: Path) -> None:
        """Write one npz file."""
        joined = "\n".join(self._vocabulary).encode("utf-8")
        save_arrays(
            path,
            {
                "kind": np.array(KIND),
                "vocabulary": np.frombuffer(joined, dtype=np.uint8),
                "starts": self._starts,
                "rows": self._rows,
                "impacts": self._impacts,
                "idf": self._idf,
                "size": np.array(self.size),
            },
        )

    @classmethod
    def load(cls, path: Path) -> LexicalIndex:
        """Read what :meth:`save` wrote.

        :raises ModelError: the file is absent, damaged or of another kind.
        """
        stored = load_arrays(path, KIND)
        words = stored["vocabulary"].tobytes().decode("utf-8").split("\n")
        vocabulary = {word: i for i, word in enumerate(words)} if words != [""] else {}
        if len(vocabulary) != len(stored["idf"]) or len(stored["starts"]) != len(vocabulary) + 1:
            raise ModelError(
                f"{path} does not hold together",
                expected=f"{len(vocabulary)} words with their weights",
                found=f"{len(stored['idf'])} weights",
                fix="Take the file from a complete release, or build the index again.",
            )
        return cls(
            vocabulary, stored["starts"], stored["rows"], stored["impacts"], stored["idf"],
            int(stored["size"]),
        )  # fmt: skip


def _impacts(
    table: IntArray, lengths: np.ndarray[tuple[int], np.dtype[np.float64]],
    idf: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> FloatArray:  # fmt: skip
    count = table[:, 2]
    relative = lengths[table[:, 1]] / max(1.0, float(lengths.mean()) if len(lengths) else 1.0)
    saturated = count / (count + K1 * (1 - B + B * relative))
    return (idf[table[:, 0]] * saturated).astype(np.float32)
