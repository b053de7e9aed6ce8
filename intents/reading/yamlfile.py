"""YAML 1.2 files with line numbers, and every way they can be broken turned into a problem."""

from __future__ import annotations

import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.scalarint import ScalarInt

from models.errors import DataError, Problem

MAX_LINE = 1_000_000
"""Longest line, in characters, that a file of an assistant may have."""

_MENDING = {
    "mapping values are not allowed here": (
        "Put the value in quotes where it holds ': ', or indent the line like its neighbours."
    ),
    "found character '\\t' that cannot start any token": "Indent with blanks, not with tabs.",
    "found duplicate key": "Keep one of the two keys.",
    "could not find expected ':'": "Write 'key: value', with a blank after the colon.",
    "expected <block end>": "Indent this line exactly like the lines of the same list or map.",
    "found unexpected end of stream": "Close the quote or bracket that was opened.",
    "while scanning an alias": "Put text that starts with * in quotes.",
    "while scanning an anchor": "Put text that starts with & in quotes.",
    "found unknown escape character": "Use single quotes, or double every backslash.",
}


def yaml() -> YAML:
    """A YAML 1.2 reader that remembers lines, comments and quotes."""
    reader = YAML(typ="rt")
    # YAML 1.2 (3.2.2.2): an anchor may be given again
    reader.composer.warn_double_anchors = False
    reader.preserve_quotes = True
    return reader


def read_text(path: Path, name: str) -> str:
    """The text of a file: UTF-8, with or without a byte order mark.

    :raises DataError: it cannot be read, is not UTF-8 (with the line), or has a monstrous line.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise one_problem(
            name, 0, "a readable file", error.strerror or type(error).__name__, "Check the path."
        ) from error
    return decode(raw, name)


def decode(raw: bytes, name: str) -> str:
    """Decode UTF-8 (or UTF-16 with a byte order mark).

    :raises DataError: with the line of the first bad byte.
    """
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise one_problem(
            name,
            line,
            "UTF-8 text",
            f"byte {raw[error.start : error.start + 1].hex()} at offset {error.start}",
            "Save the file as UTF-8 (in a spreadsheet: 'CSV UTF-8').",
        ) from error
    return text


@lru_cache(maxsize=256)
def load(text: str, name: str) -> Any:
    """Parse YAML text; maps and lists carry line numbers. Nobody may change what comes back:
    the same text is parsed once, so that a live change costs the files it touches.

    :raises DataError: always with file, line, expected, found and fix.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MAX_LINE:
            raise one_problem(
                name,
                number,
                f"lines of at most {MAX_LINE:,} characters",
                f"one of {len(line):,}",
                "Check whether line ends got lost when the file was written.",
            )
    try:
        return yaml().load(text)
    except MarkedYAMLError as error:
        raise _marked(name, error) from error
    except ReaderError as error:
        raise one_problem(
            name,
            text[: error.position].count("\n") + 1,
            "printable text",
            f"the control character U+{int(error.character):04X}"
            if isinstance(error.character, int)
            else repr(error.character),
            "Remove the character.",
        ) from error
    except RecursionError as error:
        raise one_problem(
            name, 1, "a file nested a few levels deep", "hundreds of levels", "Flatten it."
        ) from error
    except (
        YAMLError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        AssertionError,
        OverflowError,
        NotImplementedError,
    ) as error:
        raise one_problem(
            name, 1, "YAML 1.2", f"{type(error).__name__}: {error}"[:200], "Mend the file."
        ) from error


def one_problem(name: str, line: int, expected: str, found: str, fix: str) -> DataError:
    """A :class:`DataError` about one place."""
    problem = Problem(name, line, expected, found, fix)
    return DataError(f"{name} cannot be read", [problem])


def line_of(node: Any, key: Any = None) -> int:
    """The line (from 1) of a node, or of ``key`` in it; 0 where it is unknown."""
    marks = getattr(node, "lc", None)
    if marks is None:
        return 0
    if key is not None and isinstance(marks.data, dict) and key in marks.data:
        return int(marks.data[key][0]) + 1
    return int(marks.line) + 1 if marks.line is not None else 0


def value_line(node: CommentedMap, key: Any) -> int:
    """The line (from 1) where the value of ``key`` starts; for a block, that of its ``|``."""
    marks = getattr(node, "lc", None)
    if marks is None or not isinstance(marks.data, dict) or key not in marks.data:
        return 0
    return int(marks.data[key][2]) + 1


def as_text(value: Any) -> str:
    """A scalar as the text that an operator meant: names may look like numbers or truth values."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    width = getattr(value, "_width", None)
    if isinstance(value, int) and isinstance(width, int):
        return str(int(value)).zfill(width)
    return "" if value is None else str(value)


def plain(value: Any) -> Any:
    """A loaded node as plain Python data."""
    if isinstance(value, CommentedMap | dict):
        return {as_text(key): plain(item) for key, item in value.items()}
    if isinstance(value, CommentedSeq | list | set | tuple):
        return [plain(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if type(value) is ScalarInt and (getattr(value, "_width", None) or 0) > len(str(int(value))):
        # Leading zeros make it a code or a phone number.
        return as_text(value)
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return as_text(value)


def _marked(name: str, error: MarkedYAMLError) -> DataError:
    mark = error.problem_mark or error.context_mark
    line = int(mark.line) + 1 if mark is not None else 1
    said = str(error.problem or error.context or "not YAML")
    both = f"{error.context or ''} {said}"
    fix = next((fix for key, fix in _MENDING.items() if key in both), "Mend the line.")
    where = ""
    if mark is not None and getattr(mark, "buffer", None):
        rows = str(mark.buffer).split("\n")
        if mark.line < len(rows):
            where = f" at {rows[mark.line].strip()[:60]!r}"
    return one_problem(name, line, "YAML 1.2", said + where, fix)
