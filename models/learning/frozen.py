"""Lower layers that stay as they are: what they give for a line is computed once and kept.

Fine-tuning the upper half alone loses nothing measurable on the sets tried, and the lower half's
share of every step, forward and backward, is saved.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from models.encoders.tokens import Tokenised, length_batches
from models.learning.encoder import TorchEncoder
from models.progress import Progress, Silent

KEPT_BYTES = 1_500_000_000
"""What may be kept; beyond it the lower layers are computed anew each time, without gradients."""


class FrozenLayers:
    """The lower ``layers`` of an encoder over fixed lines.

    :param sums: keep the sums of lower states too, which only token states need.
    """

    def __init__(
        self,
        encoder: TorchEncoder,
        layers: int,
        lines: Sequence[Tokenised],
        *,
        sums: bool,
        bf16: bool = False,
        progress: Progress | None = None,
    ) -> None:
        self._encoder = encoder
        self.layers = layers
        self._lines = lines
        self._sums = sums
        self._bf16 = bf16
        self._states: list[Tensor] = []
        self._totals: list[Tensor] = []
        size = sum(len(line.ids) for line in lines) * encoder.model.config.hidden_size * 2
        if layers and size * (2 if sums else 1) <= KEPT_BYTES:
            self._fill(progress or Silent())

    def encode(self, rows: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Sentence vectors (b, d) and token states (b, t, d) of some lines, with gradients for
        the upper layers only. Without sums the token states mean nothing."""
        lines = [self._lines[row] for row in rows]
        if not self._states:
            ids, mask = self._encoder.batch(lines)
            with torch.set_grad_enabled(not self.layers and torch.is_grad_enabled()):
                states, total = self._encoder.lower(ids, mask, self.layers)
            return self._encoder.upper(states, total, mask, self.layers)
        states = pad_sequence([self._states[row] for row in rows], batch_first=True).float()
        kept = self._totals or self._states
        total = pad_sequence([kept[row] for row in rows], batch_first=True).float()
        lengths = torch.tensor([len(line.ids) for line in lines])
        mask = (torch.arange(states.shape[1]) < lengths[:, None]).long()
        return self._encoder.upper(states, total, mask, self.layers)

    @torch.no_grad()
    def _fill(self, progress: Progress) -> None:
        was_training = self._encoder.training
        self._encoder.eval()
        empty = torch.zeros(0)
        self._states = [empty] * len(self._lines)
        self._totals = [empty] * len(self._lines) if self._sums else []
        progress.start("Reading through the frozen layers", len(self._lines))
        for rows in length_batches([len(line.ids) for line in self._lines], 32):
            ids, mask = self._encoder.batch([self._lines[row] for row in rows])
            with torch.autocast("cpu", torch.bfloat16, enabled=self._bf16):
                states, total = self._encoder.lower(ids, mask, self.layers)
            for place, row in enumerate(rows):
                length = len(self._lines[row].ids)
                self._states[row] = states[place, :length].half()
                if self._sums:
                    self._totals[row] = total[place, :length].half()
            progress.advance(len(rows))
        progress.done()
        self._encoder.train(was_training)
