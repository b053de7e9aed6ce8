"""Trainings that Rasa's HTTP API asks for: in a child process, one at a time on an installation.

The child prepares a home of its own in a temporary folder. What comes out is taken into the
installation's releases if that is wanted, and is never put into service by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import structlog

from bot.home import Home
from bot.rasa.archives import packed
from intents.reading.folder import read_assistant
from intents.store import ReleaseStore
from intents.validate import validate
from models.errors import AssistantInvalid, BadRequest, Conflict, Problem, ServiceError

log = structlog.get_logger(__name__)
_LONGEST = 4_000_000
"""Bytes of a line that a child may say."""

_SENT_WITHIN = 3600.0
"""Seconds within which an archive has been sent."""

_LINES = 20
"""How much of what a training said last stands in its error."""


@dataclass(frozen=True)
class Trained:
    """A trained release: its id, and its archive, which is the caller's to remove."""

    release: str
    archive: Path


class Trainings:
    """Trainings of one installation."""

    def __init__(self, home: Home) -> None:
        self._home = home

    # -- whether the API has a model --------------------------------------------------------

    @property
    def _mark(self) -> Path:
        return self._home.path / "model-unloaded"

    @property
    def unloaded(self) -> bool:
        """Whether the API's model has been unloaded. Customers are answered all the same."""
        return self._mark.exists()

    def unload(self) -> None:
        """Unload the API's model."""
        self._mark.touch(mode=0o600)

    def load(self, release: str | None) -> None:
        """Put ``release`` into service and load it. Raises ReleaseNotFound, ReleaseError."""
        if release is not None:
            self._home.promote(release, "by the HTTP API")
        self._mark.unlink(missing_ok=True)

    # -- training ---------------------------------------------------------------------------

    def running(self) -> int:
        """How many trainings run: 0 or 1."""
        with self._lock_file() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return 1
            return 0

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the right to train. Raises Conflict while another training runs."""
        with self._lock_file() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise Conflict("A training runs already", fix="Wait until it has ended.") from error
            self._clear()
            yield

    def _clear(self) -> None:
        """Remove what a training left behind whose worker was killed."""
        for pattern in (".train-*", ".test-*"):
            for left in self._home.path.glob(pattern):
                discard(left)
        for archive in self._home.path.glob(".archive-*"):
            if time.time() - archive.stat().st_mtime > _SENT_WITHIN:
                discard(archive)

    @contextlib.contextmanager
    def _lock_file(self) -> Iterator[int]:
        path = self._home.path / "training.lock"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    async def train(self, files: dict[str, bytes], *, seconds: float, keep: bool) -> Trained:
        """Train on an assistant's files. Raises AssistantInvalid, ServiceError."""
        with tempfile.TemporaryDirectory(dir=self._home.path, prefix=".train-") as name:
            work = Path(name)
            pack = work / "pack"
            pack.mkdir()
            for file, content in files.items():
                (pack / file).write_bytes(content)
            await asyncio.to_thread(_check, pack)
            await self._run(pack, work / "home", seconds)
            release = ReleaseStore(work / "home").current()
            if release is None:
                raise ServiceError("The training left no release")
            if keep:
                await asyncio.to_thread(self._home.store.add, release.folder)
            archive = await asyncio.to_thread(packed, release, self._home.path)
            return Trained(release.id, archive)

    async def _run(self, pack: Path, home: Path, seconds: float) -> None:
        status, said = await self._child(
            ["bot.prepare", "--home", str(home), "--pack", str(pack)], seconds
        )
        if status != 0:
            raise ServiceError("The training failed", found="\n".join(said))

    async def test(
        self, assistant: Path, stories: bytes, actions: str | None, *, seconds: float
    ) -> dict[str, Any]:
        """Play test stories against a copy of ``assistant``; return ``frontdesk test``'s summary.

        Raises BadRequest where they cannot be played.
        """
        if not stories.strip():
            raise BadRequest("There are no stories", expected="test stories as YAML")
        with tempfile.TemporaryDirectory(dir=self._home.path, prefix=".test-") as name:
            project = Path(name) / "project"
            await asyncio.to_thread(shutil.copytree, assistant, project)
            file = project / "tests" / "test_stories.yml"
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(stories)
            command = ["bot", "test", str(project), "--stories", str(file), "--json"]
            command += ["--actions", actions] if actions else []
            _, said = await self._child(command, seconds)
        return _summary(said, "The stories cannot be played")

    async def cross_validate(
        self, files: dict[str, bytes], folds: int, *, seconds: float
    ) -> dict[str, Any]:
        """Train ``folds`` times on an assistant's files; return Rasa's evaluation.

        Raises AssistantInvalid where they cannot be read, BadRequest where they cannot be divided.
        """
        with tempfile.TemporaryDirectory(dir=self._home.path, prefix=".test-") as name:
            pack = Path(name)
            for file, content in files.items():
                (pack / file).write_bytes(content)
            await asyncio.to_thread(_check_reading, pack)
            command = [
                "bot.operating.cross_validation",
                "--assistant",
                str(pack),
                "--folds",
                str(folds),
            ]
            _, said = await self._child(command, seconds)
        return _summary(said, "The lines cannot be cross-validated")

    async def _child(self, module: list[str], seconds: float) -> tuple[int, list[str]]:
        """Run ``python -m …`` at low priority; return its status and what it said last."""
        cache = os.environ.get("FRONTDESK_CACHE", str(self._home.path / "cache"))
        kept = {k: v for k, v in os.environ.items() if not k.startswith("FRONTDESK_")}
        environment = {
            **kept,
            "FRONTDESK_CACHE": cache,
            "HF_HUB_OFFLINE": "1",
            "OMP_NUM_THREADS": "1",
        }
        child = await asyncio.create_subprocess_exec(
            "nice",
            sys.executable,
            "-m",
            *module,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=_LONGEST,
        )
        said: list[str] = []
        try:
            async with asyncio.timeout(seconds):
                async for line in _lines(child):
                    said = [*said[1 - _LINES :], line]
                    log.info("training.progress", said=line[:400])
                return await child.wait(), said
        except TimeoutError as error:
            raise ServiceError(
                "The training took too long", expected=f"at most {seconds:g} seconds"
            ) from error
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()


