"""What every reader of training lines shares: findings, and what a text or a name may be."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from intents.assistant import Listing, Synonym
from intents.examples import Example
from models.errors import Problem

MAX_TEXT = 10_000
"""Longest training line in characters; a customer's message is far below it."""

MAX_NAME = 200
"""Longest name of an intent or entity type in characters."""

_BREAKS = frozenset("\t\n\r")


@dataclass
class Training:
    """What has been read so far, and every finding on the way."""

    examples: list[Example] = field(default_factory=list)
    synonyms: list[Synonym] = field(default_factory=list)
    lookups: list[Listing] = field(default_factory=list)
    regexes: list[Listing] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _names: set[str] = field(default_factory=set)

    def take(self, part: Training) -> None:
        """Add what has been read apart from this."""
        self.examples += part.examples
        self.synonyms += part.synonyms
        self.lookups += part.lookups
        self.regexes += part.regexes
        self.problems += part.problems

    def report(
        self, file: str, line: int, expected: str, found: str, fix: str, severity: str = "error"
    ) -> None:
        """Add a finding."""
        self.problems.append(Problem(file, line, expected, found, fix, severity))

    def first_time(self, name: str) -> bool:
        """Whether ``name`` is asked about for the first time."""
        new = name not in self._names
        self._names.add(name)
        return new


def check_text(text: str, file: str, line: int, into: Training) -> bool:
    """Whether ``text`` can be a training line; if not, a finding is added."""
    if not text.strip():
        into.report(file, line, "a text", "a blank one", "Write the line, or remove it.", "warning")
        return False
    if len(text) > MAX_TEXT:
        into.report(
            file,
            line,
            f"a text of at most {MAX_TEXT:,} characters",
            f"one of {len(text):,}",
            "Shorten the line; check that line ends were not lost.",
            "warning",
        )
        return False
    return _readable(text, "a text", file, line, into, _BREAKS)


def check_name(name: str, what: str, file: str, line: int, into: Training) -> bool:
    """Whether ``name`` can name ``what``; if not, a finding is added.

    Any printable character may stand in a name. Invisible ones are reported, once a name and file:
    two names that look the same are two intents.
    """
    if len(name) > MAX_NAME:
        into.report(
            file,
            line,
            f"{what} of at most {MAX_NAME} characters",
            f"{len(name):,}: {name[:40]!r} …",
            "Shorten the name; check that no comma or quote got lost.",
        )
        return False
    if not _readable(name, what, file, line, into, frozenset()):
        return False
    hidden = next((c for c in name if unicodedata.category(c) == "Cf"), None)
    if hidden is not None and into.first_time(name):
        into.report(
            file,
            line,
            f"{what} of visible characters",
            f"the invisible character {_code(hidden)} in {name!r}",
            "Type the name anew; it is kept as it is.",
            "warning",
        )
    return True


def _readable(
    text: str, what: str, file: str, line: int, into: Training, allowed: frozenset[str]
) -> bool:
    if text.isprintable():
        return True
    for at, character in enumerate(text):
        kind = unicodedata.category(character)
        if kind == "Cs":
            into.report(
                file,
                line,
                f"{what} in UTF-8",
                _stray(character, at),
                "Save the file as UTF-8 (in a spreadsheet: 'CSV UTF-8').",
            )
            return False
        if kind == "Cc" and character not in allowed:
            into.report(
                file,
                line,
                f"{what} of printable characters",
                f"the control character {_code(character)} at character {at}",
                "Remove the character.",
            )
            return False
    return True


def _stray(character: str, at: int) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"byte {code - 0xDC00:02x} at character {at}"
    return f"half a character (U+{code:04X}) at character {at}"


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"
