"""The ``nlu`` part of Rasa's YAML: training lines, synonyms, lookups and regexes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from ruamel.yaml.scalarstring import FoldedScalarString, LiteralScalarString

from intents.assistant import Listing, Place, Synonym
from intents.examples import OUT_OF_SCOPE, Example
from intents.reading.base import Training, check_name, check_text
from intents.reading.marks import parse_marks
from intents.reading.words import language, sentiment, urgency
from intents.reading.yamlfile import as_text, line_of, load, plain, value_line

_KINDS = ("intent", "synonym", "lookup", "regex")
_OWN_KEYS = ("sentiment", "urgency", "language")
"""What metadata may say of a line that is more than kept."""


@lru_cache(maxsize=256)
def nlu_of(text: str, file: str) -> Training:
    """What the ``nlu`` part of a file's YAML ``text`` teaches. Nobody may change what comes back:
    the same text is read once, so that a live change costs the files it touches."""
    document, found = load(text, file), Training()
    read_nlu(document["nlu"], file, line_of(document, "nlu"), found)
    return found


def read_nlu(items: Any, file: str, line: int, into: Training) -> None:
    """Read the value of the key ``nlu``, a list of items, into ``into``."""
    if items is None:
        into.report(file, line, "a list of items under nlu", "nothing", "Add '- intent: <name>'.")
        return
    if not isinstance(items, list):
        into.report(
            file,
            line,
            "a list of items under nlu",
            type(plain(items)).__name__,
            "Start each with '- intent:'.",
        )
        return
    for index, item in enumerate(items):
        _read_item(item, file, _item_line(items, index, line), into)


def close_annotations(examples: list[Example]) -> list[Example]:
    """Where some YAML lines carry marks, lines without any say that there are none.

    Nobody marks values in lines that the assistant can do nothing about.
    """
    if not any(example.entities for example in examples):
        return examples
    return [
        replace(example, entities=())
        if example.entities is None and example.intent != OUT_OF_SCOPE
        else example
        for example in examples
    ]


def _item_line(items: Any, index: int, fallback: int) -> int:
    marks = getattr(items, "lc", None)
    if marks is not None and isinstance(marks.data, dict) and index in marks.data:
        return int(marks.data[index][0]) + 1
    return fallback


def _read_item(item: Any, file: str, line: int, into: Training) -> None:
    kinds = [key for key in _KINDS if isinstance(item, dict) and key in item]
    if len(kinds) != 1:
        found = ", ".join(map(as_text, item)) if isinstance(item, dict) else as_text(item)[:60]
        into.report(
            file,
            line,
            "one of the keys intent, synonym, lookup or regex in an item",
            found or "nothing",
            "It is left out; write '- intent: <name>' and its examples under it.",
            "warning",
        )
        return
    kind = kinds[0]
    name = as_text(plain(item[kind])).strip()
    if not name:
        into.report(file, line, f"a name after '{kind}:'", "nothing", "Name it.")
        return
    if kind == "intent" and not check_name(name, "an intent", file, line, into):
        return
    if item.get("examples") is None:
        into.report(
            file,
            line,
            f"examples of {kind} {name!r}",
            "none",
            "Add 'examples: |' with lines that start with '- '.",
            "warning",
        )
        return
    if kind == "intent":
        _read_intent(name, item, file, into)
    else:
        _read_values(kind, name, item, file, line, into)


def _read_intent(name: str, item: Any, file: str, into: Training) -> None:
    shared = plain(item.get("metadata")) if "metadata" in item else {}
    shared = shared if isinstance(shared, dict) else {}
    for marked, line, own in _lines(item, file, into):
        text, entities, issues = parse_marks(marked)
        for issue in issues:
            into.report(file, line, issue.expected, issue.found, issue.fix, issue.severity)
        if not check_text(text, file, line, into):
            continue
        metadata = {**shared, **own}
        spoken = language(metadata.get("language"), text, file, line, into)
        into.examples.append(
            Example(
                text,
                name,
                entities or None,
                sentiment(metadata.get("sentiment"), file, line, into),
                spoken,
                file,
                line,
                urgency=urgency(metadata.get("urgency"), file, line, into),
                metadata={k: v for k, v in metadata.items() if k not in _OWN_KEYS},
            )
        )


def _read_values(kind: str, name: str, item: Any, file: str, line: int, into: Training) -> None:
    values = tuple(text for text, _, _ in _lines(item, file, into) if text.strip())
    place = Place(file, line)
    if kind == "synonym":
        into.synonyms.append(Synonym(name, values, place))
    elif kind == "lookup":
        into.lookups.append(Listing(name, values, place))
    else:
        for text, at, _ in _lines(item, file, Training()):
            try:
                re.compile(text)
            except (re.error, OverflowError, RecursionError) as error:
                into.report(
                    file,
                    at,
                    "a regular expression",
                    f"{text!r}: {error}",
                    "Escape brackets and dots that are meant literally.",
                )
        into.regexes.append(Listing(name, tuple(filter(_compiles, values)), place))


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


def _lines(item: Any, file: str, into: Training) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Text, line number and metadata of each example of an item."""
    examples = item["examples"]
    start = value_line(item, "examples")
    if isinstance(examples, list):
        yield from _listed(examples, start, file, into)
        return
    block = isinstance(examples, LiteralScalarString | FoldedScalarString)
    for offset, row in enumerate(as_text(examples).split("\n")):
        line = start + offset + (1 if block else 0)
        stripped = row.strip()
        if not stripped:
            continue
        if not stripped.startswith("-"):
            into.report(
                file,
                line,
                "a line that starts with '- '",
                repr(stripped[:60]),
                "It is left out; put '- ' in front, or join it to the line above.",
                "warning",
            )
            continue
        yield stripped[1:].strip(), line, {}


def _listed(
    examples: list[Any], start: int, file: str, into: Training
) -> Iterator[tuple[str, int, dict[str, Any]]]:
    for index, entry in enumerate(examples):
        line = _item_line(examples, index, start)
        if isinstance(entry, dict):
            if "text" not in entry:
                into.report(
                    file,
                    line,
                    "the key text in an example",
                    ", ".join(map(as_text, entry)),
                    "Write '- text: <line>'.",
                )
                continue
            metadata = plain(entry.get("metadata"))
            at = line_of(entry, "text") or line
            rows = as_text(entry["text"]).strip().split("\n")
            yield (
                rows[0].removeprefix("- ") if len(rows) == 1 else " ".join(rows),
                at,
                metadata if isinstance(metadata, dict) else {},
            )
        else:
            yield as_text(entry).strip(), line, {}
