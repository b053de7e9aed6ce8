"""What may be written into an assistant's files: names, lines, texts, languages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from intents.assistant import Assistant
from intents.reading.marks import parse_marks
from models.errors import DataError, GenerationError, Problem
from models.filling.template_text import all_placeholders

_NAME = re.compile(r"[^\W\d]\w*(?:[/.-]\w+)*")


def checked(root: Path, examples: Sequence[str]) -> list[str]:
    """Lines fit to be written: one line each, not blank, marks readable, none twice."""
    lines: dict[str, str] = {}
    for number, raw in enumerate(examples, 1):
        line = " ".join(raw.split())
        text, _, issues = parse_marks(line)
        at = f"line {number}"
        if issues:
            raise refused(root, issues[0].expected, f"{at}: {issues[0].found}", issues[0].fix)
        if not line.isprintable() or len(line) > 10_000:
            found = f"{at}: {line[:40]!r}"
            wanted = "printable text of at most 10,000 characters"
            raise refused(root, wanted, found, "Write the line again.")
        if text.strip():
            lines.setdefault(text.casefold().strip(), line)
    if not lines:
        raise refused(root, "training lines", "none", "Write at least five.")
    return list(lines.values())


def check_others(root: Path, assistant: Assistant, name: str, lines: Sequence[str]) -> None:
    """Refuse lines that stand under another intent: the two would contradict each other."""
    known = {
        e.text.casefold().strip(): e for e in assistant.examples if e.intent not in (None, name)
    }
    for line in lines:
        other = known.get(parse_marks(line)[0].casefold().strip())
        if other is not None:
            found = f"{other.text[:50]!r} under {other.intent}, in {other.place}"
            fix = "Keep it where it belongs; remove it there first if that is here."
            raise refused(root, "a text under one intent", found, fix)


def check_languages(root: Path, assistant: Assistant, given: Iterable[Mapping[str, str]]) -> None:
    """Refuse texts in a language that the assistant does not have."""
    unknown = sorted({language for texts in given for language in texts} - {*assistant.languages})
    if unknown:
        wanted = "one of " + ", ".join(assistant.languages)
        found = ", ".join(unknown)
        raise refused(root, wanted, found, "Add the language to frontdesk.yml first.")


def check_brackets(root: Path, texts: Mapping[str, str]) -> None:
    """Refuse texts that are no templates."""
    for text in texts.values():
        try:
            all_placeholders(text)
        except GenerationError as error:
            found = f"{text[:50]!r}: {error.message}"
            fix = "Close the bracket; write {{ for a bracket that is text."
            raise refused(root, "values in curly brackets", found, fix) from error


def check_name(name: str) -> None:
    """Refuse a name that Rasa's files cannot take."""
    if not _NAME.fullmatch(name) or len(name) > 120:
        wanted = "a name of letters, digits and underscores, a letter first"
        raise DataError(
            "Nothing was written",
            [Problem("", 0, wanted, repr(name)[:80], "Rename it, for example 'gift_card'.")],
        )


def must_exist(root: Path, assistant: Assistant, name: str) -> None:
    """Refuse an intent that is not there."""
    if name not in assistant.intents and not assistant.examples_of(name):
        raise refused(root, "an intent of the assistant", repr(name), "Check the name.")


def refused(root: Path, expected: str, found: str, fix: str) -> DataError:
    """The error that says that nothing was written, and why."""
    return DataError("Nothing was written", [Problem(str(root), 0, expected, found, fix)])
