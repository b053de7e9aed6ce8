"""Redacted conversations on disk: the only form in which a log is kept.

One SQLite file holds compressed blocks of conversations, where each id stands, what was read of
which file, and what was kept apart. A block, its vectors and the position in the files it came from
are written in one transaction: after a kill at any moment the store stands at a whole block.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import orjson
import zstandard
from filelock import FileLock, Timeout

from models.errors import Conflict, LogUnreadable
from retrieval.conversation import Conversation
from retrieval.kept_vectors import KeptVectors
from retrieval.reading.native import parse_conversation
from retrieval.sqlite import connect, transaction

FILE = "conversations.sqlite3"
BAD_LINES = "bad-lines.jsonl"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS files (
    id INTEGER PRIMARY KEY, name TEXT, fingerprint TEXT UNIQUE, items INTEGER, done INTEGER
);
CREATE TABLE IF NOT EXISTS blocks (id INTEGER PRIMARY KEY, rules TEXT, body BLOB);
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY, block INTEGER, digest INTEGER, turns INTEGER, language TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bad_lines (file INTEGER, line INTEGER, reason TEXT);
"""
_FORMAT = "1"


@dataclass(frozen=True)
class FileState:
    """How far a file was read: ``items`` conversations and bad lines were taken from it."""

    id: int
    items: int
    done: bool


@dataclass(frozen=True)
class Block:
    """What is written at once: redacted conversations, what was kept apart, and the files' new
    positions as (items, done) by file."""

    conversations: Sequence[Conversation]
    bad: Sequence[tuple[int, int, str]]
    files: Mapping[int, tuple[int, bool]]
    rules: str


@dataclass
class Written:
    """Counts of what a block, or many, did: ``repeated`` were there already, ``grown`` replaced a
    shorter form of themselves, ``renamed`` share an id with another conversation."""

    added: int = 0
    repeated: int = 0
    grown: int = 0
    renamed: int = 0
    turns: int = 0
    bad: int = 0

    def __iadd__(self, other: Written) -> Written:
        for name, count in vars(other).items():
            setattr(self, name, getattr(self, name) + count)
        return self


@dataclass
class _Open:
    """Conversations of the block that is being made, by id."""

    number: int
    made: dict[str, Conversation] = field(default_factory=dict)


