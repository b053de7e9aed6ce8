"""How long an intent added in the studio takes until it serves, over HTTP.

    python -m benchmarks.bench_live --home HOME [--starts 3] [--rest 15]

HOME is a prepared home; a copy of it is served anew for each start. After ``rest`` seconds intents
of ten lines are added one after the other: what is reported is the wall time of each request and
the processor time of the service meanwhile, in seconds, of the first change after a start and of
later ones. Each start begins with another of the intents. Each new intent has to answer the next
message.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.bench_conversations import copy_home
from benchmarks.bench_refit import LINES
from benchmarks.running import Running, serve

TOPICS: Mapping[str, Sequence[str]] = {
    "gift_card": LINES,
    "dogs_in_shop": (
        "can I bring my dog to the shop",
        "are dogs allowed inside your store",
        "is the shop dog friendly",
        "may my puppy come along",
        "pets in the store?",
        "可以带狗进店吗",
        "店里让带宠物不",
        "我能牵狗进去逛吗",
        "宠物能进门店吗",
        "带猫进店行不行",
    ),
    "apply_for_job": (
        "do you have a job for me",
        "are you hiring right now",
        "where can I send my application",
        "any vacancies in the warehouse",
        "I want to work for you",
        "你们招人吗",
        "招聘在哪看",
        "想来你们公司上班",
        "仓库还要人不",
        "简历投哪里",
    ),
}
ASKED = {
    "gift_card": "are there gift cards in your shop",
    "dogs_in_shop": "can my dog come into the shop with me",
    "apply_for_job": "I would like to apply for a job at your company",
}


def main() -> None:
    """Measure and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--rest", type=float, default=15.0)
    given = parser.parse_args()
    runs = [_changes(given.home, given.rest, number) for number in range(given.starts)]
    first, later = [run[0] for run in runs], [change for run in runs for change in run[1:]]
    print(json.dumps({"first_after_start": _summary(first), "later": _summary(later)}))


def _changes(prepared: Path, rest: float, number: int) -> list[tuple[float, float]]:
    """Wall and processor seconds of each change after start ``number``."""
    names = [*TOPICS]
    first = number % len(names)
    with tempfile.TemporaryDirectory() as work:
        home = Path(work) / "home"
        copy_home(prepared, home)
        with serve(home) as running:
            time.sleep(rest)
            return [_add(running, name) for name in names[first:] + names[:first]]


def _add(running: Running, name: str) -> tuple[float, float]:
    replies = {"en": f"This is about {name}.", "zh": f"这里说的是{name}。"}
    body = {"name": name, "examples": [*TOPICS[name]], "replies": replies}
    busy, began = processor_seconds(running.pid), time.perf_counter()
    running.staff.post("/api/v1/studio/intents", json=body).raise_for_status()
    took = time.perf_counter() - began
    worked = processor_seconds(running.pid) - busy
    said = [event.get("text") for event in running.open("en").say(ASKED[name])]
    if replies["en"] not in said:
        raise SystemExit(f"{name} does not answer: {said}")
    return took, worked


def processor_seconds(parent: int) -> float:
    """Processor time of the supervisor's children so far."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(") ", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _summary(changes: Sequence[tuple[float, float]]) -> dict[str, float]:
    walls, worked = zip(*changes, strict=True)
    return {
        "seconds": round(statistics.median(walls), 2),
        "worst_seconds": round(max(walls), 2),
        "processor_seconds": round(statistics.median(worked), 2),
    }


if __name__ == "__main__":
    main()
