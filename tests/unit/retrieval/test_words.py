"""Words of both languages, with and without a segmenter."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval import words as module
from retrieval.words import bigrams, words


def test_english_words_are_folded_and_plurals_meet() -> None:
    assert words("The Vouchers’ CODES, don't") == ("the", "voucher", "code", "don't")
    assert words("boxes glass status parties ＨＬ１２") == (
        "boxe", "glass", "status", "party", "hl12",
    )  # fmt: skip


def test_chinese_is_segmented_beside_english() -> None:
    found = words("我的refund什么时候退款")
    assert "refund" in found
    assert "什么" in found
    assert "退款" in found


def test_without_the_segmenter_pairs_of_characters_stand_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "rjieba", None)
    module._segmenter.cache_clear()
    words.cache_clear()
    try:
        assert words("退款进度 ok") == ("退款", "款进", "进度", "ok")
    finally:
        module._segmenter.cache_clear()
        words.cache_clear()
    assert bigrams("退") == ["退"]


@given(st.text(max_size=50))
def test_any_text_has_words(text: str) -> None:
    assert all(word.strip() for word in words(text))
