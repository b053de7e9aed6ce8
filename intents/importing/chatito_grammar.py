"""Chatito's grammar: definitions with their sentences, and imports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from intents.reading.base import Training

_HEAD = re.compile(r"([%@~])\[([^\]]+)\]\s*(?:\((.*)\))?\s*$")
_PART = re.compile(r"([@~])\[([^\]]+?)(\?)?\]")
_ODDS = re.compile(r"\*\[\s*(\d+(?:\.\d+)?)\s*(%)?\s*\]\s*")
_PAIR = re.compile(r"""(['"])(.*?)\1\s*:\s*(['"])(.*?)\3""")
_IMPORT = re.compile(r"import\s+(\S.*?)\s*$")


@dataclass(frozen=True)
class Part:
    """Words (``kind`` empty), or a reference to a slot (``@``) or alias (``~``)."""

    kind: str
    text: str
    optional: bool = False


@dataclass(frozen=True)
class Sentence:
    """A way to say it, with how likely it is beside the others."""

    parts: tuple[Part, ...]
    weight: float = 1.0


@dataclass
class Definition:
    """An intent (``%``), slot (``@``) or alias (``~``); a slot's name may end in ``#variation``."""

    kind: str
    name: str
    line: int
    arguments: Mapping[str, str] = field(default_factory=dict)
    sentences: list[Sentence] = field(default_factory=list)


@dataclass
class Grammar:
    """A file."""

    definitions: list[Definition] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)


def parse(text: str, file: str, into: Training) -> Grammar:
    """Read a file; lines that are none of the language are reported in ``into``."""
    found = Grammar()
    for line, row in enumerate(text.split("\n"), 1):
        if not row.strip() or row.startswith(("//", "#")):
            continue
        if row[0] in " \t":
            if found.definitions:
                found.definitions[-1].sentences.append(_sentence(row.strip()))
                continue
        elif (imported := _IMPORT.match(row)) is not None:
            found.imports.append(imported[1])
            continue
        elif (head := _HEAD.match(row)) is not None:
            arguments = {pair[2]: pair[4] for pair in _PAIR.finditer(head[3] or "")}
            found.definitions.append(Definition(head[1], head[2].strip(), line, arguments))
            continue
        into.report(
            file,
            line,
            "a definition such as %[greet], an indented sentence, or import",
            repr(row.strip()[:60]),
            "Indent sentences by four blanks; the line is left out.",
        )
    return found


def _sentence(row: str) -> Sentence:
    odds = _ODDS.match(row)
    if odds is None:
        return Sentence(tuple(_parts(row)))
    return Sentence(tuple(_parts(row[odds.end() :])), max(float(odds[1]), 0.001))


def _parts(row: str) -> Iterator[Part]:
    position = 0
    for found in _PART.finditer(row):
        if found.start() > position:
            yield Part("", row[position : found.start()])
        yield Part(found[1], found[2].strip(), bool(found[3]))
        position = found.end()
    if position < len(row):
        yield Part("", row[position:])
