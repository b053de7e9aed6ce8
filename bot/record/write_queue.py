"""Whose turn it is to write to a SQLite file that several processes share.

SQLite lets one write at a time, and who finds it busy sleeps, longer with each try: up to a tenth
of a second where a transaction takes one or two milliseconds. A lock that is asked for more often
keeps waits short. It only orders; SQLite's own locks are what guards.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from typing import Any, Protocol

PAUSE = 0.0005
LONGEST = 15.0
"""Seconds after which SQLite itself is asked, which says what is wrong."""
_INSIDE = "in_write_queue"


class Noted(Protocol):
    """A connection that keeps notes."""

    @property
    def info(self) -> Any:
        """Notes that stay with the connection."""


class WriteQueue:
    """The queue of one database file; none for a database in memory."""

    def __init__(self, database: str | None) -> None:
        self._path = f"{database}-queue" if database and database != ":memory:" else None

    def enter(self, connection: Noted) -> None:
        """Wait for the connection's turn."""
        if self._path is None:
            return
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + LONGEST
        while time.monotonic() < deadline:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            time.sleep(PAUSE)
        connection.info[_INSIDE] = file

    def leave(self, connection: Noted) -> bool:
        """Let the next one in; tell whether the connection had its turn."""
        file = connection.info.pop(_INSIDE, None)
        if file is None:
            return False
        os.close(file)
        return True
