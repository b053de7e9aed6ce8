"""Vectors of what a customer said before, so that context costs no further encoder pass.

Each worker remembers the vectors of recent lines. A line that it has not read itself, since another
worker did or the service was started anew, is encoded once.
"""

from __future__ import annotations

from collections import OrderedDict

import numpy as np

from bot.inference import Inference
from bot.live import Live
from bot.tracker import Tracker
from models.arrays import FloatArray
from retrieval.situation import LINES, remember

CAPACITY = 1024


class Recall:
    """Remembers the vectors of lines, by release."""

    def __init__(self, inference: Inference, capacity: int = CAPACITY) -> None:
        self._inference = inference
        self._capacity = capacity
        self._known: OrderedDict[tuple[str, str], FloatArray] = OrderedDict()

    def keep(self, text: str, vector: FloatArray, live: Live) -> None:
        """Note the vector (d,) of a line that was just read."""
        self._known[live.release, text] = np.asarray(vector, dtype=np.float32)
        self._known.move_to_end((live.release, text))
        while len(self._known) > self._capacity:
            self._known.popitem(last=False)

    async def earlier(self, tracker: Tracker, live: Live) -> FloatArray | None:
        """The memory (d,) of the customer's lines before the present one; None without any."""
        lines = [
            str(event["text"])
            for event in tracker.events
            if event["event"] == "user" and _worded(str(event["text"]))
        ][-LINES:]
        known = {
            line: vector
            for line in lines
            if (vector := self._known.get((live.release, line))) is not None
        }
        missing = [line for line in dict.fromkeys(lines) if line not in known]
        if missing:
            encoding = await self._inference.run(live.understanding.encode, missing)
            for line, vector in zip(missing, encoding.sentence, strict=True):
                known[line] = vector
                self.keep(line, vector, live)
        memory = None
        for line in lines:
            memory = remember(memory, known[line])
        return memory


def _worded(text: str) -> bool:
    """Whether there is something to read; a button's payload is none."""
    return not text.startswith("/") and any(char.isalpha() for char in text)
