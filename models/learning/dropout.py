"""Dropout whose random numbers cost little: one byte for each number instead of one draw."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_STEPS = 256


class ByteDropout(nn.Dropout):
    """Dropout (Srivastava et al., 2014) at a rate that is rounded to 1/256.

    On one thread of a CPU torch's own draws a number for every element, which takes a tenth of a
    step of a small encoder; here eight elements share one draw of 64 bits.
    """

    def forward(self, values: Tensor) -> Tensor:
        """``values`` with some of them zero and the others scaled; unchanged while evaluating."""
        below = round(self.p * _STEPS)
        if not self.training or not 0 < below < _STEPS:
            return super().forward(values)
        draws = torch.empty(-(-values.numel() // 8), dtype=torch.int64).random_(-(2**63), None)
        numbers = draws.view(torch.uint8)[: values.numel()].view(values.shape)
        kept = (numbers >= below).to(values.dtype)
        return values * kept.mul_(_STEPS / (_STEPS - below))


def replace_dropout(module: nn.Module) -> None:
    """Let every dropout below ``module`` draw bytes."""
    for name, child in module.named_children():
        if isinstance(child, nn.Dropout):
            setattr(module, name, ByteDropout(child.p))
        else:
            replace_dropout(child)
