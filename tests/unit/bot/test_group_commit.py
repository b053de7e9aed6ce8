"""Calls that share a transaction: all of it or nothing for each, and in order."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import IntegrityError

from bot.record.group_commit import MOST, GroupCommit
from bot.record.sqlite import WriteAheadLog
from models.errors import Unavailable

pytestmark = pytest.mark.anyio


class Ledger:
    """A table with one unique column, and a count of commits."""

    def __init__(self, engine: Engine, pool: ThreadPoolExecutor) -> None:
        self.engine = engine
        self.pool = pool
        self.commits = 0
        self.group = GroupCommit(engine, pool)
        with engine.begin() as db:
            db.execute(text("create table entries (name text unique, half int)"))
        event.listen(engine, "commit", self._count)

    def _count(self, _: object) -> None:
        self.commits += 1

    def write(self, name: str, fail: bool = False) -> str:
        with self.group.begin() as db:
            for half in (1, 2):
                mark = f"{name}{half}"
                db.execute(text("insert into entries values (:name, :half)"),
                           {"name": mark, "half": half})  # fmt: skip
                if fail:
                    raise ValueError(name)
        return name

    def forgiving(self, name: str) -> str:
        try:
            return self.write(name)
        except IntegrityError:
            return f"{name} again"

    def names(self) -> list[str]:
        with self.engine.connect() as db:
            return [row.name for row in db.execute(text("select name from entries order by rowid"))]


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    engine = create_engine(
        f"sqlite:///{tmp_path / 'ledger.sqlite3'}", connect_args={"check_same_thread": False}
    )
    with ThreadPoolExecutor(1) as pool:
        yield Ledger(engine, pool)
    engine.dispose()


async def outcomes(*calls: asyncio.Future[str]) -> list[str | BaseException]:
    return list(await asyncio.gather(*calls, return_exceptions=True))


def held(ledger: Ledger) -> threading.Event:
    """Keep the one thread busy, so that what comes now waits together."""
    gate = threading.Event()
    ledger.pool.submit(gate.wait, 10)
    return gate


async def test_what_waits_shares_a_commit(ledger: Ledger) -> None:
    gate = held(ledger)
    tasks = [
        asyncio.ensure_future(ledger.group.run(lambda n=name: ledger.write(n))) for name in "abcde"
    ]
    await asyncio.sleep(0)
    gate.set()
    assert await asyncio.gather(*tasks) == list("abcde")
    assert ledger.names() == [f"{name}{half}" for name in "abcde" for half in (1, 2)]
    assert ledger.commits == 1


async def test_one_that_fails_leaves_no_half_and_costs_the_others_nothing(ledger: Ledger) -> None:
    gate = held(ledger)
    calls = [
        lambda: ledger.write("a"),
        lambda: ledger.write("bad", fail=True),
        lambda: ledger.write("b"),
    ]
    tasks = [asyncio.ensure_future(ledger.group.run(call)) for call in calls]
    await asyncio.sleep(0)
    gate.set()
    found = await outcomes(*tasks)
    assert found[0] == "a"
    assert isinstance(found[1], ValueError)
    assert found[2] == "b"
    assert ledger.names() == ["a1", "a2", "b1", "b2"]


async def test_a_failure_that_is_caught_inside_leaves_no_half_either(ledger: Ledger) -> None:
    ledger.write("a")
    gate = held(ledger)
    calls = [lambda: ledger.forgiving("b"), lambda: ledger.forgiving("a")]
    tasks = [asyncio.ensure_future(ledger.group.run(call)) for call in calls]
    await asyncio.sleep(0)
    gate.set()
    assert await asyncio.gather(*tasks) == ["b", "a again"]
    assert ledger.names() == ["a1", "a2", "b1", "b2"]


async def test_who_has_gone_is_not_waited_for(ledger: Ledger) -> None:
    gate = held(ledger)
    first, gone = (
        asyncio.ensure_future(ledger.group.run(lambda n=name: ledger.write(n))) for name in "ab"
    )
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    gate.set()
    assert await first == "a"
    assert ledger.names() == ["a1", "a2"]


async def test_more_than_fit_are_written_in_order(ledger: Ledger) -> None:
    names = [f"n{number:03}-" for number in range(MOST + 5)]
    gate = held(ledger)
    tasks = [
        asyncio.ensure_future(ledger.group.run(lambda n=name: ledger.write(n))) for name in names
    ]
    await asyncio.sleep(0)
    gate.set()
    assert await asyncio.gather(*tasks) == names
    assert ledger.names() == [f"{name}{half}" for name in names for half in (1, 2)]
    assert ledger.commits == 2


class Disk(WriteAheadLog):
    """A disk that takes its time, or breaks."""

    def __init__(self) -> None:
        super().__init__(None)
        self.ready = threading.Event()
        self.asked = threading.Semaphore(0)
        self.breaks = False

    def sync(self) -> None:
        self.asked.release()
        assert self.ready.wait(20)
        if self.breaks:
            raise Unavailable("The disk is broken")


async def test_what_lasts_waits_for_the_disk_and_what_passes_does_not(ledger: Ledger) -> None:
    disk = Disk()
    group = ledger.group = GroupCommit(ledger.engine, ledger.pool, disk)
    first = asyncio.ensure_future(group.run(lambda: ledger.write("a")))
    assert await asyncio.to_thread(disk.asked.acquire, timeout=20)
    # the disk is at work: others are written meanwhile, and share its next turn
    others = [asyncio.ensure_future(group.run(lambda n=n: ledger.write(n))) for n in "bc"]
    assert await group.run(lambda: ledger.write("d"), lasting=False) == "d"
    assert ledger.names()[:2] == ["a1", "a2"]
    assert not any(call.done() for call in (first, *others))
    disk.ready.set()
    assert await asyncio.gather(first, *others) == ["a", "b", "c"]
    group.close()
    turns = 0
    while disk.asked.acquire(blocking=False):
        turns += 1
    assert turns <= 2, "what is on the disk needs no further turn of it"


async def test_a_broken_disk_is_told_to_whoever_waits_for_it(ledger: Ledger) -> None:
    disk = Disk()
    disk.breaks = True
    disk.ready.set()
    group = ledger.group = GroupCommit(ledger.engine, ledger.pool, disk)
    with pytest.raises(Unavailable, match="broken"):
        await group.run(lambda: ledger.write("a"))
    with pytest.raises(ValueError, match="bad"):
        await group.run(lambda: ledger.write("bad", fail=True))
    assert await group.run(lambda: ledger.write("b"), lasting=False) == "b"
    group.close()


def test_alone_it_is_a_transaction_of_its_own(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    with ThreadPoolExecutor(1) as pool:
        ledger = Ledger(engine, pool)
        ledger.write("a")
        with pytest.raises(ValueError, match="b"):
            ledger.write("b", fail=True)
        assert ledger.names() == ["a1", "a2"]
    engine.dispose()
