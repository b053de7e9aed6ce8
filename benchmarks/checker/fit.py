"""Fits the weights of the checker's evidence on lines of several writers.

    python -m benchmarks.checker.fit [--threshold -0.85] [--made 600] [--write]
    python -m benchmarks.checker.fit --odds FILE

Writers: who wrote the development lines, ``lines`` (its development half), ``written`` and
``taught``, and the rules of :mod:`benchmarks.checker.planting`. Prints what share of errors is
caught and of right lines passed at several thresholds: each writer judged by weights fitted on the
others, and by the weights fitted on all. ``--write`` puts the latter with ``--threshold`` into
``models/checking/weights.txt``. ``--odds`` prints how a reader's odds and
the evidence's are weighed together: by a writer whom the reader has not read, and by lines made by
rule, which count a fifth.
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
from models.checking.judge import MOST, bounded, doubt, nearness
from models.checking.pairs import likeness, plain_pair
from models.checking.reader import PairReader, shipped_reader

WEIGHTS = Path(__file__).parents[2] / "models" / "checking" / "weights.txt"
PENALTY = 3.0
READER_THRESHOLD, RULE_WEIGHT, FREE = -1.1, 0.2, 0.3
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


def fit(
    rows: Array, wrong: NDArray[np.bool_], each: Array, penalty: float = PENALTY
) -> tuple[Array, float]:
    """Logistic regression with no weight below zero; ``each`` row's own weight."""

    def loss(point: Array) -> tuple[float, Array]:
        weights, bias = point[:-1], point[-1]
        odds = rows @ weights + bias
        value = (np.logaddexp(0, np.where(wrong, -odds, odds)) * each).sum()
        slope = (1 / (1 + np.exp(-odds)) - wrong) * each
        gradient = np.append(rows.T @ slope + 2 * penalty * weights, slope.sum())
        return float(value + penalty * weights @ weights), gradient

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


def together(path: Path, made: int, threshold: float) -> None:
    """Fit the three numbers of :func:`models.checking.judge.together` and print them."""
    loaded, reader, rng = np.load(path), shipped_reader(), random.Random(11)
    lines = hand_lines(HAND, str(loaded["writer"]))
    by_rule = [*wrong_lines(made, rng), *right_lines(made, rng)]
    odds = [*loaded["odds"], *(_odds(line, reader) for line in by_rule)]
    rows, wrong, each = [], [], []
    for number, (line, read) in enumerate(zip([*lines, *by_rule], odds, strict=True)):
        found, sources = examined(line.output, sources_of(line)), sources_of(line)
        if not found.certain and not found.literal:
            said, evidence = bounded(float(read), doubt(found.doubts))
            near = nearness(likeness(*plain_pair(line.output, sources)))
            rows.append((said, evidence, evidence * near))
            wrong.append(not line.right)
            each.append(1.0 if number < len(lines) else RULE_WEIGHT)
    weights, bias = fit(np.array(rows), np.array(wrong), np.array(each), FREE)
    print(f"reader {weights[0]:.2f} evidence {weights[1]:.2f} near {weights[2]:.2f}")
    print(f"bias {bias - threshold:.2f}")


def _odds(line: Line, reader: PairReader) -> float:
    return reader.read(*plain_pair(line.output, sources_of(line))).odds


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
    parser.add_argument("--odds", type=Path)
    given = parser.parse_args()
    if given.odds:
        together(given.odds, 500, READER_THRESHOLD)
        return
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
