"""N-grams: what is levelled, what is counted, and that serving counts as training did."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.encoders.ngrams import Vocabulary, hashed, level

LINES = ["the kettle leaks", "the kettle works", "水壶漏水", "水壶很好", "love it 😍", "hate it 😡"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SOOOOO late", "sooo  late"),
        ("ｅｘｐｒｅｓｓ", "express"),
        ("HL12345678", "hl98765432"),
        ("bad ❤️", "bad ❤"),
    ],
)
def test_spellings_without_meaning_are_levelled(one: str, other: str) -> None:
    assert level(one) == level(other)


def test_emoji_are_read_by_name() -> None:
    assert "smiling face" in level("ok😍")


def test_ngrams_keep_inside_words_and_texts() -> None:
    rows, _ = hashed(["ab", "", "c"])
    # " ab ": a b · " a" "ab" "b " · " ab" "ab " · " ab "; " c ": c · " c" "c " · " c "
    assert np.bincount(rows, minlength=3).tolist() == [8, 0, 4]
    _, together = hashed(["ab cd"])
    _, apart = hashed(["ab", "cd"])
    assert sorted(together) == sorted(apart)


def test_projection_equals_the_matrix_times_the_weights() -> None:
    words, matrix = Vocabulary.learn(LINES, rare=1)
    weight = np.random.default_rng(0).normal(size=(len(words.keys), 3)).astype(np.float32)
    np.testing.assert_allclose(words.project(LINES, weight), matrix @ weight, rtol=1e-4, atol=1e-5)
    norms = np.sqrt(matrix.multiply(matrix).sum(axis=1))
    np.testing.assert_allclose(norms, 1.0, rtol=1e-5)


def test_rare_ngrams_are_left_out() -> None:
    few, _ = Vocabulary.learn(LINES, rare=2)
    all_of_them, _ = Vocabulary.learn(LINES, rare=1)
    assert 0 < len(few.keys) < len(all_of_them.keys)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=4))
def test_any_text_can_be_read(texts: list[str]) -> None:
    words, _ = Vocabulary.learn(LINES, rare=1)
    found = words.project(texts, np.ones((len(words.keys), 2), dtype=np.float32))
    assert found.shape == (len(texts), 2)
    assert np.isfinite(found).all()
