"""Where a message may be divided, and what a division is worth."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.logistic import Logistic
from intents.requests.dividing import Segment, requests
from intents.requests.estimating import Estimator
from intents.requests.glance import Glance
from intents.requests.segments import (
    FIRST_FEATURES,
    KINDS,
    MAX_CUTS,
    MAX_SEGMENTS,
    PAIR_FEATURES,
    Reading,
    Splitter,
    bounds,
    cuts,
    divided,
    nearness,
    stretches,
)
from intents.thresholds import Decision

LABELS = ("cancel", "track", "greet")


def pieces(text: str) -> list[str]:
    spans = divided(text, cuts(text))
    return [text[start:end] for start, end in spans or [bounds(text)]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cancel order 12 and where is 13?", ["cancel order 12", "where is 13?"]),
        ("我要退货，另外发票怎么开", ["我要退货", "发票怎么开"]),
        ("Has it left? Also, do you ship abroad?", ["Has it left?", "do you ship abroad?"]),
        ("查到哪了，再申请退货", ["查到哪了", "申请退货"]),
        ("HL20417033在哪 HL20418101给我取消", ["HL20417033在哪", "HL20418101给我取消"]),
        ("track it, then start a return", ["track it", "start a return"]),
        ("I paid 12.50 yuan", ["I paid 12.50 yuan"]),
        ("it costs 1,299 yuan", ["it costs 1,299 yuan"]),
        ("hello", ["hello"]),
        ("", [""]),
    ],
)  # fmt: skip
def test_message_may_be_divided_between_clauses(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


def test_no_cut_falls_into_a_value() -> None:
    text = "send it to Room 502, 18 Huaihai Road, and cancel the other"
    address = text.index("Room"), text.index(", and")
    assert [text[c.right :] for c in cuts(text, [address])] == ["cancel the other"]


@given(
    text=st.text(st.sampled_from("ab 我要,.?，。？and 另外12\n"), max_size=60)
    | st.text(max_size=60)
)
def test_cuts_are_in_order_and_between_words(text: str) -> None:
    found = cuts(text)
    for cut in found:
        assert 0 < cut.left <= cut.right < len(text)
        assert cut.kinds <= set(KINDS)
    for before, after in pairwise(found):
        assert before.right <= after.left or before.left < after.left
    for start, end in stretches(text, found[:MAX_CUTS]):
        assert 0 <= start < end <= len(text)


def splitter(**weights: float) -> Splitter:
    """Judges a pair by how little its sides agree (``agree``) and how it is joined."""
    pair = np.zeros(PAIR_FEATURES, dtype=np.float32)
    pair[len(KINDS) + 5 + 2] = weights.get("agree", -1.0)
    first = Logistic(np.zeros(FIRST_FEATURES, dtype=np.float32), weights.get("first", 1.0))
    whole = Logistic(np.zeros(2, dtype=np.float32), 0.0)
    glance = Glance(*(np.zeros(size, np.float32) for size in (2, (2, 3), 3)))
    return Splitter(whole, glance, first, Logistic(pair, weights.get("bias", -2.0)), {"greet": 2.0})


def read(text: str, found: Splitter, **shares: list[float]) -> list[str]:
    """The chosen pieces, where each word in ``shares`` decides what a stretch is read as."""
    kept = cuts(text)
    readings = {}
    for start, end in stretches(text, kept):
        each = [np.array(v) for word, v in shares.items() if word in text[start:end]]
        mean = np.mean(each, axis=0) if each else np.full(len(LABELS), 1 / len(LABELS))
        readings[(start, end)] = Reading(mean.astype(np.float32), np.ones(2, np.float32), 0.5, 0.0)
    return [text[a:b] for a, b in found.choose(text, kept, readings, LABELS)]


def test_different_requests_are_divided_and_one_is_left_whole() -> None:
    sure = {"cancel": [0.98, 0.01, 0.01], "where": [0.01, 0.98, 0.01], "late": [0.97, 0.02, 0.01]}
    assert read("cancel it and where is it", splitter(), **sure) == ["cancel it", "where is it"]
    whole = "cancel it and it is late"
    assert read(whole, splitter(), **sure) == [whole]


def test_a_division_is_promised_where_one_is_chosen() -> None:
    text = "cancel it and where is it"
    for agree in (-1.0, 0.0):
        found, kept = splitter(agree=agree), cuts(text)
        readings = {
            span: Reading(np.eye(3, dtype=np.float32)[at], np.ones(2, np.float32), 0.5, 0.0)
            for at, span in enumerate(stretches(text, kept))
        }
        promised = found.promise(text, kept, readings, LABELS)
        assert (promised > 0) == (len(found.choose(text, kept, readings, LABELS)) > 1)
        assert found.promise(text, [], readings, LABELS) == -np.inf


def test_at_most_three_requests_come_of_a_message() -> None:
    text = "cancel it and where is it, hello there, cancel it"
    sure = {"cancel": [0.98, 0.01, 0.01], "where": [0.01, 0.98, 0.01], "hello": [0.01, 0.01, 0.98]}
    assert len(read(text, splitter(), **sure)) == MAX_SEGMENTS


def test_first_look_leaves_most_messages_alone() -> None:
    offsets = np.array([[i, i + 1] for i in range(20)])
    states = np.ones((20, 2), dtype=np.float32)
    assert splitter(first=-1.0).look("cancel it and go on", states, offsets, []) == []
    assert len(splitter().look("cancel it and go on", states, offsets, [])) == 1
    many = "a, " * 12 + "b"
    offsets = np.array([[i, i + 1] for i in range(len(many))])
    assert (
        len(splitter().look(many, np.ones((len(many), 2), dtype=np.float32), offsets, []))
        == MAX_CUTS
    )


def test_splitter_is_written_and_read_back() -> None:
    before = splitter(agree=-0.5)
    after = Splitter.from_json(before.as_json())
    assert after.as_json() == before.as_json()
    assert after.estimator is None
    ahead = Estimator(
        np.ones(5, np.float32), np.ones((5, 2), np.float32), np.ones(2, np.float32), -1.0
    )
    with_it = replace(before, estimator=ahead)
    assert Splitter.from_json(with_it.as_json()).as_json() == with_it.as_json()
    broken = before.as_json()
    broken["pair"]["weight"] = [1.0]
    with pytest.raises(ValueError, match="weights"):
        Splitter.from_json(broken)


def test_nearness_is_the_mean_of_the_nearest() -> None:
    memory = np.eye(4, dtype=np.float32)
    assert nearness(memory[:1], memory, k=2)[0] == pytest.approx(0.5)
    assert nearness(memory[:1], memory[:1], k=3)[0] == pytest.approx(1.0)


def segment(intent: str, start: int, end: int, decision: Decision = "accept") -> Segment:
    ranking = ((intent, 0.9),)
    return Segment(start, end, intent, 0.9, ranking, decision, (), 0.1, (), np.zeros(2, np.float32))


def test_manners_are_no_request() -> None:
    text = "hello, cancel it and where is it"
    greet, cancel, track = (
        segment("greet", 0, 5),
        segment("cancel", 7, 16),
        segment("track", 21, 32),
    )
    assert [s.intent for s in requests(text, [greet, cancel, track])] == ["cancel", "track"]
    assert requests(text, [greet, cancel]) == ()


def test_a_request_that_its_manners_drowned_is_taken_out() -> None:
    text = "thanks, and where is it"
    parts = [segment("thanks", 0, 6), segment("track", 12, 23)]
    assert requests(text, parts, "track") == ()
    assert [s.intent for s in requests(text, parts, "thanks")] == ["track"]


@pytest.mark.parametrize("tag", ["is that true?", "right?", "是真的吗"])
def test_a_tag_question_belongs_to_what_it_asks_about(tag: str) -> None:
    text = f"they called me, {tag}"
    parts = [segment("scam", 0, 14), segment("genuine", 16, len(text))]
    assert requests(text, parts) == ()
    other = "they called me, where is it"
    parts[1] = segment("track", 16, 27)
    assert len(requests(other, parts)) == 2


def test_a_clause_of_chinese_begins_without_a_mark() -> None:
    assert [(cut.left, cut.right) for cut in cuts("登录不上还被扣了两次钱")] == [(4, 5)]
    assert cuts("怎么还没到") == []


def test_neighbours_of_one_intent_are_one_request() -> None:
    text = "cancel it, cancel it now, where is it"
    parts = [segment("cancel", 0, 9), segment("cancel", 11, 24), segment("track", 26, 37)]
    assert [(s.start, s.end) for s in requests(text, parts)] == [(0, 24), (26, 37)]
    assert requests(text, parts[:2]) == ()


def test_piece_without_meaning_belongs_to_the_request_before_it() -> None:
    text = "cancel it, I am off soon, where is it"
    lost = segment("greet", 11, 24, "reject")
    parts = [segment("cancel", 0, 9), lost, segment("track", 26, 37)]
    assert [(s.start, s.end) for s in requests(text, parts)] == [(0, 24), (26, 37)]
    asking = "cancel it. Can you sing? where is it"
    parts = [segment("cancel", 0, 10), segment("x", 11, 24, "reject"), segment("track", 25, 36)]
    assert len(requests(asking, parts)) == 3


def test_piece_without_meaning_at_the_start_belongs_to_the_request_after_it() -> None:
    text = "well, cancel it, where is it"
    parts = [segment("x", 0, 4, "reject"), segment("cancel", 6, 15), segment("track", 17, 28)]
    assert [(s.start, s.intent) for s in requests(text, parts)] == [(0, "cancel"), (17, "track")]
    assert requests(text, parts[:2]) == ()


def test_message_without_a_clear_request_is_not_divided() -> None:
    parts = [segment("cancel", 0, 3, "clarify"), segment("track", 4, 8, "clarify")]
    assert requests("abc defg", parts) == ()
