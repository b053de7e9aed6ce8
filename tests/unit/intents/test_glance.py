"""What a stretch is about, by the message's own pass."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from intents.requests.glance import FEATURES, Glance, compared, pooled

CORNERS = np.eye(3, 5, dtype=np.float32)


def fitted() -> Glance:
    rng = np.random.default_rng(0)
    labels = [name for name in "abc" for _ in range(20)]
    means = np.repeat(CORNERS, 20, axis=0) + rng.normal(0, 0.1, (60, 5)).astype(np.float32)
    return Glance.fit(means, labels)


def test_it_tells_what_it_has_learned() -> None:
    shares = fitted().shares(3 * CORNERS)
    assert shares.argmax(axis=1).tolist() == [0, 1, 2]
    assert (shares.max(axis=1) > 0.8).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)


def test_it_is_written_and_read_back() -> None:
    before = fitted()
    after = Glance.from_json(before.as_json())
    np.testing.assert_allclose(after.shares(CORNERS), before.shares(CORNERS), atol=2e-3)
    assert after.as_json() == Glance.from_json(after.as_json()).as_json()


@pytest.mark.parametrize("name", ["mean", "weight", "bias"])
def test_a_part_that_is_missing_or_too_short_is_told(name: str) -> None:
    read = fitted().as_json()
    short = base64.b64encode(base64.b64decode(read[name])[:-2]).decode()
    with pytest.raises(ValueError, match="reshape"):
        Glance.from_json({**read, name: short})
    with pytest.raises(KeyError):
        Glance.from_json({key: value for key, value in read.items() if key != name})


def test_means_are_those_of_the_tokens_inside() -> None:
    states = np.arange(8, dtype=np.float32).reshape(4, 2)
    offsets = np.array([[0, 0], [0, 3], [4, 7], [8, 9]])
    found = pooled(states, offsets, [(0, 7), (8, 9), (20, 30)])
    assert found.tolist() == [[3.0, 4.0], [6.0, 7.0], [0.0, 0.0]]
    assert pooled(states[:0], offsets[:0], [(0, 7)]).tolist() == [[0.0, 0.0]]


def test_sides_that_agree_look_otherwise_than_sides_that_do_not() -> None:
    one, other = np.array([0.98, 0.01, 0.01]), np.array([0.01, 0.98, 0.01])
    alike = compared((one, one), (one, one), one)
    apart = compared((one, other), (other, one), one)
    assert len(alike) == len(apart) == FEATURES
    assert alike[2] > apart[2]
    assert alike[3] < apart[3]
    assert apart == compared((other, one), (one, other), one)
