"""JSON lines: a text, and with it an intent, entities, a sentiment, an urgency, slots asked
for, a language."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from intents.examples import Entity, Example
from intents.reading.base import Training, check_name, check_text
from intents.reading.bytes import read_bytes
from intents.reading.marks import overlapping, span_problem
from intents.reading.words import language, sentiment, urgency
from intents.reading.yamlfile import as_text

_END = re.compile(r"\r\n|\n|\r")
_SCALAR = str | int | float


def read_jsonl(path: Path, name: str) -> Training:
    """A file with one JSON object a line."""
    into = Training()
    # Not splitlines: a text may hold U+2028, which is no line end of JSONL.
    for number, row in enumerate(_END.split(read_bytes(path, name, into)), 1):
        if row.strip():
            _read_row(row, name, number, into)
    if not into.examples and not into.problems:
        into.report(name, 1, 'lines such as {"text": "…"}', "an empty file", "Fill it.")
    return into


def _read_row(row: str, name: str, line: int, into: Training) -> None:
    try:
        read = json.loads(row)
    except (ValueError, RecursionError) as error:
        into.report(
            name, line, "a JSON object", f"{str(error)[:100]}: {row.strip()[:40]!r}", "Mend it."
        )
        return
    if not isinstance(read, dict) or not isinstance(read.get("text"), str):
        into.report(
            name, line, 'an object with the key "text"', repr(row.strip()[:60]), "Add a text."
        )
        return
    text, intent = read["text"], read.get("intent")
    if not check_text(text, name, line, into):
        return
    if intent is not None:
        if not isinstance(intent, str | int) or not as_text(intent).strip():
            into.report(name, line, "a name as intent", repr(intent)[:60], "Name the intent.")
            return
        intent = as_text(intent).strip()
        if not check_name(intent, "an intent", name, line, into):
            return
    into.examples.append(
        Example(
            text,
            intent,
            _entities(read.get("entities"), text, name, line, into),
            sentiment(read.get("sentiment"), name, line, into),
            language(read.get("language"), text, name, line, into),
            name,
            line,
            _requested(read.get("requested_slots"), name, line, into),
            urgency(read.get("urgency"), name, line, into),
            read["metadata"] if isinstance(read.get("metadata"), dict) else {},
        )
    )


def _requested(raw: Any, name: str, line: int, into: Training) -> tuple[str, ...]:
    given = [raw] if isinstance(raw, str) else ([] if raw is None else raw)
    if isinstance(given, list) and all(isinstance(slot, str) for slot in given):
        return tuple(given)
    into.report(
        name,
        line,
        'names such as "requested_slots": ["city"]',
        repr(raw)[:60],
        "Name the slots; the line is kept without them.",
        "warning",
    )
    return ()


def _entities(
    raw: Any, text: str, name: str, line: int, into: Training
) -> tuple[Entity, ...] | None:
    """The annotations of a line; with any unsound one the line counts as not annotated."""
    if raw is None:
        return None
    found: list[Entity] = []
    if not isinstance(raw, list):
        into.report(name, line, "a list of entities", repr(raw)[:60], "Use [] for none.")
        return None
    for item in raw:
        entity = _entity(item, text, name, line, into)
        if entity is None:
            return None
        found.append(entity)
    clash = overlapping(found)
    if clash is not None:
        into.report(
            name,
            line,
            "entities that do not overlap",
            f"{clash[0].start}-{clash[0].end} and {clash[1].start}-{clash[1].end}",
            "Keep the longer of the two; the line is kept without any.",
        )
        return None
    return tuple(found)


def _entity(item: Any, text: str, name: str, line: int, into: Training) -> Entity | None:
    read = item if isinstance(item, dict) else {}
    kind = read.get("entity", read.get("type"))
    start, end, value = read.get("start"), read.get("end"), read.get("value")
    roles = [read.get(key) for key in ("role", "group")]
    if (
        type(start) is not int
        or type(end) is not int
        or not (isinstance(kind, str) and kind.strip())
        or not all(part is None or isinstance(part, _SCALAR) for part in (value, *roles))
    ):
        into.report(
            name,
            line,
            'entities such as {"start": 0, "end": 4, "entity": "city"}',
            repr(item)[:80],
            "Give start, end and entity, and a text as value, role and group if any.",
        )
        return None
    if not check_name(kind, "an entity type", name, line, into):
        return None
    shown = as_text(value) or text[max(start, 0) : max(end, 0)]
    role, group = (as_text(part) or None for part in roles)
    entity = Entity(start, end, kind.strip(), shown, role, group)
    wrong = span_problem(text, entity) or _shifted(text, entity)
    if wrong is not None:
        into.report(
            name,
            line,
            "a span that covers its value exactly",
            wrong,
            "Count characters from 0; end is one behind the last. "
            "The line is kept without its entities.",
        )
        return None
    return entity


def _shifted(text: str, entity: Entity) -> str | None:
    """A value that stands in the text, but elsewhere than the span says."""
    covered = text[entity.start : entity.end]
    if covered == entity.value or covered.casefold() == entity.value.casefold():
        return None
    at = text.find(entity.value)
    if at < 0 or len(entity.value) != len(covered):
        return None
    return (
        f"span {entity.start}-{entity.end} covering {covered!r} where {entity.value!r} stands at "
        f"{at}-{at + len(entity.value)}"
    )
