"""Lines are read once while they are remembered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.arrays import FloatArray
from retrieval.search.lines import KEPT, Line, reader
from retrieval.search.projection import Projection

CENTRED = Projection(np.zeros(3, dtype=np.float32))


class Counted(Projection):
    """Notes what it projects."""

    def __init__(self) -> None:
        super().__init__(np.zeros(3, dtype=np.float32))
        object.__setattr__(self, "asked", [])

    def __call__(self, vectors: FloatArray) -> FloatArray:
        found: Any = self
        found.asked.append(vectors[0].tolist())
        return super().__call__(vectors)


def line(text: str, *numbers: float) -> Line:
    return Line(text, np.array(numbers, dtype=np.float32))


def test_the_same_words_with_the_same_vector_are_read_once() -> None:
    projection: Any = Counted()
    read = reader(projection, None, [])
    first, second = read(line("hello", 3, 0, 0)), read(line("hello", 3, 0, 0))
    assert first[0] is second[0]
    assert first[0].tolist() == [1, 0, 0]
    assert projection.asked == [[3, 0, 0]]


@pytest.mark.parametrize("other", [line("hello", 0, 3, 0), line("goodbye", 3, 0, 0)])
def test_other_words_or_another_vector_are_read_anew(other: Line) -> None:
    projection: Any = Counted()
    read = reader(projection, None, [])
    read(line("hello", 3, 0, 0))
    read(other)
    assert projection.asked == [[3, 0, 0], other.vector.tolist()]


def test_no_more_lines_are_kept_than_said() -> None:
    projection: Any = Counted()
    read = reader(projection, None, [])
    for number in [*range(KEPT + 1), 0]:
        read(line("hello", 1, number, 0))
    assert len(projection.asked) == KEPT + 2


def test_a_line_is_no_other_thing() -> None:
    assert line("hello", 1, 0, 0) == line("hello", 1, 0, 0)
    assert line("hello", 1, 0, 0) != "hello"
