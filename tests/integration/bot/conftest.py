"""Real Redis, real action servers, and services on a tiny real release."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.embedded_redis import EmbeddedRedis
from tests.support import processes, tiny
from tests.support.service import App, serving


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder whose path is short enough for a Unix socket."""
    with tempfile.TemporaryDirectory(prefix="fd-") as folder:
        yield Path(folder)


@pytest.fixture
def redis(short_path: Path) -> Iterator[EmbeddedRedis]:
    with processes.redis(short_path) as server:
        yield server


@dataclass(frozen=True)
class Ledger:
    """What the tiny assistant's action did, and the way to hold it."""

    folder: Path

    def lines(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []

    @property
    def calls(self) -> list[str]:
        return self.lines("calls")

    @property
    def cancelled(self) -> list[str]:
        """Orders, one for each time that one was cancelled."""
        return [line.split()[1] for line in self.lines("cancelled")]

    def hold(self, where: str) -> None:
        (self.folder / f"hold.{where}").touch()

    def let_go(self) -> None:
        for path in self.folder.glob("hold.*"):
            path.unlink(missing_ok=True)

    def clear(self) -> None:
        self.let_go()
        for name in ("calls", "cancelled"):
            (self.folder / name).unlink(missing_ok=True)


@pytest.fixture
def record_options() -> dict[str, str]:
    """Variables that name the record; SQLite in the home."""
    return {}


@pytest.fixture(scope="session")
def tiny_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    given = os.environ.get("FRONTDESK_CACHE")
    return tiny.prepared(Path(given) if given else tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def _actions() -> Iterator[tuple[str, Ledger]]:
    with tempfile.TemporaryDirectory(prefix="fd-") as name:
        folder = Path(name)
        (folder / "ledger").mkdir()
        ledger = Ledger(folder / "ledger")
        address = folder / "actions.sock"
        with processes.action_server(tiny.PACK, address, SHOP_DB=str(ledger.folder)) as url:
            yield url, ledger


@dataclass(frozen=True)
class World:
    """A home, a Redis and an action server: all that a worker needs."""

    home: Path
    redis: EmbeddedRedis
    actions: str
    ledger: Ledger

    def serving(self, **options: Any) -> AbstractAsyncContextManager[App]:
        """Run a worker on it."""
        actions = options.pop("actions_url", self.actions)
        return serving(self.home, self.redis.url, actions, **options)


@pytest.fixture
def world(
    tiny_home: Path, tmp_path: Path, redis: EmbeddedRedis, _actions: tuple[str, Ledger]
) -> Iterator[World]:
    actions, ledger = _actions
    ledger.clear()
    yield World(tiny.copied(tiny_home, tmp_path / "home"), redis, actions, ledger)
    ledger.let_go()
