"""Where stories are played: a release trained of the project, a service's parts, its actions.

The release is kept in the cache by the content of the project's files, so that a second run of
the same project starts at once. Nothing is written into the project's folder.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

from bot.actions import server as action_server
from bot.children import die_with_parent
from bot.embedded_redis import EmbeddedRedis
from bot.home import Home
from bot.live import Live
from bot.prepare import install
from bot.record.migrate import migrate
from bot.record.record import Taken
from bot.service import Service
from bot.settings import Settings
from intents.reading.folder import read_assistant
from intents.release import sha256_of
from intents.training.training import train
from models.encoders.weights import cache_folder
from models.errors import AssistantInvalid, ServiceError
from models.progress import Progress

LEFT_OUT = shutil.ignore_patterns(
    ".*", "__pycache__", "*.pyc", "node_modules", "models", "results", "venv", "scenarios"
)
PATIENCE = 60.0
"""Seconds within which an action server must answer."""

UNHURRIED = 110.0
"""Seconds more than a living turn has for actions: on a stage nobody waits for an answer."""

KEPT = "kept"
"""Folder of the stage in which actions keep their files."""

VERSION = 2
"""Counts up when releases of an earlier version can no longer be used."""


@dataclass(frozen=True)
class Stage:
    """A service's parts without its network, and what is known of the project's actions.

    ``actions`` is the action server's address, None where none runs: then what custom actions
    would do is taken from the story alone; ``silent`` says why the project's own did not start.
    ``trained`` is how long training took, in seconds; None where the release was at hand. ``kept``
    is where the actions keep what they write.
    """

    service: Service
    live: Live
    actions: str | None
    trained: float | None
    kept: Path
    silent: str = ""

    def clear(self) -> None:
        """Forget what the actions wrote, so that one story cannot spoil the next."""
        shutil.rmtree(self.kept, ignore_errors=True)
        self.kept.mkdir()


def patient(taken: Taken) -> Taken:
    """The turn as if its message had come a good while later: actions have time."""
    return replace(taken, claim=replace(taken.claim, accepted_at=time.time() + UNHURRIED))


def prepared(folder: Path, progress: Progress) -> tuple[Path, float | None]:
    """A home with a release of the project in ``folder``, and the seconds that training took.

    Raises AssistantInvalid where there is nothing to train.
    """
    assistant = read_assistant(folder, strict=False)
    if not assistant.examples:
        errors = [problem for problem in assistant.problems if problem.severity == "error"]
        raise AssistantInvalid(f"{folder} holds no training lines", errors)
    target = cache_folder() / "trials" / _digest(folder)
    if (target / "current").exists():
        return target, None
    began = time.perf_counter()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as work:
        home = Home(Path(work) / "home")
        shutil.copytree(folder, home.assistant, ignore=LEFT_OUT)
        out = Path(work) / "release"
        train(assistant.examples, out, mode="head", assistant=assistant, progress=progress)
        release = install(home, out, "tested", progress)
        home.store.promote(release.id, "tested")
        with contextlib.suppress(OSError):  # another test of the same project was faster
            home.path.rename(target)
    return target, round(time.perf_counter() - began, 1)


def _digest(folder: Path) -> str:
    """Of what a release is made of: adapter, templates, knowledge beside the YAML, no code."""
    sha = hashlib.sha256(f"{VERSION}".encode())
    for root, folders, files in os.walk(folder):
        left_out = {*LEFT_OUT(root, [*folders, *files]), "tests", "actions"}
        left_out |= {name for name in files if name.endswith(".py")}
        folders[:] = sorted({*folders} - left_out)
        for path in (Path(root, name) for name in sorted({*files} - left_out)):
            if path.is_file():
                sha.update(f"{path.relative_to(folder)}\0{sha256_of(path)}\0".encode())
    return sha.hexdigest()[:32]


@contextlib.asynccontextmanager
async def staged(
    folder: Path, actions: str | None, python: str | None, progress: Progress
) -> AsyncIterator[Stage]:
    """Set the stage for the project in ``folder``; everything is gone when the block ends.

    :param actions: address of a running action server; its own is started if None.
    :param python: the interpreter that its own action server runs in; this one if None.
    :raises ServiceError: the action server does not start in the interpreter that was named.
    """
    home, seconds = await asyncio.to_thread(prepared, folder, progress)
    with tempfile.TemporaryDirectory(prefix="fd-") as work, contextlib.ExitStack() as stack:
        place = Path(work)
        url, silent = actions, ""
        try:
            url = url or await _own_actions(folder, place, python, stack)
        except ServiceError as error:
            if python is not None:
                raise
            silent = str(error)
        redis = EmbeddedRedis(place / "redis", place)
        redis.start()
        stack.callback(redis.stop)
        settings = Settings(
            _env_file=None,
            home=home,
            record_url=f"sqlite:///{place / 'record.sqlite3'}",
            action_timeout=120,
        )
        service = Service.build(settings, redis_url=redis.url, actions_url=url, worker=None)
        migrate(service.record.engine)
        await service.sessions.start()
        await service.releases.start()
        service.inference.start()
        try:
            yield Stage(service, service.releases.live, url, seconds, place / KEPT, silent)
        finally:
            await service.close()


async def _own_actions(
    folder: Path, place: Path, python: str | None, stack: contextlib.ExitStack
) -> str | None:
    """Start the project's own actions on rasa-sdk's server, in a copy of the project."""
    if not action_server.has_actions(folder):
        return None
    copy = place / "project"
    shutil.copytree(folder, copy, ignore=LEFT_OUT)
    listening = place / "actions.sock"
    (place / KEPT).mkdir()
    # by its path and isolated, so that the interpreter needs nothing of Frontdesk
    server = [python or sys.executable, "-I", str(Path(action_server.__file__))]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FRONTDESK_")}
    environment["SHOP_DB"] = str(place / KEPT / "shop.sqlite3")
    said = (place / "actions.log").open("w+")
    stack.callback(said.close)
    child = subprocess.Popen(  # noqa: ASYNC220, S603
        [*server, "--folder", str(copy), "--socket", str(listening)],
        cwd=copy,
        env=environment,
        stdout=said,
        stderr=said,
        preexec_fn=die_with_parent,
    )
    stack.callback(_ended, child)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and child.poll() is None:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as trial:
            trial.connect(str(listening))
            return f"unix:{listening}"
        await asyncio.sleep(0.1)
    said.seek(0)
    last = said.read().strip().splitlines()[-1:] or ["nothing"]
    raise ServiceError(
        f"The action server of {folder} did not start",
        found=last[0][:200],
        fix="Install what its actions need, name the interpreter that has it (--python), or give "
        "the address of a running one (--actions).",
    )


def _ended(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
