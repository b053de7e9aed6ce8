"""Which reader a file needs, found by its first bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Literal

from retrieval.reading import database, documents, tables, transcripts
from retrieval.reading.columns import Columns, Row
from retrieval.reading.guess import guess, known_header
from retrieval.reading.items import Bad, Items
from retrieval.reading.source import UNREADABLE, Source

Format = Literal["json lines", "json", "table", "transcript", "rasa database", "unknown"]
SUFFIXES = (
    ".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".tab", ".txt", ".log", ".db", ".sqlite",
    ".sqlite3",
)  # fmt: skip
PACKED = ("", ".gz", ".bz2", ".zst")
_TABLES = (".csv", ".tsv", ".tab")
_FIX = "Name its columns in a file given with --mapping; 'frontdesk logs columns' writes a draft."


@dataclass
class LogFile:
    """One log with the reader that fits it.

    ``columns`` is how its rows or speakers are read, where that had to be guessed or was given;
    None for formats that say it themselves.
    """

    source: Source
    given: Columns | None = None
    url: str | None = None

    @classmethod
    def of(cls, path: Path | str, columns: Columns | None = None) -> LogFile:
        """A file by its path, or a database by its address."""
        text = str(path)
        if database.is_url(text):
            return cls(Source(Path(text.rsplit("/", 1)[-1])), None, text)
        return cls(Source(Path(path)), columns)

    @cached_property
    def format(self) -> Format:
        """What the file is; ``unknown`` also where it cannot be opened."""
        if self.url:
            return "rasa database"
        try:
            if self.source.starts_with(database.SQLITE_MAGIC):
                return "rasa database"
            return _format_of(self.source.head(), self.source.path.name.lower())
        except UNREADABLE:
            return "unknown"

    @cached_property
    def columns(self) -> Columns | None:
        """How rows or speakers are read: as given, else guessed; None where nothing needs it."""
        if self.format == "transcript":
            given = self.given if self.given and self.given.kind == "transcript" else None
            return given or transcripts.guess(self.source)
        if not self._has_rows:
            return None
        fitting = self.given if self.given and self.given.kind != "transcript" else None
        return fitting or guess(self.sample)

    @cached_property
    def guessed(self) -> bool:
        """Whether :attr:`columns` is a guess that a person should see."""
        return self.columns is not None and self.columns is not self.given

    @cached_property
    def sample(self) -> list[Row]:
        """The first rows of a table."""
        try:
            found = islice(self._rows(), 2 * tables.SAMPLE)
            return [row[1] for row in found if not isinstance(row, Bad)][: tables.SAMPLE]
        except UNREADABLE:
            return []

    def read(self) -> Items:
        """Everything in the file, in a fixed order; what cannot be read is a bad item."""
        try:
            yield from self._items()
        except UNREADABLE as error:
            yield Bad(0, f"cannot be read from here on: {error}"[:300])

    def fingerprint(self) -> str:
        """Tells this log from another and from a later state of itself."""
        if self.url:
            return f"{self.url.rsplit('@', 1)[-1]}#{database.last_event(self.url)}"
        return self.source.fingerprint()

    @cached_property
    def _has_rows(self) -> bool:
        if self.format == "table":
            return True
        if self.format not in ("json", "json lines"):
            return False
        try:
            some = documents.samples(self.source, 20)
        except UNREADABLE:
            return False
        listed = [s for s in some if isinstance(s, dict)]
        if not listed or any(map(documents.known_shape, listed)):
            return False
        return self.given is not None or known_header(list(tables.flat(listed[0])))

    def _items(self) -> Items:
        if self.format == "unknown":
            self.source.head()  # says why where the file cannot be opened
            yield Bad(0, "no known format of support logs")
        elif self.format == "rasa database":
            yield from database.read_events(self.url or database.url_of(self.source.path))
        elif self.format == "transcript" and self.columns:
            yield from transcripts.read_transcript(self.source, self.columns)
        elif not self._has_rows:
            read = documents.read_lines if self.format == "json lines" else documents.read_document
            yield from read(self.source)
        elif self.columns is None:
            yield Bad(0, f"no columns of text and speaker found. {_FIX}")
        else:
            yield from tables.read_rows(self._rows(), self.columns, self.source)

    def _rows(self) -> Iterator[tables.Numbered | Bad]:
        if self.format == "table":
            return tables.csv_rows(self.source)
        if self.format == "json lines":
            return documents.flat_rows(documents.json_lines(self.source))
        path = documents.list_path(self.source.head())
        return documents.flat_rows(documents.json_objects(self.source, path))


def find_logs(paths: Sequence[Path | str], columns: Columns | None = None) -> list[LogFile]:
    """The logs of files, folders and addresses of databases, folders in the order of names."""
    found: list[LogFile] = []
    endings = tuple(suffix + packed for suffix in SUFFIXES for packed in PACKED)
    for path in paths:
        if not database.is_url(str(path)) and Path(path).is_dir():
            inside = sorted(Path(path).rglob("*"))
            files = [f for f in inside if f.name.lower().endswith(endings) and f.is_file()]
            found += [LogFile.of(file, columns) for file in files]
        else:
            found.append(LogFile.of(path, columns))
    return found


def _format_of(head: bytes, name: str) -> Format:
    start = head.lstrip()[:1]
    if start in (b"{", b"[") and not _is_stamped(head):
        return "json lines" if documents.is_lines(head, name) else "json"
    if ".jsonl" in name or ".ndjson" in name:
        return "json lines"
    if any(suffix in name for suffix in _TABLES):
        return "table"
    if transcripts.fits(head):
        return "transcript"
    return "table" if guess_table(head) else "unknown"


def guess_table(head: bytes) -> bool:
    """Whether a text without a telling name is a table: tabs on nearly every line."""
    whole = head.split(b"\n")[:50]
    rows = [row for row in (whole[:-1] if len(head) > 60_000 else whole) if row.strip()]
    return len(rows) > 1 and sum(b"\t" in row for row in rows) * 10 >= len(rows) * 9


def _is_stamped(head: bytes) -> bool:
    """Whether ``[`` opens a time rather than a list."""
    return transcripts.fits(head)
