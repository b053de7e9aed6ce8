"""The record in one SQLite file that several processes write.

A commit that waits for the disk keeps everybody else from writing meanwhile. Here it only writes
the log (``synchronous=NORMAL``, which leaves the file whole whatever happens) and lets the next
one in; then the log is synced, before anything is acknowledged or told. One sync stands for all
that was committed before it, by whichever process: early lock release (DeWitt et al., 1984).

What the log holds is brought into the database beside the writers (:meth:`WriteAheadLog.tidy`), not
by whichever commit finds it long.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from bot.record.write_queue import WriteQueue
from models.errors import Unavailable

LONG = 2_000
"""Pages of a log that is begun anew, for which writers wait a moment."""
TOO_LONG = 20_000
"""Pages at which a commit itself empties the log, where nobody else does."""


class WriteAheadLog:
    """The log beside a database file; nothing at all for a database in memory."""

    def __init__(self, database: str | None) -> None:
        self._path = f"{database}-wal" if database and database != ":memory:" else None
        self._thread = threading.local()

    @contextlib.contextmanager
    def deferred(self) -> Iterator[None]:
        """Commits of this thread do not wait for the disk: whoever says so calls :meth:`sync`."""
        self._thread.deferred = True
        try:
            yield
        finally:
            self._thread.deferred = False

    def committed(self) -> None:
        """Something was committed: it is on the disk on return, unless that was deferred."""
        if not getattr(self._thread, "deferred", False):
            self.sync()

    def sync(self) -> None:
        """Return when all that has been committed is on the disk. Raises Unavailable."""
        if self._path is None:
            return
        try:
            file = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return  # SQLite takes it away when all of it is in the database, and synced there
        try:
            os.fdatasync(file)
        except OSError as error:
            raise Unavailable(
                "The record could not be written to the disk",
                found=error.strerror or str(error),
                fix="Send it again under the same id; look after the disk.",
            ) from error
        finally:
            os.close(file)

    def tidy(self, engine: Engine, queue: WriteQueue) -> None:
        """Bring the log into the database, and have a long one begun anew by the next writer.

        That takes a moment in which nothing is added to it; most is done before.
        """
        if self._path is None:
            return
        connection = engine.raw_connection()
        try:
            pages = _checkpoint(connection)
            if pages > LONG:
                queue.enter(connection)
                try:
                    _checkpoint(connection)
                finally:
                    queue.leave(connection)
        finally:
            connection.close()


def _checkpoint(connection: Any) -> int:
    """Bring over what nobody reads any more; return the pages in the log."""
    # PASSIVE waits for nobody, nor does anybody wait for it
    _, pages, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return int(pages)


def connect(url: URL) -> tuple[Engine, WriteAheadLog, WriteQueue]:
    """Return the engine of a SQLite database, its log, and the queue of its writers."""
    log, queue = WriteAheadLog(url.database), WriteQueue(url.database)

    class Commits(sqlite3.Connection):
        """A connection whose commits are on the disk when they return."""

        def __init__(self, *given: Any, **options: Any) -> None:
            super().__init__(*given, **options)
            self.info: dict[str, Any] = {}

        def commit(self) -> None:
            super().commit()
            if queue.leave(self):
                log.committed()

        def rollback(self) -> None:
            super().rollback()
            queue.leave(self)

    arguments = {"timeout": 15, "check_same_thread": False, "factory": Commits}
    engine = create_engine(url, connect_args=arguments)

    @event.listens_for(engine, "connect")
    def _pragmas(connection: sqlite3.Connection, _: object) -> None:
        # autocommit off: SQLAlchemy begins; IMMEDIATE avoids upgrades that deadlock
        connection.isolation_level = None
        [mode] = connection.execute("PRAGMA journal_mode=WAL").fetchone()
        # without a log there is nothing to sync but the commit itself
        level = "NORMAL" if mode == "wal" else "FULL"
        for pragma in (f"synchronous={level}", "foreign_keys=ON", f"wal_autocheckpoint={TOO_LONG}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("reading"):
            connection.exec_driver_sql("BEGIN")
            return
        held: Any = connection.connection.dbapi_connection
        queue.enter(held)
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except BaseException:
            queue.leave(held)
            raise

    return engine, log, queue
