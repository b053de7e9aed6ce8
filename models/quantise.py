"""Integer weights for the serving graph.

Matrices that multiply have 8 bits and one float32 scale an output. The table of word pieces, of
which single rows are read, is cut into blocks of 32 with a scale each: 4 bits where that loses
nothing, as with weights that were stored in Q4_0, else 8.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.arrays import AnyArray, FloatArray
from models.errors import ModelError

BLOCK = 32


@dataclass(frozen=True)
class Blocks:
    """A quantised (rows, inner) matrix.

    ``data`` is uint8 of shape (rows, inner / 32, 32 * bits / 8), biased by 2^(bits-1);
    ``scales`` is float32 of shape (rows, inner / 32).
    """

    bits: int
    data: AnyArray
    scales: FloatArray


def columns(matrix: FloatArray) -> tuple[AnyArray, FloatArray]:
    """Steps int8 (inner, rows) of a matrix (rows, inner), and a scale for each row."""
    scales = (np.abs(matrix).max(axis=1) / np.float32(127)).astype(np.float32)
    steps = np.rint(matrix / _divisor(scales)[:, None])
    return np.ascontiguousarray(steps.T.astype(np.int8)), scales


def quantise(matrix: FloatArray) -> Blocks:
    """4 bits where that is exact, else 8 bits with the largest weight of a block at 127."""
    return exact_4bit(matrix) or to_8bit(matrix)


def to_8bit(matrix: FloatArray) -> Blocks:
    """Symmetric rounding of each block to -127..127."""
    blocks = _cut(matrix)
    scales = np.abs(blocks).max(axis=2) / np.float32(127)
    steps = np.rint(blocks / _divisor(scales)[:, :, None])
    return Blocks(8, (steps + 128).astype(np.uint8), scales.astype(np.float32))


def exact_4bit(matrix: FloatArray) -> Blocks | None:
    """4-bit blocks that give ``matrix`` back bit for bit, or None where there are none."""
    blocks = _cut(matrix)
    peak = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=2)[:, :, None], axis=2)
    scales = np.zeros(blocks.shape[:2], dtype=np.float32)
    steps = np.zeros(blocks.shape, dtype=np.int8)
    unsolved = np.ones(blocks.shape[:2], dtype=bool)
    # In Q4_0 the peak stands at -8; other writers of the format leave it at a smaller step.
    for step in (-8, 7, -7, 6, -6, 5, -5, 4, -4, 3, -3, 2, -2, 1):
        if not unsolved.any():
            break
        part = blocks[unsolved]
        scale = (peak[unsolved] / np.float32(step))[:, 0]
        found = np.rint(part / _divisor(scale)[:, None])
        fits = (found * scale[:, None] == part).all(axis=1)
        fits &= (np.abs(found + 0.5) <= 7.5).all(axis=1)
        where = np.argwhere(unsolved)[fits]
        scales[where[:, 0], where[:, 1]] = scale[fits]
        steps[where[:, 0], where[:, 1]] = found[fits].astype(np.int8)
        unsolved[where[:, 0], where[:, 1]] = False
        if fits.sum() * 2 < len(fits):
            return None
    if unsolved.any():
        return None
    raised = (steps + 8).astype(np.uint8)
    return Blocks(4, raised[:, :, 0::2] | (raised[:, :, 1::2] << 4), scales)


def restore(blocks: Blocks) -> FloatArray:
    """The float32 matrix that ``blocks`` stand for."""
    if blocks.bits == 8:
        steps = blocks.data.astype(np.float32) - 128
    else:
        halves = np.stack([blocks.data & 15, blocks.data >> 4], axis=3)
        steps = halves.reshape(*halves.shape[:2], BLOCK).astype(np.float32) - 8
    matrix: FloatArray = (steps * blocks.scales[:, :, None]).reshape(len(steps), -1)
    return matrix


def _cut(matrix: FloatArray) -> FloatArray:
    rows, inner = matrix.shape
    if inner % BLOCK:
        raise ModelError(
            "A weight matrix cannot be cut into blocks",
            expected=f"an inner dimension divisible by {BLOCK}",
            found=str(inner),
            fix="Export with precision fp32, or choose another encoder.",
        )
    return np.ascontiguousarray(matrix, dtype=np.float32).reshape(rows, inner // BLOCK, BLOCK)


def _divisor(scales: FloatArray) -> FloatArray:
    return np.where(scales == 0, np.float32(1), scales)
