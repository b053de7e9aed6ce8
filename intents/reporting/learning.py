"""How accuracy grows with lines an intent, from stored sentence vectors."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.arrays import FloatArray, IntArray
from models.intent_head import IntentHead
from models.progress import Progress, Silent

COUNTS = (1, 2, 3, 5, 10, 20, 50, 100)
DRAWS = 5
SECONDS = 20.0
MOST_TESTED = 2000


@dataclass(frozen=True)
class CurvePoint:
    """Accuracy with at most ``each`` lines an intent (None: all there are), ``lines`` together:
    the mean of ``draws`` random choices with the lowest and highest."""

    each: int | None
    lines: int
    accuracy: float
    low: float
    high: float
    draws: int


def learning_curve(
    train: tuple[FloatArray, Sequence[str]],
    test: tuple[FloatArray, Sequence[str]] | None,
    *,
    seed: int = 0,
    seconds: float = SECONDS,
    progress: Progress | None = None,
) -> tuple[CurvePoint, ...]:
    """Fit heads to random choices of ``train`` and measure them on ``test``.

    Without ``test`` every draw holds a fifth of each intent's lines out and measures there. Fewer
    draws are made where they would take longer than ``seconds`` together; each point says how
    many.
    """
    show = progress or Silent()
    vectors, labels = train
    rng = np.random.default_rng(seed)
    plan = _plan(labels, test is None)
    show.start("Measuring how lines help", len(plan) * DRAWS)
    ends = time.monotonic() + seconds
    points = []
    for number, each in enumerate(plan):
        budget = (ends - time.monotonic()) / (len(plan) - number)
        point = _point(vectors, labels, test, each, rng, budget, show)
        if point is not None:
            points.append(point)
    show.done()
    return tuple(points)


def _plan(labels: Sequence[str], hold_out: bool) -> list[int | None]:
    """The counts that at least half of the intents can give, and all lines."""
    sizes = Counter(labels)
    if len(sizes) < 2:
        return []
    middle = float(np.median(list(sizes.values()))) * (0.8 if hold_out else 1.0)
    return [*(count for count in COUNTS if count < middle), None]


def _point(
    vectors: FloatArray,
    labels: Sequence[str],
    test: tuple[FloatArray, Sequence[str]] | None,
    each: int | None,
    rng: np.random.Generator,
    seconds: float,
    show: Progress,
) -> CurvePoint | None:
    began = time.monotonic()
    scores: list[float] = []
    used = 0
    for draw in range(DRAWS):
        spent = time.monotonic() - began
        if draw and spent * (draw + 1) / draw > seconds:
            show.advance(DRAWS - draw)
            break
        tested, pool = _divide(labels, rng) if test is None else (None, np.arange(len(labels)))
        chosen = _choose(pool, labels, each, rng)
        if len({labels[i] for i in chosen}) < 2:
            return None
        head = IntentHead.fit(vectors[chosen], [labels[i] for i in chosen])
        scores.append(_accuracy(head, vectors, labels, tested, test, rng))
        used = len(chosen)
        show.advance()
        if each is None and test is not None:
            show.advance(DRAWS - 1)
            break
    if not scores:
        return None
    return CurvePoint(each, used, float(np.mean(scores)), min(scores), max(scores), len(scores))


def _accuracy(
    head: IntentHead,
    vectors: FloatArray,
    labels: Sequence[str],
    tested: IntArray | None,
    test: tuple[FloatArray, Sequence[str]] | None,
    rng: np.random.Generator,
) -> float:
    x, gold = test if test is not None else (vectors[tested], [labels[i] for i in _rows(tested)])
    if len(x) > MOST_TESTED:
        some = np.sort(rng.choice(len(x), MOST_TESTED, replace=False))
        x, gold = x[some], [gold[i] for i in some]
    given = head.logits(x).argmax(axis=1)
    return float(np.mean([head.labels[c] == g for c, g in zip(given, gold, strict=True)]))


def _rows(rows: IntArray | None) -> list[int]:
    return [] if rows is None else [int(row) for row in rows]


def _by_label(rows: IntArray, labels: Sequence[str]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        groups[labels[int(row)]].append(int(row))
    return groups


def _divide(labels: Sequence[str], rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    """A random fifth of each intent's lines, at least one where there are two, and the rest."""
    tested: list[int] = []
    pool: list[int] = []
    for rows in _by_label(np.arange(len(labels)), labels).values():
        mixed = [int(row) for row in rng.permutation(rows)]
        out = max(1, round(len(mixed) / 5)) if len(mixed) > 1 else 0
        tested += mixed[:out]
        pool += mixed[out:]
    return np.array(sorted(tested), dtype=np.int64), np.array(sorted(pool), dtype=np.int64)


def _choose(
    pool: IntArray, labels: Sequence[str], each: int | None, rng: np.random.Generator
) -> IntArray:
    if each is None:
        return pool
    chosen: list[int] = []
    for rows in _by_label(pool, labels).values():
        chosen += [int(row) for row in rng.permutation(rows)[:each]]
    return np.array(sorted(chosen), dtype=np.int64)
