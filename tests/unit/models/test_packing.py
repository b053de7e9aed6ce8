"""Rows that several lines share."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.encoders.packing import packed, packed_batches
from models.encoders.tokens import Tokenised


def line(*ids: int) -> Tokenised:
    nothing = np.zeros(0, dtype=np.int64)
    return Tokenised(np.array(ids, dtype=np.int64), nothing, nothing.reshape(0, 2))


@given(st.lists(st.integers(1, 40), max_size=60), st.integers(1, 9), st.integers(1, 200))
def test_each_line_stands_in_one_row_that_has_room(
    lengths: list[int], rows: int, tokens: int
) -> None:
    batches = packed_batches(lengths, rows, tokens)
    found = [index for batch in batches for row in batch for index in row]
    assert sorted(found) == list(range(len(lengths)))
    for batch in batches:
        sizes = [sum(lengths[i] for i in row) for row in batch]
        width = max(lengths[i] for row in batch for i in row)
        assert max(sizes) == width
        assert len(batch) <= rows
        assert len(batch) == 1 or len(batch) * width <= tokens


def test_short_lines_fill_the_rows_of_longer_ones() -> None:
    assert packed_batches([10, 4, 7, 3, 6], 32, 1024) == [[[0], [2, 3], [4, 1]]]


def test_tokens_are_numbered_by_line() -> None:
    lines = [line(5, 6), line(7), line(8, 9, 4)]
    ids, numbers = packed(lines, [[2], [0, 1]], pad=1)
    assert ids.tolist() == [[8, 9, 4], [5, 6, 7]]
    assert numbers.tolist() == [[1, 1, 1], [1, 1, 2]]
    ids, numbers = packed(lines, [[2], [0]], pad=1)
    assert ids.tolist() == [[8, 9, 4], [5, 6, 1]]
    assert numbers.tolist() == [[1, 1, 1], [1, 1, 0]]
