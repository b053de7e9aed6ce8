"""``frontdesk serve``: the supervisor of one installation.

Holds the home, prepares it on first start, and keeps its children alive: the embedded Redis,
the pack's action server, and the workers. It serves nothing itself, so nothing a customer
sends can reach it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.actions import confine
from bot.actions.confine import Account
from bot.actions.endpoint import address_of
from bot.actions.server import has_actions
from bot.children import die_with_parent
from bot.embedded_redis import EmbeddedRedis
from bot.hold import held
from bot.home import Home
from bot.rasa.model_pulling import Source
from bot.record.migrate import migrate
from bot.record.record import Record
from bot.secrets import Vault, load_secret
from bot.settings import Settings
from bot.staff import Staff
from models.errors import FrontdeskError, ServiceError, Unavailable

log = structlog.get_logger(__name__)

_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "SHOP_DB", "SHOP_CLOCK")
STOP_SECONDS = 12.0
MAX_FAILED_STARTS = 3


@dataclass
class Child:
    """A supervised process: restarted when it dies, more slowly when it keeps dying."""

    name: str
    command: list[str]
    environment: dict[str, str]
    pass_fds: tuple[int, ...] = ()
    user: Account | None = None
    prepare: Callable[[], None] = die_with_parent
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    again_at: float | None = None

    def start(self) -> None:
        """Start the process in a session of its own, out of the terminal's Ctrl-C."""
        self.started = time.monotonic()
        self.again_at = None
        self.process = subprocess.Popen(  # noqa: S603
            self.command,
            env=self.environment,
            pass_fds=self.pass_fds,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=self.prepare,
            **self._identity(),
        )

    def _identity(self) -> dict[str, Any]:
        if self.user is None:
            return {}
        return {"user": self.user.uid, "group": self.user.gid, "extra_groups": [], "cwd": "/"}

    def look(self) -> None:
        """Restart the process if it has died."""
        if self.process is None or self.process.poll() is None:
            return
        now = time.monotonic()
        if self.again_at is None:
            self.failures = 0 if now - self.started > 30 else self.failures + 1
            self.again_at = self.started + min(0.1 * 2**self.failures, 10.0)
        if now >= self.again_at:
            log.warning("child.restarted", child=self.name, status=self.process.returncode)
            self.start()

    def stop(self) -> None:
        """Ask the process to end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, seconds: float) -> None:
        """Wait for the end, and force it after ``seconds``."""
        if self.process is None:
            return
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)


class Supervisor:
    """Runs one installation until it is told to stop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._home = Home(settings.home)
        self._redis: EmbeddedRedis | None = None
        self._children: list[Child] = []
        self._stopping = threading.Event()

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM. Raises Conflict when the home is already served."""
        os.umask(0o077)
        with self._home.served(), contextlib.ExitStack() as stack:
            signal.signal(signal.SIGINT, self._stop)
            signal.signal(signal.SIGTERM, self._stop)
            stack.enter_context(self._record())
            self._prepare()
            sockets = self._listen()
            try:
                self._start(sockets)
                self._announce(sockets[0])
                self._watch()
            finally:
                self._shut_down()
                for listening in sockets:
                    listening.close()

    def _stop(self, *_: int | FrameType | None) -> None:
        self._stopping.set()

    # -- before serving ---------------------------------------------------------------------

    @contextlib.contextmanager
    def _record(self) -> Iterator[None]:
        """Hold the record, with its tables up to date. Raises Conflict, ServiceError."""
        secret = self._settings.secret
        vault = Vault(
            load_secret(self._settings.home, secret.get_secret_value() if secret else None)
        )
        record = Record(self._settings.database_url, vault)
        try:
            _reach(record)
            with held(record.engine):
                migrate(record.engine)
                record.check_secret()
                code = Staff(record, self._settings.home, self._given_code()).setup_code()
                self._setup_code = code
                yield
        finally:
            record.close()

    def _prepare(self) -> None:
        """Train the assistant on first start, or take it from the model server."""
        if self._home.store.current_id() is None:
            say("First start: the assistant is prepared, which takes a few minutes.")
            module = "bot.rasa.model_pulling" if Source.of(self._settings) else "bot.prepare"
            command = [sys.executable, "-m", module, "--home", str(self._home.path)]
            if self._settings.pack:
                command += ["--pack", str(self._settings.pack)]
            environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
            child = subprocess.Popen(command, env=environment)  # noqa: S603
            while child.poll() is None and not self._stopping.wait(0.2):
                pass
            if self._stopping.is_set():
                child.terminate()
                child.wait(10)
                raise SystemExit(130)
            if child.returncode != 0:
                raise ServiceError(
                    "The assistant could not be prepared",
                    fix="Mend what is said above and start again.",
                )

    def _given_code(self) -> str | None:
        code = self._settings.setup_code
        return code.get_secret_value() if code else None

    def _listen(self) -> list[socket.socket]:
        """One socket for each worker, among which the kernel shares connections out.

        They are held here: who connects while a worker starts anew waits, and is not refused.
        """
        host, port = self._settings.host, self._settings.port
        try:
            # alone at first: sockets that share a port would share it with another service's too
            _bound(host, port, shared=False).close()
            sockets = [_bound(host, port, shared=True)]
            port = sockets[0].getsockname()[1]
            sockets += [_bound(host, port, shared=True) for _ in range(1, self._settings.workers)]
        except OSError as error:
            raise Unavailable(
                f"Port {port} on {host} cannot be used",
                found=str(error.strerror),
                fix="Stop what uses it, or set FRONTDESK_PORT.",
            ) from error
        for listening in sockets:
            listening.listen(1024)
            listening.set_inheritable(True)
        return sockets

    # -- children ---------------------------------------------------------------------------

    def _start(self, sockets: Sequence[socket.socket]) -> None:
        run = self._home.run_folder()
        redis_url = self._settings.redis_url or self._start_redis(run)
        actions_url = address_of(self._settings) or self._start_actions(run)
        metrics = run / "metrics"
        metrics.mkdir(mode=0o700, exist_ok=True)
        for old in metrics.glob("*.db"):
            old.unlink()
        environment = {
            **os.environ,
            "FRONTDESK_HOME": str(self._home.path),
            "OMP_NUM_THREADS": str(self._settings.threads),
        }
        if self._settings.workers > 1:
            environment["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)
        for number, listening in enumerate(sockets):
            command = [
                sys.executable,
                "-m",
                "bot.worker",
                "--fd",
                str(listening.fileno()),
                "--redis",
                redis_url,
                "--name",
                f"worker-{number}",
            ]
            if actions_url:
                command += ["--actions", actions_url]
            fds = (listening.fileno(),)
            self._add(Child(f"worker-{number}", command, environment, fds))

    def _add(self, child: Child) -> None:
        child.start()
        self._children.append(child)

    def _start_redis(self, run: Path) -> str:
        self._redis = EmbeddedRedis(self._home.redis, run)
        self._redis.start()
        return self._redis.url

    def _start_actions(self, run: Path) -> str | None:
        folder = self._home.assistant
        if not has_actions(folder):
            return None
        environment = {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
        environment["PYTHONPATH"] = str(Path(__file__).parent.parent)
        place = confine.arrange(
            self._home.path, folder, run, self._settings.actions_user, environment.get("SHOP_DB")
        )
        environment.setdefault("SHOP_DB", str(place.kept / "shop.sqlite3"))
        address = place.sockets / "actions.sock"
        command = [sys.executable, "-m", "bot.actions.server"]
        command += ["--folder", str(folder), "--socket", str(address)]
        child = Child("actions", command, environment, user=place.user, prepare=confine.bound)
        self._add(child)
        return f"unix:{address}"

    def _watch(self) -> None:
        while not self._stopping.wait(0.25):
            for child in self._children:
                child.look()
            if self._redis is not None and not self._redis.running:
                log.warning("redis.restarted")
                with contextlib.suppress(FrontdeskError):
                    self._redis.start()

    def _shut_down(self) -> None:
        say("Stopping …")
        workers = [child for child in self._children if child.name.startswith("worker")]
        others = [child for child in self._children if child not in workers]
        # the workers first: turns under way still need Redis and the action server
        for group in (workers, others):
            for child in group:
                child.stop()
            for child in group:
                child.wait(STOP_SECONDS)
        if self._redis is not None:
            self._redis.stop()
        say("Stopped; conversations are kept.")

    def _announce(self, listening: socket.socket) -> None:
        host, port = listening.getsockname()[:2]
        shown = "localhost" if host in ("127.0.0.1", "0.0.0.0") else host  # noqa: S104
        base = f"http://{shown}:{port}"
        self._wait_until_ready(port)
        if self._stopping.is_set():
            return
        say(f"""
