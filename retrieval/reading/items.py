"""What every reader gives: conversations, and places that could not be read, in file order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from retrieval.conversation import Conversation, Turn

LONGEST_RECORD = 8 * 1024 * 1024
"""Bytes of one line or one JSON object; what is longer is kept apart unread."""
LONGEST_TEXT = 100_000
"""Characters of one message; the rest of a longer one is dropped."""


@dataclass(frozen=True)
class Bad:
    """Something kept apart: ``line`` counts from 1, 0 stands for the whole file."""

    line: int
    reason: str


Item = Conversation | Bad
Items = Iterator[Item]


def whole(data: Any) -> Any:
    """JSON data without halves of surrogate pairs, which no file can hold."""
    if isinstance(data, str):
        return data.encode("utf-8", "replace").decode()
    if isinstance(data, dict):
        return {whole(key): whole(value) for key, value in data.items()}
    return [whole(value) for value in data] if isinstance(data, list) else data


def load(line: str | bytes) -> Any:
    """Data of one JSON text.

    :raises ValueError: not JSON; RecursionError for what is nested beyond reason.
    """
    data = json.loads(line)
    halves = b"\\ud" in line.lower() if isinstance(line, bytes) else "\\ud" in line.lower()
    return whole(data) if halves else data


def guess_language(turns: tuple[Turn, ...]) -> str:
    """``zh`` where a quarter of the characters are Chinese, else ``en``."""
    text = "".join(turn.text for turn in turns)
    chinese = sum("㐀" <= char <= "鿿" for char in text)
    return "zh" if chinese * 4 > len(text) else "en"


def shown(value: object) -> str:
    """A value as a reason quotes it: short."""
    return repr(str(value)[:40])
