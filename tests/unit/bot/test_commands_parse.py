"""What ``frontdesk parse`` takes from standard input, and what it prints."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.files import _read_line, print_json
from models.errors import BadRequest


@pytest.mark.parametrize(
    ("line", "read"),
    [
        (b'{"text": "hi"}\r\n', ("hi", None)),
        (b'\xef\xbb\xbf{"text": "hi"}', ("hi", None)),
        (b'{"text": "", "requested_slots": []}', ("", None)),
        (b'{"text": "a", "requested_slots": "city"}', ("a", ["city"])),
        (b'{"text": "a", "requested_slots": ["city", "day"]}', ("a", ["city", "day"])),
    ],
)
def test_lines_that_are_read(line: bytes, read: tuple[str, Any]) -> None:
    assert _read_line(line, 1) == read


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense",
        b"[]",
        b"5",
        b'{"txt": 1}',
        b'{"text": 5}',
        b'{"text": "\xff\xfe"}',
        b'{"text": "a", "requested_slots": 5}',
        b'{"text": "a", "requested_slots": [5]}',
        b"[" * 100_000,
    ],
)
def test_lines_that_cannot_be_read_are_named(line: bytes) -> None:
    with pytest.raises(BadRequest, match="Line 7 of standard input"):
        _read_line(line, 7)


@given(st.binary(max_size=60))
def test_arbitrary_bytes_are_read_or_refused(line: bytes) -> None:
    refused = []
    try:
        text, _ = _read_line(line, 1)
        assert isinstance(text, str)
    except BadRequest as error:
        refused.append(error)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "gbk"])
@pytest.mark.parametrize("text", ["退货 🙂", "\ud800", "\x00"])
def test_any_text_is_printed_as_one_line_of_json(
    monkeypatch: pytest.MonkeyPatch, text: str, encoding: str
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding=encoding))
    print_json({"text": text})
    (line,) = raw.getvalue().splitlines()
    assert json.loads(line.decode(encoding)) == {"text": text}
