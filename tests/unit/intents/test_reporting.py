"""What the operator's report finds, on lines whose faults are known."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.examples import Entity, Example
from intents.reporting import report_on_lines, report_on_release
from intents.reporting.advice import advise
from intents.reporting.build import Report
from intents.reporting.confusion import confused_pairs, intent_rows, matrix
from intents.reporting.curves import reliability, risk_coverage, wilson
from intents.reporting.entities import entity_rows, micro_f1
from intents.reporting.judged import Judged
from intents.reporting.learning import CurvePoint, learning_curve
from intents.reporting.near import (
    NEAR_COPY,
    Place,
    exact_copies,
    folded,
    near_copies,
    neighbourhood,
    overlaps,
)
from intents.reporting.suspects import suspects
from intents.understanding import Understanding
from intents.values.patterns import Found
from models.errors import ReleaseError
from tests.unit.intents.hashing import HashingEncoder, example_lines, release_at

WRONG = "refund money back paid"


@pytest.fixture(scope="module")
def understanding(tmp_path_factory: pytest.TempPathFactory) -> Understanding:
    examples = [
        *example_lines(),
        Example(f"{WRONG} n77", "greet", file="data/nlu.yml", line=90),
        Example("Order  status, please!", "order_status", file="a.yml", line=1),
        Example("order status please", "order_status", file="a.yml", line=2),
        Example("receipt bill now", "invoice", file="a.yml", line=3),
        Example("receipt bill now", "refund", file="a.yml", line=4),
    ]
    release = release_at(tmp_path_factory.mktemp("r") / "release", examples)
    return Understanding.load(release.folder, encoder=HashingEncoder())  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def own(understanding: Understanding) -> Report:
    return report_on_release(understanding.release)


@pytest.fixture(scope="module")
def on_lines(understanding: Understanding) -> Report:
    examples = [
        Example("hello hi morning", "greet"),
        Example("order status sent", "order_status"),
        Example("refund the money", "refund"),
        Example("order status please", "order_status"),
        Example("tax invoice please", "size"),
        Example("zebra violin", "out_of_scope"),
        Example("never heard of", "unknown_intent"),
    ]
    parses = understanding.parse([e.text for e in examples])
    return report_on_lines(understanding, examples, parses, ["lines.csv"])


def test_a_wrong_label_a_contradiction_and_a_copy_are_found(own: Report) -> None:
    found = own.lines
    assert found.suspects is not None
    wrong = next(s for s in found.suspects if s.line.place == "data/nlu.yml:90")
    assert (wrong.line.intent, wrong.likelier) == ("greet", "refund")
    assert wrong.witness is not None
    assert "refund" in wrong.witness or "money" in wrong.witness
    assert [c.lines[0].text for c in found.against] == ["receipt bill now"]
    assert any(c.lines[0].text == "Order  status, please!" for c in found.doubled)
    deeds = {(a.deed, a.intent, a.other) for a in own.advice}
    assert ("settle", "invoice", "refund") in deeds


def test_figures_agree_with_the_tables(own: Report) -> None:
    total = sum(row.lines for row in own.intents)
    assert total == own.head.lines
    hits = sum(row.recall * row.lines for row in own.intents)
    assert own.figures.accuracy == pytest.approx(hits / total)
    low, high = own.figures.accuracy_interval
    assert low <= own.figures.accuracy <= high
    assert sum(n for _, _, n in own.matrix.whole) == pytest.approx(total - hits)
    assert sum(b.lines for b in own.bins) == total
    assert own.risk.points[-1].risk == pytest.approx(1 - own.figures.accuracy)
    if own.risk.deployed is not None:
        assert own.risk.deployed.coverage == own.figures.answered


def test_the_report_on_a_release_reads_its_stored_vectors_alone(
    understanding: Understanding,
) -> None:
    encoder = understanding.encoder
    before = len(encoder.encoded)  # type: ignore[attr-defined]
    report_on_release(understanding.release)
    assert len(encoder.encoded) == before  # type: ignore[attr-defined]


def test_data_with_foreign_intents_and_known_lines(on_lines: Report) -> None:
    assert on_lines.head.source == "data"
    assert (on_lines.head.lines, on_lines.head.out_of_scope_lines) == (6, 1)
    assert on_lines.head.also_trained == 1
    unknown = next(row for row in on_lines.intents if row.intent == "unknown_intent")
    assert (unknown.recall, unknown.trained) == (0.0, 0)
    assert on_lines.figures.out_of_scope_auroc is not None


def test_reports_are_plain_data(own: Report, on_lines: Report) -> None:
    for report in (own, on_lines):
        json.dumps(report.as_json(), allow_nan=False)


def test_a_release_without_intents_says_so(tmp_path: Path, understanding: Understanding) -> None:
    from intents.release import Facts, seal

    (tmp_path / "encoder").mkdir()
    (tmp_path / "encoder" / "encoder.json").write_bytes(b"{}")
    with pytest.raises(ReleaseError, match="nothing to report on"):
        report_on_release(seal(tmp_path, Facts()))


# -- the parts ------------------------------------------------------------------------------


def judged(gold: list[str], given: list[str], labels: tuple[str, ...]) -> Judged:
    shares = np.full((len(gold), len(labels)), 0.1, dtype=np.float32)
    for row, name in enumerate(given):
        shares[row, labels.index(name)] = 0.8 - row * 0.0001
    n = len(gold)
    return Judged(
        tuple(f"line {i}" for i in range(n)),
        tuple(gold),
        ("",) * n,
        labels,
        shares,
        np.zeros(n, np.float32),
        ("accept",) * n,
        np.zeros((n, 2), np.float32),
        np.ones(n, dtype=bool),
    )


def test_pairs_carry_the_lines_that_cause_them() -> None:
    gold = ["a"] * 5 + ["b"] * 4 + ["c"] * 3
    given = ["a", "b", "b", "b", "a", "b", "a", "b", "b", "c", "c", "a"]
    found = judged(gold, given, ("a", "b", "c"))
    first = confused_pairs(found)[0]
    assert (first.intent, first.taken_for, first.lines, first.of, first.back) == ("a", "b", 3, 5, 1)
    assert [e.text for e in first.examples] == ["line 1", "line 2", "line 3"]
    block = matrix(found)
    assert block.intents[:2] == ("a", "b")
    assert block.counts[0][:2] == (2, 3)
    rows = {row.intent: row for row in intent_rows(found, Counter(gold))}
    assert rows["a"].recall == pytest.approx(0.4)
    assert rows["a"].precision == pytest.approx(0.5)
    assert rows["a"].mistaken_for == "b"
    assert rows["c"].f1 == pytest.approx(2 * 2 / (3 + 2))


def test_a_matrix_of_many_intents_stays_small() -> None:
    labels = tuple(f"intent_{i:03}" for i in range(150))
    gold = [labels[i % 150] for i in range(900)]
    given = [labels[(i % 150 + (i % 7 == 0)) % 150] for i in range(900)]
    block = matrix(judged(gold, given, labels))
    assert len(block.intents) <= 14
    assert block.all_intents == 150
    assert sum(n for _, _, n in block.whole) == sum(
        g != p for g, p in zip(gold, given, strict=True)
    )


def test_mutual_confusion_of_close_intents_is_to_be_merged() -> None:
    gold = ["a"] * 10 + ["b"] * 10
    given = ["b"] * 5 + ["a"] * 5 + ["a"] * 4 + ["b"] * 6
    found = judged(gold, given, ("a", "b"))
    lines = [Place(f"l{i}", g, "") for i, g in enumerate(gold)]
    z = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    close = overlaps(lines, neighbourhood(z))
    pairs, rows = confused_pairs(found), intent_rows(found, Counter(gold))
    advice = advise(pairs, rows, close, (), (), ())
    assert (advice[0].deed, {advice[0].intent, advice[0].other}) == ("merge", {"a", "b"})
    assert advice[0].weight == 9
    assert advise(pairs, rows, (), (), (), ())[0].deed == "sharpen"
    bare = advise(pairs, rows, (), (), (), (), ["described_only"])
    assert ("begin", "described_only", 0.0) in [(a.deed, a.intent, a.figure) for a in bare]


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.booleans()), min_size=1, max_size=300))
@settings(max_examples=60, deadline=None)
def test_curves_hold_whatever_comes(rows: list[tuple[float, bool, bool]]) -> None:
    confidence = np.array([c for c, _, _ in rows])
    right = np.array([r for _, r, _ in rows])
    accepted = np.array([a for _, _, a in rows])
    bins = reliability(confidence, right)
    assert sum(b.lines for b in bins) == len(rows)
    assert all(b.interval[0] - 1e-9 <= b.right <= b.interval[1] + 1e-9 for b in bins)
    curve = risk_coverage(confidence, right, accepted, 0.05)
    assert curve.points[-1].coverage == pytest.approx(1.0)
    assert curve.points[-1].risk == pytest.approx(1 - right.mean())
    assert [p.coverage for p in curve.points] == sorted(p.coverage for p in curve.points)
    assert (curve.deployed is None) == (not accepted.any())


def test_wilson_is_honest_at_the_ends() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(10, 10)[1] == 1.0
    assert wilson(10, 10)[0] == pytest.approx(0.722, abs=0.001)


def test_neighbours_are_exact_and_never_the_line_itself() -> None:
    z = np.random.default_rng(1).normal(size=(40, 8)).astype(np.float32)
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    around = neighbourhood(z, 5)
    cosine = z @ z.T
    np.fill_diagonal(cosine, -2)
    assert (np.sort(around.near, 1) == np.sort(np.argsort(-cosine, 1)[:, :5], 1)).all()
    assert neighbourhood(z[:1]).near.shape == (1, 0)


def test_near_copies_are_those_under_two_intents() -> None:
    base = np.eye(3, dtype=np.float32)
    z = np.stack([base[0], base[0], base[0], base[1]])
    lines = [
        Place("a b", "x", ""),
        Place("a c", "y", ""),
        Place("a d", "x", ""),
        Place("e", "y", ""),
    ]
    [one, two] = near_copies(lines, neighbourhood(z))
    assert {line.intent for line in one.lines} == {"x", "y"}
    assert min(one.similarity, two.similarity) >= NEAR_COPY
    same, against = exact_copies([*lines, Place("A, b!", "y", "")])
    assert (same, len(against)) == ([], 1)


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    once = folded(text)
    assert folded(once) == once or not once.isascii()


def test_the_curve_says_how_many_draws_it_had() -> None:
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(m, 1.0, (30, 6)) for m in (-2, 0, 2)]).astype(np.float32)
    y = [name for name in "abc" for _ in range(30)]
    points = learning_curve((x, y), None)
    assert [p.each for p in points] == [1, 2, 3, 5, 10, 20, None]
    assert points[-1].accuracy > points[0].accuracy
    assert all(p.low <= p.accuracy <= p.high for p in points)
    hurried = learning_curve((x, y), (x, y), seconds=0.0)
    assert all(1 <= p.draws <= 5 for p in hurried)
    assert hurried[-1].draws == 1
    assert learning_curve((x[:5], y[:5]), None) == ()
    assert points == learning_curve((x, y), None)
    assert isinstance(points[0], CurvePoint)


def test_too_few_lines_are_not_suspected() -> None:
    few = judged(["a", "b"], ["b", "a"], ("a", "b"))
    assert suspects(few, few.vectors) == ()


class Line:
    """A parse with nothing but entities."""

    def __init__(self, *found: Found) -> None:
        self.entities = found


def test_entity_errors_are_told_apart() -> None:
    text = "send HL1 to Lhasa tomorrow"
    gold = (
        Entity(5, 8, "order_id", "HL1"),
        Entity(12, 17, "city", "Lhasa"),
        Entity(18, 26, "date", "tomorrow"),
    )
    found = (
        Found(5, 8, "order_id", "HL1", "HL1", "pattern", 1.0),
        Found(9, 17, "city", "to Lhasa", "to Lhasa", "tagger", 0.9),
        Found(18, 26, "city", "tomorrow", "tomorrow", "tagger", 0.9),
    )
    lines = [Example(text, "x", gold), Example("no mark", "x", ()), Example("nobody looked", "x")]
    rows = {r.entity: r for r in entity_rows(lines, [Line(*found), Line(), Line(found[0])])}
    assert rows["order_id"].f1 == 1.0
    assert [(e.kind, e.marked, e.found) for e in rows["city"].errors] == [
        ("edges", "Lhasa", "to Lhasa")
    ]
    assert [(e.kind, e.other) for e in rows["date"].errors] == [("type", "city")]
    assert micro_f1(tuple(rows.values())) == pytest.approx(2 * 1 / 6)
    twice = entity_rows([Example(text, "x", gold)] * 2, [Line(), Line()])
    assert {(e.kind, e.times) for row in twice for e in row.errors} == {("missed", 2)}
