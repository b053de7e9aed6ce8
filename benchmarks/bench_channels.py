"""The channels' speed: Chatwoot's webhook to its acknowledgement, REST and socket.io to the reply.

    python -m benchmarks.bench_channels --home HOME [--count 200] [--rate 10] [--workers 2]

HOME is a prepared home; a copy of it is served. Each way sends ``count`` messages at ``rate`` a
second, whether or not the ones before are answered. Prints p50, p95, p99 and the longest, in
milliseconds. Chatwoot itself is a server here that answers at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import orjson

from benchmarks.bench_conversations import copy_home
from benchmarks.bench_service import QUESTIONS
from benchmarks.running import serve
from bot.delivery.outgoing import signed
from tests.support.farend import serving
from tests.support.socketio import by_polling, by_websocket

WARM = 40
"""Messages before the measured ones."""

SECRET = "a secret of the benchmark"
Way = Callable[[int], Awaitable[float]]


async def measured(way: Way, count: int, rate: float) -> list[float]:
    """Seconds of ``count`` calls of ``way``, begun ``rate`` a second."""
    tasks = []
    for number in range(count):
        tasks.append(asyncio.create_task(_awaited(way(number))))
        await asyncio.sleep(1 / rate)
    return list(await asyncio.gather(*tasks))


async def _awaited(call: Awaitable[float]) -> float:
    return await call


def shown(seconds: Sequence[float]) -> dict[str, float]:
    """Quantiles in milliseconds."""
    ordered = sorted(seconds)

    def quantile(share: float) -> float:
        return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)] * 1000, 1)

    return {
        "p50": quantile(0.5),
        "p95": quantile(0.95),
        "p99": quantile(0.99),
        "max": round(ordered[-1] * 1000, 1),
    }


def question(number: int) -> str:
    """What is asked."""
    return QUESTIONS["en"][number % len(QUESTIONS["en"])]


def by_chatwoot(http: httpx.AsyncClient) -> Way:
    """A webhook of a conversation of its own, to the acknowledgement."""

    async def call(number: int) -> float:
        body = {
            "event": "message_created",
            "id": number,
            "content": question(number),
            "message_type": "incoming",
            "private": False,
            "account": {"id": 1},
            "conversation": {"id": number, "status": "pending"},
        }
        raw = orjson.dumps(body)
        headers = {k.replace("Frontdesk", "Chatwoot"): v for k, v in signed(SECRET, raw).items()}
        began = time.perf_counter()
        answer = await http.post("/webhooks/chatwoot", content=raw, headers=headers)
        assert answer.json()["status"] == "accepted", answer.text
        return time.perf_counter() - began

    return call


def by_rest(http: httpx.AsyncClient) -> Way:
    """A message by REST, to its answer."""

    async def call(number: int) -> float:
        body = {"sender": f"benchmark-of-channels-{number}", "message": question(number)}
        began = time.perf_counter()
        answer = await http.post("/webhooks/rest/webhook", json=body)
        assert answer.json()[0]["text"], answer.text
        return time.perf_counter() - began

    return call


def by_socket(base: str, connect: Any) -> Way:
    """A message on an open connection, to the first of its reply."""

    async def call(number: int) -> float:
        async with connect(base) as socket:
            session = await socket.session()
            began = time.perf_counter()
            await socket.say(question(number), session)
            return time.perf_counter() - began

    return call


async def run(home: Path, count: int, rate: float, workers: int) -> dict[str, Any]:
    """Measure all ways, one after the other."""

    def anything(*_: object) -> None:
        """Take whatever comes."""

    async with serving(anything) as chatwoot:
        options = {
            "workers": str(workers),
            "chatwoot_url": chatwoot.url,
            "chatwoot_token": "token",
            "chatwoot_secret": SECRET,
        }
        running = serve(home, **options)
        served = await asyncio.to_thread(running.__enter__)
        try:
            async with httpx.AsyncClient(base_url=served.url, timeout=60) as http:
                ways = {
                    "chatwoot_acknowledged": by_chatwoot(http),
                    "rest_answered": by_rest(http),
                    "websocket_answered": by_socket(served.url, by_websocket),
                    "polling_answered": by_socket(served.url, by_polling),
                }
                # what a worker makes ready after its start is not measured
                await measured(by_rest(http), WARM, rate)
                return {name: shown(await measured(way, count, rate)) for name, way in ways.items()}
        finally:
            await asyncio.to_thread(running.__exit__, None, None, None)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--rate", type=float, default=10.0)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        copy_home(given.home, home)
        found = asyncio.run(run(home, given.count, given.rate, given.workers))
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
