"""The Redis user of the compose file: enough for the sessions, and nothing more."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError
from redis.retry import Retry

from bot.embedded_redis import find_server
from bot.sessions import Bus, Sessions

START = Path(__file__).parents[2] / "deploy/redis/start.sh"
PASSWORD = "correct-horse-0123456789abcdef"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    server = find_server()
    if server is None:
        pytest.skip("no Redis server on this machine")
    port = free_port()
    environment = {
        "PATH": f"{server.parent}:{os.environ['PATH']}",
        "TMPDIR": str(tmp_path_factory.mktemp("users")),
        "DATA": str(tmp_path_factory.mktemp("data")),
        "PORT": str(port),
        "REDIS_PASSWORD": PASSWORD,
    }
    with subprocess.Popen(["sh", str(START)], env=environment, stdout=subprocess.DEVNULL) as child:
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline and not answers(port):
            time.sleep(0.05)
        yield port
        child.terminate()


def client(port: int, user: str = "frontdesk", password: str = PASSWORD) -> Redis:
    # redis tries again by default, even after a wrong password
    return Redis(port=port, username=user, password=password, retry=Retry(NoBackoff(), 0))


def answers(port: int) -> bool:
    try:
        with client(port) as redis:
            return bool(redis.ping())
    except RedisError:
        return False


async def heard(bus: Bus, talk: Callable[[], Awaitable[None]]) -> dict[str, Any]:
    arrived: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
    stop = bus.listen("desk", lambda message: arrived.done() or arrived.set_result(message))
    try:
        for _ in range(50):
            await talk()
            with contextlib.suppress(TimeoutError):
                return await asyncio.wait_for(asyncio.shield(arrived), 0.1)
    finally:
        stop()
    raise AssertionError("nothing was heard")


def test_that_the_sessions_work_under_these_rights(port: int) -> None:
    async def use() -> None:
        url = f"redis://frontdesk:{PASSWORD}@127.0.0.1:{port}/0"
        one, other = (Sessions(url, ttl=60, presence_ttl=5) for _ in range(2))
        await one.start()
        await other.start()
        try:
            assert await one.ping()
            assert await other.ping()
            async with one.lock("c", 5.0) as fence:
                assert fence > 0
            await one.save_snapshot("c", {"slots": {}})
            assert await other.load_snapshot("c") == {"slots": {}}
            assert await one.hit("address", limit=1)
            assert not await other.hit("address", limit=1)
            await one.seen("agent")
            assert await other.present() == {"agent"}
            message = {"type": "queue"}
            assert await heard(other.bus, lambda: one.publish("desk", message)) == message
            assert one.healthy
            assert other.healthy
        finally:
            await one.close()
            await other.close()

    asyncio.run(use())


def test_that_own_keys_and_channels_can_be_used(port: int) -> None:
    with client(port) as redis:
        assert redis.set("frontdesk:tracker:1", "x", px=1000, nx=True)
        assert redis.incr("frontdesk:fence:1") == 1
        assert redis.zadd("frontdesk:agents", {"a": 1.0}) == 1
        assert redis.publish("frontdesk:bus", "hello") == 0
        with redis.pipeline() as pipe:
            pipe.watch("frontdesk:tracker:1")
            pipe.multi()
            pipe.delete("frontdesk:tracker:1")
            assert pipe.execute() == [1]


@pytest.mark.parametrize(
    "command",
    [
        ("GET", "other"),
        ("SET", "other", "1"),
        ("PUBLISH", "other", "1"),
        ("EVAL", "return 1", "0"),
        ("CONFIG", "GET", "dir"),
        ("DEBUG", "SLEEP", "0"),
        ("MODULE", "LIST"),
        ("FLUSHALL",),
        ("KEYS", "*"),
        ("ACL", "LIST"),
        ("REPLICAOF", "NO", "ONE"),
        ("SHUTDOWN",),
    ],
    ids=lambda command: command[0],
)
def test_that_nothing_else_is_allowed(port: int, command: tuple[str, ...]) -> None:
    with client(port) as redis, pytest.raises(NoPermissionError):
        redis.execute_command(*command)


@pytest.mark.parametrize("user", ["default", "frontdesk", "stranger"])
def test_that_a_wrong_password_is_refused(port: int, user: str) -> None:
    with client(port, user, "wrong") as redis, pytest.raises(AuthenticationError):
        redis.ping()


def test_that_nobody_comes_in_without_a_password(port: int) -> None:
    with (
        Redis(port=port, retry=Retry(NoBackoff(), 0)) as redis,
        pytest.raises((AuthenticationError, NoPermissionError)),
    ):
        redis.ping()
