"""BM25 against its formula, and its file."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import ModelError
from retrieval.search.lexical import K1, B, LexicalIndex

TEXTS = [["free", "shipping"], ["shipping", "fee", "fee"], ["refund"], []]


def expected(query: list[str], text: list[str]) -> float:
    mean = sum(max(1, len(t)) for t in TEXTS) / len(TEXTS)
    score = best = 0.0
    for word in dict.fromkeys(query):
        frequency = sum(word in t for t in TEXTS)
        idf = math.log(1 + (len(TEXTS) - frequency + 0.5) / (frequency + 0.5))
        count = text.count(word)
        score += idf * count / (count + K1 * (1 - B + B * len(text) / mean)) if count else 0
        best += idf
    return score / best


@pytest.mark.parametrize("query", [["shipping"], ["fee", "shipping", "fee"], ["refund", "unknown"]])
def test_scores_are_those_of_the_formula(query: list[str]) -> None:
    index = LexicalIndex.build(TEXTS)
    found = index.scores(query)
    assert found == pytest.approx([expected(query, t) for t in TEXTS], abs=1e-6)


def test_nothing_in_common_scores_nothing() -> None:
    index = LexicalIndex.build(TEXTS)
    assert not index.scores([]).any()
    assert not index.scores(["unknown"]).any()
    assert LexicalIndex.build([]).scores(["x"]).shape == (0,)


@given(st.lists(st.lists(st.sampled_from("abcdef"), max_size=6), max_size=8),
       st.lists(st.sampled_from("abcxyz"), max_size=5))  # fmt: skip
def test_scores_stay_between_nothing_and_all(texts: list[list[str]], query: list[str]) -> None:
    found = LexicalIndex.build(texts).scores(query)
    assert found.shape == (len(texts),)
    assert ((found >= 0) & (found <= 1)).all()


def test_file_round_trip(tmp_path: Path) -> None:
    for texts in (TEXTS, [], [["退款", "到账"]]):
        index = LexicalIndex.build(texts)
        index.save(tmp_path / "l.npz")
        loaded = LexicalIndex.load(tmp_path / "l.npz")
        for query in (["shipping"], ["退款"], ["x"]):
            assert np.array_equal(loaded.scores(query), index.scores(query))


def test_a_file_that_does_not_hold_together_is_told(tmp_path: Path) -> None:
    path = tmp_path / "l.npz"
    LexicalIndex.build(TEXTS).save(path)
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    arrays["idf"] = arrays["idf"][:-1]
    np.savez(path, **arrays)
    with pytest.raises(ModelError, match="hold together"):
        LexicalIndex.load(path)
