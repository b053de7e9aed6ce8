"""A closed load: some clients, each of which sends its next request when the last is answered."""

from __future__ import annotations

import http.client
import itertools
import json
import statistics
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Request = tuple[str, dict[str, str]]
Script = Callable[[], Iterator[Request]]
"""What one customer sends, one after the other: path and body."""


class Client:
    """One connection that stays open."""

    def __init__(self, port: int) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def post(self, path: str, body: dict[str, str]) -> Any:
        """The answer's JSON. Raises SystemExit where it is not 200."""
        content = json.dumps(body).encode()
        self._http.request("POST", path, content, {"Content-Type": "application/json"})
        answer = self._http.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise SystemExit(f"POST {path}: {answer.status} {said[:300]!r}")
        return json.loads(said)


def driven(port: int, script: Script, clients: int, seconds: float) -> dict[str, Any]:
    """Let ``clients`` play scripts for ``seconds``; returns rate and times in milliseconds."""
    times: list[float] = []
    items: list[int] = []
    failed: list[BaseException] = []
    until = time.perf_counter() + seconds

    def play() -> None:
        client = Client(port)
        try:
            while time.perf_counter() < until:
                for path, body in script():
                    began = time.perf_counter()
                    said = client.post(path, body)
                    times.append(time.perf_counter() - began)
                    items.append(len(said) if isinstance(said, list) else 1)
                    if time.perf_counter() >= until:
                        break
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=play) for _ in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    # a single answer within the time is all quantiles at once
    cuts = statistics.quantiles(times if len(times) > 1 else times * 2, n=100, method="inclusive")
    return {
        "requests": len(times),
        "items_an_answer": sum(items) / len(items),
        "per_second": len(times) / (time.perf_counter() - began),
        "p50_ms": cuts[49] * 1000,
        "p99_ms": cuts[98] * 1000,
    }


def parsing(texts: Sequence[str], path: str) -> Script:
    """Texts to parse, each in turn."""
    turn = itertools.cycle(texts)
    lock = threading.Lock()

    def script() -> Iterator[Request]:
        with lock:
            text = next(turn)
        yield path, {"text": _new(text)}

    return script


def talking(conversations: Sequence[Sequence[str]]) -> Script:
    """Conversations in turn, each by a customer who has not been here before."""
    turn = itertools.cycle(conversations)
    lock = threading.Lock()

    def script() -> Iterator[Request]:
        with lock:
            texts = next(turn)
        sender = uuid.uuid4().hex
        for text in texts:
            yield "/webhooks/rest/webhook", {"sender": sender, "message": _new(text)}

    return script


def _new(text: str) -> str:
    """The text with a reference of its own, so that no reading of an earlier one will do."""
    return f"{text} ({uuid.uuid4().hex[:6]})"


def medians(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The median of each figure over the runs."""
    return {name: round(statistics.median(run[name] for run in runs), 2) for name in runs[0]}
