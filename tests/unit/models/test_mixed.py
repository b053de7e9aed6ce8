"""Networks over vectors and marks: how marks are read, how networks speak together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.arrays import FloatArray, load_arrays, save_arrays
from models.errors import ModelError
from models.marks import Marks
from models.mixed import Mixed, directions, mean_of

BAGS = [["tea", "hot"], ["tea", "cold"], ["tea", "rare"]]


def network(seed: int, d: int = 3, v: int = 2, h: int = 4, p: int = 5) -> Mixed:
    made = np.random.default_rng(seed)

    def array(*shape: int) -> FloatArray:
        return made.normal(size=shape).astype(np.float16).astype(np.float32)

    return Mixed(array(d, h), array(v, h), array(h), array(h, p), array(d, p), array(p))


def test_rare_marks_are_unknown_and_counted_once() -> None:
    known = Marks.learn(BAGS, rare=2, scaled=False)
    read = known.read([["tea", "tea", "rare"], [], ["nothing"]])
    assert len(known) == 1
    assert read.starts.tolist() == [0, 1, 1, 1]
    assert read.values.tolist() == [1.0]


def test_scaled_marks_have_length_one_and_weigh_by_rarity() -> None:
    read = Marks.learn(BAGS, rare=1, scaled=True).read([["tea", "rare"]])
    assert np.linalg.norm(read.values) == pytest.approx(1.0)
    assert read.values[1] > read.values[0]


@given(st.lists(st.lists(st.sampled_from(["tea", "hot", "cold", "x"])), min_size=1, max_size=6))
def test_rows_taken_and_multiplied_are_those_of_the_dense_matrix(bags: list[list[str]]) -> None:
    known = Marks.learn(BAGS, rare=1, scaled=False)
    read = known.read(bags)
    dense = np.zeros((len(bags), len(known)), dtype=np.float32)
    for row in range(len(bags)):
        part = slice(read.starts[row], read.starts[row + 1])
        dense[row, read.columns[part]] = read.values[part]
    weight = np.arange(len(known) * 2, dtype=np.float32).reshape(-1, 2)
    order = np.arange(len(bags))[::-1].copy()
    np.testing.assert_allclose(read.times(weight), dense @ weight)
    np.testing.assert_allclose(read.take(order).times(weight), (dense @ weight)[order])


def test_marks_and_networks_survive_a_file(tmp_path: Path) -> None:
    known, one = Marks.learn(BAGS, rare=1, scaled=True), network(1, v=4)
    path = tmp_path / "made.npz"
    save_arrays(path, {"kind": np.array("x"), **known.arrays("m."), **one.arrays("0.")})
    arrays = load_arrays(path, "x")
    dense = np.ones((3, 3), dtype=np.float32)
    again = Mixed.from_arrays("0.", arrays)(dense, Marks.from_arrays("m.", arrays).read(BAGS))
    np.testing.assert_allclose(again, one(dense, known.read(BAGS)), rtol=1e-5)


def test_no_marks_at_all_survive_a_file() -> None:
    empty = Marks.learn([], rare=1, scaled=False)
    assert len(Marks.from_arrays("m.", empty.arrays("m."))) == 0


def test_inner_product_of_joined_directions_is_the_mean_of_the_single_ones() -> None:
    bags = Marks.learn([["a"], ["b"]], rare=1, scaled=False).read([["a"], ["b"]])
    dense = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)
    pair = network(1), network(2)
    single = [directions([one], dense, bags) for one in pair]
    joined = directions(pair, dense, bags)
    np.testing.assert_allclose(
        joined[0] @ joined[1], np.mean([s[0] @ s[1] for s in single]), rtol=1e-4
    )
    outputs = [one(dense, bags) for one in pair]
    np.testing.assert_allclose(mean_of(pair, dense, bags), np.mean(outputs, axis=0), rtol=1e-5)


def test_arrays_that_do_not_fit_are_refused() -> None:
    good = network(1)
    with pytest.raises(ModelError, match="do not fit"):
        Mixed(good.inner, good.rows, good.bias, good.outer[:2], good.skip, good.shift)
