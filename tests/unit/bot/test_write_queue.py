"""Processes that share a SQLite file write one after the other, and soon."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import Connection

from bot.record import write_queue
from bot.record.write_queue import WriteQueue

HOLD = """
import fcntl, os, sys
file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.readline()
"""


def connection() -> Connection:
    return cast("Connection", SimpleNamespace(info={}))


@pytest.fixture
def holder(tmp_path: Path) -> Any:
    command = [sys.executable, "-c", HOLD, str(tmp_path / "record.sqlite3-queue")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_it_waits_for_another_process_and_for_no_longer(tmp_path: Path, holder: Any) -> None:
    queue, mine = WriteQueue(str(tmp_path / "record.sqlite3")), connection()
    holder.kill()  # whatever way it ends, its place is free
    queue.enter(mine)
    queue.leave(mine)
    queue.leave(mine)
    assert mine.info == {}


def test_in_the_end_the_database_itself_is_asked(
    tmp_path: Path, holder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_queue, "LONGEST", 0.05)
    began = time.monotonic()
    mine = connection()
    WriteQueue(str(tmp_path / "record.sqlite3")).enter(mine)
    assert time.monotonic() - began >= 0.05
    assert holder.poll() is None


def test_two_connections_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_queue, "LONGEST", 0.02)
    queue, first, second = WriteQueue(str(tmp_path / "r.sqlite3")), connection(), connection()
    queue.enter(first)
    began = time.monotonic()
    queue.enter(second)
    assert time.monotonic() - began >= 0.02
    queue.leave(first)
    queue.leave(second)
    monkeypatch.setattr(write_queue, "LONGEST", 30.0)
    began = time.monotonic()
    queue.enter(second)
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("database", [None, "", ":memory:"])
def test_a_database_in_memory_has_no_queue(database: str | None, tmp_path: Path) -> None:
    mine = connection()
    WriteQueue(database).enter(mine)
    assert mine.info == {}
