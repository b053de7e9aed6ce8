"""Sessions against a real Redis, one that is killed, and one that comes back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.embedded_redis import EmbeddedRedis
from bot.sessions import BEHIND, Sessions
from tests.support.timing import eventually, within


@contextlib.asynccontextmanager
async def _sessions(redis: EmbeddedRedis, **options: Any) -> AsyncIterator[Sessions]:
    found = Sessions(redis.url, **{"ttl": 60, "presence_ttl": 40.0, **options})
    await found.start()
    try:
        yield found
    finally:
        await found.close()


def _kill(redis: EmbeddedRedis) -> None:
    assert redis.pid is not None
    os.kill(redis.pid, signal.SIGKILL)
    while redis.running:
        time.sleep(0.005)


# -- locks ----------------------------------------------------------------------------------


@within(20)
async def test_lock_keeps_processes_apart_and_its_number_grows(redis: EmbeddedRedis) -> None:
    async with _sessions(redis) as first, _sessions(redis) as second:
        inside = 0
        numbers = []

        async def work(sessions: Sessions) -> None:
            nonlocal inside
            async with sessions.lock("c1", 10.0) as fence:
                inside += 1
                assert inside == 1
                numbers.append(fence)
                await asyncio.sleep(0.002)
                inside -= 1

        await asyncio.gather(*(work(s) for s in (first, second) * 10))
        assert numbers == sorted(set(numbers))
        assert len(numbers) == 20


@within(10)
async def test_lock_of_another_conversation_is_free(redis: EmbeddedRedis) -> None:
    async with _sessions(redis) as first, _sessions(redis) as second, first.lock("c1", 2.0):
        began = time.monotonic()
        async with asyncio.timeout(1), second.lock("c2", 10.0):
            pass
        assert time.monotonic() - began < 1


@within(10)
async def test_waiter_gets_the_lock_within_fifty_milliseconds(redis: EmbeddedRedis) -> None:
    async with _sessions(redis) as first, _sessions(redis) as second:
        freed: list[float] = []
        taken: list[float] = []
        holding = asyncio.Event()

        async def hold() -> None:
            async with first.lock("c1", 10.0):
                holding.set()
                await asyncio.sleep(0.3)
            freed.append(time.monotonic())

        async def wait() -> None:
            await holding.wait()
            async with second.lock("c1", 10.0):
                taken.append(time.monotonic())

        await asyncio.gather(hold(), wait())
        # the poll is every 40 ms at most; the rest is what a busy machine adds
        assert taken[0] - freed[0] < 0.25


@within(10)
async def test_lock_of_a_dead_process_expires(redis: EmbeddedRedis) -> None:
    async with _sessions(redis) as alive, _sessions(redis) as dead:
        held = dead.lock("c1", 0.4)
        first = await held.__aenter__()
        began = time.monotonic()
        async with alive.lock("c1", 5.0) as second:
            assert 0.2 < time.monotonic() - began < 3
            assert second > first
            # its late release does not free what another holds now
            await held.__aexit__(None, None, None)
            assert await alive._redis.exists("frontdesk:lock:c1")


@within(10)
async def test_lock_always_has_an_expiry(redis: EmbeddedRedis) -> None:
    async with _sessions(redis) as sessions, sessions.lock("c1", 5.0):
        assert 0 < await sessions._redis.pttl("frontdesk:lock:c1") <= 5000
        assert 0 < await sessions._redis.ttl("frontdesk:fence:c1") <= 60


@within(10)
async def test_lock_is_freed_when_the_work_fails(redis: EmbeddedRedis) -> None:
    async with _sessions(redis) as sessions:
        with pytest.raises(ZeroDivisionError):
            async with sessions.lock("c1", 60.0):
                raise ZeroDivisionError
        assert not await sessions._redis.exists("frontdesk:lock:c1")


# -- snapshots, limits, presence ------------------------------------------------------------


@within(10)
async def test_snapshot_comes_back_in_another_process(redis: EmbeddedRedis) -> None:
    async with _sessions(redis) as first, _sessions(redis) as second:
        assert await second.load_snapshot("c1") is None
        await first.save_snapshot("c1", {"slots": {"name": "林悦"}})
        assert await second.load_snapshot("c1") == {"slots": {"name": "林悦"}}
        assert 0 < await first._redis.ttl("frontdesk:tracker:c1") <= 60


@within(10)
async def test_rate_is_counted_over_processes(redis: EmbeddedRedis) -> None:
    async with _sessions(redis) as first, _sessions(redis) as second:
        # a window that does not end during the test
        used = [await s.hit("b", 4, 86_400) for s in (first, second) * 3]
        assert used == [True] * 4 + [False] * 2
        assert await first.hit("other", 4, 86_400)


@within(10)
async def test_presence_is_seen_by_others_and_lapses(redis: EmbeddedRedis) -> None:
    async with _sessions(redis) as first, _sessions(redis, presence_ttl=0.3) as second:
        await first.seen("ana")
        assert await second.present() == {"ana"}
        await asyncio.sleep(0.35)
        assert await second.present() == set()
        assert await second.present(within=60) == {"ana"}
        assert await first.present() == {"ana"}
        await first.gone("ana")
        assert await first.present() == await second.present(within=60) == set()


# -- fan-out --------------------------------------------------------------------------------


@within(10)
async def test_message_reaches_each_listener_once(redis: EmbeddedRedis) -> None:
    async with _sessions(redis) as first, _sessions(redis) as second:
        await _listening(first, second, "c0")
        await _listening(second, first, "c0")
        seen: dict[str, list[Any]] = {"own": [], "other": [], "elsewhere": []}
        first.bus.listen("c1", seen["own"].append)
        stop = second.bus.listen("c1", seen["other"].append)
        second.bus.listen("c2", seen["elsewhere"].append)
        for number in range(5):
            await first.publish("c1", {"n": number})
        await eventually(lambda: len(seen["other"]) == 5)
        stop()
        await first.publish("c1", {"n": 5})
        await first.publish("c2", {"n": 6})
        await eventually(lambda: seen["elsewhere"] == [{"n": 6}])
        assert seen["own"] == [{"n": n} for n in range(6)]
        assert seen["other"] == [{"n": n} for n in range(5)]


@within(20)
async def test_listeners_look_again_after_messages_were_withheld(redis: EmbeddedRedis) -> None:
    async with _sessions(redis) as first, _sessions(redis) as second:
        heard = await _listening(first, second, "c1")
        first._lost("a call that took too long")
        await first.publish("c1", {"n": 1})
        assert await first.ping()
        await eventually(lambda: heard == [BEHIND])
        await first.publish("c1", {"n": 2})
        await eventually(lambda: heard == [BEHIND, {"n": 2}])


@within(20)
async def test_listeners_look_again_after_their_connection_was_lost(redis: EmbeddedRedis) -> None:
    async with _sessions(redis) as first, _sessions(redis) as second:
        heard = await _listening(first, second, "c1")
        await first._redis.client_kill_filter(_type="pubsub")
        await eventually(lambda: BEHIND in heard)
        await eventually(lambda: _subscribers(first, 2))
        await eventually(first.ping)
        await first.publish("c1", {"n": 1})
        await eventually(lambda: {"n": 1} in heard)


async def _listening(first: Sessions, second: Sessions, topic: str) -> list[Any]:
    """What ``second`` hears of a topic, from when all that came before has reached it."""
    heard: list[Any] = []
    await eventually(lambda: _subscribers(first, 2))
    second.bus.listen(topic, heard.append)
    await first.publish(topic, {"n": 0})
    await eventually(lambda: {"n": 0} in heard)
    heard.clear()
    return heard


async def _subscribers(sessions: Sessions, wanted: int) -> bool:
    [(_, count)] = await sessions._redis.pubsub_numsub("frontdesk:bus")
    return bool(count == wanted)


# -- Redis gone -----------------------------------------------------------------------------


@within(20)
async def test_everything_goes_on_without_redis(redis: EmbeddedRedis) -> None:
    async with _sessions(redis) as sessions:
        assert await sessions.ping()
        await sessions.seen("ana")
        _kill(redis)
        heard: list[Any] = []
        sessions.bus.listen("c1", heard.append)
        for _ in range(2):  # once finding out, once knowing
            async with sessions.lock("c1", 5.0) as fence:
                assert fence == 0
            assert await sessions.load_snapshot("c1") is None
            await sessions.save_snapshot("c1", {})
            assert await sessions.hit("b", 2)
            await sessions.seen("ben")
            assert await sessions.present() == {"ana", "ben"}
            await sessions.publish("c1", {"n": 1})
        assert not await sessions.hit("b", 2), "each process counts for itself"
        await sessions.gone("ben")
        assert await sessions.present() == {"ana"}
        assert [message for message in heard if message != BEHIND] == [{"n": 1}] * 2
        assert BEHIND in heard
        assert not sessions.healthy
        assert not await sessions.ping()


@pytest.mark.parametrize(
    "call",
    [
        lambda s: s.load_snapshot("c1"),
        lambda s: s.save_snapshot("c1", {}),
        lambda s: s.hit("b", 1),
        lambda s: s.seen("ana"),
        lambda s: s.present(),
        lambda s: s.publish("c1", {}),
        lambda s: s.gone("ana"),
        lambda s: s.ping(),
    ],
)
def test_each_call_bears_the_loss_by_itself(redis: EmbeddedRedis, call: Any) -> None:
    @within(10)
    async def run() -> None:
        sessions = Sessions(redis.url, ttl=60, presence_ttl=40.0)
        await sessions.ping()
        _kill(redis)
        began = time.monotonic()
        await call(sessions)
        assert time.monotonic() - began < 2.5
        await sessions.close()

    run()


@within(20)
async def test_lock_in_one_process_holds_without_redis(redis: EmbeddedRedis) -> None:
    async with _sessions(redis) as sessions:
        _kill(redis)
        inside: list[int] = []

        async def work(number: int) -> None:
            async with sessions.lock("c1", 5.0):
                inside.append(number)
                assert len(inside) == 1
                await asyncio.sleep(0.002)
                inside.clear()

        await asyncio.gather(*(work(n) for n in range(10)))


@within(20)
async def test_redis_lost_while_a_lock_is_held(redis: EmbeddedRedis) -> None:
    async with _sessions(redis) as sessions:
        async with sessions.lock("c1", 5.0):
            _kill(redis)
        async with sessions.lock("c1", 5.0):
            pass


@within(20)
async def test_everything_comes_back_with_redis(redis: EmbeddedRedis) -> None:
    async with _sessions(redis) as first, _sessions(redis) as second:
        _kill(redis)
        await first.save_snapshot("c1", {"n": 1})
        assert not first.healthy
        redis.start()
        await eventually(first.ping)
        assert first.healthy
        await eventually(second.ping)
        await first.save_snapshot("c1", {"n": 2})
        assert await second.load_snapshot("c1") == {"n": 2}
        heard = await _listening(first, second, "c1")
        await first.publish("c1", {"n": 3})
        await eventually(lambda: heard == [{"n": 3}])


@within(20)
async def test_hung_redis_costs_seconds_at_most_and_once(redis: EmbeddedRedis) -> None:
    async with _sessions(redis) as sessions:
        assert await sessions.ping()
        assert redis.pid is not None
        os.kill(redis.pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            async with sessions.lock("c1", 5.0):
                pass
            await sessions.load_snapshot("c1")
            await sessions.publish("c1", {})
            assert time.monotonic() - began < 5
        finally:
            os.kill(redis.pid, signal.SIGCONT)
        await eventually(sessions.ping)
