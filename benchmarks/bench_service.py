"""Turn latency over HTTP with the embedded Redis: from posting a message to its reply.

    python -m benchmarks.bench_service --home HOME [--turns 400] [--rate 20]

Customers ask the shop's frequent questions over their WebSockets, first one after the other,
then at a steady rate. HOME is a prepared home; a copy of it is served. Prints p50, p95 and p99 in
milliseconds, the resident memory of the worker, and the seconds from start to the first answer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import websockets

from benchmarks.bench_conversations import copy_home
from benchmarks.running import Running, Talk, serve

QUESTIONS = {
    "en": (
        "how much is shipping",
        "how long does delivery take",
        "what is your return policy",
        "which payment methods do you take",
        "how long is the warranty on a kettle",
        "do you ship to Hong Kong",
    ),
    "zh": (
        "运费多少钱",
        "一般几天能到",
        "退货有什么规定",
        "可以用什么付款",
        "电热水壶保修多久",
        "能送到香港吗",
    ),
}


class Customer:
    """One open WebSocket."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket

    async def ask(self, text: str) -> float:
        """Return the seconds from sending ``text`` to the bot's reply."""
        began = time.perf_counter()
        frame = {"type": "message", "client_message_id": uuid.uuid4().hex, "text": text}
        await self._socket.send(json.dumps(frame))
        while True:
            frame = json.loads(await asyncio.wait_for(self._socket.recv(), 20))
            if frame["type"] == "error":
                raise SystemExit(f"refused: {frame}")
            if frame["type"] == "event" and frame["event"]["role"] == "bot":
                return time.perf_counter() - began


async def connect(running: Running, talk: Talk) -> Customer:
    """Open a customer's WebSocket."""
    url = running.url.replace("http", "ws") + f"/api/v1/conversations/{talk.id}/stream"
    socket = await websockets.connect(url)
    await socket.send(json.dumps({"type": "auth", "token": talk.token, "after": 0}))
    return Customer(socket)


async def one_by_one(running: Running, turns: int) -> list[float]:
    """Ask one question after the other."""
    found = []
    for language, questions in QUESTIONS.items():
        customer = await connect(running, running.open(language))
        asked = [questions[number % len(questions)] for number in range(turns // 2)]
        found += [await customer.ask(text) for text in asked]
    return found


async def at_rate(running: Running, turns: int, rate: float, customers: int = 20) -> list[float]:
    """Ask at a steady rate, from several customers in turn."""
    languages = list(QUESTIONS)
    crowd = [
        (languages[n % 2], await connect(running, running.open(languages[n % 2])))
        for n in range(customers)
    ]
    locks = [asyncio.Lock() for _ in crowd]
    began = time.perf_counter()

    async def ask(number: int) -> float:
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        language, customer = crowd[number % customers]
        async with locks[number % customers]:
            await customer.ask(QUESTIONS[language][number % len(QUESTIONS[language])])
        # counted from when it was due, so that a backlog shows
        return time.perf_counter() - due

    return list(await asyncio.gather(*(ask(number) for number in range(turns))))


def quantiles(seconds: list[float]) -> dict[str, float]:
    """Return p50, p95 and p99 in milliseconds."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {f"p{q}": round(cuts[q - 1] * 1000, 1) for q in (50, 95, 99)}


def worker_memory(parent: int) -> int:
    """Return the largest resident size (MiB) among the supervisor's children."""
    sizes = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(
                line.split(":", 1) for line in status.read_text().splitlines() if ":" in line
            )
        except OSError:
            continue
        if int(fields["PPid"]) == parent and "VmRSS" in fields:
            sizes.append(int(fields["VmRSS"].split()[0]) // 1024)
    return max(sizes, default=0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--turns", type=int, default=400)
    parser.add_argument("--rate", type=float, default=20.0)
    parser.add_argument("--runs", type=int, default=3, help="the median of the runs is printed")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        home = Path(work) / "home"
        copy_home(given.home, home)
        with serve(home) as running:
            began = time.perf_counter()
            running.open("en").say("how much is shipping")
            first = running.seconds_to_ready + time.perf_counter() - began
            alone = [asyncio.run(_alone(running, given.turns)) for _ in range(given.runs)]
            steady = [
                asyncio.run(_steady(running, given.turns, given.rate)) for _ in range(given.runs)
            ]
            result = {
                "one_by_one_ms": _median(alone),
                f"at_{given.rate:g}_per_second_ms": _median(steady),
                "start_to_first_answer_s": round(first, 2),
                "worker_memory_mib": worker_memory(running.pid),
            }
    print(json.dumps(result, indent=2))


async def _alone(running: Running, turns: int) -> dict[str, float]:
    return quantiles(await one_by_one(running, turns))


async def _steady(running: Running, turns: int, rate: float) -> dict[str, float]:
    return quantiles(await at_rate(running, turns, rate))


def _median(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


if __name__ == "__main__":
    main()
