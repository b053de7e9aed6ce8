"""Sentiment head."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.errors import ModelError
from models.intent_head import IntentHead
from models.sentiment import SENTIMENTS, SentimentHead


def data(lines: int, noise: float = 1.0):
    random = np.random.default_rng(0)
    centres = random.normal(size=(3, 32))
    codes = np.arange(lines) % 3
    x = (centres[codes] + noise * random.normal(size=(lines, 32))).astype(np.float32)
    return x / np.linalg.norm(x, axis=1, keepdims=True), [SENTIMENTS[code] for code in codes]


def test_learns_and_gives_probabilities() -> None:
    x, y = data(240)
    head = SentimentHead.fit(x[:180], y[:180])
    shares = head.probabilities(x[180:])
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)
    assert np.mean([p == g for (p, _), g in zip(head.predict(x[180:]), y[180:], strict=True)]) > 0.8


def test_overlapping_classes_make_it_less_sure() -> None:
    clear, blurred = (SentimentHead.fit(*data(240, noise)) for noise in (0.5, 4.0))
    x, _ = data(60, 0.5)
    z, _ = data(60, 4.0)
    sure = np.mean([c for _, c in clear.predict(x)])
    assert sure > np.mean([c for _, c in blurred.predict(z)]) + 0.1


def test_a_class_without_examples_has_probability_zero() -> None:
    x, y = data(60)
    kept = [i for i, label in enumerate(y) if label != "neutral"]
    head = SentimentHead.fit(x[kept], [y[i] for i in kept])
    assert (head.probabilities(x)[:, SENTIMENTS.index("neutral")] == 0).all()


def test_survives_the_disk(tmp_path: Path) -> None:
    x, y = data(90)
    head = SentimentHead.fit(x, y)
    head.save(tmp_path / "sentiment.npz")
    np.testing.assert_array_equal(
        SentimentHead.load(tmp_path / "sentiment.npz").probabilities(x), head.probabilities(x)
    )


def test_an_intent_head_is_not_taken_for_it(tmp_path: Path) -> None:
    IntentHead.fit(*data(30)).save(tmp_path / "intent.npz")
    with pytest.raises(ModelError, match="wrong model part"):
        SentimentHead.load(tmp_path / "intent.npz")


def test_unknown_labels_are_refused() -> None:
    x, _ = data(3)
    with pytest.raises(ModelError, match="happy"):
        SentimentHead.fit(x, ["happy", "neutral", "negative"])
