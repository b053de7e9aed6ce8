"""Fits the weights of the checker's evidence on lines of several writers.

    python -m benchmarks.checker.fit [--threshold -0.85] [--made 600] [--write]

Writers: who wrote the development lines, ``lines`` (its development half), ``written`` and
``taught``, and the rules of :mod:`benchmarks.checker.planting`. Prints what share of errors is
caught and of right lines passed at several thresholds: each writer judged by weights fitted on the
others, and by the weights fitted on all. ``--write`` puts the latter with ``--threshold`` into
``models/checking/weights.txt``.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped]

from benchmarks.bench_checker import HAND, hand_lines, sources_of
from benchmarks.checker.planting import Line, right_lines, wrong_lines
from models.checking.checker import examined
from models.checking.judge import MOST

WEIGHTS = Path(__file__).parents[2] / "models" / "checking" / "weights.txt"
PENALTY = 3.0
THRESHOLDS = (-1.3, -1.15, -1.0, -0.85, -0.7, -0.5, -0.25, 0.0)
_HEAD = """\
# What each kind of evidence adds to the log odds that a wording is wrong.
# Fitted by: python -m benchmarks.checker.fit --write
"""
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Seen:
    """A line as the weights see it; ``certain`` where exact items decide it already."""

    writer: str
    right: bool
    certain: bool
    counts: Counter[str]


def see(writer: str, lines: Sequence[Line]) -> list[Seen]:
    """The evidence against each line."""
    seen = []
    for line in lines:
        read = examined(line.output, sources_of(line))
        counts = Counter(f.kind for f in read.doubts)
        seen.append(Seen(writer, line.right, bool(read.certain), counts))
    return seen


def fit(rows: Array, wrong: NDArray[np.bool_], each: Array) -> tuple[Array, float]:
    """Logistic regression with no weight below zero; ``each`` row's own weight."""

    def loss(point: Array) -> tuple[float, Array]:
        weights, bias = point[:-1], point[-1]
        odds = rows @ weights + bias
        value = (np.logaddexp(0, np.where(wrong, -odds, odds)) * each).sum()
        slope = (1 / (1 + np.exp(-odds)) - wrong) * each
        gradient = np.append(rows.T @ slope + 2 * PENALTY * weights, slope.sum())
        return float(value + PENALTY * weights @ weights), gradient

    bounds = [(0.0, None)] * rows.shape[1] + [(None, None)]
    start = np.zeros(rows.shape[1] + 1)
    found = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x
    return found[:-1], float(found[-1])


class Table:
    """Lines as rows of capped counts."""

    def __init__(self, seen: Sequence[Seen]) -> None:
        self.kinds = sorted({kind for one in seen for kind in one.counts})
        self.rows = np.array(
            [[min(one.counts[kind], MOST) for kind in self.kinds] for one in seen], dtype=float
        )
        self.wrong = np.array([not one.right for one in seen])
        self.certain = np.array([one.certain for one in seen])
        self.writers = np.array([one.writer for one in seen])

    def fitted(self, chosen: NDArray[np.bool_]) -> tuple[Array, float]:
        """Weights from these lines; wrong and right ones count alike in sum, writer by writer."""
        use = chosen & ~self.certain
        each = np.zeros(len(use))
        for writer in set(self.writers[use]):
            for wrong in (True, False):
                group = use & (self.writers == writer) & (self.wrong == wrong)
                each[group] = 200 / max(1, group.sum())
        return fit(self.rows[use], self.wrong[use], each[use])

    def doubts(self) -> Array:
        """Log odds of each line by the weights of the other writers; infinite where certain."""
        found = np.full(len(self.wrong), np.inf)
        for writer in set(self.writers):
            own = self.writers == writer
            weights, bias = self.fitted(~own)
            found[own] = self.rows[own] @ weights + bias
        found[self.certain] = np.inf
        return found


def report(name: str, table: Table, doubts: Array) -> None:
    """Errors caught / right ones passed of each writer, at several thresholds."""
    for limit in THRESHOLDS:
        shares = []
        for writer in sorted(set(table.writers)):
            own = table.writers == writer
            caught = (doubts[own & table.wrong] > limit).mean()
            passed = (doubts[own & ~table.wrong] <= limit).mean()
            shares.append(f"{writer} {caught:.3f}/{passed:.3f}")
        print(f"{name} {limit:5.2f}", *shares)


def main() -> None:
    """Fit, print, and write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threshold", type=float, default=-0.85)
    parser.add_argument("--made", type=int, default=600)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    rng = random.Random(7)
    seen = [
        *(one for part in ("development", "tuning", "written", "taught")
          for one in see(part, hand_lines(HAND, part))),
        *see("rule", [*wrong_lines(given.made, rng), *right_lines(given.made, rng)]),
    ]  # fmt: skip
    table = Table(seen)
    report("others", table, table.doubts())
    weights, bias = table.fitted(np.full(len(seen), True))
    report("all", table, np.where(table.certain, np.inf, table.rows @ weights + bias))
    lines = [f"{bias - given.threshold:.3f} bias"]
    order = np.argsort(-weights)
    lines += [f"{weights[i]:.3f} {table.kinds[i]}" for i in order if weights[i] >= 0.005]
    print("\n".join(lines))
    if given.write:
        WEIGHTS.write_text(_HEAD + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
