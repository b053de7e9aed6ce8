"""Wit.ai: the export of an app, as a zip or folder, or its utterances alone."""

from __future__ import annotations

from intents.examples import SENTIMENTS, Entity, Example
from intents.importing.draft import Draft
from intents.importing.report import Import
from intents.importing.source import Source
from intents.importing.systems import WIT, system_entity
from intents.reading.jsonfile import Located, line_of, objects, text_in, texts_in

_SENTIMENT = "wit$sentiment"
_EARLIER = "expressions.json"
"""Until 2020: an expression without an intent belongs to none so far, not to none at all."""

_INTENT = "intent"
"""Until 2020 the intent was an entity among the others."""


def is_wit(source: Source) -> bool:
    """Whether there are utterances in Wit's form."""
    return bool(_files(source))


def _files(source: Source) -> list[str]:
    return [
        name
        for name in source.names(".json")
        if b'"utterances"' in source.files[name] or name.endswith(_EARLIER)
    ]


def import_wit(source: Source) -> Import:
    """The app, with what it says of entities beside the utterances."""
    about = {name: source.json(name) for name in source.names("app.json")}
    languages = [text_in(app, "lang") or "en" for app in about.values()]
    draft = Draft("Wit.ai", source, languages or ["en"])
    for name in source.names(".json"):
        if "entities/" in name:
            _entity(draft, name)
    for name in _files(source):
        document = source.json(name)
        key = "utterances" if isinstance(document, dict) and "utterances" in document else "data"
        for item in objects(document.get(key) if isinstance(document, dict) else None):
            _utterance(draft, item, name)
    told = [_conversations(draft, name) for name in source.names("stories.json")]
    if not any(told):
        draft.left_out("", 0, "replies, which Wit.ai does not hold", "Write a response and a rule.")
    return draft.finish()


def _conversations(draft: Draft, file: str) -> int:
    """How many stories of the engine that Wit had until 2018 there are; named, not read."""
    document = draft.source.json(file)
    stories = objects(document.get("data") if isinstance(document, dict) else None)
    count = sum(1 for _ in stories)
    if count:
        what = f"stories of Wit's former bot engine with their replies, {count}"
        draft.left_out(file, 1, what, "Write them as rules, stories and responses.")
    return count


def _entity(draft: Draft, file: str) -> None:
    item = draft.source.json(file)
    if isinstance(item, Located) and isinstance(item.get("data"), Located):
        item = item["data"]  # until 2018
    if not isinstance(item, Located) or text_in(item, "name") in ("", _INTENT):
        return
    name = _kind(draft, text_in(item, "name"), file, line_of(item))
    values = []
    for row in [*objects(item.get("keywords")), *objects(item.get("values"))]:
        main = text_in(row, "keyword", "value")
        others = texts_in(row, "synonyms") or texts_in(row, "expressions")
        draft.synonym(main, others, file, line_of(row))
        values += [main, *others]
    draft.lookup(name, values, file, line_of(item))


def _kind(draft: Draft, name: str, file: str, line: int, role: str | None = None) -> str:
    if name.startswith(("wit$", "wit/")):
        kind, _ = system_entity(draft, name[4:], WIT, file, line)
        return draft.entity(kind, file, line, role)
    return draft.entity(name, file, line, role)


def _utterance(draft: Draft, item: Located, file: str) -> None:
    line, text = line_of(item), text_in(item, "text")
    intent = text_in(item, "intent")
    marks = []
    for one in objects(item.get("entities")):
        if text_in(one, "entity") == _INTENT:
            intent = intent or text_in(one, "value").strip('" ')
        elif (mark := _mark(draft, one, text, file)) is not None:
            marks.append(mark)
    traits = {text_in(one, "trait"): text_in(one, "value") for one in objects(item.get("traits"))}
    mood = traits.pop(_SENTIMENT, None)
    if not intent and traits:
        trait = next(iter(traits))
        intent = trait.removeprefix("wit$")
        if draft.name("intent", intent) not in draft.assistant.intents:
            what = f"lines with the trait {trait} and no intent"
            draft.approximated(file, line, what, f"They are of the intent {intent!r}.")
    if not intent and file.endswith(_EARLIER):
        draft.line(text, None, file, line, marks)
        return
    if not intent:
        draft.out_of_scope(text, file, line)
        return
    draft.line(text, draft.intent(intent, file, line), file, line, marks)
    if mood in SENTIMENTS and draft.training.examples:
        last = draft.training.examples[-1]
        draft.training.examples[-1] = Example(**{**vars(last), "sentiment": mood})


def _mark(draft: Draft, item: Located, text: str, file: str) -> Entity | None:
    start, end = item.get("start"), item.get("end")
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(text):
        return None
    name, _, role = text_in(item, "entity").partition(":")
    role = role if role and role != name.split("$")[-1] else ""
    kind = _kind(draft, name, file, line_of(item), role or None)
    value = text_in(item, "value").strip('"') or text[start:end]
    return Entity(start, end, kind, value, role or None)
