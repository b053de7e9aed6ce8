"""Arrays on disk: no pickle, no half-written files, clear errors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.arrays import grouped_sums, inverse_factor, load_arrays, products, save_arrays
from models.errors import ModelError


def test_round_trip(tmp_path: Path) -> None:
    save_arrays(tmp_path / "a" / "x.npz", {"kind": np.array("k"), "v": np.arange(3)})
    assert load_arrays(tmp_path / "a" / "x.npz", "k")["v"].tolist() == [0, 1, 2]
    assert [f.name for f in (tmp_path / "a").iterdir()] == ["x.npz"]


def test_objects_are_never_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        save_arrays(tmp_path / "x.npz", {"v": np.array([{}], dtype=object)})


def test_objects_are_never_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", kind=np.array("k"), v=np.array([{}], dtype=object))
    with pytest.raises(ModelError, match="cannot be read"):
        load_arrays(tmp_path / "x.npz", "k")


@pytest.mark.parametrize("content", [b"", b"junk", b"PK\x03\x04 cut short"])
def test_damage_is_reported(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(ModelError, match=r"x\.npz"):
        load_arrays(tmp_path / "x.npz", "k")


def test_a_flipped_byte_is_reported(tmp_path: Path) -> None:
    save_arrays(tmp_path / "x.npz", {"kind": np.array("k"), "v": np.arange(1000)})
    data = bytearray((tmp_path / "x.npz").read_bytes())
    data[len(data) // 2] ^= 0xFF
    (tmp_path / "x.npz").write_bytes(bytes(data))
    with pytest.raises(ModelError, match="damaged"):
        load_arrays(tmp_path / "x.npz", "k")


def test_absence_and_another_kind_are_reported(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="No such file"):
        load_arrays(tmp_path / "none.npz", "k")
    save_arrays(tmp_path / "x.npz", {"kind": np.array("other")})
    with pytest.raises(ModelError, match="wrong model part"):
        load_arrays(tmp_path / "x.npz", "k")


@given(st.lists(st.integers(0, 6), max_size=40), st.integers(1, 5))
def test_sums_of_groups_are_those_added_one_by_one(groups: list[int], width: int) -> None:
    rows = np.random.default_rng(len(groups)).normal(size=(len(groups), width)).astype(np.float32)
    codes = np.array(groups, dtype=np.int64)
    expected = np.zeros((8, width))
    np.add.at(expected, codes, rows)
    np.testing.assert_array_equal(grouped_sums(rows, codes, 8), expected)


def test_the_inverse_factor_is_the_cholesky_factor_of_the_inverse() -> None:
    rows = np.random.default_rng(0).normal(size=(60, 12))
    covariance = rows.T @ rows / 60
    found = inverse_factor(covariance)
    assert (np.triu(found, 1) == 0).all()
    assert (np.diag(found) > 0).all()
    np.testing.assert_allclose(found @ found.T @ covariance, np.eye(12), atol=1e-5)


@given(st.integers(0, 12))
def test_products_of_few_rows_and_of_many_are_the_same(count: int) -> None:
    rng = np.random.default_rng(count)
    rows, matrix = (rng.normal(size=size).astype(np.float32) for size in ((count, 7), (7, 4)))
    found = products(rows, matrix)
    assert found.shape == (count, 4)
    np.testing.assert_allclose(found, rows @ matrix, rtol=1e-4, atol=1e-5)
