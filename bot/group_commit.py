"""Group commit: what waits while one transaction is written shares the next.

A commit waits for the disk. On a database with one writer, messages that arrive together would
wait for as many commits as there are; here they wait for one (DeWitt et al., 1984). Each call is
atomic all the same: if one fails, its whole group is rolled back and each is run again by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])
MOST = 64
"""Calls of one transaction."""


def together(method: F) -> F:
    """Mark a method that writes within :meth:`GroupCommit.begin` alone, and may run twice."""
    method.__dict__["together"] = True
    return method


class _Spoiled(Exception):
    """A call of the group has failed."""


class _Job:
    def __init__(self, call: Callable[[], Any]) -> None:
        self.call = call
        self.loop = asyncio.get_running_loop()
        self.done: asyncio.Future[Any] = self.loop.create_future()
        self.result: Any = None
        self.error: BaseException | None = None

    def settle(self) -> None:
        """Hand over the outcome; in the event loop."""
        if self.done.done():
            return
        if self.error is not None:
            self.done.set_exception(self.error)
        else:
            self.done.set_result(self.result)


class GroupCommit:
    """Runs calls on the one thread of ``executor``, as many in a transaction as are waiting."""

    def __init__(self, engine: Engine, executor: Executor) -> None:
        self._engine = engine
        self._executor = executor
        self._waiting: deque[_Job] = deque()
        self._shared = threading.local()

    async def run(self, call: Callable[[], T]) -> T:
        """Run ``call`` within a transaction that others may share; returns after its commit."""
        job = _Job(call)
        self._waiting.append(job)
        # one for each call: those that find nothing left to do cost little
        self._executor.submit(self._drain)
        outcome: T = await job.done
        return outcome

    @contextlib.contextmanager
    def begin(self) -> Iterator[Connection]:
        """The transaction of the group under way, or one of the caller's own."""
        shared: Connection | None = getattr(self._shared, "connection", None)
        if shared is None:
            with self._engine.begin() as own:
                yield own
            return
        try:
            yield shared
        except BaseException:
            self._shared.spoiled = True
            raise

    def _drain(self) -> None:
        jobs = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
        jobs = [job for job in jobs if not job.done.done()]
        if not jobs:
            return
        if len(jobs) == 1 or not self._commit(jobs):
            for job in jobs:
                self._alone(job)
        for loop in {job.loop for job in jobs}:
            mine = [job for job in jobs if job.loop is loop]
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
                loop.call_soon_threadsafe(_settle, mine)

    def _commit(self, jobs: list[_Job]) -> bool:
        """Run all in one transaction; False when nothing of it was written."""
        try:
            with self._engine.begin() as connection:
                self._shared.connection, self._shared.spoiled = connection, False
                for job in jobs:
                    job.result = job.call()
                    if self._shared.spoiled:
                        raise _Spoiled
        except Exception:
            return False
        finally:
            self._shared.connection = None
        return True

    @staticmethod
    def _alone(job: _Job) -> None:
        try:
            job.result = job.call()
        except Exception as error:
            job.error = error


def _settle(jobs: list[_Job]) -> None:
    for job in jobs:
        job.settle()
