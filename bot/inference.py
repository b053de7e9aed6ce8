"""One inference thread for all conversations, which takes messages in small batches.

On two cores a second inference thread makes both slower, so parallel turns are gathered
instead: whatever arrives while a batch is computed forms the next one. A text that cannot be
understood fails alone. What was said before in the same words needs no batch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from bot import metrics
from bot.familiar import MOST, Familiar
from bot.tasks import ended
from intents.parse import Parse
from intents.understanding import Understanding
from models.arrays import FloatArray

MAX_BATCH = 16
T = TypeVar("T")


@dataclass
class _Job:
    understanding: Understanding
    text: str
    requested_slot: str | None
    done: asyncio.Future[Parse]


@dataclass
class _Line:
    """A text of which only the sentence vector is wanted."""

    understanding: Understanding
    text: str
    done: asyncio.Future[FloatArray]


class Inference:
    """Batches parses; each is answered by the release it was asked of.

    :param familiar: how many readings are remembered.
    """

    def __init__(self, familiar: int = MOST) -> None:
        self._jobs: asyncio.Queue[_Job | _Line] = asyncio.Queue()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inference")
        self._task: asyncio.Task[None] | None = None
        self._familiar = Familiar(familiar)

    def start(self) -> None:
        """Begin to serve."""
        self._task = asyncio.create_task(self._serve(), name="inference")

    async def close(self) -> None:
        """Stop; open jobs are cancelled."""
        await ended(self._task)
        while not self._jobs.empty():
            self._jobs.get_nowait().done.cancel()
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def parse(
        self, understanding: Understanding, text: str, requested_slot: str | None = None
    ) -> Parse:
        """Understand one message."""
        known = self._familiar.recall(understanding, text, requested_slot)
        if known is not None:
            metrics.FAMILIAR.inc()
            return known
        future: asyncio.Future[Parse] = asyncio.get_running_loop().create_future()
        await self._jobs.put(_Job(understanding, text, requested_slot, future))
        return await future

    def vector(self, understanding: Understanding, text: str) -> asyncio.Future[FloatArray]:
        """The sentence vector (d,) of a text, read in the next batch, beside the messages in it."""
        future: asyncio.Future[FloatArray] = asyncio.get_running_loop().create_future()
        self._jobs.put_nowait(_Line(understanding, text, future))
        return future

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        """Compute something else on the inference thread, after the batch under way."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    async def _serve(self) -> None:
        while True:
            batch = [await self._jobs.get()]
            while len(batch) < MAX_BATCH and not self._jobs.empty():
                batch.append(self._jobs.get_nowait())
            for jobs in _by_release([job for job in batch if not job.done.done()]):
                await self._answer(jobs)

    async def _answer(self, jobs: list[_Job | _Line]) -> None:
        """Read jobs of one release together; if that fails, one by one."""
        asked = [job for job in jobs if isinstance(job, _Job)]
        lines = [job for job in jobs if isinstance(job, _Line)]
        try:
            parses, vectors = await self.run(
                partial(jobs[0].understanding.parse_beside, divide=True),
                [job.text for job in asked],
                [line.text for line in lines],
                [job.requested_slot for job in asked],
            )
        except Exception as error:
            if len(jobs) == 1:
                if not jobs[0].done.done():
                    jobs[0].done.set_exception(error)
                return
            for job in jobs:
                await self._answer([job])
            return
        for job, parse in zip(asked, parses, strict=True):
            self._familiar.keep(job.understanding, job.text, job.requested_slot, parse)
            _settle(job.done, parse)
        for line, vector in zip(lines, vectors, strict=True):
            # a copy: a row keeps its whole batch in memory
            _settle(line.done, vector.copy())


def _by_release(batch: list[_Job | _Line]) -> list[list[_Job | _Line]]:
    groups: dict[int, list[_Job | _Line]] = {}
    for job in batch:
        groups.setdefault(id(job.understanding), []).append(job)
    return list(groups.values())


def _settle(done: asyncio.Future[T], outcome: T) -> None:
    if not done.done():
        done.set_result(outcome)
