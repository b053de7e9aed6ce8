"""Dialogflow CX: an agent's JSON package, as a zip or folder, with its flows and pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from intents.importing.cx_flows import Flows
from intents.importing.dialogflow_text import joined
from intents.importing.draft import Draft, base
from intents.importing.report import Import
from intents.importing.source import Source
from intents.importing.systems import DIALOGFLOW, system_entity
from intents.reading.jsonfile import Located, line_of, objects, text_in, texts_in


def is_dialogflow_cx(source: Source) -> bool:
    """Whether there is a package of flows, or of intents with their phrases."""
    return bool(source.folders_with("agent.json", "flows/")) or any(
        "/trainingPhrases/" in name for name in source.files
    )


def import_dialogflow_cx(source: Source) -> Import:
    """The agent."""
    agents = [source.json(name) for name in source.names("agent.json")]
    codes = [text_in(a, "defaultLanguageCode") for a in agents if isinstance(a, Located)]
    phrases = {_stem(name) for name in source.names(".json") if "/trainingPhrases/" in name}
    draft = Draft("Dialogflow CX", source, [*filter(None, codes), *sorted(phrases)] or ["en"])
    agent = _Agent(draft)
    agent.entities()
    agent.intents()
    Flows(draft, agent.entity).read()
    for folder in ("webhooks/", "generators/", "playbooks/", "tools/", "examples/"):
        found = [n for n in source.names(".json") if folder in n]
        if found:
            what = f"{folder.rstrip('/')} of the agent, {len(found)} files"
            draft.left_out(found[0], 1, what, "Write actions of the action server.")
    return draft.finish()


def _stem(name: str) -> str:
    return name.rsplit("/", 1)[-1].removesuffix(".json")


class _Agent:
    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.others_alone = not {base(c) for c in self._languages()} & {"en", "zh"}

    def _languages(self) -> set[str]:
        names = self.draft.source.names(".json")
        return {_stem(n) for n in names if "/trainingPhrases/" in n or "/entities/" in n}

    def _speaks(self, name: str) -> bool:
        return base(_stem(name)) in self.draft.languages or self.others_alone

    def _documents(self, folder: str) -> Iterator[tuple[str, Located]]:
        """Each thing's own file: ``<folder>/<name>/<name>.json``."""
        for name in self.draft.source.names(".json"):
            parts = name.split("/")
            if len(parts) >= 3 and parts[-3] == folder and parts[-1] == f"{parts[-2]}.json":
                item = self.draft.source.json(name)
                if isinstance(item, Located):
                    yield name, item

    def _beside(self, file: str, folder: str) -> Iterator[str]:
        inside = file.rsplit("/", 1)[0] + f"/{folder}/"
        for name in self.draft.source.names(".json"):
            if name.startswith(inside) and self._speaks(name):
                yield name

    def entity(self, kind: str, name: str, file: str, line: int) -> tuple[str, bool]:
        """The entity type for ``@kind``, and whether lists or rules find it."""
        kind = kind.lstrip("@")
        if kind.startswith("sys."):
            if kind == "sys.any":
                return self.draft.entity(name, file, line), False
            return system_entity(self.draft, kind[4:], DIALOGFLOW, file, line)
        return self.draft.entity(kind, file, line), True

    def entities(self) -> None:
        """Entity types with their values."""
        for file, item in self._documents("entityTypes"):
            original = text_in(item, "displayName")
            if original.startswith("sys."):
                continue
            name = self.draft.entity(original, file, line_of(item))
            values: list[str] = []
            kind = text_in(item, "kind")
            for other in self._beside(file, "entities"):
                document = self.draft.source.json(other)
                rows = document.get("entities") if isinstance(document, Located) else None
                for row in objects(rows):
                    main = text_in(row, "value")
                    others = texts_in(row, "synonyms")
                    if kind == "KIND_MAP":
                        self.draft.synonym(main, others, other, line_of(row))
                    values += others if kind == "KIND_REGEXP" else [main, *others]
            if kind == "KIND_REGEXP":
                self.draft.regex(name, values, file, line_of(item))
            else:
                plain = [value for value in values if "@" not in value]
                self.draft.lookup(name, plain, file, line_of(item))

    def intents(self) -> None:
        """Intents with their phrases; those of the negative one are out of scope."""
        for file, item in self._documents("intents"):
            kinds = self._kinds(item, file)
            fallback = bool(item.get("isFallback"))
            intent = ""
            if not fallback:
                described = text_in(item, "description")
                intent = self.draft.intent(
                    text_in(item, "displayName"), file, line_of(item), described
                )
            for name in self._beside(file, "trainingPhrases"):
                document = self.draft.source.json(name)
                rows = document.get("trainingPhrases") if isinstance(document, Located) else None
                for row in objects(rows):
                    self._phrase(row, intent, kinds, name)

    def _kinds(self, item: Located, file: str) -> dict[str, tuple[str, str | None]]:
        """Entity type and role by the parameter's id."""
        parameters = list(objects(item.get("parameters")))
        types = [text_in(one, "entityType") for one in parameters]
        found = {}
        for one in parameters:
            kind, name = text_in(one, "entityType"), text_in(one, "id")
            entity, _ = self.entity(kind, name, file, line_of(one))
            role = self.draft.name("slot", name) if types.count(kind) > 1 else None
            self.draft.entity(entity, file, line_of(one), role)
            found[name] = (entity, role)
        return found

    def _phrase(self, row: Located, intent: str, kinds: dict[str, Any], file: str) -> None:
        parts = []
        for part in objects(row.get("parts")):
            kind, role = kinds.get(text_in(part, "parameterId"), (None, None))
            parts.append((text_in(part, "text"), kind, role))
        text, marks = joined(parts)
        if intent:
            self.draft.line(text, intent, file, line_of(row), marks)
        else:
            self.draft.out_of_scope(text, file, line_of(row))
