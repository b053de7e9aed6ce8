"""Turns a second over HTTP, and latencies at a steady rate, on the REST channel.

    python -m benchmarks.bench_load --home HOME [--workers 2] [--seconds 10] [--runs 3]

Customers send the retail assistant's kept-apart test lines that ask about the shop (deliveries,
payments, returns, sizes …), both languages in turn; 200 conversations
. The load generator (autocannon) runs beside the service, on the same cores.

``new``: every message is understood anew (FRONTDESK_FAMILIAR_MESSAGES=0), as if no two customers
used the same words. ``familiar``: the default; after the first round every message is one that was
heard before. Real traffic lies between the two. Prints medians of the runs as JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import uuid
from pathlib import Path
from typing import Any

from benchmarks.bench_conversations import copy_home
from benchmarks.bench_service import worker_memory
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


def load(running: Running, **given: Any) -> dict[str, float]:
    """One run of the load generator."""
    senders = [f"load-{uuid.uuid4().hex}" for _ in range(SENDERS)]
    wanted = {"url": running.url, "senders": senders, "questions": questions(), **given}
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


def measure(home: Path, familiar: str, given: argparse.Namespace) -> dict[str, Any]:
    """Throughput, and latencies at the given rate."""
    with serve(home, workers=str(given.workers), familiar_messages=familiar) as running:
        load(running, connections=8, seconds=3)
        free = [
            load(running, connections=given.connections, seconds=given.seconds)
            for _ in range(given.runs)
        ]
        steady = [
            load(running, connections=given.connections, seconds=given.seconds, rate=given.rate)
            for _ in range(given.runs)
        ]
        memory = worker_memory(running.pid)
    return {
        "as_fast_as_it_goes": _median(free),
        f"at_{given.rate:g}_per_second": _median(steady),
        "worker_memory_mib": memory,
    }


def _median(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--connections", type=int, default=40)
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    result = {}
    for name, familiar in (("new", "0"), ("familiar", "1000")):
        with tempfile.TemporaryDirectory() as work:
            home = Path(work) / "home"
            copy_home(given.home, home)
            result[name] = measure(home, familiar, given)
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
