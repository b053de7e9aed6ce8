"""Memory and time of mining against the length of the log, on public conversations.

    FRONTDESK_DATA=/path/to/sets python -m benchmarks.answers.mining_scale [--messages N ...]
        [--results DIR]

The first N messages of STAR, the airline conversations and JDDC's sessions, conversation by
conversation in turn, as if they came out of a store: redacted already. Each size runs in a process
of its own. Vectors stand in for the encoder's (384 numbers, seeded projections of hashed
trigrams), so that the figures are those of mining itself; what encoding takes is measured by
``benchmarks/bench_ingestion.py``. Intents are looked up in a table, for the same reason.
"""

from __future__ import annotations

import argparse
import bz2
import csv
import json
import multiprocessing
import os
import re
import resource
import time
import zlib
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from benchmarks.answers.star_mining import RESULTS, dialogues
from benchmarks.understanding.run import environment, write
from models.arrays import FloatArray
from retrieval.conversation import Conversation, Turn
from retrieval.ingest import NothingToRedact
from retrieval.mining.asked import Understood
from retrieval.mining.miner import mine

SIZES = (25_000, 50_000, 100_000, 200_000)
DIM, BUCKETS = 384, 4096
_SAID = re.compile(r"<(cust|rep)__ (.*?) __\1>", re.DOTALL)


def main() -> int:
    """Measure every size, write the figures and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, nargs="+", default=list(SIZES), metavar="N")
    parser.add_argument("--data", type=Path, help="default: FRONTDESK_DATA")
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args()
    data = Path(given.data or os.environ["FRONTDESK_DATA"])
    rows = []
    for messages in given.messages:
        context = multiprocessing.get_context("spawn")
        with context.Pool(1) as one:
            rows.append(one.apply(measured, (data, messages)))
        print(json.dumps(rows[-1]), flush=True)
    write(given.results / "mining-scale.json", {"sizes": rows, **environment()})
    return 0


def measured(data: Path, messages: int) -> dict[str, Any]:
    """Mine the first ``messages`` messages; seconds, MiB and what was found."""
    before = _peak()
    began = time.perf_counter()
    read = Counted(conversations(data), messages)
    found = mine(read, Trigrams(), classify, redactor=NothingToRedact())
    return {
        "messages": read.messages,
        "conversations": read.conversations,
        "proposals": len(found.proposals),
        "gaps": len(found.gaps),
        "seconds": round(time.perf_counter() - began, 1),
        "processor": round(time.process_time(), 1),
        "peak_mib": _peak(),
        "of_which_before": before,
    }


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


class Counted:
    """Conversations until so many messages have been read."""

    def __init__(self, source: Iterator[Conversation], most: int) -> None:
        self._source, self._most = source, most
        self.messages = self.conversations = 0

    def __iter__(self) -> Iterator[Conversation]:
        for conversation in self._source:
            self.messages += len(conversation.turns)
            self.conversations += 1
            yield conversation
            if self.messages >= self._most:
                return


def conversations(data: Path) -> Iterator[Conversation]:
    """The three sets in turn, each in its own order."""
    star = (conversation for conversation, _ in dialogues(data / "star"))
    for some in zip_longest(star, *[airline(data)] * 6, jddc(data)):
        yield from (one for one in some if one is not None)


def airline(data: Path) -> Iterator[Conversation]:
    """``twitter_airline_support``: a conversation a row."""
    path = data / "twitter_airline_support" / "conversations.csv.bz2"
    with bz2.open(path, "rt", encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.reader(lines)):
            said = [match for cell in row for match in _SAID.findall(cell)]
            turns = tuple(Turn("customer" if who == "cust" else "agent", t) for who, t in said)
            if turns:
                yield Conversation(f"air-{number}", "en", turns)


def jddc(data: Path) -> Iterator[Conversation]:
    """``jddc_chat_sample_zh``: lines of one session follow each other."""
    turns: dict[str, list[Turn]] = {}
    path = data / "jddc_chat_sample_zh" / "chat.txt"
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = line.split("\t")
        if len(cells) >= 7 and cells[6].strip():
            turn = Turn("agent" if cells[2] == "1" else "customer", cells[6])
            turns.setdefault(cells[0], []).append(turn)
    for name, own in turns.items():
        yield Conversation(f"jd-{name}", "zh", tuple(own))


class Trigrams:
    """Unit vectors (n, 384) of hashed trigrams: texts with common parts are near each other."""

    def __init__(self) -> None:
        drawn = np.random.default_rng(0).normal(size=(BUCKETS, DIM))
        self._rows = drawn.astype(np.float32)

    def __call__(self, texts: Sequence[str]) -> FloatArray:
        """Encode ``texts``."""
        found = np.zeros((len(texts), DIM), dtype=np.float32)
        for number, text in enumerate(texts):
            padded = f" {text.lower()} "
            codes = [
                zlib.crc32(padded[at : at + 3].encode()) % BUCKETS for at in range(len(padded) - 2)
            ]
            found[number] = self._rows[codes].sum(axis=0)
        norms = np.linalg.norm(found, axis=1, keepdims=True)
        return (found / np.where(norms > 0, norms, 1)).astype(np.float32)


def classify(texts: Sequence[str]) -> list[Understood]:
    """Forty intents by hash, a tenth of the lines unknown."""
    codes = [zlib.crc32(text.encode()) for text in texts]
    return [Understood(f"intent_{code % 40}", 0.6, covered=code % 10 > 0) for code in codes]


if __name__ == "__main__":
    raise SystemExit(main())
