"""Tagging units: where a text may be cut into entities, whatever pieces the tokenizer made.

A unit is one Chinese character, one run of letters, one run of digits, or one other sign. Units
lie at exact character offsets: a Chinese piece of several characters gives each of them its state
together with its place in the piece, and a word cut into several pieces gets their mean.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np

from models.arrays import FloatArray, IntArray

HASH_BUCKETS = 8192
FORMS = 9
FEATURES = 26
_LENGTH_STEPS = (1, 2, 3, 4, 6, 8, 11)
Place = tuple[int, int]


@dataclass(frozen=True)
class Units:
    """The units of one text.

    ``offsets`` int64 (u, 2) are characters; ``features`` float32 (u, FEATURES) describe shape and
    place; ``hashes`` int64 (u, FORMS) name written forms: the unit, its beginning and end, and the
    units around it; ``pairs`` int64 (p, 2) are (unit, piece).
    """

    offsets: IntArray
    features: FloatArray
    hashes: IntArray
    pairs: IntArray

    def __len__(self) -> int:
        return len(self.offsets)

    def states(self, pieces: FloatArray) -> FloatArray:
        """Mean piece states (u, d) of the units, from piece states (t, d)."""
        if not len(self):
            return np.zeros((0, pieces.shape[1]), dtype=np.float32)
        counts = np.bincount(self.pairs[:, 0], minlength=len(self))
        first = counts.cumsum() - counts
        total: FloatArray = np.add.reduceat(pieces[self.pairs[:, 1]], first)
        return total / counts.astype(np.float32)[:, None]


def units_of(text: str, pieces: IntArray) -> Units:
    """Units of ``text`` that its pieces, at character offsets (t, 2), cover."""
    places = pieces.tolist()
    owners = _owners(len(text), places)
    cut: list[Place] = []
    covering: list[list[int]] = []
    for start, end in _runs(text):
        over = [piece for piece in owners[start:end] if piece >= 0]
        if over:
            cut.append((start, end))
            covering.append(over)
    rows = [_described(text, unit, cut, covering[unit], places) for unit in range(len(cut))]
    pairs = [(unit, piece) for unit, over in enumerate(covering) for piece in dict.fromkeys(over)]
    return Units(
        np.array(cut, dtype=np.int64).reshape(-1, 2),
        np.array(rows, dtype=np.float32).reshape(-1, FEATURES),
        _forms([text[start:end].lower() for start, end in cut]),
        np.array(pairs, dtype=np.int64).reshape(-1, 2),
    )


def _forms(words: list[str]) -> IntArray:
    """Buckets (u, FORMS) of what is written at and around each unit.

    A Chinese character's neighbours say what a word's beginning and end do elsewhere.
    """
    rows: list[list[int]] = []
    padded = ["<<", "<", *words, ">", ">>"]
    for unit, word in enumerate(words):
        far, before, _, after, beyond = padded[unit : unit + 5]
        forms = [word, f"p{before}", f"n{after}", f"q{before}|{word}", f"r{word}|{after}"]
        if len(word) > 1:
            forms += [f"a{word[:3]}", f"b{word[:4]}", f"y{word[-3:]}", f"z{word[-2:]}"]
        else:
            forms += [
                f"s{far}|{before}|{word}",
                f"t{word}|{after}|{beyond}",
                f"u{before}|{after}",
                f"v{after}|{beyond}",
            ]
        rows.append([crc32(form.encode("utf-8", "surrogatepass")) for form in forms])
    return np.array(rows, dtype=np.int64).reshape(-1, FORMS) % HASH_BUCKETS


def is_han(char: str) -> bool:
    """Whether ``char`` is written without spaces around it: Han, kana."""
    code = ord(char)
    return (
        0x3040 <= code <= 0x30FF
        or 0x3400 <= code <= 0x4DBF
        or 0x4E00 <= code <= 0x9FFF
        or 0xF900 <= code <= 0xFAFF
        or 0x20000 <= code <= 0x323AF
    )


@lru_cache(4096)
def _kind(char: str) -> str:
    if char.isspace():
        return "space"
    if is_han(char):
        return "han"
    if char.isalpha():
        return "letter"
    return "digit" if char.isdigit() else "sign"


def _runs(text: str) -> list[Place]:
    runs: list[Place] = []
    last = "space"
    for at, kind in enumerate(map(_kind, text)):
        if kind == last and kind in ("letter", "digit"):
            runs[-1] = (runs[-1][0], at + 1)
        elif kind != "space":
            runs.append((at, at + 1))
        last = kind
    return runs


def _owners(length: int, pieces: list[list[int]]) -> list[int]:
    """For each character the first piece that covers it, or -1."""
    owners = [-1] * length
    for piece in range(len(pieces) - 1, -1, -1):
        start, end = pieces[piece]
        for at in range(start, min(end, length)):
            owners[at] = piece
    return owners


def _described(
    text: str, unit: int, cut: list[Place], covering: list[int], pieces: list[list[int]]
) -> list[float]:
    """The features of a unit; ``covering`` are the pieces of its characters."""
    row = [0.0] * FEATURES
    start, end = cut[unit]
    written = text[start:end]
    row[_shape(written)] = 1
    row[8 + bisect_left(_LENGTH_STEPS, len(written))] = 1
    row[16] = start == 0 or text[start - 1].isspace()
    row[17] = end == len(text) or text[end].isspace()
    row[18], row[19] = unit == 0, unit == len(cut) - 1
    first, last = pieces[covering[0]], pieces[covering[-1]]
    row[20], row[21] = first[0] == start, last[1] == end
    row[22] = covering[0] != covering[-1]
    row[23] = first[0] < start or last[1] > end
    row[24] = (start - first[0]) / max(1, first[1] - first[0])
    row[25] = min(1.0, unit / 32)
    return row


def _shape(written: str) -> int:
    kind = _kind(written[0])
    if kind != "letter":
        return {"digit": 4, "han": 5, "sign": 6}[kind]
    if written.islower():
        return 0
    if written.isupper():
        return 2 if len(written) > 1 else 1
    if written.istitle():
        return 1
    return 3 if any(char.isupper() for char in written) else 7
