"""The language of templates: ``{name}`` for a value, ``[[ … ]]`` for a part that may be left out.

======================================  ============================================================
``{order_id}``                          the value; a template cannot be used without it
``[[, with {carrier}]]``                said only when every value in it is known
``[[if member: A | B]]``                A where ``member`` is known and true, else B (may be absent)
``[[if not member: A]]``                the other way round
``[[if days > 3: A | B]]``              ``= != < > <= >=`` against a number or a word
``[[plural left: item | items]]``       the form that the language uses for the number (CLDR)
``[[measure product]]``                 the measure word of a Chinese noun: 双 of 运动鞋
``{{`` ``}}`` ``[[[[``                  the brackets themselves
======================================  ============================================================

Parts are not nested. Rasa shows the double brackets as they are and fills the values in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast

from models.errors import GenerationError

MAX_PLACEHOLDER = 80
_NAME = r"[^\s:=!<>{}\[\]|]{1,80}"
_IF = re.compile(
    rf"if\s+(?P<not>not\s+)?(?P<name>{_NAME})"
    r"(?:\s*(?P<op><=|>=|!=|=|<|>)\s*(?P<operand>[^:|\]\[{}]{1,80}?))?\s*:[ ]?"
)
_PLURAL = re.compile(rf"plural\s+(?P<name>{_NAME})\s*:\s*")
_MEASURE = re.compile(rf"measure\s+(?P<name>{_NAME})\s*$")
_BRACKET = re.compile(r"[{}\[]")
Operator = Literal["known", "=", "!=", "<", ">", "<=", ">="]


@dataclass(frozen=True)
class Piece:
    """A part of a template: literal text, or the name of a placeholder."""

    text: str
    is_placeholder: bool


@dataclass(frozen=True)
class Condition:
    """When a part is said: ``name`` compared with ``operand``, turned round if ``negated``."""

    name: str
    operator: Operator = "known"
    operand: str = ""
    negated: bool = False


@dataclass(frozen=True)
class Part:
    """Text that is said under a condition, or else another one."""

    condition: Condition | None
    pieces: tuple[Piece, ...]
    otherwise: tuple[Piece, ...] = ()


@dataclass(frozen=True)
class Plural:
    """One of several forms, by the number that ``name`` holds."""

    name: str
    forms: tuple[str, ...]


@dataclass(frozen=True)
class Measure:
    """The Chinese measure word of the noun that ``name`` holds."""

    name: str


Node = Piece | Part | Plural | Measure


def parse(template: str) -> tuple[Node, ...]:
    """Read a template.

    :raises GenerationError: a bracket without its partner, a placeholder that is no name, or a
        part within a part.
    """
    if not _BRACKET.search(template):
        return (Piece(template, False),) if template else ()
    nodes: list[Node] = []
    at = 0
    for start, end in _parts(template):
        nodes += _pieces(template, at, start)
        nodes.append(_part(template, start + 2, end))
        at = end + 2
    return _joined([*nodes, *_pieces(template, at, len(template))])


def parse_template(template: str) -> tuple[Piece, ...]:
    """A template's literals and placeholders in order, those within parts among them.

    :raises GenerationError: see :func:`parse`.
    """
    pieces: list[Piece] = []
    for node in parse(template):
        match node:
            case Piece():
                pieces.append(node)
            case Part():
                pieces += [*node.pieces, *node.otherwise]
            case Plural():
                pieces.append(Piece(node.forms[-1], False))
            case Measure():
                pass
    return _joined_pieces(pieces)


def placeholders(template: str) -> tuple[str, ...]:
    """Names that a template cannot do without, each once, in the order of their first use."""
    found: dict[str, None] = {}
    for node in parse(template):
        if isinstance(node, Piece) and node.is_placeholder:
            found[node.text] = None
        elif isinstance(node, Plural | Measure):
            found[node.name] = None
    return tuple(found)


def all_placeholders(template: str) -> tuple[str, ...]:
    """Names of every value that a template may say."""
    pieces = (piece.text for piece in parse_template(template) if piece.is_placeholder)
    return tuple(dict.fromkeys((*placeholders(template), *pieces)))


def escape(text: str) -> str:
    """Write ``text`` so that a template shows it as it is."""
    return text.replace("{", "{{").replace("}", "}}").replace("[[", "[[[[")


def without_values(template: str, names: Iterable[str]) -> str:
    """The template without the placeholders of these names, and the blanks before them."""
    named = "|".join(re.escape(name) for name in names)
    place = re.compile(rf"(?<!\{{)[ \t]*\{{\s*(?:{named})\s*\}}(?!\}})")
    return place.sub("", template) if named else template


def is_placeholder_name(name: str) -> bool:
    """Whether ``{name}`` is a placeholder: letters of any script, digits, ``_`` and ``-``."""
    plain = name.replace("_", "").replace("-", "")
    return 0 < len(name) <= MAX_PLACEHOLDER and plain.isalnum() and not name[0].isdigit()


def _parts(template: str) -> list[tuple[int, int]]:
    """Where each part begins and ends, at its brackets."""
    found, at = [], 0
    while (start := template.find("[[", at)) >= 0:
        if template.startswith("[[[[", start):
            at = start + 4
            continue
        end = template.find("]]", start + 2)
        if end < 0:
            raise _malformed(template, start, "a ']]' after this '[['", "the end of the template")
        if (inner := template.find("[[", start + 2, end)) >= 0:
            raise _malformed(template, inner, "no part within a part", "'[['")
        found.append((start, end))
        at = end + 2
    return found


def _part(template: str, start: int, end: int) -> Node:
    text = template[start:end]
    if plural := _PLURAL.match(text):
        forms = tuple(form.strip() for form in text[plural.end() :].split("|"))
        if not is_placeholder_name(plural["name"]) or any("{" in form for form in forms):
            raise _malformed(template, start, "a name and forms without values", repr(text[:60]))
        return Plural(plural["name"], forms)
    if (measure := _MEASURE.match(text)) and is_placeholder_name(measure["name"]):
        return Measure(measure["name"])
    rule = _IF.match(text)
    if rule is None or not is_placeholder_name(rule["name"]):
        return Part(None, _joined_pieces(_pieces(template, start, end)))
    operator = cast(Operator, rule["op"] or "known")
    operand = (rule["operand"] or "").strip()
    condition = Condition(rule["name"], operator, operand, bool(rule["not"]))
    bar = template.find("|", start + rule.end(), end)
    stop = bar if bar >= 0 else end
    said = _joined_pieces(_pieces(template, start + rule.end(), stop))
    other = _joined_pieces(_pieces(template, bar + 1, end)) if bar >= 0 else ()
    return Part(condition, _trimmed(said, at_end=bar >= 0), _trimmed(other, at_start=True))


def _trimmed(
    pieces: tuple[Piece, ...], *, at_start: bool = False, at_end: bool = False
) -> tuple[Piece, ...]:
    """Without the blanks that set a bar or a colon apart."""
    trimmed = list(pieces)
    if at_start and trimmed and not trimmed[0].is_placeholder:
        trimmed[0] = Piece(trimmed[0].text.removeprefix(" "), False)
    if at_end and trimmed and not trimmed[-1].is_placeholder:
        trimmed[-1] = Piece(trimmed[-1].text.removesuffix(" "), False)
    return tuple(piece for piece in trimmed if piece.text)


def _pieces(template: str, at: int, stop: int) -> list[Piece]:
    pieces: list[Piece] = []
    while at < stop:
        char = template[at]
        if template.startswith("[[[[", at):
            pieces.append(Piece("[[", False))
            at += 4
        elif char not in "{}":
            end = min(
                (i for i in (_find(template, mark, at + 1, stop) for mark in "{}[")), default=stop
            )
            pieces.append(Piece(template[at:end], False))
            at = end
        elif template[at : at + 2] == char * 2 and at + 1 < stop:
            pieces.append(Piece(char, False))
            at += 2
        elif char == "}":
            raise _malformed(template, at, "a '{' before this '}'", "'}' alone")
        else:
            name, at = _placeholder(template, at, stop)
            pieces.append(Piece(name, True))
    return pieces


def _find(template: str, mark: str, at: int, stop: int) -> int:
    found = template.find(mark, at, stop)
    return found if found >= 0 else stop


def _placeholder(template: str, at: int, stop: int) -> tuple[str, int]:
    end = template.find("}", at, stop)
    if end < 0:
        raise _malformed(template, at, "a '}' after this '{'", "the end of the template")
    name = template[at + 1 : end].strip()
    if not is_placeholder_name(name):
        raise _malformed(
            template, at, "a name of letters, digits, '_' or '-'", repr(template[at : end + 1][:60])
        )
    return name, end + 1


def _joined_pieces(pieces: list[Piece]) -> tuple[Piece, ...]:
    return tuple(node for node in _joined(list(pieces)) if isinstance(node, Piece))


def _joined(nodes: list[Node]) -> tuple[Node, ...]:
    """Neighbouring literals as one."""
    joined: list[Node] = []
    for node in nodes:
        before = joined[-1] if joined else None
        if (
            isinstance(node, Piece)
            and isinstance(before, Piece)
            and not node.is_placeholder
            and not before.is_placeholder
        ):
            joined[-1] = Piece(before.text + node.text, False)
        else:
            joined.append(node)
    return tuple(joined)


def _malformed(template: str, at: int, expected: str, found: str) -> GenerationError:
    return GenerationError(
        f"The template {template[:80]!r} is malformed at character {at}",
        expected=expected,
        found=found,
        fix="Write a placeholder as {name}, a part as [[…]], brackets twice: {{, }} or [[[[.",
    )
