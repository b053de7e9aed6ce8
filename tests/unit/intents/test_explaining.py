import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.examples import OUT_OF_SCOPE, Example
from intents.explaining import MOST_VARIANTS, deciding, explain
from intents.pieces import pieces, without
from intents.thresholds import Thresholds
from intents.understanding import Understanding
from tests.unit.intents.hashing import HashingEncoder, example_lines, release_at

THRESHOLDS = Thresholds(0.7, 0.6, 0.5, 0.05, 3)


@pytest.fixture(scope="module")
def understanding(tmp_path_factory: pytest.TempPathFactory) -> Understanding:
    odd = [Example(f"moon cat {i} {w}", OUT_OF_SCOPE) for i in range(6) for w in ("war", "tree")]
    release = release_at(tmp_path_factory.mktemp("r") / "release", [*example_lines(), *odd])
    return Understanding.load(release.folder, encoder=HashingEncoder())  # type: ignore[arg-type]


def test_the_words_of_the_intent_carry_it(understanding: Understanding) -> None:
    why = explain(understanding, "please refund money now")
    (parse,) = understanding.parse(["please refund money now"])
    assert (why.intent, why.decision) == ("refund", parse.decision)
    heaviest = sorted(why.words, key=lambda word: -word.weight)[:2]
    assert {word.text for word in heaviest} == {"refund", "money"}
    assert heaviest[0].confidence_without < why.confidence
    assert why.runner_up is not None
    assert why.margin == pytest.approx(why.confidence - why.runner_up[1])
    assert {n.intent for n in why.nearest[:3]} == {"refund"}
    assert why.release == understanding.release.id


def test_one_batch_is_enough_however_long_the_message(understanding: Understanding) -> None:
    encoder = understanding.encoder
    before = len(encoder.encoded)  # type: ignore[attr-defined]
    why = explain(understanding, " ".join(f"word{i}" for i in range(300)))
    assert len(encoder.encoded) - before <= 1 + MOST_VARIANTS  # type: ignore[attr-defined]
    assert "".join(w.text for w in why.words).count("word") == 300


def test_a_rejected_message_names_the_sign_that_spoke(understanding: Understanding) -> None:
    why = explain(understanding, "zebra quantum violin harpsichord")
    assert why.decision == "reject"
    assert why.threshold.name in {"reject_at", "least_known"}
    assert why.spoke == why.signs[0].name
    assert why.signs[0].speaks > 0
    assert why.threshold.distance is not None
    assert (why.threshold.distance >= 0) == (why.threshold.name == "reject_at")


def test_the_own_out_of_scope_intent_needs_no_threshold(understanding: Understanding) -> None:
    why = explain(understanding, "moon cat 3 war")
    assert (why.intent, why.threshold.name) == (OUT_OF_SCOPE, "own_intent")
    assert why.threshold.value is None


def test_a_single_word_has_nothing_to_be_compared_with(understanding: Understanding) -> None:
    assert explain(understanding, "refund").words == ()


@pytest.mark.parametrize("text", ["", "   ", "\ud800", "?!…"])
def test_what_cannot_be_read_is_explained_all_the_same(
    understanding: Understanding, text: str
) -> None:
    why = explain(understanding, text)
    assert why.words == ()
    json.dumps(why.as_json())


@pytest.mark.parametrize(
    ("ranked", "score", "name", "distance"),
    [
        ((0.9, 0.1), 0.1, "accept_at", 0.2),
        ((0.9, 0.1), 0.7, "reject_at", 0.1),
        ((0.4, 0.3), 0.1, "accept_at", -0.3),
        ((0.2, 0.1), 0.1, "least_known", -0.2),
    ],
)
def test_the_threshold_that_decides(
    ranked: tuple[float, ...], score: float, name: str, distance: float
) -> None:
    found = deciding(THRESHOLDS, ranked, score)
    assert found.name == name
    assert found.distance == pytest.approx(distance)


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0, 1), st.lists(st.floats(0, 1), min_size=2, max_size=5).filter(lambda s: sum(s) > 0)
)
def test_the_explained_threshold_agrees_with_the_decision(score: float, raw: list[float]) -> None:
    import numpy as np

    ranked = np.sort(np.array(raw) / sum(raw))[::-1]
    decision = THRESHOLDS.decide(ranked, score)
    found = deciding(THRESHOLDS, ranked.tolist(), score)
    assert found.distance is not None
    expected = {
        "reject_at": "reject",
        "least_known": "reject",
        "accept_at": "accept" if found.distance >= 0 else "clarify",
    }
    assert expected[found.name] == decision


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.integers(1, 24))
def test_pieces_are_in_order_and_few(text: str, most: int) -> None:
    found = pieces(text, most)
    assert len(found) <= most
    flat = [place for span in found for place in span]
    assert flat == sorted(flat)
    assert all(start < end <= len(text) for start, end in found)
    assert all(len(without(text, span)) < len(text) for span in found)


def test_chinese_is_cut_into_words() -> None:
    text = "我想退货，订单HL20418376还没发"
    words = [text[start:end] for start, end in pieces(text)]
    assert "退货" in words
    assert "HL20418376" in words
    assert "".join(words) == text.replace("，", "")


def test_data_are_plain(understanding: Understanding, tmp_path: Path) -> None:
    plain = explain(understanding, "order status please").as_json()
    assert json.loads(json.dumps(plain)) == plain
    assert set(plain["runner_up"]) == {"name", "confidence"}
    assert set(plain["words"][0]) >= {"start", "end", "text", "weight", "confidence_without"}
