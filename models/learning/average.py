"""A moving average of the weights that are trained (Polyak and Juditsky, 1992).

The last steps' weights swing around a better place than any of them; their mean lies nearer to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

EVERY = 4
"""Steps between two readings of the weights; more often would cost time and change nothing."""


class MovingAverage:
    """The average of a network's trainable weights.

    :param decay: of a step; 0 gives the weights themselves. In the first steps less is kept, so
        that the average is not held back by where training began.
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        self._weights = [p for p in module.parameters() if p.requires_grad]
        self._mean = [p.detach().clone() for p in self._weights] if decay else []
        self._decay = decay**EVERY
        self._steps = 0

    @torch.no_grad()
    def step(self) -> None:
        """Take in the weights after a step of the optimiser."""
        self._steps += 1
        if self._mean and self._steps % EVERY == 0:
            read = self._steps // EVERY
            decay = min(self._decay, (1 + read) / (4 + read))
            torch._foreach_lerp_(self._mean, [p.detach() for p in self._weights], 1 - decay)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The network has the averaged weights for a while."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def settle(self) -> None:
        """Let the network go on from the averaged weights."""
        for weight, mean in zip(self._weights, self._mean, strict=False):
            weight.copy_(mean)

    def state(self) -> dict[str, object]:
        """What :meth:`load` needs."""
        return {"mean": list(self._mean), "steps": self._steps}

    @torch.no_grad()
    def load(self, mean: Sequence[Tensor], steps: int) -> None:
        """Go on from a state."""
        self._steps = steps
        for own, stored in zip(self._mean, mean, strict=True):
            own.copy_(stored)

    @torch.no_grad()
    def _swap(self) -> None:
        for place, mean in enumerate(self._mean):
            weight = self._weights[place]
            self._mean[place] = weight.detach().clone()
            weight.copy_(mean)
