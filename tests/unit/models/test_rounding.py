"""Roundings of activations: they cover what was seen, and say so when it makes no sense."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.arrays import FloatArray
from models.encoders.rounding import PRECISE_UNITS, STEPS, Reach, Rounding, plan_layer, smoothing
from models.errors import ModelError

HIDDEN, UNITS = 32, 160
KINDS = {"state": HIDDEN, "attended": HIDDEN, "middle": HIDDEN, "active": UNITS}


def rounded(values: FloatArray, rounding: Rounding) -> FloatArray:
    """What a matrix reads, taken back to the values' own size."""
    steps = np.rint(values * rounding.factors / rounding.scale) + float(rounding.zero)
    back: FloatArray = (np.clip(steps, 0, STEPS) - float(rounding.zero)) * rounding.scale
    return back / rounding.factors


def reach_of(values: FloatArray) -> Reach:
    return Reach(values.min(axis=0), values.max(axis=0))


@given(st.integers(0, 2**32 - 1), st.floats(1e-3, 1e3), st.floats(-5, 5))
def test_what_was_seen_errs_by_at_most_one_step(seed: int, size: float, shift: float) -> None:
    random = np.random.default_rng(seed)
    values = ((random.normal(size=(20, 8)) + shift) * size).astype(np.float32)
    factors = random.uniform(0.2, 5, 8).astype(np.float32)
    rounding = Rounding.fitted(reach_of(values), factors)
    error = np.abs(rounded(values, rounding) - values) * factors
    assert (error <= rounding.scale * 1.01).all()


def test_zero_is_exact() -> None:
    values = np.array([[3.0, 9.0], [4.0, 8.0]], dtype=np.float32)
    rounding = Rounding.fitted(reach_of(values), np.ones(2, np.float32))
    assert not rounded(np.zeros((1, 2), np.float32), rounding).any()


def test_a_silent_input_does_not_divide_by_zero() -> None:
    reach = Reach(np.zeros(4, np.float32), np.zeros(4, np.float32))
    rounding = Rounding.fitted(reach, smoothing(reach, np.zeros((3, 4), np.float32), 0.8))
    assert rounding.scale > 0
    assert np.isfinite(rounding.factors).all()


def test_smoothing_lowers_the_error_that_one_far_channel_brings() -> None:
    random = np.random.default_rng(1)
    values = random.normal(size=(500, 64)).astype(np.float32)
    values[:, 5] *= 40
    weight = random.normal(size=(16, 64)).astype(np.float32)
    reach = reach_of(values)
    plain = Rounding.fitted(reach, np.ones(64, np.float32))
    even = Rounding.fitted(reach, smoothing(reach, weight, 0.8))
    errors = [
        float(np.abs((rounded(values, rounding) - values) @ weight.T).mean())
        for rounding in (plain, even)
    ]
    assert errors[1] < errors[0] / 4


def test_smoothing_has_a_geometric_mean_of_one() -> None:
    reach = Reach(-np.arange(1, 9, dtype=np.float32), np.ones(8, np.float32))
    factors = smoothing(reach, np.ones((2, 8), np.float32), 1.0)
    assert np.log(factors).mean() == pytest.approx(0, abs=1e-5)
    np.testing.assert_allclose(factors * reach.size, factors[0] * reach.size[0], rtol=1e-5)


def test_reaches_join() -> None:
    first = Reach(np.array([-1, 0], np.float32), np.array([2, 1], np.float32))
    joined = first.joined(Reach(np.array([-3, 0.5], np.float32), np.array([1, 4], np.float32)))
    assert joined.low.tolist() == [-3.0, 0.0]
    assert joined.high.tolist() == [2.0, 4.0]


def tensors() -> dict[str, FloatArray]:
    random = np.random.default_rng(0)
    source = "encoder.layer.0."
    shapes = {f"{source}attention.self.{part}.weight": (HIDDEN, HIDDEN) for part in
              ("query", "key", "value")}  # fmt: skip
    shapes[f"{source}intermediate.dense.weight"] = (UNITS, HIDDEN)
    return {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def reached() -> dict[str, Reach]:
    random = np.random.default_rng(2)
    return {
        kind: Reach(
            -random.uniform(1, 2, size).astype(np.float32),
            random.uniform(1, 2, size).astype(np.float32),
        )
        for kind, size in KINDS.items()
    }


def test_the_units_that_reach_farthest_stay_in_float32() -> None:
    seen = reached()
    seen["active"].high[[7, 90]] = 30.0
    layer = plan_layer(0, tensors(), seen)
    assert {7, 90} <= set(layer.precise.tolist())
    assert len(layer.precise) == PRECISE_UNITS
    assert layer.active is not None
    assert len(layer.active.factors) == UNITS - PRECISE_UNITS
    assert float(layer.active.scale) * STEPS < 5


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_values_that_are_not_finite_are_named(kind: str) -> None:
    seen = reached()
    seen[kind].high[0] = np.inf
    with pytest.raises(ModelError, match=f"{kind} of layer 0"):
        plan_layer(0, tensors(), seen)
