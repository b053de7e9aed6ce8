"""The moving average of weights: what it holds, for how long, and that it survives a stop."""

from __future__ import annotations

import torch
from torch import nn

from models.learning.average import EVERY, MovingAverage


def moved(module: nn.Linear, average: MovingAverage, values: list[float]) -> None:
    for value in values:
        with torch.no_grad():
            module.weight.fill_(value)
        average.step()


def test_the_average_lies_among_the_weights_and_leaves_them_as_they_were() -> None:
    module = nn.Linear(2, 1)
    average = MovingAverage(module, 0.9)
    moved(module, average, [float(i) for i in range(40)])
    with average.applied():
        inside = module.weight.clone()
    assert (inside > 20).all()
    assert (inside < 39).all()
    assert (module.weight == 39).all()


def test_weights_that_stand_still_are_their_own_average() -> None:
    module = nn.Linear(2, 1)
    average = MovingAverage(module, 0.9)
    moved(module, average, [5.0] * 400 * EVERY)
    with average.applied():
        torch.testing.assert_close(module.weight, torch.full((1, 2), 5.0))


def test_without_decay_nothing_is_averaged() -> None:
    module = nn.Linear(2, 1)
    average = MovingAverage(module, 0.0)
    moved(module, average, [1.0, 2.0, 3.0, 4.0])
    with average.applied():
        assert (module.weight == 4).all()


def test_frozen_weights_stay_out() -> None:
    module = nn.Linear(2, 1)
    module.bias.requires_grad_(False)
    average = MovingAverage(module, 0.9)
    assert len(average.state()["mean"]) == 1  # type: ignore[arg-type]


def test_it_goes_on_from_a_state() -> None:
    first, second = nn.Linear(2, 1), nn.Linear(2, 1)
    second.load_state_dict(first.state_dict())
    whole, cut = MovingAverage(first, 0.9), MovingAverage(second, 0.9)
    values = [float(i % 7) for i in range(30)]
    moved(first, whole, values)
    moved(second, cut, values[:13])
    resumed = MovingAverage(second, 0.9)
    resumed.load(**cut.state())  # type: ignore[arg-type]
    moved(second, resumed, values[13:])
    with whole.applied(), resumed.applied():
        torch.testing.assert_close(first.weight, second.weight)
