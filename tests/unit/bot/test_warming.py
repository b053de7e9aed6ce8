"""What the first change needs is made ready while nobody asks anything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from bot import service
from bot.events import Event
from bot.service import Service
from bot.turn import Turns


class Customers:
    """How long nobody has asked, look by look; calls ``after`` when that has been told."""

    def __init__(self, idle: list[float], after: Callable[[], object]) -> None:
        self._idle, self._after = idle, after

    @property
    def idle(self) -> float:
        if not self._idle:
            self._after()
            return 0.0
        return self._idle.pop(0)


async def _steps_done(monkeypatch: pytest.MonkeyPatch, idle: list[float]) -> list[str]:
    done: list[str] = []

    def steps() -> Iterator[str]:
        for name in ("reading", "fitting"):
            done.append(name)
            yield name

    monkeypatch.setattr(service, "WARM_PAUSE", 0.0)
    told = asyncio.Event()
    part: Any = SimpleNamespace(
        studio=SimpleNamespace(warmth=steps), turns=Customers(idle, told.set)
    )
    warming = asyncio.create_task(Service._warm(part))
    telling = asyncio.create_task(told.wait())
    await asyncio.wait((warming, telling), return_when=asyncio.FIRST_COMPLETED)
    for task in (warming, telling):
        task.cancel()
    await asyncio.gather(warming, telling, return_exceptions=True)
    return done


def test_steps_wait_until_nobody_has_asked_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    soon = service.WARM_IDLE / 2
    assert asyncio.run(_steps_done(monkeypatch, [0.0, soon, 0.0])) == []
    assert asyncio.run(_steps_done(monkeypatch, [soon, service.WARM_IDLE, 0.0])) == ["reading"]


def test_all_steps_are_taken_where_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    idle = [service.WARM_IDLE] * 3
    assert asyncio.run(_steps_done(monkeypatch, idle)) == ["reading", "fitting"]


def test_turns_tell_since_when_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("bot.turn.time", SimpleNamespace(monotonic=lambda: now[0]))
    none: Any = SimpleNamespace()
    turns = Turns(none, none, none, none, none, none, lease=4.0, worker="a")
    now[0] = 103.0
    assert turns.idle == 3.0

    async def take(turn: str, conversation: str) -> list[Event]:
        now[0] = 110.0
        assert turns.idle == 0.0
        return []

    async def one() -> None:
        turns.start("t1", "c1")
        task = turns.under_way("t1")
        assert task is not None
        await task
        await asyncio.sleep(0)  # what is to happen at its end happens after it

    monkeypatch.setattr(turns, "take", take)
    asyncio.run(one())
    now[0] = 110.5
    assert turns.idle == 0.5
