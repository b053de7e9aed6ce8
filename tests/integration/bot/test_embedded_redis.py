from __future__ import annotations

import os
import signal
import stat
import tempfile
from pathlib import Path

import pytest
import redis as client
from redis.exceptions import ResponseError

from bot import embedded_redis
from bot.embedded_redis import EmbeddedRedis
from models.errors import Unavailable
from tests.support import processes
from tests.support.timing import eventually_now


def _connect(server: EmbeddedRedis) -> client.Redis:
    return client.Redis.from_url(server.url, socket_timeout=5)


def test_only_its_owner_may_use_the_socket(redis: EmbeddedRedis) -> None:
    assert stat.S_IMODE(redis.socket.stat().st_mode) == 0o700
    assert stat.S_IMODE(redis.socket.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "command",
    [
        ("EVAL", "return 1", "0"),
        ("EVALSHA", "x", "0"),
        ("SCRIPT", "LOAD", "return 1"),
        ("CONFIG", "GET", "dir"),
        ("CONFIG", "SET", "dir", "/tmp"),
        ("DEBUG", "SLEEP", "0"),
        ("MODULE", "LIST"),
        ("REPLICAOF", "127.0.0.1", "6379"),
        ("SLAVEOF", "127.0.0.1", "6379"),
    ],
)
def test_dangerous_commands_are_refused(redis: EmbeddedRedis, command: tuple[str, ...]) -> None:
    with _connect(redis) as connection:
        with pytest.raises(ResponseError, match="unknown command"):
            connection.execute_command(*command)
        assert connection.ping()


def test_it_listens_on_no_port(redis: EmbeddedRedis) -> None:
    sockets = set()
    for descriptor in Path(f"/proc/{redis.pid}/fd").iterdir():
        target = os.readlink(descriptor)
        if target.startswith("socket:["):
            sockets.add(target[8:-1])
    listening = "".join(Path(f"/proc/net/{name}").read_text() for name in ("tcp", "tcp6"))
    assert not [inode for inode in sockets if f" {inode} " in listening]
    with _connect(redis) as connection:
        assert connection.info()["tcp_port"] == 0


def test_second_start_finds_the_data(short_path: Path) -> None:
    with processes.redis(short_path) as server, _connect(server) as connection:
        connection.set("kept", "yes")
    with processes.redis(short_path) as server, _connect(server) as connection:
        assert connection.get("kept") == b"yes"


def test_killed_server_starts_again_on_its_data(short_path: Path) -> None:
    with processes.redis(short_path) as server:
        with _connect(server) as connection:
            connection.set("kept", "yes")
            connection.execute_command("WAIT", 0, 100)
        assert server.pid is not None
        eventually_now(lambda: (short_path / "data" / "appendonly.aof").stat().st_size > 0)
        os.kill(server.pid, signal.SIGKILL)
        eventually_now(lambda: not server.running)
        server.start()
        with _connect(server) as connection:
            assert connection.get("kept") == b"yes"


def test_stopped_server_is_gone(short_path: Path) -> None:
    with processes.redis(short_path) as server:
        pid = server.pid
        assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not server.running
    server.stop()


def test_folder_with_a_space_is_a_folder() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="fd x'y ") as folder,
        processes.redis(Path(folder)) as server,
        _connect(server) as connection,
    ):
        assert connection.ping()


def test_missing_binary_is_told_with_the_way_out(
    short_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_redis, "find_server", lambda: None)
    with pytest.raises(Unavailable, match="FRONTDESK_REDIS_URL"):
        EmbeddedRedis(short_path, short_path).start()


def test_server_that_cannot_start_is_told_of_with_its_log(short_path: Path) -> None:
    (short_path / "data").mkdir()
    (short_path / "data" / "appendonly.aof").write_bytes(b"*9\r\nbroken")
    server = EmbeddedRedis(short_path / "data", short_path)
    with pytest.raises(Unavailable, match=r"redis\.log"):
        server.start(timeout=5)
    assert not server.running
