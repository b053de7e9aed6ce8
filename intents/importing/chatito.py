"""Chatito: the language for making training lines, its sentences spelled out.

    %[greet]('training': '50')      an intent, with how many lines it wants
        ~[hi] @[name?]              sentences, indented; an alias, a slot that may be left out
    ~[hi]                           an alias: other words for one thing
    @[name#first]                   a slot in one of its variations

Lines are drawn at random with a fixed seed, at most :data:`MOST` for an intent.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import PurePosixPath

from intents.examples import Entity
from intents.importing.chatito_grammar import Definition, Grammar, Part, parse
from intents.importing.draft import Draft
from intents.importing.report import Import
from intents.importing.source import Source
from models.errors import DataError

MOST = 100
"""Most lines that are drawn for an intent."""

_TRIES = 20
"""Draws for each line that is wanted; the others were there already."""

_DEEPEST = 30
"""Most definitions inside each other; deeper ones go in a circle."""

Piece = tuple[str, str | None, str]
"""Words, the slot they fill or None, and the value that they stand for."""


def is_chatito(source: Source) -> bool:
    """Whether there is such a file."""
    return bool(source.names(".chatito"))


def import_chatito(source: Source) -> Import:
    """All files; those that another one imports lend it their aliases and slots."""
    draft = Draft("Chatito", source, ("en", "zh"))
    files: dict[str, Grammar] = {}
    for name in source.names(".chatito"):
        try:
            files[name] = parse(source.text(name), name, draft.training)
        except DataError as error:
            source.problems += error.problems
    for name, grammar in files.items():
        known = _known(name, files, set())
        for definition in grammar.definitions:
            if definition.kind == "%":
                _Intent(draft, known, definition, name).draw()
    draft.left_out("", 0, "replies, which Chatito does not hold", "Write a response and a rule.")
    return draft.finish()


def _known(
    name: str, files: Mapping[str, Grammar], seen: set[str]
) -> dict[tuple[str, str], Definition]:
    """Aliases and slots of a file, and of those that it imports."""
    if name not in files or name in seen:
        return {}
    seen.add(name)
    found: dict[tuple[str, str], Definition] = {}
    for imported in files[name].imports:
        found.update(_known(_normal(PurePosixPath(name).parent / imported), files, seen))
    own = {(d.kind, d.name): d for d in files[name].definitions if d.kind != "%"}
    return {**found, **own}


def _normal(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


class _Intent:
    """The lines of one intent."""

    def __init__(
        self,
        draft: Draft,
        known: Mapping[tuple[str, str], Definition],
        definition: Definition,
        file: str,
    ) -> None:
        self.draft, self.known, self.definition, self.file = draft, known, definition, file
        self.random = random.Random(f"{file}:{definition.name}")  # noqa: S311
        self.circle = False

    def draw(self) -> None:
        """Draw lines until there are enough, or nothing new comes."""
        definition, line = self.definition, self.definition.line
        intent = self.draft.intent(definition.name, self.file, line)
        asked = definition.arguments.get("training", "")
        wanted = min(int(asked) if asked.isdigit() else MOST, MOST)
        seen: set[str] = set()
        for _ in range(wanted * _TRIES):
            if len(seen) >= wanted or not definition.sentences:
                break
            text, marks = self._line(self._sentence(definition, 0))
            if text.strip() and text not in seen:
                seen.add(text)
                self.draft.line(text, intent, self.file, line, marks)
        self._tell(intent, asked, len(seen))

    def _tell(self, intent: str, asked: str, made: int) -> None:
        line = self.definition.line
        if asked.isdigit() and int(asked) > MOST:
            what = f"{asked} lines of {intent}"
            instead = f"{made} of them, drawn at random; more of one pattern teach nothing new."
            self.draft.approximated(self.file, line, what, instead)
        if "testing" in self.definition.arguments:
            what = f"the test lines of {intent}"
            self.draft.left_out(self.file, line, what, "Test on what customers wrote.")
        if self.circle:
            what = f"a definition in {intent} that holds itself"
            self.draft.left_out(self.file, line, what, "Its name stands for it; break the circle.")

    def _sentence(self, definition: Definition, depth: int) -> list[Piece]:
        weights = [sentence.weight for sentence in definition.sentences]
        [sentence] = self.random.choices(definition.sentences, weights)
        pieces = [piece for part in sentence.parts for piece in self._part(part, depth)]
        if definition.kind == "@" and [part.kind for part in sentence.parts] == ["~"]:
            # An alias alone is another way to write the value that it is named after.
            return [("".join(words for words, _, _ in pieces), None, sentence.parts[0].text)]
        return pieces

    def _part(self, part: Part, depth: int) -> list[Piece]:
        if part.kind == "":
            return [(part.text, None, "")]
        definition = self.known.get((part.kind, part.text))
        count = len(definition.sentences) if definition else 1
        if part.optional and self.random.random() < 1 / (count + 1):
            return []
        if definition is None or not definition.sentences or depth > _DEEPEST:
            self.circle = self.circle or depth > _DEEPEST
            words = part.text.split("#")[0]
            return [(words, words if part.kind == "@" else None, words)]
        pieces = self._sentence(definition, depth + 1)
        if part.kind != "@":
            return pieces
        words = "".join(text for text, _, _ in pieces)
        value = next((v for _, _, v in pieces if v), "") if len(pieces) == 1 else ""
        return [(words, part.text.split("#")[0], value or words.strip())]

    def _line(self, pieces: list[Piece]) -> tuple[str, list[Entity]]:
        text = ""
        marks = []
        for words, slot, value in pieces:
            if text.endswith(" "):
                # What is left out leaves two blanks behind.
                words = words.lstrip(" ") if not slot else words
            inner = words.strip()
            if slot is not None and inner:
                start = len(text) + words.index(inner)
                kind = self.draft.entity(slot, self.file, self.definition.line)
                marks.append(Entity(start, start + len(inner), kind, value or inner))
            text += words
        return text, marks
