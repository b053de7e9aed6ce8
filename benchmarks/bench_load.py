"""Turns a second over HTTP, and latencies at a steady rate, on the REST channel.

    python -m benchmarks.bench_load --home HOME [--workers 1 2] [--seconds 8] [--runs 3]

200 conversations, English and Chinese in turn. The load generator (autocannon) runs beside the
service, on the same cores. Three kinds of traffic:

- ``short``: the shop's twelve most frequent questions, each of few words.
- ``lines``: the retail assistant's kept-apart test lines that ask about the shop (deliveries,
  payments, returns, sizes …), 38 characters on average. Those that are short and without a number
  are read once (FRONTDESK_FAMILIAR_MESSAGES), the others each time.
- ``new``: the same lines, every one read anew, as if no two customers used the same words.

Prints a table of medians of the runs, and with ``--out`` writes them as JSON. With one worker and
two it takes six minutes.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.bench_conversations import copy_home
from benchmarks.bench_service import QUESTIONS, worker_memory
from benchmarks.pack_tests import read
from benchmarks.running import Running, serve

GENERATOR = Path(__file__).parent / "load" / "turns.js"
PACK = Path(__file__).parent.parent / "intents" / "packs" / "retail" / "tests"
ASKED = (
    "authenticity", "bulk_order", "chitchat", "delivery_area", "delivery_time", "gift_wrap",
    "goodbye", "greet", "installment", "payment_methods", "pickup_point",
    "praise", "price_protection", "privacy_question", "product_compare",
    "refund_method", "return_policy", "return_shipping_fee", "service_hours", "shipping_cost",
    "size_advice", "thanks", "warranty_info",
)  # fmt: skip
"""Intents that are answered without an action."""
SENDERS = 200


def questions() -> list[str]:
    """The test lines that ask about the shop, English and Chinese in turn."""
    english, chinese = (
        [row["text"] for row in read(PACK / f"lines.{language}.txt") if row["intent"] in ASKED]
        for language in ("en", "zh")
    )
    return [text for pair in zip(english, chinese, strict=False) for text in pair]


def frequent() -> list[str]:
    """The frequent questions, English and Chinese in turn."""
    return [text for pair in zip(*QUESTIONS.values(), strict=True) for text in pair]


KINDS: dict[str, tuple[str, Callable[[], list[str]]]] = {
    "short": ("1000", frequent),
    "lines": ("1000", questions),
    "new": ("0", questions),
}
"""Kinds of traffic: how many readings are remembered, and what is asked."""


def load(running: Running, asked: Sequence[str], **given: Any) -> dict[str, float]:
    """One run of the load generator."""
    senders = [f"load-{uuid.uuid4().hex}" for _ in range(SENDERS)]
    wanted = {"url": running.url, "senders": senders, "questions": list(asked), **given}
    done = subprocess.run(
        ["node", str(GENERATOR), json.dumps(wanted)],
        check=True,
        capture_output=True,
        text=True,
    )
    result: dict[str, float] = json.loads(done.stdout)
    if result["failed"]:
        raise SystemExit(f"{result['failed']:g} turns failed")
    return result


def measure(home: Path, kind: str, workers: int, given: argparse.Namespace) -> dict[str, Any]:
    """Throughput, and latencies at the given rate, of one kind of traffic."""
    familiar, asked = KINDS[kind][0], KINDS[kind][1]()
    with serve(home, workers=str(workers), familiar_messages=familiar) as running:
        load(running, asked, connections=8, seconds=4)
        free, steady = (
            [
                load(running, asked, connections=given.connections, seconds=given.seconds, **rate)
                for _ in range(given.runs)
            ]
            for rate in ({}, {"rate": given.rate})
        )
        memory = worker_memory(running.pid)
    return {
        "traffic": kind,
        "workers": workers,
        "as_fast_as_it_goes": _median(free),
        f"at_{given.rate:g}_per_second": _median(steady),
        "worker_memory_mib": memory,
    }


def _median(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def shown(row: dict[str, Any], rate: int) -> str:
    """A row of the table."""
    free, steady = row["as_fast_as_it_goes"], row[f"at_{rate:g}_per_second"]
    cells = [
        row["traffic"], row["workers"], f"{free['turns_per_second']:.0f}",
        f"{steady['turns_per_second']:.0f}", f"{steady['p50']:.0f}", f"{steady['p99']:.0f}",
        row["worker_memory_mib"],
    ]  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |"


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--connections", type=int, default=40)
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    rate = f"at {given.rate}/s:"
    print(f"| traffic | workers | turns/s | {rate} turns/s | p50 ms | p99 ms | worker MiB |")
    print("|---|---|---|---|---|---|---|")
    rows = []
    for kind in given.kinds:
        for workers in given.workers:
            with tempfile.TemporaryDirectory() as work:
                home = Path(work) / "home"
                copy_home(given.home, home)
                rows.append(measure(home, kind, workers, given))
            print(shown(rows[-1], given.rate), flush=True)
    if given.out:
        given.out.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
