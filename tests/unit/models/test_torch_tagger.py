"""Tagger training: the loss is the CRF's, the network learns, the serving copy agrees."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from models.errors import ModelError
from models.learning.tagger import (
    TaggedLine,
    TaggerModule,
    TaggerSettings,
    gold_tags,
    span_f1,
    train_tagger,
)
from models.tagger import Span
from models.units import FEATURES, units_of

DIM = 16
QUICK = TaggerSettings(hidden=24, epochs=12, batch=8, dropout=0.1)


def states_for(text: str, offsets: np.ndarray) -> np.ndarray:
    """One fixed vector for each character: what a context-free encoder would give."""
    rows = [np.random.default_rng(ord(text[start])).normal(size=DIM) for start, _ in offsets]
    return np.array(rows, dtype=np.float32).reshape(-1, DIM)


def line(text: str, *spans: tuple[int, int, str], slot: str | None = None) -> TaggedLine:
    offsets = np.array([(i, i + 1) for i, c in enumerate(text) if c != " "], dtype=np.int64)
    return TaggedLine(states_for(text, offsets), offsets, text, spans, slot)


def order_lines(count: int, seed: int = 0) -> list[TaggedLine]:
    random = np.random.default_rng(seed)
    lines = []
    for _ in range(count):
        number, colour = str(random.integers(100, 9999)), str(random.choice(list("红蓝绿")))
        text = f"请查 {number} 的{colour}色"
        at = text.index(colour)
        lines.append(line(text, (3, 3 + len(number), "order"), (at, at + 2, "colour")))
    return lines


def test_learns_and_finds_exact_characters() -> None:
    tagger, report = train_tagger(order_lines(60), QUICK)
    fresh = order_lines(30, seed=9)
    found = [tagger.decode(x.tokens, x.offsets, x.text) for x in fresh]
    assert span_f1([x.spans for x in fresh], found) > 0.95
    assert report.epochs > 0
    assert min(span.confidence for spans in found for span in spans) > 0.5


def test_the_same_seed_gives_the_same_tagger() -> None:
    settings = TaggerSettings(hidden=24, epochs=3, steps=8, batch=8, dropout=0.1)
    first, _ = train_tagger(order_lines(20), settings, seed=3)
    second, _ = train_tagger(order_lines(20), settings, seed=3)
    for name, values in first.parameters.items():
        np.testing.assert_array_equal(values, second.parameters[name])


def test_enough_lines_have_a_part_held_out() -> None:
    settings = TaggerSettings(hidden=16, epochs=4, steps=4, patience=1, least_held_out=10)
    _, report = train_tagger(order_lines(120), settings)
    assert 1 <= len(report.held_out_f1) <= 4
    assert 1 <= report.epochs <= 4


def test_a_requested_slot_tells_bare_values_apart() -> None:
    lines = []
    for number in range(20, 60):
        text = str(number)
        lines.append(line(text, (0, 2, "size"), slot="size"))
        lines.append(line(text, (0, 2, "count"), slot="count"))
    tagger, _ = train_tagger(lines, QUICK)
    asked = line("33")
    for slot in ("size", "count"):
        (span,) = tagger.decode(asked.tokens, asked.offsets, asked.text, slot)
        assert span.label == slot


def test_what_is_two_things_at_once_is_found_as_both() -> None:
    lines = order_lines(40)
    for number in range(100, 140):
        text = f"请在 {number} 分"
        lines.append(line(text, (3, 6, "time"), (3, 6, "date")))
    tagger, _ = train_tagger(lines, QUICK)
    assert tagger.names == ("colour", "date", "order", "time")
    fresh = line("请在 155 分")
    found = tagger.decode(fresh.tokens, fresh.offsets, fresh.text)
    assert [(s.start, s.end, s.label) for s in found] == [(3, 6, "date"), (3, 6, "time")]


def test_lines_without_any_entity_make_a_tagger_that_finds_none() -> None:
    tagger, _ = train_tagger([line("你好"), line("谢谢")], QUICK)
    assert tagger.labels == ()
    assert tagger.decode(*_parts(line("你好"))) == []


def test_lines_without_units_are_passed_over() -> None:
    tagger, _ = train_tagger([*order_lines(12), line("  ")], QUICK)
    assert tagger.labels == ("colour", "order")


def test_no_lines_and_wrong_offsets_are_refused() -> None:
    with pytest.raises(ModelError, match="nothing to learn"):
        train_tagger([])
    with pytest.raises(ModelError, match="does not lie in its text"):
        train_tagger([line("ab", (1, 9, "x"))])


def test_gold_tags_widen_to_units_and_keep_the_first_of_two() -> None:
    units = units_of("order 1234 红", np.array([(0, 5), (6, 10), (11, 12)], dtype=np.int64))
    tags, widened = gold_tags(units, [(7, 10, "a"), (6, 12, "b")], ["a", "b"])
    assert tags.tolist() == [0, 3, 4]
    assert widened == 0
    tags, widened = gold_tags(units, [(7, 10, "a")], ["a", "b"])
    assert (tags.tolist(), widened) == ([0, 1, 0], 1)


def test_the_loss_is_the_exact_likelihood() -> None:
    torch.manual_seed(0)
    module = TaggerModule(["a"], [], DIM, 8, 0.0)
    for parameter in (module.transitions, module.starts, module.ends):
        torch.nn.init.normal_(parameter)
    scores = torch.randn(2, 4, 3)
    tags = torch.tensor([[0, 1, 2, 0], [1, 0, 0, 0]])
    mask = torch.tensor([[True] * 4, [True, True, False, False]])
    expected = np.mean([brute(module, scores[0], [0, 1, 2, 0]), brute(module, scores[1], [1, 0])])
    assert float(module.loss(scores, tags, mask).detach()) == pytest.approx(
        float(expected), abs=1e-4
    )


def brute(module: TaggerModule, scores: torch.Tensor, gold: list[int]) -> float:
    moves, starts = (part.detach().numpy() for part in module._constrained())
    ends = module.ends.detach().numpy()

    def weight(tags: tuple[int, ...]) -> float:
        steps = sum(moves[a, b] for a, b in itertools.pairwise(tags))
        return float(
            starts[tags[0]]
            + ends[tags[-1]]
            + steps
            + sum(float(scores[i, tag]) for i, tag in enumerate(tags))
        )

    every = [weight(tags) for tags in itertools.product(range(3), repeat=len(gold))]
    return float(np.logaddexp.reduce(every)) - weight(tuple(gold))


def test_serving_scores_equal_training_scores() -> None:
    torch.manual_seed(1)
    module = TaggerModule(["a", "b"], ["s"], DIM, 8, 0.5).eval()
    for parameter in (module.slot, module.whole, module.written):
        torch.nn.init.normal_(parameter)
    text = "ab 12 红色"
    offsets = np.array([(0, 2), (3, 5), (6, 8)], dtype=np.int64)
    units = units_of(text, offsets)
    states = units.states(np.random.default_rng(0).normal(size=(3, DIM)).astype(np.float32))
    served = module.frozen().emissions(states, units, "s")
    assert units.features.shape[1] == FEATURES
    with torch.no_grad():
        trained = module.emissions(
            torch.from_numpy(states)[None],
            torch.from_numpy(units.features)[None],
            torch.from_numpy(units.hashes)[None],
            torch.tensor([[0.0, 1.0]]),
            torch.ones(1, len(units), dtype=torch.bool),
        )
    np.testing.assert_allclose(served, trained[0].numpy(), atol=1e-4)


def test_span_f1() -> None:
    gold = [[(0, 2, "a"), (3, 4, "b")], []]
    found = [[Span(0, 2, "a", 0.9), Span(3, 4, "a", 0.5)], []]
    assert span_f1(gold, found) == pytest.approx(0.5)
    assert span_f1([[]], [[]]) == 1.0


def _parts(tagged: TaggedLine) -> tuple[np.ndarray, np.ndarray, str]:
    return tagged.tokens, tagged.offsets, tagged.text
