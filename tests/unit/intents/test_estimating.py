"""Sentence vectors of stretches are estimated, and the estimator lies beside the splitter."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from intents.requests.estimating import Estimator
from models.arrays import FloatArray, unit_rows

OWN, VIEW = 4, 3


def stretches(count: int = 200) -> tuple[FloatArray, FloatArray]:
    """Token states, and sentence vectors whose first part follows from states and view."""
    rng = np.random.default_rng(0)
    states = rng.normal(size=(count, OWN)).astype(np.float32)
    view = 0.3 * unit_rows(rng.normal(size=(count, VIEW)).astype(np.float32))
    way = rng.normal(size=(OWN + VIEW, OWN)).astype(np.float32)
    own = unit_rows(np.concatenate([unit_rows(states), view], axis=1) @ way + np.float32(2))
    return states, np.concatenate([own * np.float32(np.sqrt(1 - 0.3**2)), view], axis=1)


def test_vectors_are_told_by_states_and_the_second_view() -> None:
    states, sentence = stretches()
    found = Estimator.fit(states[:150], sentence[:150]).vectors(states[150:], sentence[150:, OWN:])
    cosines = (found * sentence[150:]).sum(axis=1)
    assert cosines.min() > 0.97
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(found[:, OWN:], sentence[150:, OWN:])


def test_an_encoder_without_a_second_view_will_do() -> None:
    states, sentence = stretches()
    alone = unit_rows(sentence[:, :OWN])
    found = Estimator.fit(states, alone).vectors(states, alone[:, OWN:])
    assert found.shape == alone.shape
    assert (found * alone).sum(axis=1).mean() > 0.9


def test_it_is_written_and_read_back() -> None:
    before = Estimator.fit(*stretches()).careful(-1.25)
    after = Estimator.from_json(before.as_json())
    assert after.least == -1.25
    assert after.as_json() == before.as_json()
    np.testing.assert_allclose(after.weight, before.weight, atol=2e-3)


@pytest.mark.parametrize("name", ["mean", "weight", "bias"])
def test_a_part_that_is_missing_or_too_short_is_told(name: str) -> None:
    read = Estimator.fit(*stretches()).as_json()
    short = base64.b64encode(base64.b64decode(read[name])[:-2]).decode()
    with pytest.raises(ValueError, match="reshape"):
        Estimator.from_json({**read, name: short})
    with pytest.raises(KeyError):
        Estimator.from_json({key: value for key, value in read.items() if key != name})
