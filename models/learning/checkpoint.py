"""Checkpoints of a fine-tune: what is needed to go on after the process was killed."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from models.learning.average import MovingAverage


@dataclass
class TrainingState:
    """The last finished epoch (0: none) and the history up to it."""

    epoch: int = 0
    history: list[dict[str, float]] = field(default_factory=list)


def fingerprint(*parts: object) -> str:
    """Hash of everything that decides a run's result."""
    text = json.dumps([_plain(part) for part in parts], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


class Checkpoint:
    """A folder with ``last.pt`` and ``best.pt``; each file appears in one step.

    Weights of ``module`` that are frozen when the training begins are not written: they are two
    thirds of a small fine-tune, and whoever goes on has them already.
    """

    def __init__(self, folder: Path, run: str, module: nn.Module) -> None:
        self._folder = folder
        self._run = run
        self._module = module
        self._frozen = {n for n, p in module.named_parameters() if not p.requires_grad}

    def load(
        self,
        optimiser: torch.optim.Optimizer,
        schedule: torch.optim.lr_scheduler.LRScheduler,
        average: MovingAverage,
    ) -> TrainingState:
        """Go back to the last checkpoint of the same run; else leave everything as it is."""
        stored = self._read("last.pt")
        if stored is None:
            return TrainingState()
        self._set(stored["module"])
        optimiser.load_state_dict(stored["optimiser"])
        schedule.load_state_dict(stored["schedule"])
        average.load(**stored["average"])
        return TrainingState(int(stored["epoch"]), list(stored["history"]))

    def save(
        self,
        optimiser: torch.optim.Optimizer,
        schedule: torch.optim.lr_scheduler.LRScheduler,
        average: MovingAverage,
        epoch: int,
        history: Sequence[dict[str, float]],
    ) -> None:
        """Write the state after ``epoch``."""
        self._write(
            "last.pt",
            {
                "module": self._weights(),
                "optimiser": optimiser.state_dict(),
                "schedule": schedule.state_dict(),
                "average": average.state(),
                "epoch": epoch,
                "history": list(history),
            },
        )

    def keep_best(self) -> None:
        """Write the weights that are the best so far."""
        self._write("best.pt", {"module": self._weights()})

    def restore_best(self) -> None:
        """Go back to the best epoch's weights."""
        stored = self._read("best.pt")
        if stored is not None:
            self._set(stored["module"])

    def remove(self) -> None:
        """Delete the checkpoint once the run has ended."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _weights(self) -> dict[str, Tensor]:
        return {n: t for n, t in self._module.state_dict().items() if n not in self._frozen}

    def _set(self, weights: Mapping[str, Tensor]) -> None:
        self._module.load_state_dict({**self._module.state_dict(), **weights})

    def _write(self, name: str, data: dict[str, Any]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = self._folder / f".{name}"
        torch.save(data | {"run": self._run}, partial)
        partial.replace(self._folder / name)

    def _read(self, name: str) -> dict[str, Any] | None:
        path = self._folder / name
        if not path.is_file():
            return None
        stored: dict[str, Any] = torch.load(path, weights_only=True)
        return stored if stored.get("run") == self._run else None


def _plain(part: object) -> object:
    if is_dataclass(part) and not isinstance(part, type):
        return asdict(part)
    if isinstance(part, list | tuple):
        return [_plain(item) for item in part]
    return part
