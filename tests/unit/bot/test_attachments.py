"""Files are what their content says, and their names are safe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.attachments.content import LONGEST_NAME, read_attachment
from bot.attachments.readers import AttachmentReader, readers_of
from bot.record.attachments import MOST_FILES
from bot.record.record import Record
from bot.settings import Settings
from models.errors import BadRequest, NotFound, ServiceError, TooLarge, TooMany
from tests.support.files import documented_plugins, morse, png

MP4 = b"\x00\x00\x00\x20ftyp"


@pytest.mark.parametrize(
    ("content", "kind", "media_type", "name"),
    [
        (png(2, 3), "image", "image/png", "x.png"),
        (b"\xff\xd8\xff\xe0....", "image", "image/jpeg", "x.jpg"),
        (b"GIF89a....", "image", "image/gif", "x.gif"),
        (b"RIFF....WEBPVP8 ", "image", "image/webp", "x.webp"),
        (b"RIFF....WAVEfmt ", "audio", "audio/wav", "x.wav"),
        (b"OggS....", "audio", "audio/ogg", "x.ogg"),
        (b"\xff\xfb\x90\x64", "audio", "audio/mpeg", "x.mp3"),
        (b"ID3\x04....", "audio", "audio/mpeg", "x.mp3"),
        (MP4 + b"M4A ....", "audio", "audio/mp4", "x.m4a"),
        (b"#!AMR\n....", "audio", "audio/amr", "x.amr"),
        (b"%PDF-1.7", "file", "application/pdf", "x.pdf"),
    ],
)
def test_each_kind_is_known_by_its_content(
    content: bytes, kind: str, media_type: str, name: str
) -> None:
    found = read_attachment(content, "x.html", 1_000)
    assert (found.kind, found.media_type, found.name) == (kind, media_type, name)
    assert found.described()["size"] == len(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><script>alert(1)</script>",
        b'<?xml version="1.0"?><svg onload="x"/>',
        b"PK\x03\x04",
        b"MZ\x90",
        b"RIFF....AVI ",
        MP4 + b"heic",
        b"\xff\xff\xff\xff",
        "你好".encode(),
    ],
)
def test_what_is_not_taken_is_refused(content: bytes) -> None:
    with pytest.raises(BadRequest, match="not taken"):
        read_attachment(content, "photo.png", 1_000)


def test_size_is_bounded_and_files_can_be_switched_off() -> None:
    with pytest.raises(TooLarge, match="at most 10 bytes"):
        read_attachment(png(2, 2), "x", 10)
    with pytest.raises(TooLarge, match="switched off"):
        read_attachment(png(2, 2), "x", 0)


@given(st.text(max_size=300))
def test_a_name_is_safe_to_save(name: str) -> None:
    found = read_attachment(b"%PDF-1.7", name, 100).name
    assert found.endswith(".pdf")
    assert len(found) <= LONGEST_NAME + 4
    assert not set(found) & set('/\\\0\r\n"<>:|?*')
    assert not found.startswith(".")


def test_examples_of_the_page_read_real_files(tmp_path: Path) -> None:
    found: dict[str, Any] = documented_plugins(tmp_path)
    reader = found["morse"]["Morse"]()
    assert isinstance(reader, AttachmentReader)
    sound = morse("order 2026 please", found["morse"]["CODE"])
    assert reader.read(sound, "audio/wav", "en") == "order 2026 please"
    sizes = found["sizes"]["Sizes"]()
    assert isinstance(sizes, AttachmentReader)
    assert sizes.read(png(64, 48), "image/png", "en") == "a picture of 64 by 48 points"
    assert sizes.read(b"GIF89a", "image/gif", "en") == ""


def test_readers_are_off_unless_they_are_set() -> None:
    assert readers_of(Settings(_env_file=None)) == {}
    with pytest.raises(ServiceError, match="module:Class"):
        readers_of(Settings(_env_file=None, speech_reader="whisper"))
    named = Settings(_env_file=None, speech_reader="a.b:C", picture_reader="http://localhost/v1")
    assert set(readers_of(named)) == {"audio", "image"}


def test_file_is_kept_with_its_message_once_and_encrypted(record: Record) -> None:
    conversation = record.create_conversation(channel="widget", language="en", visitor="v").id
    content = png(8, 8)
    data = {"text": "", "file": {"type": "image"}}
    first = record.accept(conversation, "m1", data, content)
    again = record.accept(conversation, "m1", data, content)
    assert again.duplicate
    assert again.seq == first.seq
    assert record.attachment(conversation, first.seq) == content
    with record.engine.connect() as db:
        [stored] = db.exec_driver_sql("select content from attachments").scalars()
    assert b"PNG" not in stored
    with pytest.raises(NotFound):
        record.attachment(conversation, first.seq + 1)
    for number in range(2, MOST_FILES + 1):
        record.accept(conversation, f"m{number}", data, content)
    with pytest.raises(TooMany):
        record.accept(conversation, "one more", data, content)
    assert record.conversation(conversation).last_seq == MOST_FILES
