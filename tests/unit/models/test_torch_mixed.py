"""Training of networks over vectors and marks."""

from __future__ import annotations

import numpy as np

from models.learning.mixed import MixedSettings, Side, classifier, towers
from models.marks import Marks
from models.mixed import directions, mean_of

SETTINGS = MixedSettings(hidden=16, epochs=30, batch=32, dropout=0.1, rate=2e-2, seeds=1, width=8)


def test_classifier_learns_what_needs_vector_and_mark_together() -> None:
    made = np.random.default_rng(0)
    sign = made.integers(0, 2, 256)
    said = made.integers(0, 2, 256)
    dense = np.stack([sign * 2 - 1, made.normal(size=256)], axis=1).astype(np.float32)
    known = Marks.learn([["yes"], ["no"]], rare=1, scaled=False)
    bags = known.read([["yes"] if one else ["no"] for one in said])
    codes = (sign ^ said).astype(np.int64)  # neither tells it alone
    networks = classifier(dense, bags, len(known), codes, 2, SETTINGS)
    again = classifier(dense, bags, len(known), codes, 2, SETTINGS)
    assert (mean_of(networks, dense, bags).argmax(axis=1) == codes).mean() > 0.95
    np.testing.assert_array_equal(networks[0].inner, again[0].inner)


def test_towers_bring_pairs_together() -> None:
    made = np.random.default_rng(1)
    topic = made.integers(0, 8, 256)
    asked = np.eye(8, dtype=np.float32)[topic]
    answered = np.roll(asked, 3, axis=1)
    none = Marks.learn([], rare=1, scaled=False).read([[]] * 256)
    one, other = towers(
        Side(asked, none, 0), Side(answered, none, 0), topic.astype(np.int64), SETTINGS
    )
    first = np.array([int(np.flatnonzero(topic == number)[0]) for number in range(8)])
    few = none.take(first)
    cosines = directions(one, asked[first], few) @ directions(other, answered[first], few).T
    assert (cosines.argmax(axis=1) == np.arange(8)).all()
