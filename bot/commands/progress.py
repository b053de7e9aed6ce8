"""Progress bars for the terminal; plain lines, twice a minute, where there is none."""

from __future__ import annotations

import sys
import time

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from intents.training.preflight import spoken

EVERY = 30.0
"""Seconds between two plain lines of a stage."""


class Bars:
    """Draws one bar a stage on standard error, with the time that is left."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bars: Progress | None = None
        self._task: TaskID | None = None
        self._what = ""
        self._began = 0.0
        self._pace = Pace(None)

    def start(self, what: str, total: int | None = None) -> None:
        """Begin a stage of ``total`` steps, or of unknown length."""
        self.done()
        self._what, self._began = what, time.perf_counter()
        self._pace = Pace(total)
        if not self._console.is_terminal:
            print(f"{what} …", file=sys.stderr, flush=True)
            return
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self._console,
        )
        self._bars.start()
        self._task = self._bars.add_task(what, total=total)

    def advance(self, n: int = 1) -> None:
        """Note ``n`` more steps."""
        if self._bars is not None and self._task is not None:
            self._bars.advance(self._task, n)
        elif line := self._pace.advance(n, time.perf_counter()):
            print(f"{self._what}: {line}", file=sys.stderr, flush=True)

    def done(self) -> None:
        """End the stage."""
        if not self._what:
            return
        if self._bars is not None and self._task is not None:
            task = self._bars.tasks[0]
            self._bars.update(self._task, total=task.total or 1, completed=task.total or 1)
            self._bars.stop()
        else:
            seconds = time.perf_counter() - self._began
            print(f"{self._what}: {seconds:.1f} s", file=sys.stderr, flush=True)
        self._bars = self._task = None
        self._what = ""


class Pace:
    """How far a stage is, and how long it will take at the pace it has had.

    What the first report holds was there before (a training that goes on) or says little about the
    pace; time is counted from there.
    """

    def __init__(self, total: int | None) -> None:
        self._total = total
        self._done = self._first = 0
        self._since: float | None = None
        self._spoken = 0.0

    def advance(self, n: int, now: float) -> str | None:
        """Note ``n`` more steps at ``now``; a line where the last was long enough ago."""
        self._done += n
        if self._since is None:
            self._since, self._first, self._spoken = now, self._done, now
        if now - self._spoken < EVERY or self._total is None or self._done >= self._total:
            return None
        self._spoken = now
        seconds = (now - self._since) / max(1, self._done - self._first)
        left = spoken(seconds * (self._total - self._done))
        return f"{self._done:,} of {self._total:,}, about {left} left"
