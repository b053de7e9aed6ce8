"""JSON: an object a line, or a whole document whose conversations are read one at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

import ijson

from retrieval.conversation import Conversation
from retrieval.reading import chatwoot, intercom, items, native, rasa, zendesk
from retrieval.reading.items import Bad, Items
from retrieval.reading.source import Source, lines
from retrieval.reading.tables import flat

_LISTS = (
    "", "conversations", "tickets", "chats", "trackers", "results", "items", "records", "data",
    "payload", "data.payload",
)  # fmt: skip
"""Where exports keep their list, as ijson writes paths."""
Numbered = tuple[int, Any]


def parse_object(data: Any, fallback_id: str) -> list[Conversation]:
    """The conversations of one object of any known shape; a tracker may hold several.

    :raises ValueError: says what is missing or wrong.
    """
    if isinstance(data, dict):
        if rasa.fits(data):
            return rasa.parse(data)
        for reader in (intercom, zendesk, chatwoot):
            if reader.fits(data):
                return [reader.parse(data)]
    return [native.parse_conversation(data, fallback_id)]


def known_shape(data: Any) -> bool:
    """Whether an object is a conversation of a known shape, not a row of a table."""
    if not isinstance(data, dict):
        return False
    fitting = (rasa.fits, intercom.fits, zendesk.fits, chatwoot.fits, native.has_turns)
    return any(fits(data) for fits in fitting)


def read_lines(source: Source) -> Items:
    """Conversations of a file that has a JSON object on each line."""
    for found in json_lines(source):
        if isinstance(found, Bad):
            yield found
        else:
            yield from _parsed(*found, f"{source.stem}-{found[0]}")


def read_document(source: Source) -> Items:
    """Conversations of a JSON document."""
    path = list_path(source.head())
    for found in json_objects(source, path):
        if isinstance(found, Bad):
            yield found
            continue
        number, data = found
        if path is None and isinstance(data, dict) and not known_shape(data):
            # A dump by sender: an object whose values are the conversations.
            for key, value in data.items():
                yield from _parsed(number, value, str(key))
        else:
            yield from _parsed(number, data, f"{source.stem}-{number}")


def json_lines(source: Source) -> Iterator[Numbered | Bad]:
    """Objects of a file of lines, with their numbers."""
    with source.open() as stream:
        for number, line in enumerate(lines(stream), 1):
            if line is None:
                yield Bad(number, f"longer than {items.LONGEST_RECORD // 1024**2} MB")
            elif line.strip():
                try:
                    yield number, items.load(line.decode("utf-8-sig"))
                except (ValueError, RecursionError) as error:
                    yield Bad(number, str(error)[:300])


def json_objects(source: Source, path: str | None) -> Iterator[Numbered | Bad]:
    """Objects of the list at ``path``, or the whole document for None, counted from 1.

    After a fault in the JSON nothing more can be read; that is one bad item.
    """
    number = 0
    with source.open() as stream:
        guarded = _Guarded(stream)
        prefix = "" if path is None else f"{path}.item" if path else "item"
        try:
            for data in ijson.items(guarded, prefix, use_float=True, multiple_values=path is None):
                guarded.passed()
                number += 1
                yield number, data
        except (ijson.JSONError, ValueError, RecursionError) as error:
            yield Bad(number + 1, f"not JSON from here on: {' '.join(str(error).split())[:200]}")


def list_path(head: bytes) -> str | None:
    """Path of the list of conversations in a document that begins with ``head``; None where the
    document is one object itself."""
    try:
        for prefix, event, _ in ijson.parse(_Head(head), use_float=True):
            if event == "start_array" and prefix in _LISTS:
                return str(prefix)
            if event == "start_array" and "." not in prefix:
                return None
    except (ijson.JSONError, ValueError):
        return None
    return None


def is_lines(head: bytes, name: str) -> bool:
    """Whether a JSON file that begins with ``head`` has one object a line."""
    if ".jsonl" in name or ".ndjson" in name:
        return True
    first, newline, rest = head.lstrip(b"\xef\xbb\xbf \r\n\t").partition(b"\n")
    try:
        data = json.loads(first)
    except (ValueError, RecursionError):
        return False
    listed = isinstance(data, dict) and not known_shape(data) and list_path(first) is not None
    return isinstance(data, dict) and bool(newline) and bool(rest.strip()) and not listed


def samples(source: Source, count: int) -> list[Any]:
    """The first objects of a JSON file, for guessing what it holds."""
    if is_lines(source.head(), source.path.name):
        found = json_lines(source)
    else:
        found = json_objects(source, list_path(source.head()))
    some: list[Any] = []
    for item in found:
        if not isinstance(item, Bad):
            some.append(item[1])
        if len(some) >= count:
            break
    return some


def flat_rows(
    found: Iterator[Numbered | Bad],
) -> Iterator[tuple[int, Mapping[str, str]] | Bad]:
    """Objects as rows of a table."""
    for item in found:
        if isinstance(item, Bad):
            yield item
        elif isinstance(item[1], dict):
            yield item[0], flat(item[1])
        else:
            yield Bad(item[0], f"expected a JSON object, found {type(item[1]).__name__}")


def _parsed(number: int, data: Any, fallback_id: str) -> Iterator[Conversation | Bad]:
    try:
        found: Sequence[Conversation] = parse_object(data, fallback_id)
    except (ValueError, RecursionError) as error:
        yield Bad(number, str(error)[:300])
        return
    yield from found


class _Guarded:
    """A stream that refuses one object of more than the longest record's bytes."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._left = self._most = 8 * items.LONGEST_RECORD

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(size)
        self._left -= len(piece)
        if self._left < 0:
            raise ValueError(f"one object is longer than {self._most // 1024**2} MB")
        return piece

    def passed(self) -> None:
        self._left = self._most


class _Head:
    def __init__(self, head: bytes) -> None:
        self._head = head

    def read(self, size: int = -1) -> bytes:
        piece, self._head = self._head[:size], self._head[size:] if size >= 0 else b""
        return piece
