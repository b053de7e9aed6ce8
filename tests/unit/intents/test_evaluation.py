"""Every figure of ``frontdesk evaluate`` on cases small enough to compute by hand."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents import evaluation as ev
from intents.examples import Entity, Example


@dataclass(frozen=True)
class Said:
    ranking: tuple[tuple[str, float], ...]
    decision: str = "accept"
    out_of_scope: float = 0.0
    entities: tuple[Any, ...] = ()
    sentiment: str = "neutral"
    urgency: str = "normal"


@dataclass
class Parrot:
    answers: dict[str, Said] = field(default_factory=dict)
    asked: list[ev.Asked] = field(default_factory=list)

    def parse(self, texts: Any, requested_slots: Any = None) -> list[Said]:
        self.asked += list(requested_slots)
        return [self.answers[text] for text in texts]


def ranked(top: str, share: float, *others: str) -> tuple[tuple[str, float], ...]:
    rest = (1 - share) / max(1, len(others))
    return ((top, share), *((name, rest) for name in others))


def test_accuracy_top3_and_macro_f1_ignore_rejection() -> None:
    examples = [Example("1", "a"), Example("2", "a"), Example("3", "b"), Example("4", "c")]
    said = [
        Said(ranked("a", 0.9, "b", "c", "d"), "reject"),
        Said(ranked("b", 0.6, "d", "c", "a")),
        Said(ranked("b", 0.7, "a", "c", "d")),
        Said(ranked("d", 0.5, "a", "c", "b")),
    ]
    intent = ev.report(examples, said)["intent"]
    assert intent["accuracy"] == 0.5
    assert intent["top3"] == 0.75
    # a: P 1, R 1/2 -> 2/3; b: P 1/2, R 1 -> 2/3; c: 0. The label d is nobody's and has no F1.
    assert intent["macro_f1"] == pytest.approx((2 / 3 + 2 / 3 + 0) / 3)


def test_mcc_of_two_classes_equals_the_textbook_value() -> None:
    # TP 2, TN 1, FP 1, FN 0.
    gold, said = ["p", "p", "n", "n"], ["p", "p", "p", "n"]
    assert ev.mcc(gold, said) == pytest.approx((2 * 1 - 1 * 0) / np.sqrt(3 * 2 * 2 * 1))


def test_mcc_is_zero_where_one_side_is_constant_and_one_where_all_is_right() -> None:
    assert ev.mcc(["a", "b"], ["a", "a"]) == 0.0
    assert ev.mcc(["a", "b", "c"], ["a", "b", "c"]) == pytest.approx(1.0)
    assert ev.mcc([], []) is None


def test_mcc_counts_rejected_lines_as_out_of_scope() -> None:
    examples = [Example("1", "a"), Example("2", "b"), Example("3", "out_of_scope")]
    said = [
        Said(ranked("a", 0.9, "b")),
        Said(ranked("b", 0.9, "a"), "clarify"),
        Said(ranked("a", 0.4, "b"), "reject", 0.9),
    ]
    assert ev.report(examples, said)["intent"]["mcc"] == pytest.approx(1.0)


def test_own_out_of_scope_intent_counts_as_a_rejection() -> None:
    examples = [Example("1", "a"), Example("2", "out_of_scope")]
    said = [Said(ranked("a", 0.9, "out_of_scope")), Said(ranked("out_of_scope", 0.9, "a"))]
    assert ev.report(examples, said)["intent"]["mcc"] == pytest.approx(1.0)


def test_what_is_asked_for_is_the_best_beside_an_own_out_of_scope() -> None:
    examples = [Example("1", "a"), Example("2", "b")]
    ranking = (("out_of_scope", 0.6), ("a", 0.3), ("b", 0.1))
    found = ev.report(examples, [Said(ranking), Said(ranking)])
    assert found["intent"]["accuracy"] == 0.5
    assert found["intent"]["mcc"] == 0.0
    assert found["calibration"]["ece"] == pytest.approx(0.25)  # 0.75 sure, half right
    assert found["coverage"]["deployed"] == {"share": 0.0, "error": None}
    alone = Said((("out_of_scope", 1.0),))
    assert ev.asked_for(alone) == alone.ranking


def test_auroc_counts_pairs_and_halves_ties() -> None:
    outside, inside = np.array([0.9, 0.5]), np.array([0.1, 0.5, 0.7])
    # 0.9 beats all 3; 0.5 beats 0.1 and ties with 0.5: (3 + 1.5) / 6.
    assert ev.auroc(outside, inside) == pytest.approx(0.75)


def test_fpr95_is_the_in_scope_share_rejected_where_95_percent_of_the_others_are() -> None:
    outside = np.linspace(0.41, 0.60, 20)
    inside = np.array([0.1, 0.415, 0.43, 0.9])
    # 19 of 20 must be rejected: threshold 0.42; 0.43 and 0.9 of the four are at least that.
    assert ev.fpr95(outside, inside) == pytest.approx(0.5)


def test_recall_at_95_is_the_share_rejected_where_95_percent_are_accepted() -> None:
    inside = np.linspace(0.01, 0.20, 20)
    outside = np.array([0.05, 0.195, 0.2, 0.3])
    # 19 of 20 accepted: threshold 0.19, above it lie 0.195, 0.2 and 0.3.
    assert ev.recall_at_95(outside, inside) == pytest.approx(0.75)


def test_ece_weighs_bins_by_their_lines() -> None:
    confidence = np.array([0.95, 0.95, 0.95, 0.95, 0.5, 0.5])
    right = np.array([True, True, True, False, True, False])
    # Bin (14/15, 1]: mean .95 against 3/4, weight 4/6. Bin with .5: no gap.
    assert ev.ece(confidence, right) == pytest.approx(4 / 6 * 0.2)


def test_ece_puts_bin_edges_and_extremes_into_bins() -> None:
    assert ev.ece(np.array([0.0, 1.0]), np.array([False, True])) == 0.0
    # 0.2 = 3/15 and 0.21 lie in different bins of 15.
    assert ev.ece(np.array([0.2, 0.21]), np.array([False, True])) == pytest.approx((0.2 + 0.79) / 2)


def test_coverage_is_the_largest_share_at_the_error() -> None:
    confidence = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    right = np.array([True, False, True, True, True])
    # Risk along the curve: 0, 1/2, 1/3, 1/4, 1/5.
    assert ev.coverage_at(confidence, right, 0.25) == 1.0
    assert ev.coverage_at(confidence, right, 0.2) == 1.0
    assert ev.coverage_at(confidence, right, 0.19) == pytest.approx(0.2)
    assert ev.coverage_at(np.array([0.9]), np.array([False]), 0.01) == 0.0


def test_coverage_takes_ties_together() -> None:
    confidence, right = np.array([0.9, 0.9]), np.array([True, False])
    assert ev.coverage_at(confidence, right, 0.1) == 0.0


def test_deployed_share_and_error() -> None:
    examples = [Example(str(i), "a") for i in range(4)]
    said = [
        Said(ranked("a", 0.9, "b"), "accept"),
        Said(ranked("b", 0.9, "a"), "accept"),
        Said(ranked("a", 0.5, "b"), "clarify"),
        Said(ranked("a", 0.3, "b"), "reject"),
    ]
    deployed = ev.report(examples, said)["coverage"]["deployed"]
    assert deployed == {"share": 0.5, "error": 0.5}
    assert ev.deployed(np.array([False]), np.array([True])) == {"share": 0.0, "error": None}


def test_entities_are_exact_spans_with_type() -> None:
    marks = (Entity(0, 4, "city", "Rome"), Entity(5, 9, "date", "soon"))
    examples = [Example("Rome soon", "a", marks), Example("none", "a", ()), Example("?", "a", None)]
    said = [
        Said((("a", 1.0),), entities=(Entity(0, 4, "city", "x"), Entity(5, 9, "city", "soon"))),
        Said((("a", 1.0),), entities=()),
        Said((("a", 1.0),), entities=(Entity(0, 1, "city", "?"),)),
    ]
    found = ev.report(examples, said)["entities"]
    assert found == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "exact_match": 0.5}


def test_entities_without_any_mark_or_find() -> None:
    found = ev.report([Example("x", None, ())], [Said(())])["entities"]
    assert found == {"precision": None, "recall": None, "f1": None, "exact_match": 1.0}
    missed = ev.report([Example("x", None, (Entity(0, 1, "a", "x"),))], [Said(())])["entities"]
    assert missed == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "exact_match": 0.0}


def test_sentiment_accuracy_and_macro_f1() -> None:
    golds = ["negative", "negative", "positive", "neutral"]
    given_ = ["negative", "neutral", "positive", "neutral"]
    examples = [Example(str(i), sentiment=s) for i, s in enumerate(golds)]
    said = [Said((), sentiment=s) for s in given_]
    found = ev.report(examples, said)["sentiment"]
    assert found["accuracy"] == 0.75
    assert found["macro_f1"] == pytest.approx((2 / 3 + 1 + 2 / 3) / 3)


def test_blocks_that_the_data_cannot_give_are_null() -> None:
    entities_only = ev.report([Example("x", None, ())], [Said(())], 1.23456)
    assert entities_only["intent"] is None
    assert entities_only["out_of_scope"] is None
    assert entities_only["calibration"] is None
    assert entities_only["coverage"] is None
    assert entities_only["sentiment"] is None
    assert (entities_only["n"], entities_only["seconds"]) == (1, 1.235)
    intents_only = ev.report([Example("x", "a")], [Said((("a", 1.0),))])
    assert intents_only["entities"] is None
    assert intents_only["out_of_scope"] is None
    assert list(intents_only) == [
        "intent", "entities", "sentiment", "urgency", "out_of_scope", "calibration", "coverage",
        "n", "seconds",
    ]  # fmt: skip
    assert ev.report([], [])["n"] == 0


def test_out_of_scope_block_uses_all_lines_and_intent_the_others() -> None:
    examples = [Example("1", "a"), Example("2", "out_of_scope")]
    said = [Said(ranked("a", 0.9, "b"), "accept", 0.1), Said(ranked("b", 0.9, "a"), "accept", 0.8)]
    found = ev.report(examples, said)
    assert found["intent"]["accuracy"] == 1.0
    assert found["out_of_scope"] == {"auroc": 1.0, "fpr95": 0.0, "recall_at_95": 1.0}


def test_evaluate_parses_in_order_with_requested_slots() -> None:
    examples = [Example("1", "a", requested_slots=("time", "date")), Example("2", "b")]
    parrot = Parrot({"1": Said((("a", 1.0),)), "2": Said((("a", 1.0),))})
    assert ev.evaluate(parrot, examples, 2.0)["intent"]["accuracy"] == 0.5
    assert parrot.asked == [("time", "date"), None]


scores = st.lists(st.floats(0, 1), min_size=1, max_size=30).map(np.array)


@given(scores, scores)
def test_figures_of_scores_stay_in_range_and_agree(outside: Any, inside: Any) -> None:
    area = ev.auroc(outside, inside)
    assert area is not None
    pairs = [(o > i) + 0.5 * (o == i) for o in outside for i in inside]
    assert area == pytest.approx(float(np.mean(pairs)))
    for value in (ev.fpr95(outside, inside), ev.recall_at_95(outside, inside)):
        assert value is not None
        assert 0 <= value <= 1


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=30))
def test_coverage_grows_with_the_error_and_ece_is_bounded(rows: Any) -> None:
    confidence = np.array([c for c, _ in rows])
    right = np.array([r for _, r in rows])
    found = [ev.coverage_at(confidence, right, e) or 0.0 for e in (0.01, 0.1, 0.5, 1.0)]
    assert found == sorted(found)
    assert found[-1] == 1.0
    assert 0 <= (ev.ece(confidence, right) or 0) <= 1
