"""Rasa NLU's JSON: ``rasa_nlu_data`` with examples, synonyms, regexes and lookups."""

from __future__ import annotations

from typing import Any

from intents.assistant import Listing, Place, Synonym
from intents.examples import Entity, Example, language_of
from intents.reading.base import Training, check_name, check_text
from intents.reading.jsonfile import line_of, objects, text_in, texts_in
from intents.reading.marks import span_problem

_EXAMPLES = ("common_examples", "intent_examples", "entity_examples")


def is_rasa_json(document: Any) -> bool:
    """Whether a JSON document is of this kind."""
    return isinstance(document, dict) and isinstance(document.get("rasa_nlu_data"), dict)


def read_rasa_json(document: Any, file: str, into: Training) -> None:
    """Add what the document holds to ``into``."""
    data = document["rasa_nlu_data"]
    for key in _EXAMPLES:
        for item in objects(data.get(key)):
            _example(item, file, into)
    for item in objects(data.get("entity_synonyms")):
        variants = tuple(one.strip() for one in texts_in(item, "synonyms") if one.strip())
        value = text_in(item, "value").strip()
        if value and variants:
            into.synonyms.append(Synonym(value, variants, Place(file, line_of(item))))
    for item in objects(data.get("regex_features")):
        name, pattern = text_in(item, "name"), text_in(item, "pattern")
        if name and pattern:
            into.regexes.append(Listing(name, (pattern,), Place(file, line_of(item))))
    for item in objects(data.get("lookup_tables")):
        elements = item.get("elements")
        values = elements if isinstance(elements, list) else [elements or ""]
        kept = tuple(str(value).strip() for value in values if str(value).strip())
        into.lookups.append(Listing(text_in(item, "name"), kept, Place(file, line_of(item))))


def _example(item: Any, file: str, into: Training) -> None:
    line = line_of(item)
    text = text_in(item, "text").strip()
    intent = text_in(item, "intent").strip() or None
    if not check_text(text, file, line, into):
        return
    if intent is not None and not check_name(intent, "an intent", file, line, into):
        return
    marks = [
        mark for one in objects(item.get("entities")) if (mark := _mark(one, text, file, into))
    ]
    marks.sort(key=lambda mark: (mark.start, mark.end))
    into.examples.append(
        Example(text, intent, tuple(marks) or None, None, language_of(text), file, line)
    )


def _mark(item: Any, text: str, file: str, into: Training) -> Entity | None:
    start, end = item.get("start"), item.get("end")
    if type(start) is not int or type(end) is not int or not text_in(item, "entity"):
        into.report(
            file,
            line_of(item),
            'an entity such as {"start": 0, "end": 4, "entity": "city"}',
            repr(dict(item))[:80],
            "Give start, end and entity; the line is kept without it.",
            "warning",
        )
        return None
    value = text_in(item, "value") or text[start:end]
    role, group = text_in(item, "role") or None, text_in(item, "group") or None
    mark = Entity(start, end, text_in(item, "entity"), value, role, group)
    wrong = span_problem(text, mark)
    if wrong is not None:
        fix = "Count characters from 0; the line is kept without it."
        into.report(file, line_of(item), "a span inside the text", wrong, fix, "warning")
        return None
    return mark
