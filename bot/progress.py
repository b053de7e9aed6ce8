"""Progress bars for the terminal; plain lines where there is none."""

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


class Bars:
    """Draws one bar a stage on standard error, with the time that is left."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bars: Progress | None = None
        self._task: TaskID | None = None
        self._what = ""
        self._began = 0.0

    def start(self, what: str, total: int | None = None) -> None:
        """Begin a stage of ``total`` steps, or of unknown length."""
        self.done()
        self._what, self._began = what, time.perf_counter()
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
