"""Replies from templates: every value is traced to its source and none can be more than text.

:class:`Generator` is the interface; :class:`TemplateFiller` is the generator that cannot say
anything its template and values do not hold. Others rewrite what it would say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Protocol

from models.editing.edits import Edit
from models.errors import GenerationError, MissingValue
from models.filling.formatting import DEFAULT_CURRENCY, Kind, format_value, plural_form, visible
from models.filling.measures import measure_word
from models.filling.template_text import (
    Condition,
    Measure,
    Part,
    Piece,
    Plural,
    all_placeholders,
    escape,
    is_placeholder_name,
    parse,
    parse_template,
    placeholders,
)

__all__ = [
    "Generated", "GenerationRequest", "Generator", "Piece", "TemplateFiller", "Trace", "Value",
    "all_placeholders", "as_template", "escape", "is_placeholder_name", "parse_template",
    "placeholders", "resolve",
]  # fmt: skip

_FALSE = frozenset({"false", "no", "0", "none", "否", "无", "没有"})


@dataclass(frozen=True)
class Value:
    """A value that a reply may state and where it comes from, such as ``slot:order_id``."""

    value: object
    source: str


@dataclass(frozen=True)
class GenerationRequest:
    """What to say: a template (:mod:`models.filling.template_text`) and the values that may fill
    it.

    ``language`` may name a region, such as ``en-GB``. ``kinds`` tells how a value is written when
    its Python type does not (a price or a date that arrived as JSON); ``currency`` is that of
    amounts without one. ``context`` holds what the template's conditions may ask for beside values,
    such as ``upset``. ``facts`` are further texts that a generator that rewrites may draw on.
    """

    template: str
    values: Mapping[str, Value]
    language: str
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    template_id: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)
    currency: str = DEFAULT_CURRENCY
    facts: tuple[str, ...] = ()


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
    """A reply, the origin of each value in it, and the name of the generator that wrote it.

    ``edits`` are what a generator that edits did to the template's words.
    """

    text: str
    traces: tuple[Trace, ...]
    generator: str
    edits: tuple[Edit, ...] = ()


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

    Values are inserted as plain text after the template has been read, so that brackets in a value
    stay brackets; there is no attribute access, no indexing and no format specification.
    """

    name = "template-filler"

    def generate(self, request: GenerationRequest) -> Generated:
        """Fill ``request.template``; see :class:`Generator` for the errors."""
        text, traces = "", []
        for piece in resolve(request):
            if not piece.is_placeholder:
                text += piece.text
                continue
            given, kind = request.values[piece.text], request.kinds.get(piece.text)
            shown = format_value(given.value, request.language, kind, request.currency)
            start, text = len(text), text + shown
            traces.append(Trace(piece.text, shown, given.source, start, len(text)))
        return Generated(text, tuple(traces), self.name)


def resolve(request: GenerationRequest) -> tuple[Piece, ...]:
    """The literals and placeholders that the template comes to: parts and forms are decided.

    :raises MissingValue: a placeholder outside every part has no value.
    :raises GenerationError: the template is malformed, or a form depends on what is no number.
    """
    nodes = parse(request.template)
    if missing := _missing(request, placeholders(request.template)):
        raise MissingValue(request.template, missing)
    pieces: list[Piece] = []
    for node in nodes:
        match node:
            case Piece():
                pieces.append(node)
            case Part():
                pieces += _chosen(node, request)
            case Plural():
                pieces.append(Piece(_plural(node, request), False))
            case Measure():
                noun = str(request.values[node.name].value)
                pieces.append(Piece(measure_word(noun), False))
    return tuple(pieces)


def as_template(pieces: Iterable[Piece]) -> str:
    """Pieces as a template that comes to them and nothing else."""
    return "".join(
        "{" + piece.text + "}" if piece.is_placeholder else escape(piece.text) for piece in pieces
    )


def _plural(plural: Plural, request: GenerationRequest) -> str:
    value = request.values[plural.name].value
    try:
        number = _number(value)
    except ArithmeticError as error:
        raise GenerationError(
            f"The number of {plural.name!r} decides a form",
            expected="a number",
            found=repr(value)[:60],
            fix="Give a number, or write the template without [[plural …]].",
        ) from error
    return plural_form(number, request.language, plural.forms)


def _chosen(part: Part, request: GenerationRequest) -> tuple[Piece, ...]:
    """What a part comes to: one of its sides whose values are all known, or nothing."""
    holds = part.condition is None or _holds(part.condition, request)
    for pieces, wanted in ((part.pieces, holds), (part.otherwise, not holds)):
        if wanted and not _missing(request, (p.text for p in pieces if p.is_placeholder)):
            return pieces
    return ()


def _holds(condition: Condition, request: GenerationRequest) -> bool:
    given = request.values.get(condition.name)
    value = request.context.get(condition.name) if given is None else given.value
    holds = _true(value) if condition.operator == "known" else _compares(value, condition)
    return holds != condition.negated


def _true(value: object) -> bool:
    return value is not None and visible(str(value)).strip().lower() not in _FALSE | {""}


def _compares(value: object, condition: Condition) -> bool:
    """Numbers as numbers; words are equal or not, and in no order."""
    if value is None:
        return False
    wanted, operator = condition.operand, condition.operator
    try:
        difference = _number(value) - _number(wanted)
    except ArithmeticError:
        same = str(value).strip().casefold() == wanted.casefold()
        return same if operator == "=" else not same if operator == "!=" else False
    return {
        "=": difference == 0,
        "!=": difference != 0,
        "<": difference < 0,
        ">": difference > 0,
        "<=": difference <= 0,
        ">=": difference >= 0,
    }[operator]


def _number(value: object) -> Decimal:
    """A value as a number; raises an ArithmeticError where it is none."""
    number = Decimal(str(value).strip().replace(",", ""))
    if not number.is_finite():
        raise InvalidOperation(str(value))
    return number


def _missing(request: GenerationRequest, names: Iterable[str]) -> list[str]:
    return [name for name in names if _is_blank(request.values.get(name))]


def _is_blank(given: Value | None) -> bool:
    if given is None or given.value is None:
        return True
    return isinstance(given.value, str) and not visible(given.value).strip()