class LogStore:
    """A folder of redacted conversations; one process writes at a time, any number read."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self.connection = connection
        self._lock = FileLock(folder / ".lock")

    @classmethod
    def open(cls, folder: Path, *, create: bool = False) -> LogStore:
        """Open a store, or make an empty one.

        :raises LogUnreadable: the folder holds none, or one of another version.
        """
        if not (folder / FILE).exists():
            if not create:
                raise _no_store(folder, "nothing")
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            connection = connect(folder / FILE)
            connection.executescript(_SCHEMA)
            run = connection.execute
            run("INSERT OR IGNORE INTO meta VALUES ('format', ?)", (_FORMAT,))
            run("INSERT OR IGNORE INTO meta VALUES ('key', ?)", (secrets.token_hex(16),))
            (found,) = run("SELECT value FROM meta WHERE key = 'format'").fetchone()
        except sqlite3.DatabaseError as error:
            raise _no_store(folder, str(error)) from error
        if found != _FORMAT:
            raise _no_store(folder, f"format {found}")
        return cls(folder, connection)

    def close(self) -> None:
        """Let go of the files."""
        self.connection.close()

    def __enter__(self) -> LogStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def writing(self) -> AbstractContextManager[Any]:
        """Hold this while writing: a second writer is refused.

        :raises Conflict: another process writes.
        """
        try:
            return self._lock.acquire(timeout=0)
        except Timeout as error:
            raise Conflict(
                f"{self.folder} is being written by another process",
                fix="Wait until that has ended, or use another store.",
            ) from error

    @property
    def key(self) -> bytes:
        """The store's own secret, with which ids that tell a person are replaced."""
        (found,) = self.connection.execute("SELECT value FROM meta WHERE key = 'key'").fetchone()
        return bytes.fromhex(found)

    def vectors(self, encoder: str) -> KeptVectors:
        """The vectors that ``encoder`` made of texts in this store."""
        return KeptVectors(self.connection, self.folder, encoder)

    def begin(self, name: str, fingerprint: str) -> FileState:
        """The state of a file; a new one is noted at its beginning."""
        with transaction(self.connection):
            self.connection.execute(
                "INSERT OR IGNORE INTO files (name, fingerprint, items, done) VALUES (?, ?, 0, 0)",
                (name, fingerprint),
            )
        number, items, done = self.connection.execute(
            "SELECT id, items, done FROM files WHERE fingerprint = ?", (fingerprint,)
        ).fetchone()
        return FileState(number, items, bool(done))

    def items_of(self, file: int) -> int:
        """How many items of a file were written."""
        found = self.connection.execute("SELECT items FROM files WHERE id = ?", (file,))
        return int(found.fetchone()[0])

    def encoders(self) -> list[str]:
        """Names of the encoders that made vectors of texts in this store."""
        self.vectors("")
        return [name for (name,) in self.connection.execute("SELECT name FROM encoders")]

    def append(self, block: Block, vectors: Callable[[], None] = lambda: None) -> Written:
        """Write a block in one transaction.

        :param vectors: writes the vectors of the block's texts, in the same transaction.
        """
        run = self.connection.execute
        counts = Written(bad=len(block.bad))
        with transaction(self.connection):
            (last,) = run("SELECT coalesce(max(id), 0) FROM blocks").fetchone()
            made = _Open(last + 1)
            for conversation in block.conversations:
                self._place(conversation, made, counts)
            if made.made:
                body = _packed(made.made.values())
                run("INSERT INTO blocks VALUES (?, ?, ?)", (made.number, block.rules, body))
            self.connection.executemany("INSERT INTO bad_lines VALUES (?, ?, ?)", block.bad)
            for file, (items, done) in block.files.items():
                run("UPDATE files SET items = ?, done = ? WHERE id = ?", (items, done, file))
            vectors()
        return counts

    def __iter__(self) -> Iterator[Conversation]:
        """All conversations, a block in memory at a time."""
        last = 0
        while found := self.connection.execute(
            "SELECT id, body FROM blocks WHERE id > ? ORDER BY id LIMIT 1", (last,)
        ).fetchone():
            last, body = found
            yield from _unpacked(body)

    def __len__(self) -> int:
        (count,) = self.connection.execute("SELECT count(*) FROM conversations").fetchone()
        return int(count)

    def find(self, number: str) -> Conversation | None:
        """The conversation of an id."""
        found = self.connection.execute(
            "SELECT b.body FROM conversations c JOIN blocks b ON b.id = c.block WHERE c.id = ?",
            (number,),
        ).fetchone()
        return next((c for c in _unpacked(found[0]) if c.id == number), None) if found else None

    def summary(self) -> dict[str, Any]:
        """Counts for a person."""
        run = self.connection.execute
        conversations, turns = run(
            "SELECT count(*), coalesce(sum(turns), 0) FROM conversations"
        ).fetchone()
        languages = dict(run("SELECT language, count(*) FROM conversations GROUP BY 1").fetchall())
        files, done = run("SELECT count(*), coalesce(sum(done), 0) FROM files").fetchone()
        (bad,) = run("SELECT count(*) FROM bad_lines").fetchone()
        return {
            "conversations": conversations,
            "messages": turns,
            "languages": languages,
            "files": files,
            "unfinished": files - done,
            "bad_lines": bad,
        }

    def write_bad_lines(self) -> Path:
        """Write what was kept apart as JSON lines of file, line and reason; returns the file."""
        path = self.folder / BAD_LINES
        rows = self.connection.execute(
            "SELECT f.name, b.line, b.reason FROM bad_lines b JOIN files f ON f.id = b.file "
            "ORDER BY b.rowid"
        )
        with path.open("w", encoding="utf-8") as out:
            for name, line, reason in rows:
                row = {"file": name, "line": line, "reason": reason}
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
        return path

    def redact_again(
        self,
        redact: Callable[[Sequence[Conversation]], list[Conversation]],
        rules: str,
        advance: Callable[[int], None],
    ) -> int:
        """Redact anew what other rules had redacted, block by block; returns how many
        conversations changed. Goes on where it was stopped."""
        changed = 0
        run = self.connection.execute
        while found := run(
            "SELECT id, body FROM blocks WHERE rules <> ? ORDER BY id LIMIT 1", (rules,)
        ).fetchone():
            number, body = found
            before = list(_unpacked(body))
            after = redact(before)
            with transaction(self.connection):
                run(
                    "UPDATE blocks SET rules = ?, body = ? WHERE id = ?",
                    (rules, _packed(after), number),
                )
                self.connection.executemany(
                    "UPDATE conversations SET digest = ? WHERE id = ?",
                    [(_digest(c), c.id) for c in after],
                )
            changed += sum(a != b for a, b in zip(before, after, strict=True))
            advance(len(after))
        return changed

    def blocks_of_other_rules(self, rules: str) -> int:
        """How many blocks other rules have redacted."""
        found = self.connection.execute("SELECT count(*) FROM blocks WHERE rules <> ?", (rules,))
        return int(found.fetchone()[0])

    def _place(self, new: Conversation, made: _Open, counts: Written) -> None:
        """Put a conversation into the open block, unless it is there; note its id."""
        number, digest, copy = new.id, _digest(new), 1
        while known := self._known(new.id if copy == 1 else f"{number}#{copy}"):
            if known[1] == digest:
                counts.repeated += 1
                return
            new_id = new.id if copy == 1 else f"{number}#{copy}"
            if self._grow(new_id, known[0], new, made):
                counts.grown += 1
                return
            copy += 1
        if copy > 1:
            new = replace(new, id=f"{number}#{copy}")
            counts.renamed += 1
        made.made[new.id] = new
        counts.added += 1
        counts.turns += len(new.turns)
        self._note(new, made.number)

    def _known(self, number: str) -> tuple[int, int] | None:
        found: tuple[int, int] | None = self.connection.execute(
            "SELECT block, digest FROM conversations WHERE id = ?", (number,)
        ).fetchone()
        return found

    def _grow(self, number: str, block: int, new: Conversation, made: _Open) -> bool:
        """Replace a conversation by a later state of itself: the same turns, and more."""
        run = self.connection.execute
        if block == made.number:
            inside = made.made
        else:
            (body,) = run("SELECT body FROM blocks WHERE id = ?", (block,)).fetchone()
            inside = {c.id: c for c in _unpacked(body)}
        old = inside[number]
        shorter, longer = sorted((old.turns, new.turns), key=len)
        if not shorter or longer[: len(shorter)] != shorter:
            return False
        if len(new.turns) >= len(old.turns):
            inside[number] = replace(new, id=number)
            if block != made.number:
                run("UPDATE blocks SET body = ? WHERE id = ?", (_packed(inside.values()), block))
            self._note(inside[number], block)
        return True

    def _note(self, conversation: Conversation, block: int) -> None:
        self.connection.execute(
            "INSERT OR REPLACE INTO conversations VALUES (?, ?, ?, ?, ?)",
            (
                conversation.id,
                block,
                _digest(conversation),
                len(conversation.turns),
                conversation.language,
            ),
        )


