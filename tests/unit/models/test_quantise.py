"""Block-wise integers: exact where they claim to be, close elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.encoders.quantise import BLOCK, Blocks, columns, exact_4bit, quantise, restore, to_8bit
from models.errors import ModelError


def q4_matrix(rows: int, blocks: int, seed: int, lowest: int = -8) -> np.ndarray:
    """What a Q4_0 writer leaves: steps of -8..7 times one fp16 scale a block."""
    random = np.random.default_rng(seed)
    steps = random.integers(lowest, 8, (rows, blocks, BLOCK)).astype(np.float32)
    steps[:, :, 0] = lowest
    scales = random.normal(0, 0.01, (rows, blocks, 1)).astype(np.float16).astype(np.float32)
    return (steps * scales).reshape(rows, blocks * BLOCK)


@given(st.integers(0, 2**32 - 1))
def test_weights_from_q4_come_back_bit_for_bit(seed: int) -> None:
    matrix = q4_matrix(4, 3, seed)
    blocks = quantise(matrix)
    assert blocks.bits == 4
    np.testing.assert_array_equal(restore(blocks), matrix)


def test_blocks_of_zeros_are_exact() -> None:
    matrix = q4_matrix(4, 2, 0)
    matrix[1] = 0
    np.testing.assert_array_equal(restore(quantise(matrix)), matrix)


def test_one_weight_off_the_grid_takes_eight_bits() -> None:
    matrix = q4_matrix(4, 2, 0)
    matrix[2, 5] *= 1.01
    assert exact_4bit(matrix) is None
    assert quantise(matrix).bits == 8


@given(st.integers(0, 2**32 - 1), st.floats(1e-6, 1e4))
def test_eight_bits_err_by_at_most_half_a_step(seed: int, size: float) -> None:
    matrix = (np.random.default_rng(seed).normal(size=(3, 64)) * size).astype(np.float32)
    blocks = to_8bit(matrix)
    error = np.abs(restore(blocks) - matrix).reshape(3, 2, BLOCK).max(axis=2)
    assert (error <= blocks.scales * 0.5001 + 1e-12).all()


def test_shapes_are_those_of_the_kernels() -> None:
    eight, four = to_8bit(np.ones((5, 96), np.float32)), exact_4bit(q4_matrix(5, 3, 1))
    assert four is not None
    assert (eight.data.shape, four.data.shape) == ((5, 3, 32), (5, 3, 16))
    assert eight.scales.shape == four.scales.shape == (5, 3)


def test_an_odd_inner_dimension_is_refused() -> None:
    with pytest.raises(ModelError, match="divisible by 32"):
        quantise(np.ones((2, 40), np.float32))


def test_restore_reads_low_halves_first() -> None:
    data = np.full((1, 1, 16), 0x98, dtype=np.uint8)
    matrix = restore(Blocks(4, data, np.ones((1, 1), np.float32)))
    assert matrix[0, :4].tolist() == [0, 1, 0, 1]


@given(st.integers(0, 2**32 - 1), st.floats(1e-6, 1e4))
def test_columns_err_by_at_most_half_a_step(seed: int, size: float) -> None:
    matrix = (np.random.default_rng(seed).normal(size=(5, 24)) * size).astype(np.float32)
    steps, scales = columns(matrix)
    assert steps.dtype == np.int8
    assert steps.shape == (24, 5)
    assert (np.abs(steps.T * scales[:, None] - matrix) <= scales[:, None] * 0.5001 + 1e-12).all()


def test_a_row_of_zeros_stays_zero() -> None:
    steps, scales = columns(np.zeros((2, 8), np.float32))
    assert not steps.any()
    assert not scales.any()


def test_weights_make_up_for_what_others_lose() -> None:
    random = np.random.default_rng(4)
    inputs = random.normal(size=(400, 12)) @ random.normal(size=(12, 80))
    inputs = (inputs + 0.05 * random.normal(size=(400, 80))).astype(np.float32)
    matrix = random.normal(size=(24, 80)).astype(np.float32)
    losses = []
    for products in (None, inputs.T @ inputs):
        steps, scales = columns(matrix, products)
        assert steps.dtype == np.int8
        losses.append(float(((inputs @ (steps * scales) - inputs @ matrix.T) ** 2).mean()))
    assert losses[1] < losses[0] / 3


def test_silent_inputs_are_rounded_by_themselves() -> None:
    matrix = np.random.default_rng(5).normal(size=(3, 40)).astype(np.float32)
    alone, together = columns(matrix), columns(matrix, np.zeros((40, 40), np.float32))
    np.testing.assert_array_equal(alone[0], together[0])
    np.testing.assert_array_equal(alone[1], together[1])
