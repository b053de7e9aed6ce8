"""Logs in which each reply was given once: the right one among a hundred."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.answers.readers import (
    TURNS,
    Exchange,
    airline,
    apart,
    held_back,
    jddc_chat,
    jddc_pairs,
    texts_of,
)
from benchmarks.answers.vectors import Vectors, encoded
from benchmarks.understanding.splits import place
from models.arrays import FloatArray
from models.progress import Progress
from retrieval.replies import PARTS, Answered, ReplyRanker
from retrieval.search.fusing import first_share, ranks
from retrieval.situation import Situation, remember


@dataclass(frozen=True)
class Log:
    """A set of exchanges: its folder, its reader, the encoder of its language, and how many are
    learned from and measured on at most."""

    folder: str
    read: Callable[[Path], list[Exchange]]
    encoder: str
    learned: int
    measured: int


LOGS = {
    "jddc_chat": Log("jddc_chat_sample_zh", jddc_chat, "e5-mul", 8_000, 1_500),
    "jddc_pairs": Log("jddc_baseline_zh", jddc_pairs, "e5-mul", 2_500, 500),
    "airline": Log("twitter_airline_support", airline, "minilm-en", 8_000, 1_500),
}


def measure(name: str, data: Path, work: Path, progress: Progress) -> dict[str, Any]:
    """R@1 and MRR of every part and of the fused search, the right reply among 100.

    One conversation in five is measured on; what shares a rare turn with it is not learned from.
    """
    log = LOGS[name]
    found = log.read(data / log.folder)
    test = _sample([one for one in found if held_back(one.conversation)], log.measured)
    train = [one for one in found if not held_back(one.conversation)]
    train = _sample(train, log.learned)
    whole = len(train)
    if name == "jddc_pairs":
        train = apart(train, test)
    vectors = encoded(texts_of([*train, *test]), log.encoder, work / name, progress)
    began = time.perf_counter()
    ranker = ReplyRanker.learn(answered(train, vectors), None, progress)
    learned = time.perf_counter()
    parts = ranker.drawn(answered(test, vectors))
    fused = ranker.fusion(parts)
    return {
        "train": len(train),
        "excluded": whole - len(train),
        "measured": len(test),
        "candidates": int(parts.shape[1]),
        "figures": {**_figures("fused", fused), **_single(parts), **_gains(parts, fused)},
        "fusion": dict(zip(ranker.fusion.names, ranker.fusion.weights, strict=True)),
        "seconds": {
            "learn": round(learned - began, 1),
            "measure": round(time.perf_counter() - learned, 1),
        },
    }


def answered(exchanges: Sequence[Exchange], vectors: Vectors) -> list[Answered]:
    """Exchanges with the vectors of their last turns."""
    replies = vectors([one.answer for one in exchanges])
    return [
        Answered(situation(one, vectors), one.answer, reply, one.conversation)
        for one, reply in zip(exchanges, replies, strict=True)
    ]


def situation(one: Exchange, vectors: Vectors) -> Situation:
    """The situation before a reply."""
    *context, last = one.context[-TURNS:]
    before = [turn.text for turn in context]
    read = vectors([*before, last.text])
    replied, earlier = None, None
    for turn, vector in zip(context, read, strict=False):
        if turn.role == "agent":
            replied = vector
        else:
            earlier = remember(earlier, vector)
    return Situation(
        last.text, read[-1], replied, earlier, " ".join(before), turns=len(one.context)
    )


def _sample(exchanges: list[Exchange], most: int) -> list[Exchange]:
    """A part of a large set, the same on every machine: by the last digit of md5."""
    ordered = sorted(exchanges, key=lambda one: place(one.conversation, "part") % 10)
    return ordered[:most]


def _figures(name: str, scores: FloatArray) -> dict[str, float]:
    return {f"r1_{name}": first_share(scores), f"mrr_{name}": float((1 / ranks(scores)).mean())}


def _single(parts: FloatArray) -> dict[str, float]:
    found: dict[str, float] = {}
    for column, name in enumerate(PARTS):
        found.update(_figures(name, parts[..., column]))
    return found


def _gains(parts: FloatArray, fused: FloatArray) -> dict[str, float]:
    """What the fused search gains over BM25, untuned vectors (the better of message and context),
    and its best single part."""
    by_name = {name: parts[..., column] for column, name in enumerate(PARTS)}
    pairs = {
        "bm25": ("lexical", "lexical_context"),
        "untuned": ("dense", "dense_context"),
        "single": PARTS,
    }
    gains = {}
    for rival, names in pairs.items():
        gains[f"r1_over_{rival}"] = first_share(fused) - max(first_share(by_name[n]) for n in names)
        best = max(float((1 / ranks(by_name[n])).mean()) for n in names)
        gains[f"mrr_over_{rival}"] = float((1 / ranks(fused)).mean()) - best
    return {name: float(np.round(value, 6)) for name, value in gains.items()}