def is_store(path: Path) -> bool:
    """Whether a folder is a store rather than raw logs."""
    return (path / FILE).is_file()


def _packed(conversations: Iterable[Conversation]) -> bytes:
    lines = b"\n".join(_line(conversation) for conversation in conversations)
    return zstandard.ZstdCompressor(level=6).compress(lines)


def _unpacked(body: bytes) -> Iterator[Conversation]:
    for line in zstandard.ZstdDecompressor().decompress(body).split(b"\n"):
        if line:
            yield parse_conversation(orjson.loads(line))


def _line(conversation: Conversation) -> bytes:
    data = {key: value for key, value in vars(conversation).items() if value is not None}
    data["turns"] = [
        {"role": t.role, "text": t.text} | ({"at": t.at} if t.at else {})
        for t in conversation.turns
    ]
    return orjson.dumps(data)


def _digest(conversation: Conversation) -> int:
    said = _line(replace(conversation, id=""))
    return int.from_bytes(hashlib.blake2b(said, digest_size=8).digest(), "big") >> 1


def _no_store(folder: Path, found: str) -> LogUnreadable:
    return LogUnreadable(
        f"{folder} holds no store of conversations",
        expected=f"a folder with {FILE}, as 'frontdesk logs read' makes it",
        found=found[:200],
        fix="Name the folder that was given to 'frontdesk logs read --store'.",
    )
