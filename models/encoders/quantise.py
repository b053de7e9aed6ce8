"""Integer weights for the serving graph.

Matrices that multiply have 8 bits and one float32 scale an output; what one weight loses by being
rounded, others of its output make up for as far as their inputs go together (GPTQ, Frantar et al.,
2023). The table of word pieces, of which single rows are read, is cut into blocks of 32 with a
scale each: 4 bits where that loses nothing, as with weights that were stored in Q4_0, else 8.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.arrays import AnyArray, FloatArray
from models.errors import ModelError

BLOCK = 32
STEPS = 127
DAMPING = 0.01
"""Share of the mean cost that is added to each input's: few lines say little of most pairs."""


@dataclass(frozen=True)
class Blocks:
    """A quantised (rows, inner) matrix.

    ``data`` is uint8 of shape (rows, inner / 32, 32 * bits / 8), biased by 2^(bits-1);
    ``scales`` is float32 of shape (rows, inner / 32).
    """

    bits: int
    data: AnyArray
    scales: FloatArray


def columns(matrix: FloatArray, products: FloatArray | None = None) -> tuple[AnyArray, FloatArray]:
    """Steps int8 (inner, rows) of a matrix (rows, inner), and a scale for each row.

    :param products: (inner, inner) sum of the outer products of inputs; each weight is rounded by
        itself without it.
    """
    scales = (np.abs(matrix).max(axis=1) / np.float32(STEPS)).astype(np.float32)
    if products is None:
        steps = np.rint(matrix / _divisor(scales)[:, None])
    else:
        steps = _compensated(matrix / _divisor(scales)[:, None], products)
    return np.ascontiguousarray(steps.T.astype(np.int8)), scales


def _compensated(weights: FloatArray, products: FloatArray) -> FloatArray:
    """Round ``weights`` (rows, inner) input by input; those not rounded yet make up for the rest.

    What a change of them costs is measured by ``products``, drawn a little to the diagonal.
    """
    inner = len(products)
    cost = products.astype(np.float64)
    cost += np.eye(inner) * max(DAMPING * float(np.trace(cost)) / inner, 1e-12)
    # Row i of the factor says how the inputs after i make up for a unit's error in i.
    factor = np.linalg.cholesky(np.linalg.inv(cost)).T
    left, steps = weights.astype(np.float64), np.empty(weights.shape, dtype=np.float32)
    for start in range(0, inner, BLOCK):
        inside = slice(start, start + BLOCK)
        errors = np.empty_like(left[:, inside])
        for at in range(start, min(start + BLOCK, inner)):
            steps[:, at] = np.clip(np.rint(left[:, at]), -STEPS, STEPS)
            errors[:, at - start] = (left[:, at] - steps[:, at]) / factor[at, at]
            rest = slice(at + 1, start + BLOCK)
            left[:, rest] -= np.outer(errors[:, at - start], factor[at, rest])
        left[:, start + BLOCK :] -= errors @ factor[inside, start + BLOCK :]
    return steps


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
