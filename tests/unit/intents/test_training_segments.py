"""The splitter is fitted to whatever lines an assistant has."""

from __future__ import annotations

import numpy as np
import pytest

from intents.logistic import fit_logistic
from intents.requests.segments import Splitter
from intents.training.segments import fit_splitter
from tests.unit.intents.hashing import HashingEncoder, example_lines


def fitted(per_intent: int = 30, seed: int = 0) -> Splitter | None:
    lines = example_lines(per_intent)
    texts = [f"{e.text}, please" if i % 2 else e.text for i, e in enumerate(lines)]
    encoder = HashingEncoder()
    vectors = encoder.encode(texts).sentence
    unseen = np.ones(len(texts), dtype=bool)
    labels = [str(e.intent) for e in lines]
    return fit_splitter(texts, labels, vectors, unseen, encoder, seed)  # type: ignore[arg-type]


def test_same_lines_and_seed_give_the_same_splitter() -> None:
    first, second = fitted(), fitted()
    assert first is not None
    assert second is not None
    assert first.as_json() == second.as_json()


def test_texts_that_are_divided_set_the_estimators_bar() -> None:
    found = fitted()
    assert found is not None
    assert found.estimator is not None
    assert np.isfinite(found.estimator.least)


def test_few_lines_give_no_splitter() -> None:
    assert fitted(5) is None


def test_reports_of_a_case_give_none() -> None:
    lines = example_lines(20)
    encoder = HashingEncoder()
    texts = [f"{e.text}, and then they said that I should wait; " * 9 for e in lines]
    labels = [str(e.intent) for e in lines]
    unseen = np.ones(len(texts), dtype=bool)
    vectors = encoder.encode(texts).sentence
    assert fit_splitter(texts, labels, vectors, unseen, encoder) is None  # type: ignore[arg-type]


def test_lines_without_any_cut_still_give_one() -> None:
    lines = example_lines(20)
    encoder = HashingEncoder()
    texts = [e.text for e in lines]
    labels = [str(e.intent) for e in lines]
    vectors, unseen = encoder.encode(texts).sentence, np.ones(len(texts), dtype=bool)
    assert fit_splitter(texts, labels, vectors, unseen, encoder) is not None  # type: ignore[arg-type]


def test_one_intent_gives_no_splitter() -> None:
    encoder = HashingEncoder()
    texts = [f"line {i}, word" for i in range(60)]
    vectors, unseen = encoder.encode(texts).sentence, np.ones(60, dtype=bool)
    found = fit_splitter(texts, ["a"] * 60, vectors, unseen, encoder)  # type: ignore[arg-type]
    assert found is None


def test_single_words_that_nobody_joins_give_none() -> None:
    encoder = HashingEncoder()
    texts = [f"word{i}" for i in range(80)]
    labels = ["greet" if i % 2 else "goodbye" for i in range(80)]
    vectors, unseen = encoder.encode(texts).sentence, np.ones(80, dtype=bool)
    assert fit_splitter(texts, labels, vectors, unseen, encoder) is None  # type: ignore[arg-type]


def test_logistic_regression_finds_the_direction_that_tells() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(400, 3))
    model = fit_logistic(x, x[:, 1] > 0.2)
    right = (model.scores(x) > 0) == (x[:, 1] > 0.2)
    assert right.mean() > 0.95
    assert abs(model.weight[1]) > 3 * abs(model.weight[0])


@pytest.mark.parametrize("target", [True, False])
def test_logistic_regression_of_one_class_stays_finite(target: bool) -> None:
    model = fit_logistic(np.ones((20, 2)), np.full(20, target))
    assert np.isfinite(model.weight).all()
    assert np.isfinite(model.bias)
