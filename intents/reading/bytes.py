"""The text of a data file, sound lines and broken ones, before any format is looked at."""

from __future__ import annotations

import re
from pathlib import Path

from intents.reading.base import Training
from intents.reading.yamlfile import decode, one_problem

MAX_FILE = 200_000_000
"""Largest data file in bytes: some two million lines."""

_BAD_SHARE = 0.05
_STRAY = re.compile("[\udc80-\udcff]")
_END = re.compile(r"\r\n|\n|\r")


def read_bytes(path: Path, name: str, into: Training) -> str:
    """The text of a data file, its bad bytes as lone surrogates.

    A few bytes that are no UTF-8 cost the lines they stand in; what is mostly such bytes is
    another encoding, or no text.

    :raises DataError: not to be read, too big to be training lines, or not UTF-8.
    """
    try:
        size = path.stat().st_size
        if size > MAX_FILE:
            raise one_problem(
                name,
                0,
                f"a data file of at most {MAX_FILE // 1_000_000} MB",
                f"{size / 1_000_000:,.0f} MB",
                "Keep the lines that are labelled; logs belong to frontdesk mine.",
            )
        raw = path.read_bytes()
    except OSError as error:
        raise one_problem(
            name, 0, "a readable file", error.strerror or type(error).__name__, "Check the path."
        ) from error
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = decode(raw, name)
    else:
        text = raw.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
        if len(_STRAY.findall(text)) > _BAD_SHARE * len(text):
            text = decode(raw, name)
    _line_ends(text, name, into)
    return text


def _line_ends(text: str, name: str, into: Training) -> None:
    """Report where line ends of another kind begin: half of the file went through another tool."""
    if "\r" not in text:
        return
    first = None
    for line, found in enumerate(_END.finditer(text), 1):
        first = first or found[0]
        if found[0] != first:
            into.report(
                name,
                line,
                f"one kind of line end, as in line 1 ({_named(first)})",
                _named(found[0]),
                "All were understood; save the file with LF alone.",
                "warning",
            )
            return


def _named(end: str) -> str:
    return {"\r\n": "CRLF", "\n": "LF", "\r": "CR"}[end]
