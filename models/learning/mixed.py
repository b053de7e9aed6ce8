"""Training of :class:`models.mixed.Mixed`: as a classifier, or as two towers for pairs.

Towers learn by InfoNCE in both directions: the other answers of a batch are the wrong ones, but for
those that say the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.arrays import FloatArray, IntArray
from models.marks import Bags
from models.mixed import Mixed
from models.progress import Progress, Silent


@dataclass(frozen=True)
class MixedSettings:
    """How networks are trained; defaults as measured for situations (0011-learned-retrieval.md)."""

    hidden: int = 256
    epochs: int = 6
    batch: int = 256
    dropout: float = 0.45
    rate: float = 3e-3
    decay: float = 0.05
    seeds: int = 2
    smoothing: float = 0.05
    width: int = 256
    temperature: float = 0.07


def classifier(
    dense: FloatArray, bags: Bags, marks: int, codes: IntArray, classes: int,
    settings: MixedSettings, progress: Progress | None = None,
) -> tuple[Mixed, ...]:  # fmt: skip
    """Networks whose outputs are scores of the ``classes``.

    :param dense: vectors (n, d) with ``bags`` beside them; ``codes`` (n,) are the right classes.
    :param marks: how many marks there are.
    """
    x, y = torch.from_numpy(dense), torch.from_numpy(codes)
    progress = progress or Silent()
    progress.start("Learning which answer comes next", settings.seeds * settings.epochs)
    made = []
    for seed in range(settings.seeds):
        torch.manual_seed(seed)
        network = _Network(dense.shape[1], marks, classes, settings)
        stepper = _Stepper(list(network.parameters()), len(codes), settings)
        for rows in _batches(len(codes), settings, seed, progress):
            scores = network(x[rows], bags.take(rows))
            stepper(functional.cross_entropy(scores, y[rows], label_smoothing=settings.smoothing))
        made.append(network.plain())
    progress.done()
    return tuple(made)


@dataclass(frozen=True)
class Side:
    """One side of pairs: vectors (n, d), bags, and how many marks there are."""

    dense: FloatArray
    bags: Bags
    marks: int


def towers(
    asked: Side, answered: Side, same: IntArray, settings: MixedSettings,
    progress: Progress | None = None,
) -> tuple[tuple[Mixed, ...], tuple[Mixed, ...]]:  # fmt: skip
    """Networks for both sides whose directions agree where a row of ``answered`` answers its row
    of ``asked``.

    :param same: a number for each answer (n,); those that say the same have the same number.
    """
    progress = progress or Silent()
    progress.start("Learning what answers what", settings.seeds * settings.epochs)
    sides = [(torch.from_numpy(side.dense), side.bags) for side in (asked, answered)]
    group = torch.from_numpy(same)
    made: list[tuple[Mixed, Mixed]] = []
    for seed in range(settings.seeds):
        torch.manual_seed(seed)
        pair = [_Network(s.dense.shape[1], s.marks, settings.width, settings)
                for s in (asked, answered)]  # fmt: skip
        stepper = _Stepper([p for n in pair for p in n.parameters()], len(same), settings)
        for rows in _batches(len(same), settings, seed, progress):
            one, other = (
                functional.normalize(network(x[rows], bags.take(rows)), dim=-1)
                for network, (x, bags) in zip(pair, sides, strict=True)
            )
            stepper(_info_nce(one @ other.T / settings.temperature, group[rows]))
        made.append((pair[0].plain(), pair[1].plain()))
    progress.done()
    return tuple(one for one, _ in made), tuple(other for _, other in made)


def _info_nce(scores: Tensor, group: Tensor) -> Tensor:
    twins = (group[:, None] == group[None, :]) & ~torch.eye(len(group), dtype=torch.bool)
    scores = scores.masked_fill(twins, -1e4)
    right = torch.arange(len(scores))
    there, back = functional.cross_entropy(scores, right), functional.cross_entropy(scores.T, right)
    return (there + back) / 2


class _Network(nn.Module):
    def __init__(self, d: int, marks: int, out: int, settings: MixedSettings) -> None:
        super().__init__()
        self.inner = nn.Linear(d, settings.hidden)
        self.rows = nn.EmbeddingBag(max(1, marks), settings.hidden, mode="sum")
        self.outer = nn.Linear(settings.hidden, out)
        self.skip = nn.Linear(d, out, bias=False)
        self.dropout = settings.dropout
        nn.init.normal_(self.rows.weight, std=0.05)

    def forward(self, dense: Tensor, bags: Bags) -> Tensor:
        dense = functional.dropout(dense, 0.5 * self.dropout, self.training)
        marked = self.rows(
            torch.from_numpy(bags.columns),
            torch.from_numpy(bags.starts[:-1]),
            per_sample_weights=torch.from_numpy(bags.values),
        )
        hidden = torch.relu(self.inner(dense) + marked)
        hidden = functional.dropout(hidden, self.dropout, self.training)
        made: Tensor = self.outer(hidden) + self.skip(dense)
        return made

    def plain(self) -> Mixed:
        """The network as numpy arrays."""
        read = {name: value.detach().numpy() for name, value in self.named_parameters()}
        return Mixed(
            inner=read["inner.weight"].T.copy(),
            rows=read["rows.weight"].copy(),
            bias=read["inner.bias"].copy(),
            outer=read["outer.weight"].T.copy(),
            skip=read["skip.weight"].T.copy(),
            shift=read["outer.bias"].copy(),
        )


class _Stepper:
    """AdamW under a rate that rises and falls once."""

    def __init__(self, parameters: list[nn.Parameter], n: int, settings: MixedSettings) -> None:
        steps = settings.epochs * _steps(n, settings)
        self._optimiser = torch.optim.AdamW(
            parameters, lr=settings.rate, weight_decay=settings.decay
        )
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimiser, settings.rate, total_steps=steps + 1, pct_start=0.1
        )

    def __call__(self, loss: Tensor) -> None:
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        self._schedule.step()


def _steps(n: int, settings: MixedSettings) -> int:
    return max(1, n // settings.batch)


def _batches(n: int, settings: MixedSettings, seed: int, progress: Progress) -> Iterator[IntArray]:
    """Rows of every batch of every epoch; what does not fill the last batch waits for the next."""
    size = min(settings.batch, n)
    for epoch in range(settings.epochs):
        order = np.random.default_rng((seed, epoch)).permutation(n)
        for step in range(_steps(n, settings)):
            yield order[step * size : (step + 1) * size]
        progress.advance()
