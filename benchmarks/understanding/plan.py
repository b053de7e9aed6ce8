"""Which runs there are, and how long each will probably take."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.understanding.sets import SETS

QUICK = (
    ("banking77", "5"),
    ("banking77", "10"),
    ("clinc150", "5"),
    ("clinc150", "10"),
    ("hwu64", "5"),
    ("hwu64", "10"),
    ("banking77_oos", "1000"),
    ("hint3_curekart", "full"),
    ("snips", "600"),
    ("atis", "600"),
    ("restaurant8k", "600"),
    ("multidogo_insurance", "600"),
    ("smp2020", "600"),
    ("airline_tweets", "600"),
    ("online_shopping", "600"),
    ("retail", "en"),
    ("retail", "zh"),
)
"""Set and part of the runs that ``--quick`` does: head mode, few examples and samples."""

BASELINE = "bilstm"
"""The mode of the character BiLSTM-CRF that is trained beside the product on SMP2020."""

_START = 12.0
_PER_LINE = {
    ("head", False): 0.012,
    ("head", True): 0.03,
    ("full", False): 0.12,
    ("full", True): 0.45,
    (BASELINE, True): 0.05,
}
"""Seconds a training line, by mode and whether the encoder is the bilingual one; only until runs
of this machine say better."""


@dataclass(frozen=True)
class Run:
    """One training and its measurements."""

    set: str
    part: str
    mode: str
    seed: int

    @property
    def name(self) -> str:
        """The name of its JSON file."""
        return f"{self.set}-{self.part}-{self.mode}-s{self.seed}"


def all_runs(mode: str, seeds: Sequence[int] | None = None) -> list[Run]:
    """Every run of the table; three seeds for few examples and two for full sets if not given."""
    found = []
    for bench in SETS:
        for part in bench.parts:
            few = part in bench.few_shot
            found += [
                Run(bench.name, part, mode, seed)
                for seed in (seeds or (range(3) if few else range(2)))
            ]
            if bench.name == "smp2020" and mode == "full":
                found += [Run(bench.name, part, BASELINE, seed) for seed in seeds or range(2)]
    return found


def quick_runs(seeds: Sequence[int] | None = None) -> list[Run]:
    """What ends in ten minutes."""
    return [Run(name, part, "head", seed) for name, part in QUICK for seed in seeds or (0,)]


def chosen(runs: Iterable[Run], pattern: str | None) -> list[Run]:
    """The runs whose name contains ``pattern``, or matches it as a shell pattern."""
    if pattern is None:
        return list(runs)
    return [r for r in runs if pattern in r.name or fnmatch.fnmatch(r.name, pattern)]


class Estimate:
    """Seconds a run will take: as the same run with another seed, else by lines."""

    def __init__(self, finished: Iterable[dict[str, Any]]) -> None:
        self._known: dict[tuple[str, str, str], float] = {}
        ratios: dict[str, list[float]] = {}
        for row in finished:
            mode, seconds = row["mode"], float(row["seconds"]["all"])
            self._known[row["set"], row["part"], mode] = seconds
            lines = row["train_lines"]
            guess = _guess(row["set"], mode, lines, _measured(row))
            ratios.setdefault(mode, []).append(seconds / guess)
        self._factor = {mode: median(found) for mode, found in ratios.items()}

    def seconds(self, run: Run, lines: int, measured: int) -> float:
        """For ``lines`` to train on and ``measured`` to parse."""
        known = self._known.get((run.set, run.part, run.mode))
        if known is not None:
            return known
        return _guess(run.set, run.mode, lines, measured) * self._factor.get(run.mode, 1.0)


def _measured(row: dict[str, Any]) -> int:
    return sum(part["lines"] for part in row["measured"].values())


def _guess(name: str, mode: str, lines: int, measured: int) -> float:
    bilingual = next(bench.languages != "en" for bench in SETS if bench.name == name)
    per_line = _PER_LINE.get((mode, bilingual), 0.05)
    return _START + per_line * lines + (0.012 if bilingual else 0.006) * measured


def spoken(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
