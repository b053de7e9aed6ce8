"""Reading support logs: JSON lines, one conversation each, plain or gzip, one line in memory.

A line that cannot be used is kept apart with its file, number and reason, and the rest is read.
"""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, get_args

from models.errors import LogUnreadable, Problem
from models.progress import Progress, Silent
from retrieval.conversation import Conversation, Outcome, Role, Turn

LONGEST_LINE = 8 * 1024 * 1024
"""Bytes of one conversation; what is longer is kept apart unread."""
KEPT = 1000
SUFFIXES = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
_ROLES: Mapping[str, Role | None] = {
    **dict.fromkeys(("customer", "user", "visitor", "client", "contact"), "customer"),
    **dict.fromkeys(("agent", "assistant", "operator", "staff", "admin", "bot"), "agent"),
    **dict.fromkeys(("system", "note", "event"), None),
}


@dataclass(frozen=True)
class BadLine:
    """A line kept apart: ``line`` counts from 1, 0 stands for the whole file."""

    file: str
    line: int
    reason: str


class LogReader:
    """Conversations of files and folders, read as they are asked for.

    ``read`` and ``bad_count`` count; ``bad`` keeps the first thousand bad lines.
    """

    def __init__(self, paths: Iterable[Path], progress: Progress | None = None) -> None:
        self._paths = list(paths)
        self._progress = progress or Silent()
        self.read = 0
        self.bad_count = 0
        self.bad: list[BadLine] = []

    def __iter__(self) -> Iterator[Conversation]:
        """Read from the beginning.

        :raises LogUnreadable: at the end, when not one conversation could be read.
        """
        self.read, self.bad_count, self.bad = 0, 0, []
        files = self._files()
        self._progress.start("Reading logs", len(files))
        for file in files:
            yield from self._read_file(file)
            self._progress.advance()
        self._progress.done()
        if self.read == 0:
            raise self._nothing()

    def _files(self) -> list[Path]:
        files: list[Path] = []
        for path in self._paths:
            if path.is_dir():
                files += sorted(
                    f for f in path.rglob("*") if f.name.endswith(SUFFIXES) and f.is_file()
                )
            else:
                files.append(path)
        return files

    def _read_file(self, file: Path) -> Iterator[Conversation]:
        number = 0
        try:
            with file.open("rb") as raw:
                for number, line in enumerate(_lines(_unpacked(raw)), 1):
                    conversation = self._parse(file, number, line)
                    if conversation is not None:
                        self.read += 1
                        yield conversation
        except (OSError, EOFError, zlib.error) as error:
            self._keep_apart(file, number + 1 if number else 0, f"cannot be read: {error}")

    def _parse(self, file: Path, number: int, line: bytes | None) -> Conversation | None:
        if line is not None and not line.strip():
            return None
        try:
            if line is None:
                raise ValueError(f"longer than {LONGEST_LINE // 1024**2} MB")
            return parse_conversation(json.loads(line.decode("utf-8-sig")))
        except (ValueError, RecursionError) as error:
            self._keep_apart(file, number, str(error)[:300])
            return None

    def _keep_apart(self, file: Path, line: int, reason: str) -> None:
        self.bad_count += 1
        if len(self.bad) < KEPT:
            self.bad.append(BadLine(str(file), line, reason))

    def _nothing(self) -> LogUnreadable:
        fix = "Write one conversation a line as JSON with id, language and turns."
        problems = [Problem(b.file, b.line, "a conversation", b.reason, fix) for b in self.bad]
        return LogUnreadable(
            "No conversation could be read",
            problems,
            expected=f"files ending in {', '.join(SUFFIXES)}, or a folder of them",
            found=", ".join(map(str, self._paths)) or "no path",
            fix=fix,
        )


def read_logs(paths: Iterable[Path], progress: Progress | None = None) -> LogReader:
    """Conversations of ``paths``; the reader also tells which lines were bad."""
    return LogReader(paths, progress)


def parse_conversation(data: Any) -> Conversation:
    """One conversation from JSON data; keys that are not known are ignored.

    :raises ValueError: says which field is missing or wrong.
    """
    if not isinstance(data, dict):
        raise ValueError(f"expected a JSON object, found {type(data).__name__}")
    turns = data.get("turns")
    if not isinstance(turns, list):
        raise ValueError("expected a list 'turns'")
    parsed = [_turn(turn, i) for i, turn in enumerate(turns)]
    kept = tuple(turn for turn in parsed if turn is not None)
    if not kept:
        raise ValueError("no turn of a customer or an agent")
    return Conversation(
        id=_text(data, "id"),
        language=_optional(data, "language") or _guess_language(kept),
        turns=kept,
        channel=_optional(data, "channel"),
        started=_time(data.get("started"), "started"),
        agent=_optional(data, "agent"),
        outcome=_outcome(data.get("outcome")),
        rating=_rating(data.get("rating")),
    )


def _turn(data: Any, number: int) -> Turn | None:
    if not isinstance(data, dict):
        raise ValueError(f"turn {number} is not an object")
    role = str(data.get("role", "")).lower()
    if role not in _ROLES:
        raise ValueError(f"turn {number}: role {role[:40]!r} is neither customer nor agent")
    known = _ROLES[role]
    text = data.get("text")
    if not isinstance(text, str):
        raise ValueError(f"turn {number} has no text")
    at = _time(data.get("at"), f"turn {number}: at")
    return Turn(known, text, at) if known and text.strip() else None


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"expected a text {key!r}")
    return value


def _optional(data: Mapping[str, Any], key: str) -> str | None:
    value = data.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"expected {key!r} to be a text or null")
    return value or None


def _outcome(value: Any) -> Outcome | None:
    if value is None:
        return None
    for known in get_args(Outcome):
        if value == known:
            outcome: Outcome = known
            return outcome
    raise ValueError(f"outcome {str(value)[:40]!r} is not one of {', '.join(get_args(Outcome))}")


def _rating(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or value not in (1, 2, 3, 4, 5):
        raise ValueError(f"rating {str(value)[:40]!r} is not 1 to 5")
    return int(value)


def _time(value: Any, key: str) -> datetime | None:
    if value is None:
        return None
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"{key} {str(value)[:40]!r} is not an ISO time") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _guess_language(turns: tuple[Turn, ...]) -> str:
    text = "".join(turn.text for turn in turns)
    chinese = sum("㐀" <= char <= "鿿" for char in text)
    return "zh" if chinese * 4 > len(text) else "en"


def _unpacked(raw: io.BufferedReader) -> BinaryIO:
    if raw.peek(2)[:2] != b"\x1f\x8b":
        return raw
    return gzip.GzipFile(fileobj=raw)  # type: ignore[return-value]


def _lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """Lines without more than the longest in memory; None stands for a longer one."""
    while line := stream.readline(LONGEST_LINE + 1):
        if len(line) <= LONGEST_LINE:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_LINE)
        yield None
