"""Reading support logs of every known format, one conversation in memory at a time.

What cannot be used is kept apart with its file, number and reason, and the rest is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from models.errors import LogUnreadable, Problem
from models.progress import Progress, Silent
from retrieval.conversation import Conversation
from retrieval.reading.columns import Columns
from retrieval.reading.formats import SUFFIXES, LogFile, find_logs
from retrieval.reading.items import Bad
from retrieval.reading.native import parse_conversation

__all__ = ["BadLine", "LogReader", "parse_conversation", "read_logs"]

KEPT = 1000
_FIX = "See docs/answers.md for the formats; 'frontdesk logs columns FILE' shows what is found."


@dataclass(frozen=True)
class BadLine:
    """A line kept apart: ``line`` counts from 1, 0 stands for the whole file."""

    file: str
    line: int
    reason: str


class LogReader:
    """Conversations of logs, read as they are asked for.

    ``read`` and ``bad_count`` count; ``bad`` keeps the first thousand bad lines. ``files`` are the
    logs with what was found out about each.
    """

    def __init__(self, files: Iterable[LogFile], progress: Progress | None = None) -> None:
        self.files = list(files)
        self._progress = progress or Silent()
        self.read = 0
        self.bad_count = 0
        self.bad: list[BadLine] = []

    def __iter__(self) -> Iterator[Conversation]:
        """Read from the beginning.

        :raises LogUnreadable: at the end, when not one conversation could be read.
        """
        self.read, self.bad_count, self.bad = 0, 0, []
        sizes = sum(file.source.size for file in self.files)
        self._progress.start("Reading logs (kB)", sizes // 1024 + 1)
        for file in self.files:
            shown = 0
            for item in file.read():
                if isinstance(item, Bad):
                    self._keep_apart(file, item)
                    continue
                self.read += 1
                yield item
                now = file.source.position // 1024
                self._progress.advance(max(0, now - shown))
                shown = max(shown, now)
        self._progress.done()
        if self.read == 0:
            raise self._nothing()

    def _keep_apart(self, file: LogFile, bad: Bad) -> None:
        self.bad_count += 1
        if len(self.bad) < KEPT:
            self.bad.append(BadLine(str(file.source.path), bad.line, bad.reason))

    def _nothing(self) -> LogUnreadable:
        problems = [Problem(b.file, b.line, "a conversation", b.reason, _FIX) for b in self.bad]
        return LogUnreadable(
            "No conversation could be read",
            problems,
            expected=f"files ending in {', '.join(SUFFIXES)}, or a folder of them",
            found=", ".join(str(f.source.path) for f in self.files) or "no path",
            fix=_FIX,
        )


def read_logs(
    paths: Iterable[Path | str], progress: Progress | None = None, columns: Columns | None = None
) -> LogReader:
    """Conversations of ``paths``; the reader also tells which lines were bad.

    :param columns: how the rows of tables or the speakers of transcripts are read; guessed for
        each file without it.
    """
    return LogReader(find_logs(list(paths), columns), progress)
