"""Vectors of texts on disk, mapped into memory: a wording is encoded once, however often it is
said.

Texts that mining takes for one wording share a vector, that of the one met first: they differ in
case, punctuation, courtesy, or in a value that a template has a place for. Rows are float16 in one
file that only grows; which wording has which row stands in SQLite, by a hash of 63 bits, so that
memory does not grow with the number of texts. (Among five million the chance that any two share a
hash is one in a million.) Rows are written before they are named: a kill leaves rows that nobody
names, and the next writer overwrites them.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.arrays import FloatArray
from models.errors import ModelError
from retrieval.search.corpus import Encode
from retrieval.sqlite import private, transaction
from retrieval.tokens import signature, tokenise

Rows = npt.NDArray[np.float16]
BATCH = 256
_REMEMBERED = 8192
_SCHEMA = """
CREATE TABLE IF NOT EXISTS encoders (
    id INTEGER PRIMARY KEY, name TEXT UNIQUE, dim INTEGER, rows INTEGER, generation INTEGER
);
CREATE TABLE IF NOT EXISTS vectors (
    encoder INTEGER, key INTEGER, row INTEGER, PRIMARY KEY (encoder, key)
) WITHOUT ROWID;
"""


@lru_cache(_REMEMBERED)
def key_of(text: str) -> int:
    """The hash that the wording of a text is known by; a text without a word is its own."""
    wording = "\x1f".join(signature(tokenise(text))) or f"\x1e{text}"
    digest = hashlib.blake2b(wording.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def distinct(texts: Iterable[str]) -> list[str]:
    """The first text of each wording, in order."""
    found: dict[int, str] = {}
    for text in texts:
        found.setdefault(key_of(text), text)
    return list(found.values())


def encoder_name(folder: Path) -> str:
    """A name that changes with any file of an exported encoder."""
    digest = hashlib.blake2b(digest_size=8)
    for file in sorted(f for f in folder.rglob("*") if f.is_file()):
        digest.update(file.name.encode())
        with file.open("rb") as stream:
            while piece := stream.read(1 << 20):
                digest.update(piece)
    return digest.hexdigest()


class KeptVectors:
    """The vectors of one encoder beside a store.

    :param connection: of the store; :meth:`add` names rows in its open transaction.
    """

    def __init__(self, connection: sqlite3.Connection, folder: Path, encoder: str) -> None:
        self._connection = connection
        connection.executescript(_SCHEMA)
        self._folder, self._encoder = folder, encoder
        self._mapped: Rows | None = None

    def __len__(self) -> int:
        """Number of wordings with a vector."""
        return self._state()[2]

    def unknown(self, texts: Iterable[str]) -> list[str]:
        """The first text of each wording that has no vector yet, in order."""
        number = self._state()[0]
        return [t for t in distinct(texts) if self._row(number, key_of(t)) is None]

    def add(self, texts: Sequence[str], vectors: FloatArray | Rows) -> None:
        """Keep the vectors (n, d) of ``texts``; wordings that are known stay as they are.

        :raises ModelError: vectors of another width than those that are kept.
        """
        if not len(texts):
            return
        number, dim, rows, generation = self._state()
        if number == 0:
            dim = int(vectors.shape[-1])
            number = self._begin(dim)
        if vectors.shape != (len(texts), dim):
            raise ModelError(
                "The vectors do not fit those that are kept",
                expected=f"shape ({len(texts)}, {dim})",
                found=str(vectors.shape),
                fix="Use the encoder that they were made with, or delete the vectors' file.",
            )
        keys: dict[int, int] = {}
        for i, text in enumerate(texts):
            keys.setdefault(key_of(text), i)
        new = {key: i for key, i in keys.items() if self._row(number, key) is None}
        with open(self._file(generation), "ab", opener=private) as out:
            out.truncate(rows * dim * 2)
            out.write(np.asarray(vectors)[list(new.values())].astype(np.float16).tobytes())
            out.flush()
            os.fsync(out.fileno())
        self._connection.executemany(
            "INSERT INTO vectors VALUES (?, ?, ?)",
            ((number, key, rows + at) for at, key in enumerate(new)),
        )
        self._connection.execute(
            "UPDATE encoders SET rows = ? WHERE id = ?", (rows + len(new), number)
        )

    def get(self, texts: Sequence[str]) -> FloatArray:
        """Vectors of known ``texts``: float32 (n, d).

        :raises KeyError: a text without a vector.
        """
        number, dim, *_ = self._state()
        found: list[int] = []
        for text in texts:
            row = self._row(number, key_of(text))
            if row is None:
                raise KeyError(text)
            found.append(row)
        if not found:
            return np.zeros((0, dim), dtype=np.float32)
        picked: FloatArray = self.rows[np.array(found)].astype(np.float32)
        return picked

    @property
    def rows(self) -> Rows:
        """All rows, mapped from the file: float16 (n, d)."""
        _, dim, rows, generation = self._state()
        if rows == 0:
            return np.zeros((0, dim), dtype=np.float16)
        if self._mapped is None or len(self._mapped) != rows:
            file = self._file(generation)
            self._mapped = np.memmap(file, np.float16, "r", shape=(rows, dim))
        return self._mapped

    def encode(self, texts: Sequence[str], encode: Encode) -> FloatArray:
        """Vectors of ``texts``; those without one are encoded and kept: float32 (n, d)."""
        new = self.unknown(texts)
        for start in range(0, len(new), BATCH):
            part = new[start : start + BATCH]
            vectors = encode(part)
            with transaction(self._connection):
                self.add(part, vectors)
        return self.get(texts)

    def keep(self, texts: Iterable[str]) -> int:
        """Forget the vectors of all other wordings; returns how many were forgotten."""
        number, _, rows, generation = self._state()
        run, old = self._connection.execute, self.rows
        with transaction(self._connection):
            run("CREATE TEMP TABLE wanted (key INTEGER PRIMARY KEY)")
            self._connection.executemany(
                "INSERT OR IGNORE INTO wanted VALUES (?)", ((key_of(text),) for text in texts)
            )
            run(
                "CREATE TEMP TABLE kept AS SELECT v.key, v.row FROM vectors v JOIN wanted w "
                "ON v.key = w.key WHERE v.encoder = ? ORDER BY v.row",
                (number,),
            )
            count = int(run("SELECT count(*) FROM kept").fetchone()[0])
            picked = run("SELECT row FROM kept ORDER BY rowid")
            with open(self._file(generation + 1), "wb", opener=private) as out:
                while part := picked.fetchmany(4096):
                    out.write(np.ascontiguousarray(old[[row for (row,) in part]]).tobytes())
                out.flush()
                os.fsync(out.fileno())
            run("DELETE FROM vectors WHERE encoder = ?", (number,))
            run("INSERT INTO vectors SELECT ?, key, rowid - 1 FROM kept", (number,))
            run(
                "UPDATE encoders SET rows = ?, generation = ? WHERE id = ?",
                (count, generation + 1, number),
            )
            run("DROP TABLE wanted")
            run("DROP TABLE kept")
        self._mapped = None
        self._file(generation).unlink(missing_ok=True)
        return rows - count

    def _begin(self, dim: int) -> int:
        cursor = self._connection.execute(
            "INSERT INTO encoders (name, dim, rows, generation) VALUES (?, ?, 0, 0)",
            (self._encoder, dim),
        )
        return int(cursor.lastrowid or 0)

    def _state(self) -> tuple[int, int, int, int]:
        """Number of the encoder (0 for one without vectors), width, rows and generation."""
        found = self._connection.execute(
            "SELECT id, dim, rows, generation FROM encoders WHERE name = ?", (self._encoder,)
        ).fetchone()
        return found or (0, 0, 0, 0)

    def _row(self, number: int, key: int) -> int | None:
        found = self._connection.execute(
            "SELECT row FROM vectors WHERE encoder = ? AND key = ?", (number, key)
        ).fetchone()
        return None if found is None else int(found[0])

    def _file(self, generation: int) -> Path:
        return self._folder / f"vectors-{self._encoder}-{generation}.f16"
