"""Group commit: what waits while one transaction is written shares the next.

On a database with one writer, messages that arrive together would wait for as many commits as
there are; here they wait for one (DeWitt et al., 1984). Each call is atomic all the same: if one
fails, its whole group is rolled back and each is run again by itself.

Two threads share the work: while the disk takes in one group, the next is written. A call is
answered when it is on the disk, but for those whose loss would harm nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from bot.record.sqlite import WriteAheadLog

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])
MOST = 64
"""Calls of one transaction."""


def together(method: F) -> F:
    """Mark a method that writes within :meth:`GroupCommit.begin` alone, and may run twice."""
    method.__dict__["together"] = True
    return method


def passing(method: F) -> F:
    """Mark a method of the same kind that need not be on the disk: what it writes is for the
    living alone, and anything later that is waited for brings it there."""
    method.__dict__["passing"] = True
    return together(method)


class _Spoiled(Exception):
    """A call of the group has failed."""


class _Job:
    def __init__(self, call: Callable[[], Any], lasting: bool) -> None:
        self.call = call
        self.lasting = lasting
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
    """Runs calls on the one thread of ``executor``, as many in a transaction as are waiting.

    :param log: of the database; without one each commit has to see to the disk itself.
    """

    def __init__(
        self, engine: Engine, executor: Executor, log: WriteAheadLog | None = None
    ) -> None:
        self._engine = engine
        self._executor = executor
        self._log = log or WriteAheadLog(None)
        self._guard = threading.Lock()
        self._waiting: deque[_Job] = deque()
        self._draining = False
        self._unsynced: deque[list[_Job]] = deque()
        self._syncing = ThreadPoolExecutor(1, thread_name_prefix="sync")
        self._shared = threading.local()

    async def run(self, call: Callable[[], T], lasting: bool = True) -> T:
        """Run ``call`` within a transaction that others may share.

        Returns after its commit; if it is ``lasting``, when that is on the disk.
        """
        job = _Job(call, lasting)
        with self._guard:
            self._waiting.append(job)
            idle, self._draining = not self._draining, True
        if idle:
            self._executor.submit(self._drain)
        outcome: T = await job.done
        return outcome

    def close(self) -> None:
        """Wait for the disk; after the executor was shut down."""
        self._syncing.shutdown(wait=True)

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
        """Write what is waiting, and come back for more behind whoever else wants the thread."""
        with self._guard:
            jobs = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
        jobs = [job for job in jobs if not job.done.done()]
        if jobs:
            self._write(jobs)
        with self._guard:
            self._draining = bool(self._waiting)
        if self._draining:
            try:
                self._executor.submit(self._drain)
            except RuntimeError:  # it is being shut down, and these are the last
                self._drain()

    def _write(self, jobs: list[_Job]) -> None:
        with self._log.deferred():
            if len(jobs) == 1 or not self._commit(jobs):
                for job in jobs:
                    self._alone(job)
        _tell([job for job in jobs if not job.lasting])
        lasting = [job for job in jobs if job.lasting]
        if lasting:
            self._unsynced.append(lasting)
            self._syncing.submit(self._sync)

    def _sync(self) -> None:
        """Tell all whose commits are on the disk after this sync."""
        groups = [self._unsynced.popleft() for _ in range(len(self._unsynced))]
        jobs = [job for group in groups for job in group]
        if not jobs:
            return
        try:
            self._log.sync()
        except Exception as error:
            for job in jobs:
                job.error = job.error or error
        _tell(jobs)

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


def _tell(jobs: list[_Job]) -> None:
    """Hand over outcomes, in the event loops that wait for them."""
    for loop in {job.loop for job in jobs}:
        mine = [job for job in jobs if job.loop is loop]
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(_settle, mine)


def _settle(jobs: list[_Job]) -> None:
    for job in jobs:
        job.settle()
