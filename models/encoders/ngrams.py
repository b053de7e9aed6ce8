"""Character n-grams of messages as sparse vectors, found by a rolling hash over code points.

N-grams do not cross blanks, so that in English they are pieces of words and in Chinese pieces of
clauses. What spelling varies without meaning is levelled first: width, case, digits, letters drawn
out ("sooo"), and emoji, which are read as their Unicode names.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.arrays import AnyArray, FloatArray, IntArray

LONGEST = 2000
"""Characters of a text that are read."""

LENGTHS = (1, 2, 3, 4, 5)
MAX_ENTRIES = 100_000
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_SPACE = 32
_BREAK = 10
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def level(text: str) -> str:
    """The text as its n-grams are taken from it: one line, one blank at most between words."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST]).lower()
    read = "".join(map(_character, plain))
    return " ".join(_DRAWN_OUT.sub(r"\1\1", read).split())


@dataclass(frozen=True)
class Vocabulary:
    """Hashed n-grams ``keys`` (v,), ascending uint64, and their ``idf`` (v,)."""

    keys: AnyArray
    idf: FloatArray

    @classmethod
    def learn(cls, texts: Sequence[str], rare: int = 2) -> tuple[Vocabulary, Any]:
        """N-grams that stand in at least ``rare`` of ``texts``, the commonest kept.

        :return: the vocabulary and the texts' vectors, a scipy matrix (n, v) in compressed rows.
        """
        from scipy.sparse import csr_matrix

        rows, hashes = hashed(texts)
        keys, entries = np.unique(hashes, return_inverse=True)
        entries, rows, counts = _counted(entries, rows, max(1, len(texts)))
        spread = np.bincount(entries, minlength=len(keys))
        kept = spread >= rare
        if kept.sum() > MAX_ENTRIES:
            kept &= spread > np.partition(spread, -MAX_ENTRIES)[-MAX_ENTRIES]
        idf = np.log((1.0 + len(texts)) / (1.0 + spread[kept])) + 1.0
        made = cls(keys[kept], idf.astype(np.float32))
        inside = kept[entries]
        entries = (np.cumsum(kept) - 1)[entries[inside]]
        values = made._values(rows[inside], entries, counts[inside], len(texts))
        shape = (len(texts), len(made.keys))
        return made, csr_matrix((values, (rows[inside], entries)), shape=shape)

    def project(self, texts: Sequence[str], weight: FloatArray) -> FloatArray:
        """The texts' vectors times ``weight`` (v, k): (n, k), without building a matrix.

        A vector has length 1; its values are ``(1 + log count) * idf`` before scaling. N-grams
        outside the vocabulary are left out.
        """
        rows, hashes = hashed(texts)
        at = np.searchsorted(self.keys, hashes)
        found = at < len(self.keys)
        found[found] = self.keys[at[found]] == hashes[found]
        entries, rows, counts = _counted(at[found], rows[found], max(1, len(texts)))
        values = self._values(rows, entries, counts, len(texts))
        if len(texts) == 1:
            alone: FloatArray = (values @ weight[entries])[None]
            return alone
        result = np.zeros((len(texts), weight.shape[1]), dtype=np.float32)
        np.add.at(result, rows, weight[entries] * values[:, None])
        return result

    def _values(
        self, rows: IntArray, entries: IntArray, counts: IntArray, texts: int
    ) -> FloatArray:
        values = (1.0 + np.log(counts)) * self.idf[entries]
        norms = np.sqrt(np.bincount(rows, values**2, minlength=texts))
        return (values / np.maximum(norms[rows], 1e-9)).astype(np.float32)


def hashed(texts: Sequence[str]) -> tuple[IntArray, AnyArray]:
    """Text index (m,) and hash (m,) of every n-gram of every text, with repetitions."""
    joined = "\n" + "\n".join(f" {level(text)} " for text in texts) + "\n"
    points = np.frombuffer(joined.encode("utf-32-le", "replace"), dtype=np.uint32)
    owner = np.cumsum(points == _BREAK) - 1
    blank = np.cumsum(np.concatenate([[0], (points == _SPACE) | (points == _BREAK)]))
    broken = np.cumsum(np.concatenate([[0], points == _BREAK]))
    wide = points.astype(np.uint64)
    rolled = np.zeros(len(points), dtype=np.uint64)
    rows, hashes = [], []
    for length in range(1, max(LENGTHS) + 1):
        starts = len(points) - length + 1
        if starts <= 0:
            break
        rolled = rolled[:starts] * _MULTIPLIER + wide[length - 1 :] + np.uint64(1)
        begin, end = np.arange(starts), np.arange(starts) + length
        sound = broken[end] == broken[begin]
        if length > 2:  # a blank may stand at either end alone
            sound &= blank[end - 1] == blank[begin + 1]
        else:
            sound &= blank[end] - blank[begin] < length
        rows.append(owner[:starts][sound])
        hashes.append(rolled[sound] ^ (rolled[sound] >> np.uint64(29)))
    if not rows:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint64)
    return np.concatenate(rows).astype(np.int64), np.concatenate(hashes)


def _counted(entries: IntArray, rows: IntArray, texts: int) -> tuple[IntArray, IntArray, IntArray]:
    """Distinct pairs of entry and row, and how often each came."""
    pairs, counts = np.unique(entries * texts + rows, return_counts=True)
    entries, rows = np.divmod(pairs, texts)
    return entries, rows, counts


@functools.lru_cache(maxsize=65536)
def _character(char: str) -> str:
    """Digits become one digit, emoji their names; joiners and variation selectors go."""
    if char.isdigit():
        return "0"
    kind = unicodedata.category(char)
    if kind == "So" or char in "‼⁉":
        return f" {unicodedata.name(char, '').lower()} "
    if kind in ("Mn", "Cf", "Cc", "Sk", "Cs") and not char.isspace():
        return ""
    return char
