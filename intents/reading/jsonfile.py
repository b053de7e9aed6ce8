"""JSON with the line of each object, so that a finding can say where it is."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator
from json import decoder, scanner
from typing import Any

from intents.reading.yamlfile import one_problem


class Located(dict[str, Any]):
    """A JSON object that knows its line (from 1)."""

    line = 0


def load_json(text: str, name: str) -> Any:
    """Parse JSON; objects are :class:`Located`.

    :raises DataError: with file, line, expected, found and fix.
    """
    try:
        return _Decoder(text).decode(text)
    except json.JSONDecodeError as error:
        row = text.split("\n")[error.lineno - 1].strip()[:60]
        found = f"{error.msg} in column {error.colno}: {row!r}"
        raise one_problem(name, error.lineno, "JSON", found, "Export it again.") from error
    except RecursionError as error:
        raise one_problem(
            name, 1, "a file nested a few levels deep", "hundreds of levels", "Export it again."
        ) from error


def line_of(node: Any, fallback: int = 1) -> int:
    """The line of an object; of anything else that of the nearest object around it."""
    return node.line if isinstance(node, Located) else fallback


def objects(node: Any) -> Iterator[Located]:
    """The objects of a list; whatever else is in it is passed over."""
    for item in node if isinstance(node, list) else ():
        if isinstance(item, Located):
            yield item


def text_in(node: Any, *keys: str) -> str:
    """The first of ``keys`` that holds a text or number; empty where none does."""
    for key in keys:
        value = node.get(key) if isinstance(node, dict) else None
        if isinstance(value, str) and value:
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    return ""


def texts_in(node: Any, key: str) -> list[str]:
    """The texts and numbers of a list; empty where there is none."""
    values = node.get(key) if isinstance(node, dict) else None
    if not isinstance(values, list):
        return []
    return [str(value) for value in values if isinstance(value, str | int | float)]


def number_in(node: Any, key: str, default: int) -> float:
    """A number; ``default`` where there is none."""
    value = node.get(key) if isinstance(node, dict) else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return default


class _Decoder(json.JSONDecoder):
    """The standard decoder, with the position kept at which each object begins."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ends = [i for i, character in enumerate(text) if character == "\n"]
        self._standard = decoder.JSONObject  # type: ignore[attr-defined]
        self.parse_object = self._object
        self.scan_once = scanner.py_make_scanner(self)  # type: ignore[attr-defined]

    def _object(self, start: tuple[str, int], *rest: Any) -> tuple[Located, int]:
        found, end = self._standard(start, *rest)
        located = Located(found)
        located.line = bisect_right(self.ends, start[1] - 1) + 1
        return located, end
