"""Shares out of scores, against SciPy's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import special

from models.shares import log_softmax, logsumexp, softmax

SCORES = arrays.arrays(
    np.float32,
    arrays.array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=6),
    elements=st.floats(-1e4, 1e4, width=32),
)


@given(SCORES)
def test_they_are_those_of_scipy_and_keep_their_type(scores: np.ndarray) -> None:
    for ours, theirs in ((softmax, special.softmax), (log_softmax, special.log_softmax)):
        found = ours(scores)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, theirs(scores, axis=-1), rtol=1e-4, atol=1e-6)
    for axis in range(scores.ndim):
        expected = special.logsumexp(scores, axis=axis)
        np.testing.assert_allclose(logsumexp(scores, axis), expected, rtol=1e-5, atol=1e-5)


def test_what_cannot_be_has_no_share_and_scores_stay_as_they_were() -> None:
    scores = np.array([[0.0, -np.inf, 0.0]])
    assert softmax(scores).tolist() == [[0.5, 0.0, 0.5]]
    assert log_softmax(scores)[0, 1] == -np.inf
    assert scores[0, 0] == 0.0
    assert logsumexp(scores) == pytest.approx(np.log(2))
