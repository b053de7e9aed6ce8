"""Vectors of what a customer said before, so that context costs no further encoder pass.

Each worker remembers the vectors of recent lines. A line that it has not read itself, since another
worker did or the service was started anew, is encoded once, in the batch of the present line.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from functools import partial

import numpy as np

from bot.inference import Inference
from bot.live import Live
from bot.tracker import Tracker
from models.arrays import FloatArray
from retrieval.situation import LINES, remember

CAPACITY = 1024
Key = tuple[str, str]
"""A release and a line."""


class Recall:
    """Remembers the vectors of lines, by release."""

    def __init__(self, inference: Inference, capacity: int = CAPACITY) -> None:
        self._inference = inference
        self._capacity = capacity
        self._known: OrderedDict[Key, FloatArray] = OrderedDict()
        self._begun: dict[Key, asyncio.Future[FloatArray]] = {}

    def keep(self, text: str, vector: FloatArray, live: Live) -> None:
        """Note the vector (d,) of a line that was just read."""
        self._keep((live.release, text), vector)

    def begin(self, tracker: Tracker, live: Live) -> None:
        """Have the lines before the present one read beside it, where they are not known."""
        for line in _lines(tracker):
            if (live.release, line) not in self._known:
                self._reading(line, live)

    async def earlier(self, tracker: Tracker, live: Live) -> FloatArray | None:
        """The memory (d,) of the customer's lines before the present one; None without any."""
        lines = _lines(tracker)
        known = {
            line: vector
            for line in lines
            if (vector := self._known.get((live.release, line))) is not None
        }
        missing = [line for line in dict.fromkeys(lines) if line not in known]
        reading = [self._reading(line, live) for line in missing]
        for line, read in zip(missing, reading, strict=True):
            known[line] = await asyncio.shield(read)  # other turns may wait for the same
        memory = None
        for line in lines:
            memory = remember(memory, known[line])
        return memory

    def _reading(self, line: str, live: Live) -> asyncio.Future[FloatArray]:
        key = live.release, line
        if key not in self._begun:
            self._begun[key] = self._inference.vector(live.understanding, line)
            self._begun[key].add_done_callback(partial(self._read, key))
        return self._begun[key]

    def _read(self, key: Key, read: asyncio.Future[FloatArray]) -> None:
        self._begun.pop(key, None)
        if not read.cancelled() and read.exception() is None:
            self._keep(key, read.result())

    def _keep(self, key: Key, vector: FloatArray) -> None:
        self._known[key] = np.asarray(vector, dtype=np.float32)
        self._known.move_to_end(key)
        while len(self._known) > self._capacity:
            self._known.popitem(last=False)


def _lines(tracker: Tracker) -> list[str]:
    """The customer's lines before the present one that count, in order."""
    said = (str(event["text"]) for event in tracker.events if event["event"] == "user")
    return [text for text in said if _worded(text)][-LINES:]


def _worded(text: str) -> bool:
    """Whether there is something to read; a button's payload is none."""
    return not text.startswith("/") and any(char.isalpha() for char in text)
