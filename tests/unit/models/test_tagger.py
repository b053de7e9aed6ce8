"""The CRF against a brute-force sum over every tag sequence, and spans at exact characters."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import ModelError
from models.tagger import Tagger, allowed_transitions, slot_codes, tag_runs
from models.units import FEATURES, HASH_BUCKETS, units_of

LABELS = ("colour", "order_id")
TAGS = 1 + 2 * len(LABELS)


def random_tagger(seed: int, dim: int = 3, hidden: int = 8, labels=LABELS) -> Tagger:
    random = np.random.default_rng(seed)
    tags = 1 + 2 * len(labels)

    def made(*shape: int) -> np.ndarray:
        return random.normal(0, 0.8, shape).astype(np.float32)

    follow, first = allowed_transitions(len(labels))
    barred = np.float32(-1e4)
    return Tagger(
        labels,
        ("order_id",),
        {
            "own": made(dim, hidden),
            "previous": made(dim, hidden),
            "following": made(dim, hidden),
            "whole": made(dim, hidden),
            "shape": made(FEATURES, hidden),
            "written": made(HASH_BUCKETS, hidden),
            "slot": made(2, hidden),
            "hidden_bias": made(hidden),
            "emit": made(hidden, tags),
            "emit_bias": made(tags),
            "transitions": np.where(follow, made(tags, tags), barred),
            "starts": np.where(first, made(tags), barred),
            "ends": made(tags),
        },
    )


def pieces(text: str) -> np.ndarray:
    return np.array([(i, i + 1) for i in range(len(text)) if text[i] != " "], dtype=np.int64)


def all_sequences(tagger: Tagger, scores: np.ndarray) -> dict[tuple[int, ...], float]:
    p = tagger.parameters
    weights = {}
    for tags in itertools.product(range(TAGS), repeat=len(scores)):
        weight = p["starts"][tags[0]] + p["ends"][tags[-1]]
        weight += sum(scores[i, tag] for i, tag in enumerate(tags))
        weight += sum(p["transitions"][a, b] for a, b in itertools.pairwise(tags))
        weights[tags] = float(weight)
    return weights


@pytest.mark.parametrize("seed", range(8))
def test_decoding_and_confidence_equal_brute_force(seed: int) -> None:
    tagger, text = random_tagger(seed), "我 要 4-红"
    offsets = pieces(text)
    tokens = np.random.default_rng(seed).normal(size=(len(offsets), 3)).astype(np.float32)
    units = units_of(text, offsets)
    weights = all_sequences(tagger, tagger.emissions(units.states(tokens), units))
    best = max(weights, key=lambda tags: weights[tags])
    total = np.logaddexp.reduce(np.array(list(weights.values()), dtype=np.float64))

    found = tagger.decode(tokens, offsets, text)

    assert tagger.sureness(tokens, offsets, text) == pytest.approx(weights[best] - total, abs=1e-3)
    assert [(LABELS.index(s.label), s.start, s.end) for s in found] == [
        (label, units.offsets[a, 0], units.offsets[b, 1]) for a, b, label in tag_runs(best)
    ]
    for span, run in zip(found, tag_runs(best), strict=True):
        share = sum(np.exp(w - total) for tags, w in weights.items() if run in tag_runs(tags))
        assert span.confidence == pytest.approx(share, abs=1e-4)
    ((at, shares),) = tagger.shares([(tokens, offsets, text)])
    np.testing.assert_array_equal(at, units.offsets)
    for (unit, label), inside in np.ndenumerate(shares):
        share = sum(
            np.exp(w - total) for t, w in weights.items() if (t[unit] + 1) // 2 == label + 1
        )
        assert inside == pytest.approx(share, abs=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_decoded_tags_are_always_legal_spans(seed: int) -> None:
    tagger = random_tagger(seed)
    text = "order 42 for the red one, 蓝色 please"
    offsets = pieces(text)
    tokens = np.random.default_rng(seed).normal(0, 5, (len(offsets), 3)).astype(np.float32)
    last = 0
    for span in tagger.decode(tokens, offsets, text):
        assert last <= span.start < span.end <= len(text)
        assert span.label in LABELS
        assert 0 <= span.confidence <= 1
        last = span.end


def test_a_requested_slot_changes_the_scores() -> None:
    tagger, text = random_tagger(1), "42"
    units = units_of(text, pieces(text))
    states = np.ones((1, 3), dtype=np.float32)
    plain = tagger.emissions(states, units)
    assert not np.allclose(plain, tagger.emissions(states, units, "order_id"))
    np.testing.assert_array_equal(plain, tagger.emissions(states, units, "never_seen"))


def test_slot_codes() -> None:
    assert slot_codes(None, ("a", "b")) == (0,)
    assert slot_codes("b", ("a", "b")) == (2,)
    assert slot_codes(["b", "a", "x"], ("a", "b")) == (1, 2)


def test_texts_without_units_have_no_spans() -> None:
    tagger = random_tagger(0)
    nothing = np.zeros((0, 3), np.float32)
    assert tagger.decode(nothing, np.zeros((0, 2), np.int64), "") == []
    assert tagger.decode(nothing, np.zeros((0, 2), np.int64), "  ") == []
    ((_, shares),) = tagger.shares([(nothing, np.zeros((0, 2), np.int64), "")])
    assert shares.shape == (0, len(LABELS))


@given(st.lists(st.text("ab 4红-", max_size=9), max_size=6), st.integers(0, 99))
def test_lines_together_are_as_likely_as_each_alone(texts: list[str], seed: int) -> None:
    tagger, random = random_tagger(seed), np.random.default_rng(seed)
    offsets = [pieces(text) for text in texts]
    lines = [
        (random.normal(size=(len(of), 3)).astype(np.float32), of, text)
        for text, of in zip(texts, offsets, strict=True)
    ]
    together = tagger.shares(lines)
    for line, (at, shares) in zip(lines, together, strict=True):
        ((own, alone),) = tagger.shares([line])
        np.testing.assert_array_equal(at, own)
        np.testing.assert_allclose(shares, alone, atol=1e-5)


@given(
    st.lists(st.tuples(st.text("ab 4红-", max_size=9), st.sampled_from([None, "order_id"]))),
    st.integers(0, 99),
    st.floats(0, 9),
)
def test_lines_together_are_decoded_as_each_alone(
    asked: list[tuple[str, str | None]], seed: int, plain: float
) -> None:
    tagger, random = random_tagger(seed), np.random.default_rng(seed)
    tagger.parameters["emit_bias"][0] += np.float32(plain)
    lines = []
    for text, _ in asked:
        of = pieces(text)
        lines.append((random.normal(size=(len(of), 3)).astype(np.float32), of, text))
    together = tagger.decode_all(lines, [slot for _, slot in asked])
    for line, (_, slot), spans in zip(lines, asked, together, strict=True):
        alone = tagger.decode(*line, slot)
        assert [(s.start, s.end, s.label) for s in spans] == [
            (s.start, s.end, s.label) for s in alone
        ]
        np.testing.assert_allclose(
            [s.confidence for s in spans], [s.confidence for s in alone], atol=1e-4
        )


@pytest.mark.parametrize("plain", [0.0, 2.0, 4.0, 8.0, 16.0])
def test_a_line_that_clearly_holds_nothing_is_tagged_as_all_sequences_say(plain: float) -> None:
    for seed in range(20):
        tagger = random_tagger(seed)
        tagger.parameters["emit_bias"][0] += np.float32(plain)
        states = np.random.default_rng(seed).normal(size=(4, 3)).astype(np.float32)
        units = units_of("ab 4-红", pieces("ab 4-红"))
        scores = tagger.emissions(units.states(np.resize(states, (7, 3))), units)
        best = max(all_sequences(tagger, scores).items(), key=lambda item: item[1])[0]
        assert tuple(tagger._best(scores)) == best


def test_without_labels_nothing_is_found() -> None:
    tagger = random_tagger(0, labels=())
    assert tagger.decode(np.ones((2, 3), np.float32), pieces("ab"), "ab") == []


def test_survives_the_disk(tmp_path: Path) -> None:
    tagger, text = random_tagger(2), "order 42 红"
    tagger.save(tmp_path / "tagger.npz")
    again = Tagger.load(tmp_path / "tagger.npz")
    tokens = np.random.default_rng(0).normal(size=(len(pieces(text)), 3)).astype(np.float32)
    assert again.decode(tokens, pieces(text), text) == tagger.decode(tokens, pieces(text), text)


def test_states_of_another_encoder_are_refused() -> None:
    with pytest.raises(ModelError, match="Use the encoder"):
        random_tagger(0).decode(np.ones((2, 5), np.float32), pieces("ab"), "ab")


def test_arrays_that_do_not_fit_together_are_refused() -> None:
    arrays = random_tagger(0).arrays() | {"emit": np.zeros((2, 2), np.float32)}
    with pytest.raises(ModelError, match="emit"):
        Tagger.from_arrays(arrays)


def test_only_an_entity_that_has_begun_may_go_on() -> None:
    follow, first = allowed_transitions(2)
    assert first.tolist() == [True, True, False, True, False]
    assert follow[:, 2].tolist() == [False, True, True, False, False]
    assert follow[:, [0, 1, 3]].all()


def test_tag_runs() -> None:
    assert tag_runs([0, 1, 2, 1, 0, 3]) == [(1, 2, 0), (3, 3, 0), (5, 5, 1)]


def test_a_file_of_another_version_is_refused() -> None:
    arrays = random_tagger(0).arrays()
    del arrays["whole"]
    with pytest.raises(ModelError, match="another version"):
        Tagger.from_arrays(arrays)
