"""One record, one home: two installations must not take each other's turns.

Their workers have the same names, and their agents and streams would not hear of each other. Who
serves holds the record; who comes second is told so.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import time
from collections.abc import Iterator

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from models.errors import Conflict

_KEY = int.from_bytes(hashlib.sha256(b"frontdesk record").digest()[:8], signed=True)
PATIENCE = 10.0
"""Seconds for the database to notice that a server which held the record is dead."""


@contextlib.contextmanager
def held(engine: Engine, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the record behind ``engine`` for one server. Raises Conflict when another one does.

    PostgreSQL keeps the lock with a session of its own, so that it ends with this process; SQLite
    is held by a lock on a file beside the database. With a pool that shares sessions, such as
    PgBouncer's by transaction, the first is no more than a check at the start.
    """
    hold = {"postgresql": _on_postgres, "sqlite": _on_file}[engine.dialect.name]
    with hold(engine, patience):
        yield


@contextlib.contextmanager
def _on_postgres(engine: Engine, patience: float) -> Iterator[None]:
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        deadline = time.monotonic() + patience
        while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _KEY}):
            if time.monotonic() > deadline:
                raise _taken(str(engine.url.render_as_string(hide_password=True)))
            time.sleep(0.2)
        yield
    finally:
        # a database that is gone has let go by itself
        with contextlib.suppress(SQLAlchemyError):
            connection.invalidate()
            connection.close()


@contextlib.contextmanager
def _on_file(engine: Engine, _: float) -> Iterator[None]:
    if not engine.url.database or engine.url.database == ":memory:":
        yield
        return
    descriptor = os.open(f"{engine.url.database}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise _taken(engine.url.database) from error
        yield
    finally:
        os.close(descriptor)


def _taken(record: str) -> Conflict:
    return Conflict(
        "Another Frontdesk serves from this record",
        expected="a record of this home's own",
        found=record,
        fix="Stop the other one, or give each a database by FRONTDESK_RECORD_URL.",
    )
