"""Entity marks inside training lines, in the forms that Rasa reads.

    [Berlin](city)                                     value as written
    [NYC](city:New York)                               legacy canonical value
    [NYC]{"entity": "city", "value": "New York", "role": "to", "group": "1"}
    [NYC][{"entity": "city"}, {"entity": "place"}]     several types of one stretch
    [savings]("account")                               quoted type, seen in the wild

Offsets count characters of the text without marks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from intents.examples import Entity

_MARK = re.compile(
    r"\[(?P<text>(?:[^\[\]\\]|\\.)+)\]"
    r"(?:\((?P<type>[^()\n]*)\)|(?P<json>\{[^{}\n]*\}"
    r"|\[\s*\{[^{}\n]*\}(?:\s*,\s*\{[^{}\n]*\})*\s*\]))"
)
_ESCAPED = re.compile(r"\\([\\\[\]])")


@dataclass(frozen=True)
class MarkIssue:
    """A mark that cannot be read as it stands; ``fix`` says how to write it.

    With the severity ``warning`` it may be meant as text, as which Rasa takes it.
    """

    expected: str
    found: str
    fix: str
    severity: str = "error"


def parse_marks(line: str) -> tuple[str, tuple[Entity, ...], tuple[MarkIssue, ...]]:
    """Take the marks out of ``line``: plain text, entities by character offsets, and issues.

    A mark that cannot be read keeps its inner text, without an entity.
    """
    if "[" not in line and "\\" not in line:
        return line, (), ()
    parts: list[str] = []
    entities: list[Entity] = []
    issues: list[MarkIssue] = []
    length = position = 0
    for match in _MARK.finditer(line):
        before = _unescape(line[position : match.start()])
        inner = _unescape(match["text"])
        start = length + len(before)
        read = _annotation(match)
        if isinstance(read, MarkIssue):
            issues.append(read)
        elif inner.strip():
            entities += [_entity(start, inner, one) for one in read]
        if inner != inner.strip():
            issues.append(
                MarkIssue(
                    "a mark around a value, without blanks",
                    f"{match[0][:80]!r}, blanks at its edge",
                    "It is read without them; move the brackets.",
                    "warning",
                )
            )
        parts += [before, inner]
        length, position = start + len(inner), match.end()
    rest = line[position:]
    if re.search(r"(?<!\\)\]\s?[({]", rest):
        issues.append(
            MarkIssue(
                "a mark such as [Berlin](city)",
                repr(rest[:60]),
                "Close every bracket, without nesting; write \\[ for a bracket that is no mark.",
                "warning",
            )
        )
    parts.append(_unescape(rest))
    return "".join(parts), tuple(entities), tuple(issues)


def write_marks(text: str, entities: Sequence[Entity]) -> str | None:
    """``text`` with its entities marked, as :func:`parse_marks` reads it; None where no way of
    marking gives the same back."""
    if not entities and parse_marks(text) == (text, (), ()):
        return text
    parts: list[str] = []
    position = 0
    for span, group in groupby(entities, key=lambda entity: (entity.start, entity.end)):
        inner = text[span[0] : span[1]]
        parts += [_escape(text[position : span[0]]), f"[{_escape(inner)}]"]
        parts.append(_mark(inner, list(group)))
        position = span[1]
    line = "".join([*parts, _escape(text[position:])])
    return line if parse_marks(line) == (text, tuple(entities), ()) else None


def _mark(inner: str, entities: list[Entity]) -> str:
    first = entities[0]
    simple = re.fullmatch(r"[^\s()\[\]{}:\"'\\]+(?: [^\s()\[\]{}:\"'\\]+)*", first.entity)
    if len(entities) == 1 and simple and first.value == inner and not (first.role or first.group):
        return f"({first.entity})"
    objects = [_as_json(entity, inner) for entity in entities]
    return objects[0] if len(objects) == 1 else f"[{', '.join(objects)}]"


def _as_json(entity: Entity, inner: str) -> str:
    fields = {
        "entity": entity.entity,
        "role": entity.role,
        "group": entity.group,
        "value": None if entity.value == inner else entity.value,
    }
    kept = {key: value for key, value in fields.items() if value is not None}
    inside = json.dumps(kept, ensure_ascii=False)[1:-1]
    return "{" + inside.replace("{", "\\u007b").replace("}", "\\u007d") + "}"


def _escape(text: str) -> str:
    return re.sub(r"([\\\[\]])", r"\\\1", text) if re.search(r"[\[\]]|\\[\\]", text) else text


def span_problem(text: str, entity: Entity) -> str | None:
    """What is wrong with an entity's span in ``text``, or None."""
    if not 0 <= entity.start < entity.end <= len(text):
        return f"span {entity.start}-{entity.end} of a text of {len(text)} characters"
    covered = text[entity.start : entity.end]
    if covered != covered.strip():
        return f"span {entity.start}-{entity.end} covering {covered!r}, blanks at its edge"
    return None


def overlapping(entities: Sequence[Entity]) -> tuple[Entity, Entity] | None:
    """The first two entities that share some characters, or None; several of one span are fine."""
    ordered = sorted(entities, key=lambda item: (item.start, item.end))
    for left, right in pairwise(ordered):
        if right.start < left.end and (left.start, left.end) != (right.start, right.end):
            return left, right
    return None


def _annotation(match: re.Match[str]) -> list[dict[str, str]] | MarkIssue:
    if match["json"] is None:
        return _short_form(match)
    try:
        read = json.loads(match["json"])
    except ValueError:
        return MarkIssue(
            'a JSON object after the bracket, such as {"entity": "city", "role": "to"}',
            match["json"][:80],
            "Put keys and values in double quotes.",
        )
    found = read if isinstance(read, list) else [read]
    if not all(isinstance(one.get("entity"), str) and one["entity"].strip() for one in found):
        return MarkIssue(
            'the key "entity" with the type', match["json"][:80], 'Add "entity": "<type>".'
        )
    return [{k: str(value) for k, value in one.items() if value is not None} for one in found]


def _short_form(match: re.Match[str]) -> list[dict[str, str]] | MarkIssue:
    kind, colon, value = match["type"].partition(":")
    kind = kind.strip().strip("\"'").strip()
    if not kind:
        return MarkIssue(
            "an entity type in the round brackets", match[0][:80], "Write [value](type)."
        )
    value = value.strip() if colon else ""
    return [{"entity": kind, "value": value} if value else {"entity": kind}]


def _entity(start: int, inner: str, read: dict[str, str]) -> Entity:
    value = inner.strip()
    start += len(inner) - len(inner.lstrip())
    return Entity(
        start,
        start + len(value),
        read["entity"].strip(),
        read.get("value", value),
        read.get("role"),
        read.get("group"),
    )


def _unescape(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)
