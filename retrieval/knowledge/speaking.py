"""Answers in words: the schema's wordings, and for each place its value and where that is from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from babel.dates import format_date
from babel.lists import format_list

from models.filling.generator import placeholders
from retrieval.knowledge.answer import Answer
from retrieval.knowledge.graph import KnowledgeGraph, Step
from retrieval.knowledge.schema import Relation
from retrieval.knowledge.values import shown

_LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
Slots = dict[str, tuple[str, str]]


def spoken(answer: Answer, graph: KnowledgeGraph, language: str) -> tuple[Answer, str] | None:
    """The answer with its slots filled, and the wording; None where there are no words for it."""
    relation = graph.schema.relations[answer.relation] if answer.relation else None
    wording = graph.schema.wording(relation, answer.situation, language)
    if wording is None:
        return None
    slots = _slots(answer, graph, language)
    if any(not slots.get(name, ("", ""))[0] for name in placeholders(wording)):
        return None
    return replace(answer, slots=slots), wording


def source(path: Sequence[Step]) -> str:
    """Where a value comes from: ``graph:`` and the edges that lead to it."""
    return "graph:" + " ; ".join("/".join(step) for step in path)


def _slots(answer: Answer, graph: KnowledgeGraph, language: str) -> Slots:
    relation = graph.schema.relations[answer.relation] if answer.relation else None
    origin = source(answer.path)
    slots: Slots = {"count": (str(len(answer.values)), origin)}
    if relation is not None:
        title = relation.title.get(language) or relation.name
        slots["property"] = (title, f"schema:{relation.name}")
    if answer.subjects:
        slots["subject"] = (graph.name(answer.subjects[0], language), _named(answer.subjects[0]))
    if answer.objects:
        names = [_said(thing, graph, language) for thing in _objects(answer, graph)]
        slots["object"] = (_joined(names, language), origin)
    slots["values"] = (_joined(_values(answer, graph, language), language), origin)
    if relation is not None and relation.kind == "hours":
        slots |= _hours(answer, graph, language, origin)
    elif relation is not None and relation.kind != "node":
        things = answer.subjects
        values = [_value(thing, answer, graph, language) for thing in things[:2]]
        for key, value, thing in zip(("value", "other_value"), values, things, strict=False):
            raw = graph.out(thing, relation)
            slots[key] = (value, source([(thing, relation.name, raw[0])]) if raw else origin)
        if len(things) > 1:
            slots["other"] = (graph.name(things[1], language), _named(things[1]))
    return slots


def _objects(answer: Answer, graph: KnowledgeGraph) -> tuple[str, ...]:
    """Of several things that were named, those that the relation leads to."""
    relation = graph.schema.relations.get(answer.relation or "")
    if relation is None or answer.situation not in ("things", "nothing", "count"):
        return answer.objects
    own = tuple(t for t in answer.objects if graph.is_a(t, relation.to or ""))
    return own or answer.objects


def _named(thing: str) -> str:
    return f"graph:{thing}/name"


def _values(answer: Answer, graph: KnowledgeGraph, language: str) -> list[str]:
    return [_said(value, graph, language) for value in answer.values]


def _said(thing: str, graph: KnowledgeGraph, language: str) -> str:
    """What a thing is called, or what it says where its type is told by a property."""
    kind = graph.types.get(thing)
    if kind is None:
        return thing
    for above in graph.schema.line_of(kind):
        by = graph.schema.types[above].spoken_by
        if by is not None and (told := graph.said(thing, graph.schema.relations[by], language)):
            return told[0]
    return graph.name(thing, language)


def _value(thing: str, answer: Answer, graph: KnowledgeGraph, language: str) -> str:
    relation = graph.schema.relations[answer.relation or ""]
    said = graph.said(thing, relation, language)
    return _joined([shown(text, relation, graph.schema, language) for text in said], language)


def _hours(answer: Answer, graph: KnowledgeGraph, language: str, origin: str) -> Slots:
    slots: Slots = {}
    if answer.values:
        spans = [value.replace("-", "–") for value in answer.values]
        slots["hours"] = (_joined(spans, language), origin)
        slots["opens"] = (answer.values[0].split("-")[0], origin)
        slots["closes"] = (answer.values[-1].split("-")[-1], origin)
    if answer.situation in ("opens", "closes"):
        other = _other_end(answer, graph)
        slots["opens"], slots["closes"] = (other[0], origin), (other[1], origin)
    if answer.situation == "week":
        slots["hours"] = (answer.values[0], origin)
    if answer.day:
        day = date.fromisoformat(answer.day)
        shown_day = format_date(day, "EEEE, MMMM d" if language != "zh" else "M月d日EEEE",
                                locale=_LOCALES.get(language, language))  # fmt: skip
        slots["day"] = (shown_day, origin)
    return slots


def _other_end(answer: Answer, graph: KnowledgeGraph) -> tuple[str, str]:
    from retrieval.knowledge.hours import on_day

    relation = graph.schema.relations[answer.relation or ""]
    text = graph.out(answer.subjects[0], relation)[0]
    spans = on_day(text, date.fromisoformat(answer.day or ""), graph.schema).spans
    return spans[0][0], spans[-1][1]


def _joined(parts: Sequence[str], language: str) -> str:
    if language == "zh":
        return "、".join(parts)
    return format_list(list(parts), locale=_LOCALES.get(language, language)) if parts else ""


def _title(relation: Relation, language: str) -> str:
    return relation.title.get(language) or relation.description.get(language) or relation.name


def explained(
    path: Sequence[Step], graph: KnowledgeGraph, language: str
) -> list[Mapping[str, str]]:
    """The edges of an answer as people read them."""
    told: list[Mapping[str, str]] = []
    for thing, name, target in path:
        relation = graph.schema.relations.get(name)
        title = _title(relation, language) if relation else name
        is_thing = relation is not None and relation.kind == "node"
        value = target
        if is_thing:
            value = graph.name(target, language)
        elif relation is not None:
            value = shown(target, relation, graph.schema, language)
        told.append({"from": graph.name(thing, language), "by": title, "to": value})
    return told
