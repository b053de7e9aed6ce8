"""What customers attach: pictures, voice messages, documents. Known by content, never by name."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from models.errors import BadRequest, TooLarge

Kind = Literal["image", "audio", "file"]

LONGEST_NAME = 100
TAKEN = "PNG, JPEG, GIF, WebP, WAV, MP3, M4A, Ogg, WebM, FLAC, AMR or PDF"


@dataclass(frozen=True)
class Attachment:
    """A file as it came: its kind and type by its content, and a name that is safe to save."""

    kind: Kind
    media_type: str
    name: str
    content: bytes

    def described(self) -> dict[str, Any]:
        """What the message's event tells of it."""
        return {
            "type": self.kind,
            "media_type": self.media_type,
            "name": self.name,
            "size": len(self.content),
        }


def read_attachment(content: bytes, name: str, longest: int) -> Attachment:
    """Take a file in. Raises BadRequest where it is none that is taken, TooLarge."""
    if len(content) > longest:
        raise TooLarge(
            "The file is too large",
            expected=f"at most {longest} bytes" if longest else "no files: they are switched off",
            found=f"{len(content)} bytes",
        )
    found = _recognised(content)
    if found is None:
        raise BadRequest("This kind of file is not taken", expected=TAKEN, found="another content")
    kind, media_type, ending = found
    return Attachment(kind, media_type, _safe_name(name, kind, ending), content)


def _safe_name(name: str, kind: str, ending: str) -> str:
    """The name's stem with the ending of what the file really is."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(c for c in last if unicodedata.category(c)[0] != "C" and c not in '<>:"|?*')
    stem = plain.rsplit(".", 1)[0].strip(" .")[:LONGEST_NAME]
    return f"{stem or kind}.{ending}"


_Found = tuple[Kind, str, str]


def _mp3(head: bytes) -> bool:
    framed = len(head) > 2 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2  # layer III
    return head.startswith(b"ID3") or framed


def _within(kind: bytes) -> Callable[[bytes], bool]:
    return lambda head: head[:4] == b"RIFF" and head[8:12] == kind


def _begins(*starts: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(starts)


_STILLS = (b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis")


def _mp4(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] not in _STILLS


_SIGNS: tuple[tuple[Callable[[bytes], bool], _Found], ...] = (
    (_begins(b"\x89PNG\r\n\x1a\n"), ("image", "image/png", "png")),
    (_begins(b"\xff\xd8\xff"), ("image", "image/jpeg", "jpg")),
    (_begins(b"GIF87a", b"GIF89a"), ("image", "image/gif", "gif")),
    (_within(b"WEBP"), ("image", "image/webp", "webp")),
    (_within(b"WAVE"), ("audio", "audio/wav", "wav")),
    (_begins(b"OggS"), ("audio", "audio/ogg", "ogg")),
    (_begins(b"fLaC"), ("audio", "audio/flac", "flac")),
    (_begins(b"#!AMR"), ("audio", "audio/amr", "amr")),
    (_begins(b"\x1a\x45\xdf\xa3"), ("audio", "audio/webm", "webm")),
    (_mp4, ("audio", "audio/mp4", "m4a")),
    (_mp3, ("audio", "audio/mpeg", "mp3")),
    (_begins(b"%PDF-"), ("file", "application/pdf", "pdf")),
)


def _recognised(content: bytes) -> _Found | None:
    """Kind, media type and ending by the first bytes (the formats' own signatures)."""
    head = content[:16]
    return next((found for fits, found in _SIGNS if fits(head)), None)