async def _lines(child: asyncio.subprocess.Process) -> AsyncIterator[str]:
    assert child.stdout is not None
    while raw := await child.stdout.readline():
        line = raw.decode(errors="replace").rsplit("\r", 1)[-1].strip()
        if line:
            yield line


def _summary(said: list[str], failed: str) -> dict[str, Any]:
    """The JSON line that a child said last. Raises BadRequest for its own error, ServiceError."""
    last = next((line for line in reversed(said) if line.startswith("{")), "")
    try:
        summary: dict[str, Any] = orjson.loads(last)
    except orjson.JSONDecodeError as error:
        raise ServiceError("The test failed", found="\n".join(said)) from error
    if "error" in summary:
        raise BadRequest(str(summary["error"].get("message", failed)))
    return summary


def _check_reading(pack: Path) -> None:
    """Raise AssistantInvalid for what cannot be read; a domain is not asked for."""
    _refuse(read_assistant(pack, strict=False).problems)


def _check(pack: Path) -> None:
    """Raise AssistantInvalid, where lines are counted in the request's own files."""
    assistant = read_assistant(pack, strict=False)
    _refuse([*assistant.problems, *validate(assistant)])


def _refuse(problems: Sequence[Problem]) -> None:
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise AssistantInvalid("The assistant does not hold together", list(dict.fromkeys(errors)))


def files_of(body: bytes, kind: str) -> dict[str, bytes]:
    """An assistant's files in a request: one YAML document, or Rasa 2's JSON. Raises BadRequest."""
    if "json" not in kind:
        if not body.strip():
            raise BadRequest("The request body is empty", expected="training data as YAML")
        return {"data.yml": body}
    try:
        given: Any = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest("The request body is not JSON") from error
    parts = ("config", "domain", "nlu", "stories", "rules", "responses")
    found = {
        f"{part}.yml": given[part].encode()
        for part in parts
        if isinstance(given, dict) and isinstance(given.get(part), str)
    }
    if not found:
        raise BadRequest("There are no training data", expected=", ".join(parts) + " as texts")
    return found


def discard(path: Path) -> None:
    """Remove an archive or a folder that nobody needs any more."""
    with contextlib.suppress(OSError):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
