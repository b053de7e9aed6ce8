"""Rasa 1.x's Markdown: training lines, and replies of retrieval intents.

## intent:greet          - lines with marks, as in YAML
## synonym:New York      - its variants
## regex:zip             - an expression
## lookup:city           - values, or the name of a file that lists them

## any title             (responses.md)
* chitchat/ask_name
  - My name is Sara.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from intents.assistant import Assistant, Listing, Place, Synonym, Variation
from intents.examples import Example, language_of
from intents.reading.base import Training, check_name, check_text
from intents.reading.marks import parse_marks

_SECTION = re.compile(r"##\s*(intent|synonym|regex|lookup)\s*:\s*(.+?)\s*$")
_ITEM = re.compile(r"\s*[-*+]\s+(.*?)\s*$")
_KEYED = re.compile(r"\*\s*([^\s/{]+/\S+)\s*$")

PROSE = ("readme", "changelog", "contributing", "license", "code_of_conduct")
"""How the names of files begin that people read, whatever they show."""

Opened = Callable[[str], str | None]
"""Gives the text of a file that a lookup names, or None."""


def is_training(text: str) -> bool:
    """Whether a Markdown file holds training lines."""
    return any(_SECTION.match(row) for row in text.split("\n"))


def is_responses(text: str) -> bool:
    """Whether a Markdown file holds replies of retrieval intents."""
    starred = [row for row in text.split("\n") if row.startswith("*")]
    return bool(starred) and all(_KEYED.match(row) for row in starred)


def read_training(text: str, file: str, into: Training, opened: Opened) -> None:
    """Add the sections of a file to ``into``."""
    for kind, name, place, rows in _sections(uncommented(text), file):
        if kind == "intent":
            if check_name(name, "an intent", file, place.line, into):
                for line, row in rows:
                    _example(row, name, file, line, into)
            continue
        values = tuple(row for _, row in rows)
        if kind == "synonym":
            into.synonyms.append(Synonym(name, values, place))
        elif kind == "regex":
            into.regexes.append(Listing(name, values, place))
        else:
            into.lookups.append(Listing(name, _listed(values, opened), place))


def read_responses(text: str, file: str, into: Assistant) -> None:
    """Add ``utter_<intent>/<key>`` for each retrieval intent of a file."""
    name = ""
    for line, row in enumerate(uncommented(text).split("\n"), 1):
        keyed = _KEYED.match(row)
        item = _ITEM.match(row)
        if keyed is not None:
            name = f"utter_{keyed[1]}"
        elif item is not None and name:
            said = Variation(item[1].replace("\\n", "\n"), place=Place(file, line))
            into.responses[name] = (*into.responses.get(name, ()), said)


def uncommented(text: str) -> str:
    """The text without HTML comments, each line where it was."""
    return re.sub(r"<!--.*?-->", lambda found: "\n" * found[0].count("\n"), text, flags=re.S)


def _sections(text: str, file: str) -> Iterator[tuple[str, str, Place, list[tuple[int, str]]]]:
    kind, name, place = "", "", Place()
    rows: list[tuple[int, str]] = []
    for line, row in enumerate([*text.split("\n"), "## end"], 1):
        if row.startswith("#"):
            if kind:
                yield kind, name, place, rows
            found = _SECTION.match(row)
            kind, name = (found[1], found[2]) if found else ("", "")
            place, rows = Place(file, line), []
        elif row.strip():
            item = _ITEM.match(row)
            rows.append((line, item[1] if item else row.strip()))


def _example(row: str, intent: str, file: str, line: int, into: Training) -> None:
    text, marks, issues = parse_marks(row)
    for issue in issues:
        into.report(file, line, issue.expected, issue.found, issue.fix, "warning")
    if check_text(text, file, line, into):
        into.examples.append(
            Example(text, intent, marks or None, None, language_of(text), file, line)
        )


def _listed(values: tuple[str, ...], opened: Opened) -> tuple[str, ...]:
    """The values themselves, or those in the one file that is named instead."""
    text = opened(values[0]) if len(values) == 1 else None
    return values if text is None else tuple(filter(None, map(str.strip, text.split("\n"))))
