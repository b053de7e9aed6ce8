"""Coverage: evidence to chance."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from retrieval.search.calibration import DEFAULT, Calibration, Evidence, fit

RNG = np.random.default_rng(0)


def drawn(dense: float, margin: float, count: int = 200) -> list[Evidence]:
    noise = RNG.normal(0, 0.1, (count, 3))
    return [Evidence(dense + a, 0.3 + b, margin + c) for a, b, c in noise.tolist()]


def test_strong_evidence_is_told_from_weak() -> None:
    fitted = fit(drawn(0.8, 0.3), drawn(0.4, 0.05))
    assert fitted(Evidence(0.8, 0.3, 0.3)) > 0.9
    assert fitted(Evidence(0.4, 0.3, 0.05)) < 0.1


def test_too_little_evidence_takes_the_default() -> None:
    assert fit(drawn(0.8, 0.3, 5), drawn(0.4, 0.1)) is DEFAULT
    assert fit([], []) is DEFAULT


def test_evidence_that_speaks_the_wrong_way_is_left_out() -> None:
    fitted = fit(drawn(0.8, 0.1), drawn(0.4, 0.5))
    assert fitted.margin == 0
    assert fitted.dense > 0
    backwards = fit(drawn(0.2, 0.1), drawn(0.8, 0.5))
    assert min(backwards.dense, backwards.lexical, backwards.margin) >= 0


@given(*[st.floats(-2, 2)] * 3)
def test_any_evidence_gives_a_chance(dense: float, lexical: float, margin: float) -> None:
    assert 0 <= DEFAULT(Evidence(dense, lexical, margin)) <= 1
    assert 0 <= Calibration(1e9, 0, 0, 0)(Evidence(dense, lexical, margin)) <= 1
