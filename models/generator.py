"""Replies from templates: every value is traced to its source and none can be more than text.

:class:`Generator` is the interface; :class:`TemplateFiller` is the generator that cannot say
anything its template and values do not hold. A neural generator implements the same protocol.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from models.errors import GenerationError, MissingValue
from models.formatting import Kind, format_value

MAX_PLACEHOLDER = 80


@dataclass(frozen=True)
class Value:
    """A value that a reply may state and where it comes from, such as ``slot:order_id``."""

    value: object
    source: str


@dataclass(frozen=True)
class GenerationRequest:
    """What to say: a template with ``{name}`` placeholders and the values that may fill them.

    ``kinds`` tells how a value is written when its Python type does not (a price or a date that
    arrived as JSON); ``context`` carries what a neural generator may read and the filler ignores.
    """

    template: str
    values: Mapping[str, Value]
    language: str
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    template_id: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Trace:
    """One value in the reply: ``text[start:end] == value``, with where it came from."""

    placeholder: str
    value: str
    source: str
    start: int
    end: int


@dataclass(frozen=True)
class Generated:
    """A reply, the origin of each value in it, and the name of the generator that wrote it."""

    text: str
    traces: tuple[Trace, ...]
    generator: str


class Generator(Protocol):
    """Turns a request into a reply."""

    @property
    def name(self) -> str:
        """Stable name, recorded with every reply."""

    def generate(self, request: GenerationRequest) -> Generated:
        """Write the reply.

        :raises MissingValue: a placeholder has no value.
        :raises GenerationError: the template or a value cannot be used.
        """


class TemplateFiller:
    """Puts values in the template's places, written the way the language writes them.

    Values are inserted as plain text after the template has been read, so that braces in a value
    stay braces; there is no attribute access, no indexing and no format specification.
    """

    name = "template-filler"

    def generate(self, request: GenerationRequest) -> Generated:
        """Fill ``request.template``; see :class:`Generator` for the errors."""
        pieces = parse_template(request.template)
        _require_values(request, pieces)
        text, traces = "", []
        for piece in pieces:
            if not piece.is_placeholder:
                text += piece.text
                continue
            given = request.values[piece.text]
            shown = format_value(given.value, request.language, request.kinds.get(piece.text))
            start, text = len(text), text + shown
            traces.append(Trace(piece.text, shown, given.source, start, len(text)))
        return Generated(text, tuple(traces), self.name)


@dataclass(frozen=True)
class Piece:
    """A part of a template: literal text, or the name of a placeholder."""

    text: str
    is_placeholder: bool


def parse_template(template: str) -> tuple[Piece, ...]:
    """Split a template into literals and placeholders; ``{{`` and ``}}`` are literal braces.

    :raises GenerationError: a brace without its partner, or a placeholder that is not a name.
    """
    pieces: list[Piece] = []
    literal, at = "", 0
    while at < len(template):
        char = template[at]
        if char not in "{}":
            stop = _next_brace(template, at)
            literal, at = literal + template[at:stop], stop
        elif template[at : at + 2] == char * 2:
            literal, at = literal + char, at + 2
        elif char == "}":
            raise _malformed(template, at, "a '{' before this '}'", "'}' alone")
        else:
            name, at = _placeholder(template, at)
            pieces += [Piece(literal, False)] if literal else []
            pieces.append(Piece(name, True))
            literal = ""
    return (*pieces, Piece(literal, False)) if literal else tuple(pieces)


def placeholders(template: str) -> tuple[str, ...]:
    """Names that a template needs, each once, in the order of their first use."""
    return tuple(dict.fromkeys(p.text for p in parse_template(template) if p.is_placeholder))


def escape(text: str) -> str:
    """Write ``text`` so that a template shows it as it is."""
    return text.replace("{", "{{").replace("}", "}}")


def is_placeholder_name(name: str) -> bool:
    """Whether ``{name}`` is a placeholder: letters of any script, digits, ``_`` and ``-``."""
    plain = name.replace("_", "").replace("-", "")
    return 0 < len(name) <= MAX_PLACEHOLDER and plain.isalnum() and not name[0].isdigit()


def _next_brace(template: str, at: int) -> int:
    found = [i for i in (template.find("{", at), template.find("}", at)) if i >= 0]
    return min(found, default=len(template))


def _placeholder(template: str, at: int) -> tuple[str, int]:
    end = template.find("}", at)
    if end < 0:
        raise _malformed(template, at, "a '}' after this '{'", "the end of the template")
    name = template[at + 1 : end].strip()
    if not is_placeholder_name(name):
        raise _malformed(
            template, at, "a name of letters, digits, '_' or '-'", repr(template[at : end + 1][:60])
        )
    return name, end + 1


def _malformed(template: str, at: int, expected: str, found: str) -> GenerationError:
    return GenerationError(
        f"The template {template[:80]!r} is malformed at character {at}",
        expected=expected,
        found=found,
        fix="Write a placeholder as {name} and a literal brace twice: {{ or }}.",
    )


def _require_values(request: GenerationRequest, pieces: tuple[Piece, ...]) -> None:
    needed = dict.fromkeys(piece.text for piece in pieces if piece.is_placeholder)
    missing = [name for name in needed if _is_blank(request.values.get(name))]
    if missing:
        raise MissingValue(request.template, missing)


def _is_blank(given: Value | None) -> bool:
    if given is None or given.value is None:
        return True
    return isinstance(given.value, str) and not given.value.strip()
