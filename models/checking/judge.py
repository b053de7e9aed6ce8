"""Weighs evidence: how likely findings together mean that a wording is wrong.

The weights are a logistic regression's, none below zero: no evidence ever speaks for a reply. They
are fitted by ``benchmarks.checker.fit`` on lines of several writers and kept as plain numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from models.checking.findings import Finding

_FILE = Path(__file__).with_name("weights.txt")
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


def heaviest(findings: Sequence[Finding]) -> list[Finding]:
    """Findings that weigh something, the heaviest first."""
    known = weights()
    weighing = (f for f in dict.fromkeys(findings) if known.get(f.kind, 0.0) > 0)
    return sorted(weighing, key=lambda f: -known[f.kind])
