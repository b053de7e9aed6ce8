"""Reports on releases for the studio: made on demand by a child process, kept with the home.

home/reports/FORMAT/RELEASE/   report.json, report.en.html, report.zh.html or problem.json
home/reports/lock              held by the one report under way, whichever worker started it
home/reports/progress.json     where that one is
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import structlog

from bot.children import job_environment
from bot.home import Home
from intents.reporting.texts import Language
from models.errors import Conflict, NotFound

log = structlog.get_logger(__name__)

State = Literal["none", "running", "ready", "failed"]
FORMAT = "1"
"""Changes with what a report says, so that an older one is made anew."""


class Reports:
    """Makes and finds the reports of one home."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._folder = home.path / "reports"
        self._task: asyncio.Task[None] | None = None
        self._child: asyncio.subprocess.Process | None = None

    def state(self, release: str) -> dict[str, Any]:
        """Return how far the report on a release is. Raises ReleaseNotFound."""
        folder = self._of(release)
        found: dict[str, Any] = {"release": release, "state": "none"}
        if (folder / "report.json").is_file():
            head = _read(folder / "report.json").get("head", {})
            return {**found, "state": "ready", "made": head.get("made")}
        running = self._running()
        if running is not None and running.get("release") == release:
            return {**running, **found, "state": "running"}
        problem = _read(folder / "problem.json")
        return {**found, "state": "failed", "problem": problem["message"]} if problem else found

    async def start(self, release: str) -> dict[str, Any]:
        """Begin a report unless there is one. Raises ReleaseNotFound, Conflict."""
        state = self.state(release)
        if state["state"] in ("ready", "running"):
            return state
        self._folder.mkdir(mode=0o700, exist_ok=True)
        lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise Conflict(
                    "Another report is being made",
                    found=str((self._running() or {}).get("release", "one that just began")),
                    fix="Wait until it is there.",
                ) from error
            self._forget_old()
            progress = self._folder / "progress.json"
            progress.write_text(json.dumps({"release": release, "stage": "", "total": 0}))
            # The lock goes with the descriptor: it is held for as long as the child lives.
            child = self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot.operating.report_job",
                *("--home", str(self._home.path), "--release", release),
                *("--out", str(self._of(release)), "--progress", str(progress)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                pass_fds=(lock,),
                env=job_environment(),
            )
        finally:
            os.close(lock)
        self._task = asyncio.create_task(self._watch(child, release), name="report")
        return self.state(release)

    def page(self, release: str, language: Language) -> str:
        """Return the finished report as HTML. Raises ReleaseNotFound, NotFound."""
        return self._read_whole(release, f"report.{language}.html")

    def data(self, release: str) -> str:
        """Return the finished report as JSON. Raises ReleaseNotFound, NotFound."""
        return self._read_whole(release, "report.json")

    async def close(self) -> None:
        """End a report that is under way."""
        child, self._child = self._child, None
        if child is not None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
        if self._task is not None:
            await self._task

    async def _watch(self, child: asyncio.subprocess.Process, release: str) -> None:
        _, said = await child.communicate()
        if child.returncode and self._child is child:
            tail = said.decode("utf-8", "replace").strip().splitlines()[-1:]
            log.error("report.failed", release=release, status=child.returncode, why=tail)
            folder = self._of(release)
            folder.mkdir(parents=True, exist_ok=True)
            problem = {"message": f"The report ended with status {child.returncode}."}
            (folder / "problem.json").write_text(json.dumps(problem))

    def _of(self, release: str) -> Path:
        # The store knows which ids are sound; nothing else becomes part of a path.
        return self._folder / FORMAT / self._home.store.get(release).id

    def _read_whole(self, release: str, name: str) -> str:
        path = self._of(release) / name
        if not path.is_file():
            raise NotFound("There is no report on this release yet", fix="Start it first.")
        return path.read_text(encoding="utf-8")

    def _running(self) -> dict[str, Any] | None:
        with _opened(self._folder / "lock") as lock:
            if lock is None:
                return None
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return _read(self._folder / "progress.json")
        return None

    def _forget_old(self) -> None:
        """Remove reports of other formats and of releases that are no more."""
        known = {release.id for release in self._home.store.list()}
        for folder in self._folder.glob("*/*"):
            if folder.parent.name != FORMAT or folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int | None]:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found
