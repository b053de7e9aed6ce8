"""Tagging units cover exactly the characters that the pieces cover, whatever the pieces are."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.units import FEATURES, FORMS, HASH_BUCKETS, units_of


def places(*pairs: tuple[int, int]) -> np.ndarray:
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def written(text: str, pieces: np.ndarray) -> list[str]:
    return [text[start:end] for start, end in units_of(text, pieces).offsets]


def test_words_of_several_pieces_are_one_unit_with_the_mean_state() -> None:
    units = units_of("refund", places((0, 3), (3, 6)))
    states = units.states(np.array([[1.0, 0.0], [3.0, 4.0]], dtype=np.float32))
    assert states.tolist() == [[2.0, 2.0]]


def test_a_chinese_piece_gives_each_of_its_characters_its_state() -> None:
    text = "订单号A1"
    units = units_of(text, places((0, 3), (3, 5)))
    assert [text[a:b] for a, b in units.offsets] == ["订", "单", "号", "A", "1"]
    assert units.pairs.tolist() == [[0, 0], [1, 0], [2, 0], [3, 1], [4, 1]]


def test_a_place_inside_a_piece_is_told_by_the_features() -> None:
    units = units_of(
        "订单号",
        places(
            (0, 3),
        ),
    )
    assert len({tuple(row) for row in units.features}) == 3


def test_signs_letters_and_digits_are_apart() -> None:
    assert written("ORD-12345,ok", places((0, 12))) == ["ORD", "-", "12345", ",", "ok"]


def test_what_no_piece_covers_is_no_unit() -> None:
    assert written("hello there", places((0, 5))) == ["hello"]
    assert len(units_of("", places())) == 0


def test_pieces_that_share_characters_do_no_harm() -> None:
    # A normaliser may write one character as several pieces.
    units = units_of("㎏ x", places((0, 1), (0, 1), (2, 3)))
    assert units.pairs.tolist() == [[0, 0], [1, 2]]


def test_forms_tell_what_stands_around() -> None:
    one, other = (units_of(text, places((0, 4))) for text in ("红色衣服", "蓝色衣服"))
    same = (one.hashes == other.hashes).all(axis=1)
    assert same.tolist() == [False, False, False, True]
    assert one.hashes.shape == (4, FORMS)


@given(st.text(max_size=40), st.lists(st.integers(0, 40), max_size=12))
def test_units_are_ordered_apart_and_without_space(text: str, cuts: list[int]) -> None:
    marks = sorted({min(cut, len(text)) for cut in cuts})
    pieces = places(*[(a, b) for a, b in itertools.pairwise(marks) if a < b])
    units = units_of(text, pieces)
    last = 0
    for start, end in units.offsets:
        assert last <= start < end <= len(text)
        assert not any(char.isspace() for char in text[start:end])
        last = end
    assert units.features.shape == (len(units), FEATURES)
    assert np.isfinite(units.features).all()
    assert ((units.hashes >= 0) & (units.hashes < HASH_BUCKETS)).all()
    assert set(units.pairs[:, 0].tolist()) == set(range(len(units)))
