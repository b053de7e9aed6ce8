"""What speaks against a wording is named clause by clause and weighed together."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest

from benchmarks.bench_checker import HAND, for_tuning, hand_lines
from benchmarks.checker.fit import Seen, Table, fit
from models.checking import Checker, Finding, Sources
from models.checking.checker import examined
from models.checking.claims import read_claims
from models.checking.clauses import Alignment, clauses_of, marks_of
from models.checking.items import read_items
from models.checking.judge import doubt, heaviest, read_weights, weights
from models.checking.markers import markers


def kinds(template: str, output: str, *facts: str, language: str = "en") -> set[str]:
    return {f.kind for f in examined(output, Sources(template, {}, language, facts)).doubts}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("no later than noon", {"IDLE"}),
        ("You can't, unless you sign in", {"NOT", "UNLESS"}),
        ("不好意思", {"IDLE"}),
        ("还没出库", {"NOT"}),
        ("只有本人才能更换", {"ONLY"}),
    ],
)
def test_small_words_are_read_longest_entry_first(text: str, found: set[str]) -> None:
    assert found <= set(marks_of(text))
    assert "IDLE" not in found or "NOT" not in set(marks_of(text))


def test_every_class_of_the_file_is_read() -> None:
    assert {"NOT", "IMPLIED", "IF", "ONLY", "LEAST", "MOST"} <= set(markers().names)
    assert all(a != b for a, b in markers().opposites)


def test_clauses_are_cut_at_stops_and_before_conditions() -> None:
    text = "You can cancel if it has not shipped. 出库后不能改，但是可以退。"
    assert [c.text for c in clauses_of(text, read_claims(text))] == [
        "You can cancel",
        "if it has not shipped",
        "出库后不能改",
        "但是可以退",
    ]


def test_clauses_find_each_other_whatever_their_order() -> None:
    first = "We refund you in cash. The warehouse packs your order."
    second = "Your order is packed in the warehouse. The refund is cash."
    said, known = (clauses_of(text, read_claims(text)) for text in (first, second))
    found = {(pair.said.text[:6], pair.known.text[:10]) for pair in Alignment(said, known).pairs()}
    assert found == {("We ref", "The refund"), ("The wa", "Your order")}
    assert not list(Alignment(said, []).pairs())


@pytest.mark.parametrize(
    ("kind", "template", "output"),
    [
        ("denial", "The courier will ring the bell.", "The courier will not ring the bell."),
        ("condition gone", "You can cancel if it is in stock.", "You can cancel. It is in stock."),
        ("all came", "Members can cancel.", "Members can always cancel."),
        ("you instead of we", "We send the code.", "Please send the code."),
        ("we instead of you", "Please send the code.", "We will send the code."),
        ("limit turned", "Wash it at 30 °C or less.", "Wash it at 30 °C or more."),
        ("opposite", "Take the larger shoe.", "Take the smaller shoe."),
        ("not changed", "The old parcel is not sent back.", "The old parcel is sent back."),
        ("clause came", "The order left.", "The order left, and a llama dances."),
        ("more is asked", "The shop calls the bank.", "Please call the bank."),
        ("fewer denials", "We don't ship, and we don't store.", "We don't ship and store."),
    ],
)
def test_evidence_has_a_name(kind: str, template: str, output: str) -> None:
    assert kind in kinds(template, output)
    assert kind not in kinds(template, template + " Thank you!")


def test_what_a_fact_says_is_no_evidence() -> None:
    template, fact = "The order left.", "A llama dances for every member."
    said = f"{template} {fact}"
    assert {"clause came", "far claim", "all here"} & kinds(template, said)
    assert not {"clause came", "far claim", "all here"} & kinds(template, said, fact)


def test_evidence_is_weighed_and_the_heaviest_named_first() -> None:
    some = [Finding("negation", "a"), Finding("negation", "b"), Finding("negation", "c")]
    assert doubt([]) == weights()["bias"] < 0
    assert doubt(some) == doubt(some[:2]) > doubt(some[:1])
    assert doubt([*some, Finding("of no weight", "x")]) == doubt(some)
    assert heaviest([*some, Finding("swapped", "d"), Finding("of no weight", "x")])[0].text == "d"
    assert min(value for name, value in weights().items() if name != "bias") >= 0
    assert read_weights("# remark\n\n-1.5 bias\n0.25 two words\n") == {
        "bias": -1.5,
        "two words": 0.25,
    }


def test_a_refusal_shows_the_clause_and_its_source() -> None:
    verdict = Checker().check(
        "The courier will not ring the bell. Please call the bank and wait for a year.",
        Sources("The courier will ring the bell.", {}, "en"),
    )
    assert not verdict.passed
    verdict = Checker().check(
        "The courier will not ring the bell.", Sources("The courier will ring the bell.", {}, "en")
    )
    assert not verdict.passed
    assert verdict.doubt > 0
    assert any(" / The courier will ring the bell" in finding.text for finding in verdict.findings)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("每月9元", "9元一个月", True),
        ("¥9 a month", "¥9 monthly", True),
        ("¥9 per month", "¥9 per year", False),
        ("适合3岁及以上", "三岁起", True),
        ("children aged 6", "six years old", True),
        ("children aged 6", "six months old", False),
        ("30 °C", "30 °F", False),
        ("15:20", "下午三点二十分", True),
        ("30晚", "三十晚", True),
    ],
)
def test_rates_ages_and_more_are_exact(first: str, second: str, same: bool) -> None:
    a, b = ({(i.kind, i.key[:-1]) for i in read_items(text)} for text in (first, second))
    assert (a == b) is same


def test_a_sentence_in_another_language_is_refused() -> None:
    sources = Sources("可以分6期付款，每期55元。", {}, "zh")
    verdict = Checker().check("可以分6期付款，每期55元。We take the first one now.", sources)
    assert [finding.kind for finding in verdict.findings] == ["language"]


def test_the_halves_of_the_lines_share_no_template() -> None:
    measuring, tuning = (hand_lines(HAND, part) for part in ("measuring", "tuning"))
    assert len(measuring) + len(tuning) == len(hand_lines(HAND, "lines")) > 800
    assert not {line.template for line in measuring} & {line.template for line in tuning}
    assert all(for_tuning(line) for line in tuning)
    assert hand_lines(HAND, "nowhere") == []


def test_weights_are_never_below_zero_and_tell_the_writers_apart() -> None:
    rng = random.Random(3)
    seen = []
    for number in range(120):
        right = number % 2 == 0
        counts = Counter(
            {"tell": 0 if right else 1 + rng.randint(0, 1), "noise": rng.randint(0, 1)}
        )
        counts["friend"] = 1 if right else 0
        seen.append(Seen("ab"[number % 4 // 2], right, number % 10 == 1, counts))
    table = Table(seen)
    found, bias = table.fitted(np.full(len(seen), True))
    named = dict(zip(table.kinds, found, strict=True))
    assert named["tell"] > 1 > named["friend"] == 0
    assert bias < 0
    doubts = table.doubts()
    assert np.isinf(doubts[table.certain]).all()
    assert doubts[table.wrong].min() > doubts[~table.wrong & ~table.certain].max()
    assert fit(table.rows, table.wrong, np.ones(len(seen)))[0].min() >= 0
