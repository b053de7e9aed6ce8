"""The two that are compared: how each is trained and served."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit
from urllib.request import urlopen

from benchmarks.bench_conversations import copy_home
from benchmarks.rasa_side_by_side.projects import Project, limited, rasa
from benchmarks.running import serve

TOKEN = secrets.token_urlsafe(16)


@dataclass(frozen=True)
class Served:
    """A server that answers: its port, process, and seconds from its start to its first answer."""

    port: int
    pid: int
    start_seconds: float
    parse: str


class Side(Protocol):
    """One of the two."""

    @property
    def name(self) -> str:
        """What it is called in steps and figures."""

    def train(self, project: Project) -> dict[str, float]:
        """Train on the project."""

    def serving(self, project: Project, actions: str) -> contextlib.AbstractContextManager[Served]:
        """Serve what was trained."""


def trained(command: Sequence[str], folder: Path, project: Project) -> dict[str, float]:
    """Run a training to its end: seconds, processor seconds, peak memory in MiB."""
    began = time.perf_counter()
    with (project.root / "training.log").open("ab") as log:
        child = subprocess.Popen(command, cwd=folder, env=limited(), stdout=log, stderr=log)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}: {log.name}")
    return {
        "seconds": round(time.perf_counter() - began, 1),
        "processor_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_mib": round(usage.ru_maxrss / 1024),
    }


@dataclass(frozen=True)
class Rasa:
    """Rasa in an interpreter of its own."""

    python: str
    name: str = "rasa"

    def train(self, project: Project) -> dict[str, float]:
        """``rasa train``, without the cache of an earlier one."""
        shutil.rmtree(project.folder / ".rasa", ignore_errors=True)
        shutil.rmtree(project.root / "models", ignore_errors=True)
        out = ["--out", str(project.root / "models"), "--fixed-model-name", "model"]
        return trained(rasa(self.python, "train", *out), project.folder, project)

    @contextlib.contextmanager
    def serving(self, project: Project, actions: str) -> Iterator[Served]:
        """``rasa run`` with its REST channel and HTTP API; trackers in memory, its default."""
        port = free_port()
        (project.root / "endpoints.yml").write_text(f"action_endpoint: {{url: '{actions}'}}\n")
        (project.root / "credentials.yml").write_text("rest:\n")
        named = {"model": "models/model.tar.gz", "endpoints": "endpoints.yml"}
        named |= {"credentials": "credentials.yml"}
        options = [part for k, v in named.items() for part in (f"--{k}", str(project.root / v))]
        options += ["--enable-api", "--port", str(port), "--interface", "127.0.0.1"]
        began = time.perf_counter()
        with running(rasa(self.python, "run", *options), project, "rasa") as child:
            wait_for(f"http://127.0.0.1:{port}/status", child)
            yield Served(port, child.pid, time.perf_counter() - began, "/model/parse")


@dataclass(frozen=True)
class Frontdesk:
    """Frontdesk as it is checked out here, with one worker; the record in SQLite, its default."""

    name: str = "frontdesk"

    def train(self, project: Project) -> dict[str, float]:
        """What the first ``frontdesk serve`` does before it serves."""
        home = project.root / "home"
        shutil.rmtree(home, ignore_errors=True)
        folders = ["--home", str(home), "--pack", str(project.folder)]
        return trained([sys.executable, "-m", "bot.prepare", *folders], Path.cwd(), project)

    @contextlib.contextmanager
    def serving(self, project: Project, actions: str) -> Iterator[Served]:
        """``frontdesk serve``, without conversations of an earlier time."""
        options = {"actions_url": actions, "rasa_token": TOKEN, "workers": "1"}
        home = project.root / "served"
        shutil.rmtree(home, ignore_errors=True)
        copy_home(project.root / "home", home)
        with serve(home, **options) as found:
            port = urlsplit(found.url).port
            assert port is not None
            path = f"/model/parse?token={TOKEN}"
            yield Served(port, found.pid, found.seconds_to_ready, path)


@contextlib.contextmanager
def actions_of(project: Project, python: str) -> Iterator[str]:
    """The bot's own actions on rasa-sdk's server; yields the webhook's address."""
    port = free_port()
    command = [python, "-W", "ignore", "-m", "rasa_sdk", "--actions", "actions", "-p", str(port)]
    with running(command, project, "actions") as child:
        wait_for(f"http://127.0.0.1:{port}/health", child)
        yield f"http://127.0.0.1:{port}/webhook"


@contextlib.contextmanager
def running(command: Sequence[str], project: Project, name: str) -> Iterator[subprocess.Popen[Any]]:
    """Run a server in the project's folder until the block ends."""
    with (project.root / f"{name}.log").open("ab") as log:
        child = subprocess.Popen(command, cwd=project.folder, env=limited(), stdout=log, stderr=log)
        try:
            yield child
        finally:
            child.terminate()
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def wait_for(url: str, child: subprocess.Popen[Any]) -> None:
    """Return once ``url`` answers. Raises SystemExit where its server has ended."""
    while child.poll() is None:
        with contextlib.suppress(OSError), urlopen(url, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise SystemExit(f"the server of {url} ended with {child.returncode}")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def family(pid: int) -> set[int]:
    """A process and all under it."""
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(status.parent.name)] = int(_fields(status)[1])
    found = {pid}
    while grown := {child for child, parent in parents.items() if parent in found} - found:
        found |= grown
    return found


def memory(pid: int) -> int:
    """Resident memory (MiB) of a process and all under it; what they share counts once."""
    return round(sum(_share(member) for member in family(pid)) / 1024)


def processor_seconds(pid: int) -> float:
    """Processor time that a process and all under it have had."""
    ticks = 0
    for member in family(pid):
        with contextlib.suppress(OSError):
            fields = _fields(Path(f"/proc/{member}/stat"))
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _fields(status: Path) -> list[str]:
    """``/proc/PID/stat`` (proc_pid_stat(5)) from the state on."""
    return status.read_text().rpartition(")")[2].split()


def _share(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
