"""What came of an import: what was understood, what was approximated and what cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from intents.assistant import Assistant, Rule
from models.errors import Problem

APPROXIMATED = "approximated"
LEFT_OUT = "left out"


@dataclass(frozen=True)
class Note:
    """One thing that is not here as it was there, and what stands for it now."""

    kind: str
    file: str
    line: int
    what: str
    instead: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.kind}: {self.what}. {self.instead}"


@dataclass
class Import:
    """An assistant out of another tool's files, with everything there is to say about it.

    ``copied`` are files that are taken over byte for byte. With ``as_it_is`` they are the whole
    assistant; otherwise it is written anew, and ``tests`` are stories to be tried on it.
    """

    format: str
    assistant: Assistant
    notes: list[Note] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    copied: dict[str, bytes] = field(default_factory=dict)
    as_it_is: bool = False
    tests: list[Rule] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """How much was understood, by kind."""
        a = self.assistant
        found: Mapping[str, Any] = {
            "intents": {e.intent for e in a.examples if e.intent} | set(a.intents),
            "lines": a.examples,
            "marks": [mark for e in a.examples for mark in e.entities or ()],
            "entities": a.entities,
            "synonyms": a.synonyms,
            "lookups": a.lookups,
            "regexes": a.regexes,
            "slots": a.slots,
            "forms": a.forms,
            "responses": a.responses,
            "actions": a.actions,
            "rules": a.rules,
            "stories": a.stories,
        }
        return {kind: len(things) for kind, things in found.items()}

    def as_data(self) -> dict[str, Any]:
        """The report as JSON's data."""
        return {
            "format": self.format,
            "understood": self.counts(),
            "approximated": [_shown(n) for n in self.notes if n.kind == APPROXIMATED],
            "left_out": [_shown(n) for n in self.notes if n.kind == LEFT_OUT],
            "problems": [vars(problem) for problem in self.problems],
        }


def _shown(note: Note) -> dict[str, Any]:
    return {"file": note.file, "line": note.line, "what": note.what, "instead": note.instead}
