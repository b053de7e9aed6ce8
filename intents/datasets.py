"""Data files of ``train`` and ``evaluate``: Rasa NLU YAML, CSV and JSONL, or folders of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from intents.examples import SENTIMENTS, Entity, Example, language_of, language_of_set
from intents.marks import overlapping, span_problem
from intents.reading_nlu import Training, check_text, close_annotations, read_nlu
from intents.yamlfile import as_text, line_of, load, one_problem, read_text
from models.errors import DataError, Problem

_TEXT = ("text", "utterance", "query", "sentence", "message", "example")
_INTENT = ("intent", "label", "category", "class")
_SUFFIXES = (".yml", ".yaml", ".csv", ".tsv", ".jsonl", ".ndjson")
_APART = frozenset({"tests", "test", "logs", "templates", "node_modules"})
_SENTIMENT_NAMES = {"pos": "positive", "neg": "negative", "neu": "neutral"}


@dataclass
class Dataset:
    """Lines that can be used, and every finding about those that cannot."""

    examples: list[Example] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def language(self) -> str:
        """``en``, ``zh`` or ``mul`` by the script of the lines."""
        return language_of_set(example.language for example in self.examples)


def read_dataset(paths: Iterable[Path | str]) -> Dataset:
    """Read files and folders; lines that cannot be used are reported and left out.

    :raises DataError: a path does not exist, is of no known kind, or a file holds nothing usable
        at all (broken YAML, no header, wrong encoding).
    """
    together = Dataset()
    for given in paths:
        for path in _files(Path(given)):
            part = read_file(path)
            together.examples += part.examples
            together.problems += part.problems
    return together


def read_file(path: Path) -> Dataset:
    """Read one file by its suffix."""
    suffix = path.suffix.lower()
    name = str(path)
    if suffix in (".yml", ".yaml"):
        return read_yaml(path, name)
    if suffix in (".csv", ".tsv"):
        return read_csv(path, name)
    return read_jsonl(path, name)


def read_yaml(path: Path, name: str) -> Dataset:
    """The training lines of a Rasa YAML file."""
    document = load(read_text(path, name), name)
    training = Training()
    if isinstance(document, dict) and "nlu" in document:
        read_nlu(document["nlu"], name, line_of(document, "nlu"), training)
    elif document is None or not isinstance(document, dict):
        training.report(
            name,
            1,
            "the key nlu",
            "an empty file" if document is None else "no keys",
            "Start with 'nlu:' at the left edge.",
        )
    return Dataset(close_annotations(training.examples), training.problems)


def read_csv(path: Path, name: str) -> Dataset:
    """A CSV file with a header that names a text and perhaps an intent column."""
    text = read_text(path, name)
    training = Training()
    if not text.strip():
        raise one_problem(name, 1, "a header 'text,intent'", "an empty file", "Fill it.")
    header_line = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header_line.count)
    csv.field_size_limit(1 << 30)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        columns = _columns(next(rows), name)
        line = rows.line_num + 1
        for row in rows:
            if any(cell.strip() for cell in row):
                _csv_row(row, columns, name, line, training)
            elif row:
                check_text("", name, line, training)
            line = rows.line_num + 1
    except csv.Error as error:
        raise one_problem(
            name, rows.line_num, "comma-separated values", str(error), "Mend the quotes."
        ) from error
    return Dataset(training.examples, training.problems)


def read_jsonl(path: Path, name: str) -> Dataset:
    """A file with one JSON object a line."""
    training = Training()
    # Not splitlines: a text may hold U+2028, which is no line end of JSONL.
    for number, row in enumerate(read_text(path, name).split("\n"), 1):
        if row.strip():
            _json_row(row, name, number, training)
    if not training.examples and not training.problems:
        training.report(name, 1, 'lines such as {"text": "…"}', "an empty file", "Fill it.")
    return Dataset(training.examples, training.problems)


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        found = [
            file
            for file in sorted(path.rglob("*"))
            if file.suffix.lower() in _SUFFIXES
            and file.is_file()
            and not _is_apart(file.relative_to(path).parts[:-1])
        ]
        if not found:
            raise one_problem(str(path), 0, "YAML, CSV or JSONL files", "none", "Check the path.")
        yield from found
    elif not path.exists():
        raise one_problem(str(path), 0, "a file or folder", "nothing there", "Check the path.")
    elif path.suffix.lower() not in _SUFFIXES:
        raise one_problem(
            str(path),
            0,
            "a file that ends in " + ", ".join(_SUFFIXES),
            path.suffix or "no suffix",
            "Rename or convert the file.",
        )
    else:
        yield path


def _is_apart(folders: Iterable[str]) -> bool:
    return any(part.lower() in _APART or part.startswith(".") for part in folders)


def _columns(header: list[str], name: str) -> dict[str, int]:
    names = [cell.strip().strip('"').lower() for cell in header]
    columns: dict[str, int] = {}
    for kind, known in (
        ("text", _TEXT),
        ("intent", _INTENT),
        ("sentiment", ("sentiment",)),
        ("language", ("language", "lang")),
    ):
        found = next((word for word in known if word in names), None)
        if found is not None:
            columns[kind] = names.index(found)
    if "text" not in columns:
        raise DataError(
            f"{name} cannot be read",
            [
                Problem(
                    name,
                    1,
                    "a header with 'text' and 'intent'",
                    repr(",".join(header)[:80]),
                    "Write 'text,intent' as the first line.",
                )
            ],
        )
    return columns


def _csv_row(
    row: list[str], columns: dict[str, int], name: str, line: int, training: Training
) -> None:
    def cell(kind: str) -> str:
        at = columns.get(kind, len(row))
        return row[at].strip() if at < len(row) else ""

    if len(row) <= max(columns.values()):
        training.report(
            name,
            line,
            f"{max(columns.values()) + 1} cells",
            f"{len(row)}",
            "Put texts with commas in double quotes.",
        )
        return
    text = cell("text")
    if not check_text(text, name, line, training):
        return
    if "intent" in columns and not cell("intent"):
        training.report(name, line, "an intent", "an empty cell", "Name the intent.")
        return
    training.examples.append(
        Example(
            text,
            cell("intent") or None,
            None,
            _sentiment(cell("sentiment") or None, name, line, training),
            cell("language") or language_of(text),
            name,
            line,
        )
    )


def _json_row(row: str, name: str, line: int, training: Training) -> None:
    try:
        read = json.loads(row)
    except (ValueError, RecursionError) as error:
        training.report(name, line, "a JSON object", str(error)[:100], "Mend the line.")
        return
    if not isinstance(read, dict) or not isinstance(read.get("text"), str):
        training.report(
            name, line, 'an object with the key "text"', row.strip()[:60], "Add a text."
        )
        return
    text = read["text"]
    if not check_text(text, name, line, training):
        return
    intent = read.get("intent")
    if intent is not None and not (isinstance(intent, str | int) and as_text(intent).strip()):
        training.report(name, line, "a name as intent", repr(intent)[:60], "Name the intent.")
        return
    training.examples.append(
        Example(
            text,
            None if intent is None else as_text(intent).strip(),
            _entities(read.get("entities"), text, name, line, training),
            _sentiment(read.get("sentiment"), name, line, training),
            read["language"] if isinstance(read.get("language"), str) else language_of(text),
            name,
            line,
            _requested(read.get("requested_slots")),
        )
    )


def _requested(raw: Any) -> tuple[str, ...]:
    if isinstance(raw, str):
        return (raw,)
    return tuple(as_text(slot) for slot in raw) if isinstance(raw, list) else ()


def _sentiment(raw: Any, name: str, line: int, training: Training) -> str | None:
    if raw is None:
        return None
    value = as_text(raw).strip().lower()
    value = _SENTIMENT_NAMES.get(value, value)
    if value in SENTIMENTS:
        return value
    training.report(
        name, line, " or ".join(SENTIMENTS), repr(raw)[:60], "Use one of them.", "warning"
    )
    return None


def _entities(
    raw: Any, text: str, name: str, line: int, training: Training
) -> tuple[Entity, ...] | None:
    """The annotations of a line; with any unsound one the line counts as not annotated."""
    if raw is None:
        return None
    found: list[Entity] = []
    if not isinstance(raw, list):
        training.report(name, line, "a list of entities", repr(raw)[:60], "Use [] for none.")
        return None
    for item in raw:
        entity = _entity(item, text, name, line, training)
        if entity is None:
            return None
        found.append(entity)
    clash = overlapping(found)
    if clash is not None:
        training.report(
            name,
            line,
            "entities that do not overlap",
            f"{clash[0].start}-{clash[0].end} and {clash[1].start}-{clash[1].end}",
            "Keep the longer of the two.",
        )
        return None
    return tuple(found)


def _entity(item: Any, text: str, name: str, line: int, training: Training) -> Entity | None:
    kind = item.get("entity", item.get("type")) if isinstance(item, dict) else None
    start, end = (item.get("start"), item.get("end")) if isinstance(item, dict) else (None, None)
    if type(start) is not int or type(end) is not int or not isinstance(kind, str) or not kind:
        training.report(
            name,
            line,
            'entities such as {"start": 0, "end": 4, "entity": "city"}',
            repr(item)[:80],
            "Give start, end and entity.",
        )
        return None
    entity = Entity(
        start,
        end,
        kind,
        as_text(item.get("value")) or text[max(start, 0) : max(end, 0)],
        item.get("role"),
        item.get("group"),
    )
    wrong = span_problem(text, entity) or _shifted(text, entity)
    if wrong is not None:
        training.report(
            name,
            line,
            "a span that covers its value exactly",
            wrong,
            "Count characters from 0; end is one behind the last.",
        )
        return None
    return entity


def _shifted(text: str, entity: Entity) -> str | None:
    """A value that stands in the text, but elsewhere than the span says."""
    covered = text[entity.start : entity.end]
    if covered == entity.value or covered.casefold() == entity.value.casefold():
        return None
    at = text.find(entity.value)
    if at < 0 or len(entity.value) != len(covered):
        return None
    return (
        f"span {entity.start}-{entity.end} covering {covered!r} where {entity.value!r} stands at "
        f"{at}-{at + len(entity.value)}"
    )
