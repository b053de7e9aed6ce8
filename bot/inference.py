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
from intents.understanding import Parse, Understanding

MAX_BATCH = 16
T = TypeVar("T")


@dataclass
class _Job:
    understanding: Understanding
    text: str
    requested_slot: str | None
    done: asyncio.Future[Parse]


class Inference:
    """Batches parses; each is answered by the release it was asked of.

    :param familiar: how many readings are remembered.
    """

    def __init__(self, familiar: int = MOST) -> None:
        self._jobs: asyncio.Queue[_Job] = asyncio.Queue()
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

    async def _answer(self, jobs: list[_Job]) -> None:
        """Parse jobs of one release together; if that fails, one by one."""
        try:
            parses = await self.run(
                partial(jobs[0].understanding.parse, divide=True),
                [job.text for job in jobs],
                [job.requested_slot for job in jobs],
            )
        except Exception as error:
            if len(jobs) == 1:
                _settle(jobs[0], error)
                return
            for job in jobs:
                await self._answer([job])
            return
        for job, parse in zip(jobs, parses, strict=True):
            self._familiar.keep(job.understanding, job.text, job.requested_slot, parse)
            _settle(job, parse)


def _by_release(batch: list[_Job]) -> list[list[_Job]]:
    groups: dict[int, list[_Job]] = {}
    for job in batch:
        groups.setdefault(id(job.understanding), []).append(job)
    return list(groups.values())


def _settle(job: _Job, outcome: Parse | Exception) -> None:
    if job.done.done():
        return
    if isinstance(outcome, Exception):
        job.done.set_exception(outcome)
    else:
        job.done.set_result(outcome)