Frontdesk is running.

  Demo shop with the widget   {base}/
  Desk for agents             {base}/desk
  Studio for operators        {base}/studio
  API                         {base}/docs
""")
        if self._setup_code:
            say(f"  Set-up code for the first administrator: {self._setup_code}\n")
        say("Stop with Ctrl-C.")

    def _wait_until_ready(self, port: int) -> None:
        host = self._settings.host if self._settings.host != "0.0.0.0" else "127.0.0.1"  # noqa: S104
        while not self._stopping.wait(0.05):
            for child in self._children:
                child.look()
                if child.name.startswith("worker") and child.failures >= MAX_FAILED_STARTS:
                    raise ServiceError(
                        "The service does not start",
                        found=f"{child.name} ended {child.failures} times",
                        fix="Mend what it says above and start again.",
                    )
            with contextlib.suppress(OSError), socket.create_connection((host, port), 1) as probe:
                probe.settimeout(0.5)
                probe.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
                if b" 200 " in probe.recv(64):
                    return


def _bound(host: str, port: int, *, shared: bool) -> socket.socket:
    """A socket of this address. Raises OSError."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        bound.bind((host, port))
        if not shared:
            bound.listen(1)
    except OSError:
        bound.close()
        raise
    return bound


def _reach(record: Record) -> None:
    try:
        record.ping()
    except SQLAlchemyError as error:
        raise Unavailable(
            "The record cannot be reached",
            expected=record.engine.url.render_as_string(hide_password=True),
            found=str(getattr(error, "orig", None) or error).strip().splitlines()[0],
            fix="Start the database, or mend FRONTDESK_RECORD_URL.",
        ) from error


def say(text: str) -> None:
    """Speak to the person at the terminal."""
    print(text, flush=True)
