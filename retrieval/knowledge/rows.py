"""Data files as rows: CSV and JSON here, RDF in :mod:`retrieval.knowledge.rdf`.

Whatever a file holds, a reader gives rows and findings with file and line, and never fails.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.errors import Problem

MAX_BYTES = 32_000_000
"""Largest data file that is read."""

MAX_ROWS = 100_000
MAX_CELL = 2_000
SEPARATOR = "|"
"""Between several values in one cell of a CSV file."""

_NAME = re.compile(r"^(name|aliases)(?:_([a-z]{2}))?$")
_LANGUAGE = re.compile(r"^(.+)_(en|zh)$")


@dataclass(frozen=True)
class Said:
    """One value as it was written, with its language where it is text in one."""

    text: str
    language: str | None = None


@dataclass
class Row:
    """A thing as a file describes it; ``values`` by the names of its relations and properties."""

    file: str
    line: int
    type: str | None
    id: str
    names: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, list[str]] = field(default_factory=dict)
    values: dict[str, list[Said]] = field(default_factory=dict)


def read_bytes(path: Path, name: str, problems: list[Problem]) -> bytes | None:
    """The file's bytes, or None and a finding."""
    try:
        if path.stat().st_size > MAX_BYTES:
            problems.append(
                Problem(
                    name, 0, f"at most {MAX_BYTES // 1_000_000} MB", "a larger file", "Split it."
                )
            )
            return None
        return path.read_bytes()
    except OSError as error:
        found = error.strerror or type(error).__name__
        problems.append(Problem(name, 0, "a readable file", found, "Add it, or mend 'files:'."))
        return None


def decode(raw: bytes, name: str, problems: list[Problem]) -> str | None:
    """UTF-8 text, or None and a finding with the line of the first bad byte."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        found = f"byte {raw[error.start : error.start + 1].hex()}"
        problems.append(Problem(name, line, "UTF-8 text", found, "Save the file as UTF-8."))
        return None


def read_csv(text: str, name: str, type_: str | None, problems: list[Problem]) -> list[Row]:
    """Rows of a CSV file with a header: ``id``, ``name_en``, ``name_zh``, ``aliases_…``, the rest.

    A column ending in ``_en`` or ``_zh`` is text in that language; ``|`` stands between several
    values. Lines with more or fewer cells than the header are named and left out.
    """
    rows: list[Row] = []
    lines = _records(text, name, problems)
    header = next(lines, (1, []))[1]
    columns = [column.strip() for column in header]
    if "id" not in columns:
        found = ", ".join(columns)[:80] or "an empty file"
        problems.append(Problem(name, 1, "a header with the column id", found, "Add the column."))
        return []
    for column in {c for c in columns if columns.count(c) > 1}:
        problems.append(Problem(name, 1, "each column once", repr(column), "Rename one of them."))
        return []
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(columns):
            problems.append(
                Problem(
                    name,
                    line,
                    f"{len(columns)} cells",
                    str(len(cells)),
                    "Quote cells that hold a comma.",
                )
            )
            continue
        if len(rows) >= MAX_ROWS:
            problems.append(Problem(name, line, f"{MAX_ROWS} rows", "more", "Split the file."))
            break
        row = _csv_row(dict(zip(columns, cells, strict=True)), name, line, type_, problems)
        if row is not None:
            rows.append(row)
    return rows


def _records(text: str, name: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """Records with the lines they begin on."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problems.append(Problem(name, line, "CSV", str(error)[:80], "Mend the line."))
            return


def _csv_row(
    cells: Mapping[str, str], name: str, line: int, type_: str | None, problems: list[Problem]
) -> Row | None:
    row = Row(name, line, cells.get("type", "").strip() or type_, cells["id"].strip())
    for column, cell in cells.items():
        if column in ("id", "type") or not cell.strip():
            continue
        if len(cell) > MAX_CELL:
            problems.append(
                Problem(name, line, f"at most {MAX_CELL} characters", column, "Shorten the cell.")
            )
            return None
        _take(row, column, [part.strip() for part in cell.split(SEPARATOR) if part.strip()])
    return row


def _take(row: Row, column: str, parts: list[str], language: str | None = None) -> None:
    if (named := _NAME.fullmatch(column)) is not None:
        spoken = named[2] or language or ""
        if named[1] == "name" and parts:
            row.names[spoken] = SEPARATOR.join(parts)
        elif named[1] == "aliases":
            row.aliases.setdefault(spoken, []).extend(parts)
        return
    if (text := _LANGUAGE.fullmatch(column)) is not None:
        column, language = text[1], text[2]
    row.values.setdefault(column, []).extend(Said(part, language) for part in parts)


def read_json(text: str, name: str, type_: str | None, problems: list[Problem]) -> list[Row]:
    """Rows of a JSON file: a list of objects with ``id``, ``type``, ``name``, ``aliases`` and more.

    A value is a text, number or truth value, a list of them, or an object by language.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        problems.append(Problem(name, error.lineno, "JSON", error.msg, "Mend the line."))
        return []
    except (ValueError, RecursionError) as error:
        found = type(error).__name__
        problems.append(Problem(name, 1, "JSON of a few levels", found, "Mend the file."))
        return []
    items = data.get("items") if isinstance(data, dict) else data
    if not isinstance(items, list):
        problems.append(
            Problem(name, 1, "a list of objects", type(data).__name__, "Write [{…}, {…}].")
        )
        return []
    lines = _Lines(text)
    rows = []
    for number, item in enumerate(items[:MAX_ROWS], 1):
        given = item.get("id") if isinstance(item, dict) else None
        line = lines.of(given)
        if not isinstance(item, dict) or not isinstance(given, str | int):
            found = f"item {number}: {str(item)[:60]}"
            problems.append(Problem(name, line, "an object with an id", found, "Mend the item."))
            continue
        row = _json_row(item, name, line, type_, problems)
        if row is not None:
            rows.append(row)
    return rows


class _Lines:
    """Finds the lines on which ids stand."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._line = text, 0, 1

    def of(self, given: Any) -> int:
        if not isinstance(given, str):
            return self._line
        found = self._text.find(json.dumps(given, ensure_ascii=False), self._at)
        if found >= 0:
            self._line += self._text.count("\n", self._at, found)
            self._at = found
        return self._line


def _json_row(
    item: Mapping[str, Any], name: str, line: int, type_: str | None, problems: list[Problem]
) -> Row | None:
    given = item.get("type", type_)
    row = Row(name, line, given if isinstance(given, str) else None, str(item["id"]).strip())
    for key, value in item.items():
        if key in ("id", "type") or value is None:
            continue
        by_language = value if isinstance(value, dict) else {None: value}
        for language, many in by_language.items():
            parts = [_scalar(part) for part in (many if isinstance(many, list) else [many])]
            if any(part is None or len(part) > MAX_CELL for part in parts):
                problems.append(
                    Problem(
                        name, line, f"text, numbers, or lists of them in {key!r}"[:200],
                        str(many)[:60], "Mend the value.",
                    )
                )  # fmt: skip
                return None
            texts = [part for part in parts if part]
            if language is None or language in ("en", "zh"):
                _take(row, str(key), texts, language)
            else:
                found = repr(language)[:60]
                problems.append(Problem(name, line, "the languages en, zh", found, "Mend the key."))
                return None
    return row


def _scalar(part: Any) -> str | None:
    if isinstance(part, bool):
        return "yes" if part else "no"
    return str(part).strip() if isinstance(part, str | int | float) else None
