"""Follows a model server: another model there becomes the release that serves here.

One worker of an installation asks, whoever holds the lock; the others follow the ``current``
pointer as always. What the server named its model (the ETag) is kept, so that a restart fetches
nothing that is here already. ``python -m bot.rasa.model_pulling`` takes the first model on first
start.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
import structlog

from bot.actions.endpoint import endpoint_of
from bot.home import Home
from bot.rasa.archives import taken_in
from bot.rasa.endpoint import expanded
from bot.rasa.model_server import ModelServer
from bot.rasa.trainings import Trainings, discard
from bot.settings import Settings
from models.errors import FrontdeskError, NotFound

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Source:
    """A model server, and how often it is asked (seconds)."""

    server: ModelServer
    every: float

    @classmethod
    def of(cls, settings: Settings) -> Source | None:
        """What the settings name, else ``models`` of ``endpoints.yml``; None if neither does.

        :raises FrontdeskError: it cannot be asked.
        """
        if settings.models_url is not None:
            token = settings.models_token.get_secret_value() if settings.models_token else None
            server = ModelServer.of({"url": settings.models_url, "token": token})
            return cls(server, settings.models_interval)
        named = expanded(endpoint_of(settings, "models"))
        if not named:
            return None
        every = named.get("wait_time_between_pulls")
        given = isinstance(every, int | float) and every >= 1
        return cls(ModelServer.of(named), float(every) if given else settings.models_interval)


class ModelPulling:
    """Pulls models from one server into one home."""

    def __init__(
        self,
        home: Home,
        server: ModelServer,
        most: int,
        promoted: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        """:param promoted: is told the id of each release that was put into service."""
        self._home = home
        self._server = server
        self._most = most
        self._promoted = promoted

    async def watch(self, every: float) -> None:
        """Ask every so many seconds, for ever; a fault is logged and changes nothing."""
        while True:
            try:
                with self._alone() as mine:
                    # held while this worker lives: another takes over when it is gone
                    while mine:
                        await self.pull()
                        await asyncio.sleep(every)
            except FrontdeskError as error:
                log.warning("model.not_pulled", why=str(error))
            except Exception:
                log.exception("model.not_pulled")
            await asyncio.sleep(every)

    async def pull(self) -> str | None:
        """Ask once; the id of the release that has been put into service, None if nothing is new.

        :raises FrontdeskError: the server cannot be reached, or what it gives cannot serve.
        """
        pulled = await self._server.pull(self._etag(), self._home.path, self._most)
        if pulled is None:
            return None
        here, most = self._home, self._most
        release = await asyncio.to_thread(taken_into_service, pulled.archive, here, most)
        self._keep(pulled.etag)
        log.info("model.pulled", release=release)
        if self._promoted is not None:
            await self._promoted(release)
        return release

    # -- what is known of the server's model ------------------------------------------------

    @property
    def _kept(self) -> Path:
        return self._home.path / "model-server.json"

    def _etag(self) -> str | None:
        try:
            read = orjson.loads(self._kept.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            return None
        known = isinstance(read, dict) and read.get("url") == self._server.url
        return str(read["etag"]) if known and read.get("etag") else None

    def _keep(self, etag: str | None) -> None:
        partial = self._kept.with_suffix(f".{os.getpid()}")
        partial.write_bytes(orjson.dumps({"url": self._server.url, "etag": etag}))
        partial.replace(self._kept)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[bool]:
        """Whether this process is the one that asks, until the block ends."""
        path = self._home.path / "model-server.lock"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield True
        except BlockingIOError:
            yield False
        finally:
            os.close(descriptor)


def taken_into_service(archive: Path, home: Home, most: int) -> str:
    """Take an archive in and put its release into service; returns its id. The archive is removed.

    :param most: bytes that its files may have together.
    :raises FrontdeskError: it holds no release that can serve.
    """
    try:
        release = taken_in(archive, home, most)
        Trainings(home).load(release.id)
    finally:
        discard(archive)
    return release.id


async def _first(home: Home, server: ModelServer, most: int) -> bool:
    return await ModelPulling(home, server, most).pull() is not None


def main() -> int:
    """Entry point of the child process that takes the first model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--pack", type=Path)
    given = parser.parse_args()
    try:
        home = Home(given.home)
        home.copy_pack(given.pack)
        settings = Settings()
        source = Source.of(settings)
        if source is None or not asyncio.run(_first(home, source.server, settings.max_model)):
            raise NotFound(
                "The model server has no model",
                fix="Put one there, or unset FRONTDESK_MODELS_URL to train one here.",
            )
    except FrontdeskError as error:
        print(f"frontdesk: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
