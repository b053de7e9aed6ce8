"""An index that much was added to or taken from is built anew by itself, beside the service.

    home/renewal.lock   held by the one renewal under way, whichever worker started it

The result is a release of its own, put into service by the store's atomic pointer: every worker
follows it, and turns under way keep the index they began with.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import sys
import time

import structlog

from bot.children import job_environment
from bot.home import Home
from bot.live import Releases
from retrieval.search.index import TemplateIndex

log = structlog.get_logger(__name__)

STALE = 0.2
"""Share of texts that came or went from which on an index is built anew."""
LEAST = 200
"""Texts that must have come or gone: fewer change little of what is learned."""
QUIET = 60.0
"""Seconds for which a release has served before: changes come in rows."""
RETRY = 3600.0
"""Seconds after which an index that could not be built is tried again."""


def is_stale(index: TemplateIndex) -> bool:
    """Whether so much has come and gone that the index is worth building anew."""
    return index.moved >= LEAST and index.stale >= STALE


class Renewal:
    """Watches the live release's index and has it built anew."""

    def __init__(self, home: Home, releases: Releases) -> None:
        self._home = home
        self._releases = releases
        self._seen = ("", 0.0)
        self._failed: dict[str, float] = {}
        self._child: asyncio.subprocess.Process | None = None

    async def watch(self, every: float = 5.0) -> None:
        """Look at the live index for ever."""
        while True:
            await asyncio.sleep(every)
            try:
                if self._due():
                    await self._renew(self._releases.live.release)
            except Exception:
                log.exception("index.not_renewed")

    async def close(self) -> None:
        """End a renewal that is under way; nothing is left half done."""
        child, self._child = self._child, None
        if child is not None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()

    def _due(self) -> bool:
        live, now = self._releases.live, time.monotonic()
        if self._seen[0] != live.release:
            self._seen = (live.release, now)
        waited = now - self._seen[1] >= QUIET
        again = now >= self._failed.get(live.release, 0.0)
        return waited and again and is_stale(live.index)

    async def _renew(self, release: str) -> None:
        lock = os.open(self._home.path / "renewal.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return  # another worker's is under way
        began = time.monotonic()
        try:
            # The lock goes with the descriptor: it is held for as long as the child lives.
            child = self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "bot.operating.renewal_job"),
                *("--home", str(self._home.path), "--release", release),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                pass_fds=(lock,),
                env=job_environment(),
            )
        finally:
            os.close(lock)
        _, said = await child.communicate()
        if child.returncode and self._child is child:
            self._failed = {release: time.monotonic() + RETRY}
            tail = said.decode("utf-8", "replace").strip().splitlines()[-1:]
            log.error("index.not_renewed", release=release, status=child.returncode, why=tail)
            return
        self._child = None
        seconds = round(time.monotonic() - began, 1)
        log.info("index.renewed", release=release, seconds=seconds)
        await self._releases.follow()
