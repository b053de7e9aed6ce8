"""``frontdesk serve`` as people start it: a process with children."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.support.processes import ROOT
from tests.support.timing import eventually_now


class Installation:
    """A running ``frontdesk serve``."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)

    @property
    def output(self) -> str:
        """What it has said so far."""
        return "".join(self.said)

    @property
    def base(self) -> str:
        """Its address, once it has said it."""
        eventually_now(lambda: "Stop with Ctrl-C" in self.output or self._dead(), 90)
        found = re.search(r"http://\S+:\d+", self.output)
        assert found, f"ended with {self.process.returncode}: {self.output}"
        return found.group().replace("localhost", "127.0.0.1")

    def _dead(self) -> bool:
        return self.process.poll() is not None

    def children(self, *wanted: str) -> list[int]:
        """Process ids of the children in whose command line one of ``wanted`` stands."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        found = []
        for child in path.read_text().split():
            with contextlib.suppress(OSError):
                line = Path(f"/proc/{child}/cmdline").read_bytes().decode()
                if not wanted or any(word in line for word in wanted):
                    found.append(int(child))
        return found

    def kill_worker(self) -> None:
        """Kill the worker, without a chance to clean up."""
        [worker] = self.children("bot.worker")
        os.kill(worker, signal.SIGKILL)

    def stop(self, how: int = signal.SIGINT) -> int:
        """Stop as Ctrl-C does; returns the exit status."""
        self.process.send_signal(how)
        status = self.process.wait(40)
        self._reader.join(5)
        return status


@contextlib.contextmanager
def installed(home: Path, run: Path, **variables: str) -> Iterator[Installation]:
    """Start ``frontdesk serve`` on ``home`` with its sockets under ``run``."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("FRONTDESK_")},
        "FRONTDESK_HOME": str(home),
        "FRONTDESK_PORT": "0",
        "XDG_RUNTIME_DIR": str(run),
        "OMP_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
        **variables,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    found = Installation(process)
    try:
        yield found
    finally:
        if process.poll() is None:
            found.stop(signal.SIGTERM)
        if process.stdout is not None:
            found._reader.join(10)
            process.stdout.close()
