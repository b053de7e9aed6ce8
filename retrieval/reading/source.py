"""A file as a stream of UTF-8 bytes, whatever packed or encoded it: nothing is read ahead.

gzip, bzip2 and Zstandard (also several members in a row) are known by their first bytes; UTF-16,
GB 18030 and Windows-1252 are turned into UTF-8 on the way.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import hashlib
import io
import lzma
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import zstandard

from retrieval.reading import items

HEAD = 64 * 1024
UNREADABLE = (OSError, EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError)
"""What a torn or absent file raises while it is read."""
_CHUNK = 64 * 1024


class Source:
    """One file; ``position`` tells how many of its ``size`` bytes were taken from the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._raw: io.BufferedReader | None = None
        self._head: bytes | None = None

    @property
    def size(self) -> int:
        """Bytes on the disk; 0 for a file that is absent."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    @property
    def position(self) -> int:
        """Bytes taken from the disk by the stream opened last."""
        return self._raw.tell() if self._raw is not None and not self._raw.closed else 0

    @property
    def stem(self) -> str:
        """The name without its endings, for the ids of conversations that have none."""
        return self.path.name.split(".")[0] or self.path.name

    def starts_with(self, magic: bytes) -> bool:
        """Whether the file itself, as it lies there, begins so."""
        with self.path.open("rb") as raw:
            return raw.read(len(magic)) == magic

    def fingerprint(self) -> str:
        """Tells this content from another: size and a hash of the first and last bytes."""
        digest = hashlib.blake2b(str(self.size).encode(), digest_size=12)
        with self.path.open("rb") as raw:
            digest.update(raw.read(HEAD))
            raw.seek(max(0, self.size - HEAD))
            digest.update(raw.read(HEAD))
        return digest.hexdigest()

    def head(self) -> bytes:
        """The first 64 KiB as UTF-8, cut anywhere; what was readable of a torn file."""
        if self._head is None:
            with self.open() as stream:
                pieces: list[bytes] = []
                try:
                    while sum(map(len, pieces)) < HEAD and (piece := stream.read(_CHUNK)):
                        pieces.append(piece)
                except UNREADABLE:
                    if not pieces:
                        raise
            self._head = b"".join(pieces)[:HEAD]
        return self._head

    def encoding(self) -> str:
        """Name of the encoding that the file is read as."""
        with self.path.open("rb") as raw, _unpacked(raw) as plain:
            return encoding_of(plain.read(HEAD))

    def open(self) -> BinaryIO:
        """The content from the beginning, unpacked, as UTF-8 without a byte order mark."""
        self._raw = self.path.open("rb")
        plain = _Stream(_unpacked(self._raw), self._raw)
        try:
            encoding = encoding_of(plain.peek(HEAD)[:HEAD])
        except UNREADABLE:
            plain.close()
            raise
        if encoding == "utf-8":
            if plain.peek(3)[:3] == codecs.BOM_UTF8:
                plain.read(3)
            return plain
        return _Stream(_Transcoded(plain, encoding), plain)


def lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """Lines without more than the longest in memory; None stands for a longer one."""
    longest = items.LONGEST_RECORD
    while line := stream.readline(longest + 1):
        if len(line) <= longest:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(longest)
        yield None


def encoding_of(head: bytes) -> str:
    """The encoding of a file that begins with ``head``, by its mark or by what decodes."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if head.startswith(mark):
            return name
    zeros = head[:2000].count(0)
    if zeros * 4 > len(head[:2000]):
        return "utf-16-le" if head[:2000:2].count(0) < head[1:2000:2].count(0) else "utf-16-be"
    if zeros and not _decodes(head, "utf-8"):
        for name in ("utf-16-le", "utf-16-be"):
            if _decodes(head, name) and _chinese(head.decode(name, "ignore")):
                return name
    if _decodes(head, "utf-8") or head.isascii():
        return "utf-8"
    if _decodes(head, "gb18030") and _chinese(head.decode("gb18030", "ignore")):
        return "gb18030"
    # A few broken bytes in a UTF-8 file cost their lines, not the file.
    broken = head.decode("utf-8", "replace").count("�")
    marked = sum(byte >= 0x80 for byte in head)
    return "utf-8" if broken * 3 < marked else "cp1252"


def _decodes(head: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _chinese(text: str) -> bool:
    """Whether what is not ASCII is mostly common Chinese, as wrong guesses are not."""
    odd = [char for char in text if not char.isascii()]
    return sum("一" <= char <= "龥" or char in "，。？！：、（）" for char in odd) * 2 > len(odd)


def _unpacked(raw: io.BufferedReader) -> BinaryIO:
    magic = raw.peek(4)[:4]
    if magic.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=raw)  # type: ignore[return-value]
    if magic.startswith(b"BZh"):
        return bz2.BZ2File(raw)  # type: ignore[return-value]
    if magic == b"\x28\xb5\x2f\xfd":
        return zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True)
    return raw


class _Stream(io.BufferedReader):
    """A buffered layer that closes the one below it too."""

    def __init__(self, raw: object, below: BinaryIO) -> None:
        super().__init__(raw, _CHUNK)  # type: ignore[arg-type]
        self._below = below

    def close(self) -> None:
        super().close()
        self._below.close()


class _Transcoded(io.RawIOBase):
    """Another encoding as UTF-8; what is wrong in it becomes U+FFFD."""

    def __init__(self, raw: BinaryIO, encoding: str) -> None:
        self._raw = raw
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._ready = b""
        self._begun = self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        while not self._ready and not self._ended:
            piece = self._raw.read(_CHUNK)
            self._ended = not piece
            text = self._decoder.decode(piece, final=self._ended)
            if text and not self._begun:
                text, self._begun = text.removeprefix("\ufeff"), True
            self._ready = text.encode("utf-8", "replace")
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count
