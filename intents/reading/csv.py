"""CSV files of ``text,intent``, as spreadsheets and other tools write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from intents.examples import Example
from intents.reading.base import Training, check_name, check_text
from intents.reading.bytes import read_bytes
from intents.reading.words import language, sentiment, urgency
from intents.reading.yamlfile import one_problem

_COLUMNS = (
    ("text", ("text", "utterance", "query", "sentence", "message", "example")),
    ("intent", ("intent", "label", "category", "class")),
    ("sentiment", ("sentiment",)),
    ("urgency", ("urgency",)),
    ("language", ("language", "lang")),
)
_LONG = 20
_MOST_UNCLOSED = 100

Row = tuple[int, int, list[str]]
"""The first line of a row, how many lines it has, and its cells."""


def read_csv(path: Path, name: str) -> Training:
    """A file with a header that names a text and perhaps an intent column.

    :raises DataError: empty, no such header, or quotes that cannot be made sense of.
    """
    into = Training()
    text = read_bytes(path, name, into)
    if not text.strip():
        raise one_problem(name, 1, "a header 'text,intent'", "an empty file", "Fill it.")
    delimiter = max(",;\t", key=text.split("\n", 1)[0].count)
    rows = _rows(text, delimiter, name, into)
    _, _, header = next(rows, (1, 1, [text.split("\n", 1)[0]]))
    columns = _columns(header, name)
    body = False
    for line, lines, row in rows:
        body = True
        if any(cell.strip() for cell in row):
            _read_row(row, columns, len(header), (name, line, lines), into)
        elif row:
            check_text("", name, line, into)
    if not body:
        into.report(name, 1, "lines under the header", "none", "Write some, or remove the file.")
    return into


def _rows(text: str, delimiter: str, name: str, into: Training) -> Iterator[Row]:
    """All rows; a quote that is never closed costs the line it opens in, not all that follow."""
    csv.field_size_limit(1 << 30)
    lines = _Lines(text)
    unclosed = 0
    while unclosed < _MOST_UNCLOSED:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        first = lines.at
        try:
            for row in reader:
                yield first + 1, lines.at - first, row
                first = lines.at
            return
        except csv.Error:
            # Quotes inside one line are read as they stand; over several, one of them is open.
            if lines.at - first <= 1 and lines.all[first].count('"') % 2 == 0:
                yield first + 1, 1, next(csv.reader([lines.all[first]], delimiter=delimiter))
                continue
            unclosed += 1
            into.report(
                name,
                first + 1,
                "a closing quote",
                f"none that ends its cell, up to line {lines.at}",
                'Close it; a quote inside a text is written twice: "".',
            )
            lines.at = first + 1
    raise one_problem(
        name,
        lines.at,
        "quotes in pairs",
        f"{_MOST_UNCLOSED} that are never closed",
        'Write a quote inside a text twice: "".',
    )


class _Lines:
    """The lines of a text with their ends, from the line ``at`` on, which may be set back."""

    def __init__(self, text: str) -> None:
        self.all = list(io.StringIO(text, newline=""))
        self.at = 0

    def __iter__(self) -> Iterator[str]:
        while self.at < len(self.all):
            self.at += 1
            yield self.all[self.at - 1]


def _columns(header: list[str], name: str) -> dict[str, int]:
    names = [cell.strip().strip('"').lower() for cell in header]
    columns: dict[str, int] = {}
    for kind, known in _COLUMNS:
        found = next((word for word in known if word in names), None)
        if found is not None:
            columns[kind] = names.index(found)
    if "text" not in columns:
        raise one_problem(
            name,
            1,
            "a header with 'text' and 'intent'",
            repr(",".join(header)[:80]),
            "Write 'text,intent' as the first line.",
        )
    return columns


def _read_row(
    row: list[str],
    columns: dict[str, int],
    width: int,
    place: tuple[str, int, int],
    into: Training,
) -> None:
    name, line, lines = place

    def cell(kind: str) -> str:
        return row[columns[kind]].strip() if kind in columns else ""

    if len(row) <= max(columns.values()) or any(extra.strip() for extra in row[width:]):
        into.report(
            name,
            line,
            f"{width} cells, as in the header",
            str(len(row)),
            "Put texts with commas in double quotes.",
        )
        return
    text, intent = cell("text"), cell("intent")
    if not check_text(text, name, line, into):
        return
    mood = sentiment(cell("sentiment") or None, name, line, into)
    pressing = urgency(cell("urgency") or None, name, line, into)
    if "intent" in columns and not intent and mood is None and pressing is None:
        into.report(name, line, "an intent", "an empty cell", "Name the intent.")
        return
    if not check_name(intent, "an intent", name, line, into):
        return
    if lines > _LONG:
        into.report(
            name,
            line,
            "a row of a few lines",
            f"one of {lines}",
            "Look whether a quote is missing; the row is kept.",
            "warning",
        )
    spoken = language(cell("language") or None, text, name, line, into)
    into.examples.append(
        Example(text, intent or None, None, mood, spoken, name, line, urgency=pressing)
    )
