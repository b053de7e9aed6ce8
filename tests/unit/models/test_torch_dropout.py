"""Dropout by bytes: how many numbers fall out, what is left, and when it does nothing."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from models.learning.dropout import ByteDropout, replace_dropout


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5])
def test_the_share_that_falls_out_and_the_mean_that_stays(rate: float) -> None:
    torch.manual_seed(0)
    values = torch.ones(401, 503)
    left = ByteDropout(rate)(values)
    assert float((left == 0).float().mean()) == pytest.approx(rate, abs=0.005)
    assert float(left.mean()) == pytest.approx(1, abs=0.01)
    assert len(left.unique()) == 2


def test_gradients_flow_where_numbers_stayed() -> None:
    values = torch.ones(64, 9, requires_grad=True)
    left = ByteDropout(0.5)(values)
    left.sum().backward()  # type: ignore[no-untyped-call]
    assert torch.equal(values.grad, left.detach())


def test_evaluation_and_a_rate_of_nothing_leave_numbers_alone() -> None:
    values = torch.randn(5, 7)
    assert torch.equal(ByteDropout(0.0)(values), values)
    assert torch.equal(ByteDropout(0.5).eval()(values), values)


def test_the_seed_decides_and_numbers_of_half_precision_stay_so() -> None:
    values = torch.ones(33, 3, dtype=torch.bfloat16)
    made = []
    for _ in range(2):
        torch.manual_seed(4)
        made.append(ByteDropout(0.2)(values))
    assert torch.equal(*made)
    assert made[0].dtype == torch.bfloat16


def test_every_dropout_of_a_network_is_replaced() -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.2), nn.Sequential(nn.Dropout(0.4)))
    replace_dropout(network)
    found = [m for m in network.modules() if isinstance(m, nn.Dropout)]
    assert [type(m) for m in found] == [ByteDropout, ByteDropout]
    assert [m.p for m in found] == [0.2, 0.4]
