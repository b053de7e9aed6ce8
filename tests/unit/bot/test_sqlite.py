"""A SQLite file whose writers wait for the disk beside one another."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import IntegrityError

from bot.record import sqlite
from bot.record.sqlite import WriteAheadLog, connect
from bot.record.write_queue import WriteQueue
from models.errors import Unavailable


class Notes:
    """Somebody else who wants to write."""

    def __init__(self) -> None:
        self.info: dict[str, Any] = {}


Opened = tuple[Engine, WriteAheadLog, WriteQueue]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    found = connect(make_url(f"sqlite:///{tmp_path / 'r.sqlite3'}"))
    with found[0].begin() as db:
        db.execute(text("create table words (word text unique)"))
    yield found
    found[0].dispose()


def say(engine: Engine, word: str) -> None:
    with engine.begin() as db:
        db.execute(text("insert into words values (:word)"), {"word": word})


def words(engine: Engine) -> list[str]:
    with engine.connect().execution_options(reading=True) as db:
        return list(db.execute(text("select word from words order by rowid")).scalars())


def test_commit_is_on_the_disk_when_it_returns_and_waits_outside_the_queue(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, _, queue = opened
    seen: list[list[str]] = []

    def fdatasync(file: int) -> None:
        assert os.readlink(f"/proc/self/fd/{file}").endswith("r.sqlite3-wal")
        other = Notes()
        queue.enter(other)  # it would wait for ever
        queue.leave(other)
        seen.append(words(engine))

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    say(engine, "a")
    assert seen == [["a"]]
    words(engine)
    with pytest.raises(IntegrityError):
        say(engine, "a")
    assert seen == [["a"]], "what was read or rolled back needs no disk"


def test_who_defers_it_syncs_once_for_many(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, log, _ = opened
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    with log.deferred():
        say(engine, "a")
        say(engine, "b")
        assert not synced
    log.sync()
    assert len(synced) == 1
    say(engine, "c")
    assert len(synced) == 2
    assert words(engine) == ["a", "b", "c"]


def test_disk_that_fails_is_told(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", broken)
    with pytest.raises(Unavailable) as told:
        say(opened[0], "a")
    assert told.value.found == "Input/output error"


def test_log_is_brought_in_and_a_long_one_begun_anew(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, log, queue = opened

    def pages() -> int:
        connection = engine.raw_connection()
        try:
            return sqlite._checkpoint(connection)
        finally:
            connection.close()

    for number in range(30):
        say(engine, str(number))
    assert pages() >= 30
    monkeypatch.setattr(sqlite, "LONG", 10)
    log.tidy(engine, queue)
    say(engine, "last")
    assert pages() < 10
    assert words(engine) == [*map(str, range(30)), "last"]


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_database_in_memory_has_no_log(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fdatasync", lambda _: pytest.fail("there is no disk"))
    engine, log, queue = connect(make_url(url))
    with engine.begin() as db:
        db.execute(text("create table words (word text)"))
    log.sync()
    log.tidy(engine, queue)
    engine.dispose()


def test_log_that_is_gone_is_in_the_database(tmp_path: Path) -> None:
    WriteAheadLog(str(tmp_path / "none.sqlite3")).sync()
