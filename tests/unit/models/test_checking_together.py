"""A reader's odds and the evidence are weighed together, and a pair is read as two plain texts."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.checking import Checker, Sources, Stated
from models.checking.judge import nearness, together
from models.checking.pairs import likeness, plain_pair
from models.checking.reader import PairReader, Reading, joined
from models.encoders.adapter import changed
from models.encoders.tokens import Tokenised

ODDS = st.floats(-50, 50)
SOURCES = Sources(
    "Order {order_id} leaves on {ship_date}. It can't be changed after that.",
    {"order_id": Stated("A-48213"), "ship_date": Stated("2025-05-03", "date")},
    "en",
)
FREE = "A-48213 goes out on 3 May; from then on there's no way to change it."


class Odds:
    """A reader that always says the same."""

    def __init__(self, odds: float, *suspects: str) -> None:
        self._reading = Reading(odds, suspects)
        self.asked: list[tuple[str, str]] = []

    def read(self, source: str, reply: str) -> Reading:
        self.asked.append((source, reply))
        return self._reading


def checker(odds: Odds) -> Checker:
    return Checker(cast(PairReader, odds))


@given(evidence=ODDS, odds=ODDS, more=st.floats(0, 5), share=st.floats(0, 1))
def test_neither_more_evidence_nor_higher_odds_speak_for_a_reply(
    evidence: float, odds: float, more: float, share: float
) -> None:
    first = together(evidence, odds, share)
    assert together(evidence + more, odds, share) >= first
    assert together(evidence, odds + more, share) >= first


def test_evidence_counts_more_in_a_near_copy() -> None:
    assert together(2.0, 0.0, 0.95) > together(2.0, 0.0, 0.3)
    assert nearness(0.75) == pytest.approx(0.5)


def test_a_pair_has_values_in_place_and_dates_written_alike() -> None:
    source, reply = plain_pair(FREE, SOURCES)
    assert source == "Order A-48213 leaves on 2025-05-03. It can't be changed after that."
    assert "2025-05-03" in reply
    assert "3 May" not in reply


def test_facts_stand_behind_the_template() -> None:
    told = Sources("We deliver daily.", {}, "en", ("Sundays cost 3 euros.",))
    assert plain_pair("Daily.", told)[0] == "We deliver daily. Sundays cost 3 euros."


@given(st.text(max_size=60))
def test_a_text_is_wholly_like_itself(text: str) -> None:
    assert likeness(text, text) == 1.0


def test_the_reader_decides_where_rules_do_not() -> None:
    sure, unsure = Odds(5.0, "no way"), Odds(-5.0)
    refused, passed = checker(sure).check(FREE, SOURCES), checker(unsure).check(FREE, SOURCES)
    assert not refused.passed
    assert refused.doubt > 0
    assert refused.findings[0].kind == "meaning"
    assert refused.findings[0].text == "no way"
    assert passed.passed
    assert passed.doubt < 0
    assert sure.asked == [plain_pair(FREE, SOURCES)]


def test_the_reader_is_not_asked_where_items_decide_or_nothing_was_reworded() -> None:
    reader = Odds(-5.0)
    wrong_day = checker(reader).check(FREE.replace("3 May", "4 May"), SOURCES)
    literal = checker(reader).check(
        plain_pair(FREE, SOURCES)[0].replace("2025-05-03", "3 May 2025"), SOURCES
    )
    assert not wrong_day.passed
    assert wrong_day.findings[0].kind == "date"
    assert literal.passed
    assert len(reader.asked) <= 1


def test_source_and_reply_become_one_text() -> None:
    none = np.zeros(0, dtype=np.int64)
    first, second = (
        Tokenised(np.array(ids), none, none.reshape(-1, 2)) for ids in ([0, 7, 8, 2], [0, 9, 2])
    )
    ids, split = joined(first, second)
    assert ids.tolist() == [0, 7, 8, 2, 2, 9, 2]
    assert split == 4


def test_changes_are_added_to_the_base() -> None:
    base = {"a": np.ones((2, 3), np.float32), "b": np.zeros(2, np.float32), "c": np.ones(1)}
    left, right = np.array([[1.0], [2.0]]), np.array([[1.0, 0.0, 1.0]])
    made = changed(base, {"a.left": left, "a.right": right, "b.delta": np.array([3.0, 4.0])})
    assert made["a"].tolist() == [[2, 1, 2], [3, 1, 3]]
    assert made["b"].tolist() == [3, 4]
    assert made["c"] is base["c"]
