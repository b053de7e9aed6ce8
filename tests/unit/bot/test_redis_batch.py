"""Commands that share a request: each gets its own answers, and failures reach all who wait."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from redis.exceptions import ConnectionError as NotConnected
from redis.exceptions import ResponseError

from bot.redis_batch import Batch
from tests.support.timing import within


class Pipe:
    """A pipeline that answers each command with itself; ``BAD`` is refused."""

    def __init__(self, redis: Client) -> None:
        self.redis = redis
        self.commands: list[tuple[Any, ...]] = []

    async def __aenter__(self) -> Pipe:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    def execute_command(self, *command: Any) -> None:
        self.commands.append(command)

    async def execute(self, *, raise_on_error: bool) -> list[Any]:
        assert not raise_on_error
        self.redis.requests.append(self.commands)
        await self.redis.open.wait()
        if self.redis.lost:
            raise NotConnected("gone")
        return [ResponseError("no") if c[0] == "BAD" else c for c in self.commands]


class Client:
    """Redis as the batch sees it."""

    def __init__(self) -> None:
        self.requests: list[list[tuple[Any, ...]]] = []
        self.open = asyncio.Event()
        self.lost = False

    def pipeline(self, *, transaction: bool) -> Pipe:
        assert not transaction
        return Pipe(self)


async def _waiting(batch: Batch, count: int) -> list[asyncio.Task[list[Any]]]:
    tasks = [asyncio.create_task(batch.ask(("GET", n), ("SET", n))) for n in range(count)]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


@within(10)
async def test_what_comes_meanwhile_goes_out_together_and_in_order() -> None:
    redis = Client()
    batch = Batch(redis)  # type: ignore[arg-type]
    first = await _waiting(batch, 1)
    rest = await _waiting(batch, 3)
    redis.open.set()
    found = await asyncio.gather(*first, *rest)
    assert found == [[("GET", n), ("SET", n)] for n in (0, 0, 1, 2)]
    assert [len(request) for request in redis.requests] == [2, 6]
    assert await batch.ask(("PING",)) == [("PING",)]
    await batch.close()


@within(10)
async def test_a_refused_command_fails_alone() -> None:
    redis = Client()
    redis.open.set()
    batch = Batch(redis)  # type: ignore[arg-type]
    bad, good = await asyncio.gather(
        batch.ask(("BAD",)), batch.ask(("GET", 1)), return_exceptions=True
    )
    assert isinstance(bad, ResponseError)
    assert good == [("GET", 1)]
    await batch.close()


@within(10)
async def test_all_who_wait_hear_of_a_loss_at_once() -> None:
    redis = Client()
    batch = Batch(redis)  # type: ignore[arg-type]
    tasks = [*await _waiting(batch, 1), *await _waiting(batch, 2)]
    redis.lost = True
    redis.open.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(error, NotConnected) for error in found)
    assert len(redis.requests) == 1
    redis.lost = False
    assert await batch.ask(("PING",)) == [("PING",)]
    await batch.close()


@within(10)
async def test_nobody_is_left_waiting_when_it_ends() -> None:
    batch = Batch(Client())  # type: ignore[arg-type]
    tasks = [*await _waiting(batch, 1), *await _waiting(batch, 1)]
    await batch.close()
    for task in tasks:
        with pytest.raises(NotConnected):
            await task


@within(10)
async def test_who_gives_up_waiting_disturbs_nobody() -> None:
    redis = Client()
    batch = Batch(redis)  # type: ignore[arg-type]
    gone, stays = await _waiting(batch, 2)
    gone.cancel()
    redis.open.set()
    assert await stays == [("GET", 1), ("SET", 1)]
    await batch.close()


@within(10)
async def test_nobody_is_left_waiting_when_its_task_is_cancelled() -> None:
    batch = Batch(Client())  # type: ignore[arg-type]
    under_way = await _waiting(batch, 1)
    assert batch._sending is not None
    batch._sending.cancel()
    # asked between the cancellation and its end
    meanwhile = await _waiting(batch, 1)
    # asked, and cancelled before the first step
    unbegun = asyncio.create_task(batch.ask(("GET", 2)))
    await asyncio.sleep(0)
    batch._sending.cancel()
    found = await asyncio.gather(*under_way, *meanwhile, unbegun, return_exceptions=True)
    assert all(isinstance(error, NotConnected) for error in found)
