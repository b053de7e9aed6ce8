"""Weighs evidence: how likely findings together mean that a wording is wrong.

The weights are a logistic regression's, none below zero: no evidence ever speaks for a reply. They
are fitted by ``benchmarks.checker.fit`` on lines of several writers and kept as plain numbers.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from models.checking.findings import Finding

_FILE = Path(__file__).with_name("weights.txt")
READER, EVIDENCE, NEAR, BIAS = 0.59, 0.52, 2.55, -0.71
"""What a reader's odds and the evidence's add up to, the evidence's more where reply and source are
nearly copies; fitted by ``benchmarks.checker.fit --odds``."""
MOST_ODDS, MOST_EVIDENCE = 6.0, (-3.0, 6.0)
"""How far each of the two may speak."""
MOST = 2
"""How often a kind counts at most."""


@cache
def weights() -> dict[str, float]:
    """The shipped weights by kind of finding; ``bias`` is what is added, less the threshold."""
    return read_weights(_FILE.read_text(encoding="utf-8"))


def read_weights(text: str) -> dict[str, float]:
    """Lines of a number and a name; ``#`` begins a remark."""
    found = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            number, name = line.split(maxsplit=1)
            found[name.strip()] = float(number)
    return found


def doubt(findings: Iterable[Finding]) -> float:
    """The logarithm of the odds that the wording is wrong, less the threshold."""
    known = weights()
    counts = Counter(finding.kind for finding in dict.fromkeys(findings))
    return known["bias"] + sum(known.get(k, 0.0) * min(n, MOST) for k, n in counts.items())


def together(evidence: float, odds: float, likeness: float) -> float:
    """The logarithm of the odds that the wording is wrong, less the threshold.

    :param evidence: the weighed evidence.
    :param odds: those of a reader of pairs.
    :param likeness: the share of words that source and reply have in common, 0 to 1.
    """
    read, seen = bounded(odds, evidence)
    return READER * read + (EVIDENCE + NEAR * nearness(likeness)) * seen + BIAS


def bounded(odds: float, evidence: float) -> tuple[float, float]:
    """A reader's odds and the evidence's, neither louder than it may be."""
    low, high = MOST_EVIDENCE
    return min(max(odds, -MOST_ODDS), MOST_ODDS), min(max(evidence, low), high)


def nearness(likeness: float) -> float:
    """How nearly a reply is a copy of its source, from 0 to 1: a step at three quarters."""
    return 1 / (1 + math.exp(-12 * (likeness - 0.75)))


def heaviest(findings: Sequence[Finding]) -> list[Finding]:
    """Findings that weigh something, the heaviest first."""
    known = weights()
    weighing = (f for f in dict.fromkeys(findings) if known.get(f.kind, 0.0) > 0)
    return sorted(weighing, key=lambda f: -known[f.kind])
