"""LUIS: the JSON of an app's version, of schema 2 to 7."""

from __future__ import annotations

from typing import Any

from intents.examples import Entity
from intents.importing.draft import Draft
from intents.importing.patterns import expand
from intents.importing.report import Import
from intents.importing.source import Source
from intents.importing.systems import LUIS, system_entity
from intents.reading.jsonfile import Located, line_of, objects, text_in, texts_in

_NONE = "None"


def is_luis(source: Source) -> bool:
    """Whether there is such a file."""
    return bool(_files(source))


def _files(source: Source) -> list[str]:
    return [
        name for name in source.names(".json") if b'"luis_schema_version"' in source.files[name]
    ]


def import_luis(source: Source) -> Import:
    """All apps of the files in one assistant."""
    apps = [(name, source.json(name)) for name in _files(source)]
    sound = [(name, app) for name, app in apps if isinstance(app, Located)]
    draft = Draft("LUIS", source, [text_in(app, "culture") or "en" for _, app in sound])
    for name, app in sound:
        _App(draft, app, name).read()
        draft.left_out(name, 1, "replies, which LUIS does not hold", "Write a response and a rule.")
    return draft.finish()


class _App:
    def __init__(self, draft: Draft, app: Located, file: str) -> None:
        self.draft, self.app, self.file = draft, app, file
        self.values: dict[str, list[str]] = {}

    def read(self) -> None:
        for item in objects(self.app.get("intents")):
            if text_in(item, "name") != _NONE:
                self.draft.intent(text_in(item, "name"), self.file, line_of(item))
        self._entities()
        for item in objects(self.app.get("utterances")):
            self._utterance(item)
        for item in objects(self.app.get("patterns")):
            self._pattern(item)
        for key in ("model_features", "phraselists"):
            for item in objects(self.app.get(key)):
                what = f"the phrase list {text_in(item, 'name')}"
                instead = "The encoder knows related words; write a line with a word it lacks."
                self.draft.left_out(self.file, line_of(item), what, instead)

    def _entities(self) -> None:
        draft, file = self.draft, self.file
        for item in objects(self.app.get("prebuiltEntities")):
            system_entity(draft, text_in(item, "name"), LUIS, file, line_of(item))
        for key in ("entities", "composites", "hierarchicals", "patternAnyEntities"):
            for item in objects(self.app.get(key)):
                draft.entity(text_in(item, "name"), file, line_of(item))
        for item in objects(self.app.get("closedLists")):
            name = draft.entity(text_in(item, "name"), file, line_of(item))
            for row in objects(item.get("subLists")):
                main, others = (
                    text_in(row, "canonicalForm"),
                    texts_in(row, "list"),
                )
                self.values.setdefault(name, []).append(main)
                draft.synonym(main, others, file, line_of(row))
                draft.lookup(name, [main, *others], file, line_of(row))
        self._merge_lookups()
        for key, pattern in (("regex_entities", "regexPattern"), ("regex_features", "pattern")):
            for item in objects(self.app.get(key)):
                if key == "regex_features" and not item.get("activated", True):
                    continue
                name = draft.entity(text_in(item, "name"), file, line_of(item))
                draft.regex(name, [text_in(item, pattern)], file, line_of(item))

    def _merge_lookups(self) -> None:
        """One list for each entity, where each of its values has given one."""
        lookups = self.draft.assistant.lookups
        mine = [one for one in lookups if one.place.file == self.file and one.name in self.values]
        lookups[:] = [one for one in lookups if one not in mine]
        for name in self.values:
            own = [one for one in mine if one.name == name]
            items = [item for one in own for item in one.items]
            self.draft.lookup(name, items, self.file, own[0].place.line if own else 1)

    def _utterance(self, item: Located) -> None:
        line, text = line_of(item), text_in(item, "text")
        if text_in(item, "intent") == _NONE:
            self.draft.out_of_scope(text, self.file, line)
            return
        marks = self._marks(item, text)
        intent = self.draft.intent(text_in(item, "intent"), self.file, line)
        self.draft.line(text, intent, self.file, line, marks)

    def _marks(self, item: Located, text: str) -> list[Entity]:
        """The outermost entities of an utterance; those inside them are told of."""
        found: list[Entity] = []
        given = sorted(objects(item.get("entities")), key=_length, reverse=True)
        for one in given:
            start, end = one.get("startPos"), one.get("endPos")
            name = text_in(one, "entity")
            if type(start) is not int or type(end) is not int or not 0 <= start <= end < len(text):
                continue
            if any(mark.start <= end and start < mark.end for mark in found):
                what = f"the entity {name} inside another one"
                note = "One stretch of text has one type here; the longer one is kept."
                self.draft.left_out(self.file, line_of(one), what, note)
                continue
            name, _, role = name.partition("::")
            role = text_in(one, "role") or role
            kind = self._kind(name, line_of(one), role)
            found.append(Entity(start, end + 1, kind, text[start : end + 1], role or None))
        return found

    def _kind(self, name: str, line: int, role: str) -> str:
        if name in LUIS:
            return self.draft.dimension(LUIS[name], self.file, line)
        return self.draft.entity(name, self.file, line, role or None)

    def _pattern(self, item: Located) -> None:
        pattern, line = text_in(item, "pattern"), line_of(item)
        lines = expand(pattern, lambda name: self.values.get(self.draft.name("entity", name), []))
        if not lines:
            what = f"the pattern {pattern!r}, whose entities have no list of values"
            self.draft.left_out(self.file, line, what, "Write some lines of it.")
            return
        what = f"the pattern {pattern!r}"
        self.draft.approximated(self.file, line, what, f"{len(lines)} lines made of it.")
        intent = self.draft.intent(text_in(item, "intent"), self.file, line)
        for text, spans in lines:
            marks = []
            for start, end, name in spans:
                name, _, role = name.partition(":")
                kind = self._kind(name, line, role)
                marks.append(Entity(start, end, kind, text[start:end], role or None))
            self.draft.line(text, intent, self.file, line, marks)


def _length(item: Any) -> int:
    start, end = item.get("startPos"), item.get("endPos")
    return end - start if isinstance(start, int) and isinstance(end, int) else 0
