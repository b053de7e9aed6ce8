"""Messages that lie scattered over a file, brought together by conversation in bounded memory.

What does not fit into the buffer goes to files, cut by a hash of the conversation's id so that
each part fits on its own. They are unredacted, so that they are encrypted with a key that exists in
this process alone, and deleted at the end: a kill leaves nothing that anybody can read.
"""

from __future__ import annotations

import itertools
import os
import struct
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

BUFFER = 32 * 1024 * 1024
"""Bytes of messages held before parts are written out."""
_PART = 16 * 1024 * 1024


class Message(NamedTuple):
    """One row of a log: its fields as they stand there, empty where there is none."""

    conversation: str
    label: str
    text: str
    time: str = ""
    agent: str = ""
    customer: str = ""
    language: str = ""
    channel: str = ""
    outcome: str = ""
    rating: str = ""
    line: int = 0


def group(
    messages: Iterable[Message], size: int, buffer: int | None = None
) -> Iterator[list[Message]]:
    """Messages of one conversation after the other, each in the file's order.

    The order of conversations depends on the file alone: that of their first messages in a small
    file, parts in a large one.

    :param size: bytes of the file, which decide the number of parts.
    """
    parts = max(16, min(1024, 1 << (size // _PART).bit_length()))
    with _Spill(parts, buffer or BUFFER) as spill:
        for number, message in enumerate(messages):
            spill.add(zlib.crc32(message.conversation.encode("utf-8", "replace")), number, message)
        if not spill.written:
            yield from _joined(itertools.chain.from_iterable(map(spill.read, range(parts))))
            return
        for part in range(parts):
            yield from _joined(spill.read(part))


def _joined(rows: Iterable[tuple[int, Message]]) -> Iterator[list[Message]]:
    groups: dict[str, list[tuple[int, Message]]] = {}
    for number, message in rows:
        groups.setdefault(message.conversation, []).append((number, message))
    for some in sorted(groups.values(), key=lambda rows: rows[0][0]):
        yield [message for _, message in some]


class _Spill:
    """Buffers of the parts, and their encrypted files once the buffers are full."""

    def __init__(self, parts: int, limit: int) -> None:
        self._buffers = [bytearray() for _ in range(parts)]
        self._limit, self._held = limit, 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._cipher = AESGCM(AESGCM.generate_key(256))
        self._frames = 0

    @property
    def written(self) -> bool:
        """Whether anything went to a file."""
        return self._folder is not None

    def __enter__(self) -> _Spill:
        return self

    def __exit__(self, *_: object) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    def add(self, hashed: int, number: int, message: Message) -> None:
        row = orjson.dumps((number, *message))
        # Into one buffer a part: the rows on their own would take a kilobyte each.
        buffer = self._buffers[hashed % len(self._buffers)]
        buffer += row
        buffer += b"\n"
        self._held += len(row)
        if self._held > self._limit:
            self._flush()

    def read(self, part: int) -> Iterator[tuple[int, Message]]:
        for plain in itertools.chain(self._stored(part), (bytes(self._buffers[part]),)):
            for row in plain.splitlines():
                number, *values = orjson.loads(row)
                yield number, Message(*values)
        self._buffers[part] = bytearray()

    def _flush(self) -> None:
        self._folder = self._folder or tempfile.TemporaryDirectory(prefix="frontdesk-")
        for part, rows in enumerate(self._buffers):
            if rows:
                self._write(self._file(part), bytes(rows))
                self._buffers[part] = bytearray()
        self._held = 0

    def _write(self, file: Path, plain: bytes) -> None:
        self._frames += 1
        nonce = self._frames.to_bytes(12, "big")
        sealed = self._cipher.encrypt(nonce, plain, None)
        with open(file, "ab", opener=_private) as out:
            out.write(struct.pack(">I", len(sealed)) + nonce + sealed)

    def _stored(self, part: int) -> Iterator[bytes]:
        if self._folder is None or not (file := self._file(part)).exists():
            return
        with file.open("rb") as stream:
            while head := stream.read(4):
                (size,) = struct.unpack(">I", head)
                nonce, sealed = stream.read(12), stream.read(size)
                yield self._cipher.decrypt(nonce, sealed, None)

    def _file(self, part: int) -> Path:
        assert self._folder is not None
        return Path(self._folder.name, str(part))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
