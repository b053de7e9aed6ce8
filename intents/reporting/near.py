"""Lines and intents that lie close together: overlap, near copies, exact copies."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.arrays import FloatArray, IntArray

K = 5
MOST_LINES = 20_000
NEAR_COPY = 0.97
OVERLAPS, GROUPS = 15, 40


@dataclass(frozen=True)
class Place:
    """A line with its intent and where it stands."""

    text: str
    intent: str
    place: str


@dataclass(frozen=True)
class Overlap:
    """Two intents that mean nearly the same: ``share`` of the nearest lines of their lines lie in
    the other one; ``similarity`` is the cosine of their means; ``pair`` their closest lines."""

    first: str
    second: str
    share: float
    similarity: float
    pair: tuple[Place, Place]
    pair_similarity: float


@dataclass(frozen=True)
class Copies:
    """Lines that say the same but for case and punctuation (``similarity`` 1), or nearly."""

    lines: tuple[Place, ...]
    similarity: float


@dataclass(frozen=True)
class Neighbourhood:
    """For m lines the rows (m, k) of their nearest lines and the cosines (m, k); ``rows`` (m,) says
    which lines they are, where there are too many to compare all."""

    rows: IntArray
    near: IntArray
    cosine: FloatArray
    z: FloatArray


def neighbourhood(z: FloatArray, k: int = K) -> Neighbourhood:
    """Exact nearest neighbours by cosine of unit vectors (n, d), a block at a time."""
    step = -(-len(z) // MOST_LINES) or 1
    rows = np.arange(0, len(z), step)
    kept = np.ascontiguousarray(z[rows])
    k = min(k, max(0, len(kept) - 1))
    near = np.zeros((len(kept), k), dtype=np.int64)
    cosine = np.zeros((len(kept), k), dtype=np.float32)
    for start in range(0, len(kept) if k else 0, 1024):
        block = kept[start : start + 1024] @ kept.T
        own = np.arange(len(block))
        block[own, start + own] = -2
        best = np.argpartition(-block, k - 1, axis=1)[:, :k]
        values = np.take_along_axis(block, best, axis=1)
        order = np.argsort(-values, axis=1, kind="stable")
        near[start : start + 1024] = np.take_along_axis(best, order, axis=1)
        cosine[start : start + 1024] = np.take_along_axis(values, order, axis=1)
    return Neighbourhood(rows, near, cosine, kept)


def overlaps(lines: Sequence[Place], around: Neighbourhood) -> tuple[Overlap, ...]:
    """The pairs of intents whose lines lie among each other, the closest pairs first."""
    intents = [lines[int(row)].intent for row in around.rows]
    sizes = Counter(intents)
    crossing: Counter[tuple[str, str]] = Counter()
    closest: dict[tuple[str, str], tuple[float, int, int]] = {}
    for i, own in enumerate(intents):
        for j, cosine in zip(around.near[i], around.cosine[i], strict=True):
            other = intents[int(j)]
            if other != own:
                key = (min(own, other), max(own, other))
                crossing[key] += 1
                if float(cosine) > closest.get(key, (-2.0, 0, 0))[0]:
                    first, second = (i, int(j)) if own == key[0] else (int(j), i)
                    closest[key] = (float(cosine), first, second)
    means = _means(intents, around.z)
    found = []
    k = around.near.shape[1]
    for (a, b), count in crossing.items():
        cosine, i, j = closest[a, b]
        pair = (lines[int(around.rows[i])], lines[int(around.rows[j])])
        share = count / (k * (sizes[a] + sizes[b]))
        found.append(Overlap(a, b, share, float(means[a] @ means[b]), pair, cosine))
    found.sort(key=lambda o: (-o.share, o.first, o.second))
    return tuple(o for o in found if o.share >= 0.05)[:OVERLAPS]


def exact_copies(lines: Sequence[Place]) -> tuple[list[Copies], list[Copies]]:
    """Lines that stand twice under one intent, and lines that stand under two."""
    groups: dict[str, list[Place]] = defaultdict(list)
    for line in lines:
        groups[folded(line.text)].append(line)
    same: list[Copies] = []
    against: list[Copies] = []
    for key, group in groups.items():
        if key and len(group) > 1:
            several = len({line.intent for line in group}) > 1
            (against if several else same).append(Copies(tuple(group), 1.0))
    return same, against


def near_copies(lines: Sequence[Place], around: Neighbourhood) -> list[Copies]:
    """Nearly the same line under two intents, the nearest first."""
    found: dict[tuple[int, int], float] = {}
    for i in range(len(around.near)):
        for j, cosine in zip(around.near[i], around.cosine[i], strict=True):
            a, b = sorted((int(around.rows[i]), int(around.rows[int(j)])))
            apart = lines[a].intent != lines[b].intent
            if cosine >= NEAR_COPY and apart and folded(lines[a].text) != folded(lines[b].text):
                found[a, b] = float(cosine)
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [Copies((lines[a], lines[b]), cosine) for (a, b), cosine in ordered[:GROUPS]]


def folded(text: str) -> str:
    """A line without case, blanks and punctuation: what makes two lines the same."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in plain if c.isalnum())


def _means(intents: Sequence[str], z: FloatArray) -> dict[str, FloatArray]:
    rows: dict[str, list[int]] = defaultdict(list)
    for i, intent in enumerate(intents):
        rows[intent].append(i)
    means = {}
    for intent, at in rows.items():
        mean = z[at].mean(axis=0)
        means[intent] = mean / max(float(np.linalg.norm(mean)), 1e-9)
    return means
