"""SQLite as a store of files beside it needs it: private, one writer, all or nothing."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def connect(file: Path) -> sqlite3.Connection:
    """Open or make a database that only its owner can read.

    What is deleted is overwritten, so that text that was redacted anew is not left in free pages.
    """
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(file, isolation_level=None, timeout=30)
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA journal_mode = TRUNCATE")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA cache_size = -32768")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Everything inside is written, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def private(path: str, flags: int) -> int:
    """An opener of files for their owner alone."""
    return os.open(path, flags, 0o600)
