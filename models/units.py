"""Tagging units: where a text may be cut into entities, whatever pieces the tokenizer made.

A unit is one Chinese character, one run of letters, one run of digits, or one other sign. Units
lie at exact character offsets: a Chinese piece of several characters gives each of them its state
together with its place in the piece, and a word cut into several pieces gets their mean.
"""

from __future__ import annotations

import zlib
from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from models.arrays import FloatArray, IntArray

HASH_BUCKETS = 8192
FORMS = 9
FEATURES = 26
_LENGTH_STEPS = (1, 2, 3, 4, 6, 8, 11)


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
        total = np.zeros((len(self), pieces.shape[1]), dtype=np.float32)
        np.add.at(total, self.pairs[:, 0], pieces[self.pairs[:, 1]])
        counts = np.bincount(self.pairs[:, 0], minlength=len(self))
        mean: FloatArray = total / np.maximum(counts, 1).astype(np.float32)[:, None]
        return mean


def units_of(text: str, pieces: IntArray) -> Units:
    """Units of ``text`` that its pieces, at character offsets (t, 2), cover."""
    piece_at = _piece_at(len(text), pieces)
    cut = [(start, end) for start, end in _runs(text) if (piece_at[start:end] >= 0).any()]
    offsets = np.array(cut, dtype=np.int64).reshape(-1, 2)
    pairs = [
        (unit, piece)
        for unit, (start, end) in enumerate(cut)
        for piece in dict.fromkeys(piece_at[start:end].tolist())
        if piece >= 0
    ]
    features = np.zeros((len(cut), FEATURES), dtype=np.float32)
    for unit in range(len(cut)):
        _describe(features[unit], text, unit, cut, piece_at, pieces)
    hashes = _forms([text[start:end].lower() for start, end in cut])
    return Units(
        offsets,
        features,
        hashes,
        np.array(pairs, dtype=np.int64).reshape(-1, 2),
    )


def _forms(words: list[str]) -> IntArray:
    """Buckets (u, FORMS) of what is written at and around each unit.

    A Chinese character's neighbours say what a word's beginning and end do elsewhere.
    """
    rows = np.zeros((len(words), FORMS), dtype=np.int64)
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
        rows[unit] = [zlib.crc32(form.encode(errors="surrogatepass")) for form in forms]
    return rows % HASH_BUCKETS


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


def _kind(char: str) -> str:
    if char.isspace():
        return "space"
    if is_han(char):
        return "han"
    if char.isalpha():
        return "letter"
    return "digit" if char.isdigit() else "sign"


def _runs(text: str) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    last = "space"
    for at, char in enumerate(text):
        kind = _kind(char)
        if kind == last and kind in ("letter", "digit"):
            runs[-1] = (runs[-1][0], at + 1)
        elif kind != "space":
            runs.append((at, at + 1))
        last = kind
    return runs


def _piece_at(length: int, pieces: IntArray) -> IntArray:
    """For each character the first piece that covers it, or -1."""
    owner = np.full(length, -1, dtype=np.int64)
    for piece in range(len(pieces) - 1, -1, -1):
        start, end = pieces[piece]
        owner[start:end] = piece
    return owner


def _describe(
    row: FloatArray,
    text: str,
    unit: int,
    cut: list[tuple[int, int]],
    piece_at: IntArray,
    pieces: IntArray,
) -> None:
    start, end = cut[unit]
    written = text[start:end]
    row[_shape(written)] = 1
    row[8 + bisect_left(_LENGTH_STEPS, len(written))] = 1
    row[16] = start == 0 or text[start - 1].isspace()
    row[17] = end == len(text) or text[end : end + 1].isspace()
    row[18], row[19] = unit == 0, unit == len(cut) - 1
    covering = piece_at[start:end]
    covering = covering[covering >= 0]
    first, last = pieces[covering[0]], pieces[covering[-1]]
    row[20], row[21] = first[0] == start, last[1] == end
    row[22] = covering[0] != covering[-1]
    row[23] = first[0] < start or last[1] > end
    row[24] = (start - first[0]) / max(1, first[1] - first[0])
    row[25] = min(1.0, unit / 32)


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
