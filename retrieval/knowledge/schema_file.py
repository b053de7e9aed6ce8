"""Reading ``schema.yml``: every key is checked, and what is wrong is told with file and line."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from models.errors import GenerationError, Problem
from models.filling.generator import placeholders
from models.filling.zones import time_zones
from retrieval.knowledge.hours import known_country
from retrieval.knowledge.schema import KINDS, NodeType, Relation, Schema, Source, Unit, Words

LANGUAGES = ("en", "zh")
MAX_WORDING = 400
_TOP = ("timezone", "country", "currency", "files", "intents", "live", "types", "relations", "say")
_TYPE = ("is_a", "title", "nouns", "forms", "entity", "open", "spoken_by")
_RELATION = (
    "of", "to", "kind", "through", "along", "closed", "title", "description", "phrases",
    "backwards", "more", "less", "examples", "units", "say", "field", "iri",
)  # fmt: skip
_PLACES = frozenset(
    {
        "subject", "object", "property", "value", "values", "count", "other", "other_value",
        "day", "hours", "opens", "closes",
    }
)  # fmt: skip


def read_schema(document: Any, file: str, problems: list[Problem]) -> Schema:
    """The schema in a loaded YAML ``document``; findings go to ``problems``.

    Lines come from ruamel's marks (``node.lc``) where the document has them.
    """
    return _Reader(file, problems).schema(document)


class _Reader:
    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file, self.problems = file, problems

    def schema(self, document: Any) -> Schema:
        top = self._map(document, document, None, "keys such as types and relations")
        self._known(top, (*_TOP, "beside", "version"))
        types = {
            str(name): self._type(top["types"], name, item)
            for name, item in self._section(top, "types")
        }
        relations = {
            str(name): self._relation(top["relations"], name, item)
            for name, item in self._section(top, "relations")
        }
        if not types:
            self._problem(top, None, "types", "none", "Write 'types:' with at least one.")
        schema = Schema(
            types=types,
            relations=relations,
            sources=tuple(self._sources(top)),
            intents=frozenset(self._texts(top, "intents")),
            live=frozenset(self._texts(top, "live")),
            beside=self._words(top, "beside"),
            say=self._say(top),
            timezone=self._zone(top),
            country=self._country(top),
            currency=self._text(top, "currency") or "CNY",
        )
        self._check(schema, top)
        return schema

    # -- parts ------------------------------------------------------------------------------

    def _type(self, parent: Any, name: Any, item: Any) -> NodeType:
        given = self._map(item, parent, name, "a type's keys")
        self._known(given, _TYPE)
        return NodeType(
            name=str(name),
            parent=self._text(given, "is_a"),
            title=self._titles(given, "title"),
            nouns=self._words(given, "nouns"),
            forms=self._words(given, "forms"),
            entity=self._text(given, "entity"),
            is_open=self._flag(given, "open"),
            spoken_by=self._text(given, "spoken_by"),
        )

    def _relation(self, parent: Any, name: Any, item: Any) -> Relation:
        given = self._map(item, parent, name, "a relation's keys")
        self._known(given, _RELATION)
        to = self._text(given, "to")
        kind = self._text(given, "kind") or ("node" if to else "text")
        if kind not in KINDS:
            self._problem(given, "kind", "one of " + ", ".join(KINDS), repr(kind), "Choose one.")
            kind = "text"
        if (kind == "node") != (to is not None):
            self._problem(
                given, "kind", "'to' for a relation, 'kind' for a property", "both or neither",
                "Leave one of them out.",
            )  # fmt: skip
        through = self._texts(given, "through")
        if through and len(through) != 2:
            self._problem(given, "through", "two relations", str(len(through)), "Name two.")
            through = ()
        return Relation(
            name=str(name),
            of=self._text(given, "of") or "",
            kind=kind,  # type: ignore[arg-type]
            to=to,
            through=(through[0], through[1]) if through else None,
            along=self._text(given, "along"),
            closed=self._flag(given, "closed"),
            title=self._titles(given, "title"),
            description=self._titles(given, "description"),
            phrases=self._words(given, "phrases"),
            backwards=self._words(given, "backwards"),
            more=self._words(given, "more"),
            less=self._words(given, "less"),
            examples=self._words(given, "examples"),
            units=self._units(given),
            say=self._say(given),
            field=self._text(given, "field") or "",
            iri=self._text(given, "iri"),
        )

    def _sources(self, top: Mapping[Any, Any]) -> list[Source]:
        found = []
        for item in self._list(top, "files"):
            given = self._map(item, top, "files", "'file:' and 'type:'")
            self._known(given, ("file", "type"))
            file = self._text(given, "file") or ""
            if not file or file.startswith(("/", "\\")) or ".." in file.replace("\\", "/"):
                self._problem(
                    given, "file", "a file beside the schema", repr(file), "Name one there."
                )
                continue
            found.append(Source(file, self._text(given, "type")))
        return found

    def _units(self, given: Mapping[Any, Any]) -> dict[str, Unit]:
        found = {}
        for name, item in self._section(given, "units"):
            unit = self._map(item, given, "units", "'factor:', 'en:' and 'zh:'")
            factor = unit.get("factor", 1)
            if isinstance(factor, bool) or not isinstance(factor, int | float) or not factor > 0:
                self._problem(unit, "factor", "a number above 0", repr(factor), "Write one.")
                factor = 1
            shown = {k: str(v) for k, v in unit.items() if k in LANGUAGES}
            for language, text in shown.items():
                if "{n}" not in text:
                    self._problem(unit, language, "{n} in it", repr(text), "Write '{n} hours'.")
            found[str(name)] = Unit(float(factor), shown)
        return found

    def _say(self, given: Mapping[Any, Any]) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for situation, item in self._section(given, "say"):
            by_language = self._map(item, given.get("say"), situation, "'en:' and 'zh:'")
            found[str(situation)] = {}
            for language, text in by_language.items():
                self._template(by_language, language, text)
                found[str(situation)][str(language)] = str(text)
        return found

    def _template(self, parent: Any, language: Any, text: Any) -> None:
        try:
            unknown = set(placeholders(str(text))) - _PLACES
        except GenerationError as error:
            self._problem(
                parent, language, error.expected or "a template", error.found or "", "Mend it."
            )
            return
        if unknown:
            self._problem(
                parent, language, "places out of " + ", ".join(sorted(_PLACES)),
                ", ".join(sorted(unknown)), "Use one of them.",
            )  # fmt: skip

    def _zone(self, top: Mapping[Any, Any]) -> str:
        zone = self._text(top, "timezone")
        if zone is not None and zone not in time_zones():
            self._problem(top, "timezone", "a zone such as Asia/Shanghai", repr(zone), "Name one.")
            zone = None
        return zone or "UTC"

    def _country(self, top: Mapping[Any, Any]) -> str | None:
        code = self._text(top, "country")
        if code is not None and not known_country(code):
            self._problem(top, "country", "a country such as CN", repr(code), "Name one, or none.")
            return None
        return code

    # -- how it hangs together --------------------------------------------------------------

    def _check(self, schema: Schema, top: Mapping[Any, Any]) -> None:
        types, relations = top.get("types"), top.get("relations")
        for name, item in schema.types.items():
            if item.parent is not None:
                self._exists(item.parent, schema.types, types, name, "is_a", "a type")
            if item.spoken_by is not None:
                self._exists(item.spoken_by, schema.relations, types, name, "spoken_by", "a name")
            if len(schema.line_of(name)) > len({*schema.line_of(name)}) or _cycle(name, schema):
                self._problem(types, name, "a tree of types", "a circle", "Break it.")
        for name, relation in schema.relations.items():
            self._exists(relation.of, schema.types, relations, name, "of", "a type")
            if relation.to is not None:
                self._exists(relation.to, schema.types, relations, name, "to", "a type")
            if relation.along is not None:
                self._exists(
                    relation.along, schema.relations, relations, name, "along", "a relation"
                )
            if relation.through is not None:
                self._through(schema, relation, relations)
        for source in schema.sources:
            if source.type is not None and source.type not in schema.types:
                self._problem(
                    top, "files", "a type of this schema", repr(source.type), "Add or mend it."
                )

    def _through(self, schema: Schema, relation: Relation, parent: Any) -> None:
        assert relation.through is not None
        missing = [name for name in relation.through if name not in schema.relations]
        if missing:
            self._problem(
                parent, relation.name, "relations in 'through'", missing[0], "Add or mend it."
            )
            return
        first, second = (schema.relations[name] for name in relation.through)
        forward = schema.is_a(relation.of, first.of)
        middle = first.to if forward else first.of
        joins = first.kind == "node" and second.kind == "node" and middle is not None
        ends = joins and (forward or schema.is_a(relation.of, first.to or ""))
        if not ends or not schema.is_a(middle or "", second.of) or second.to != relation.to:
            self._problem(
                parent,
                relation.name,
                f"a path from {relation.of} to {relation.to}",
                " then ".join(relation.through),
                "Name two relations that meet.",
            )

    def _exists(
        self, name: str, known: Mapping[str, Any], parent: Any, owner: str, key: str, what: str
    ) -> None:
        if name not in known:
            where = parent.get(owner) if isinstance(parent, Mapping) else None
            self._problem(
                where, key, f"{what} of this schema in '{key}' of {owner}", repr(name),
                "Add it, or mend the name.",
            )  # fmt: skip

    # -- plain reading ----------------------------------------------------------------------

    def _problem(self, node: Any, key: Any, expected: str, found: str, fix: str) -> None:
        line = line_of(node, key)
        self.problems.append(Problem(self.file, line, expected, found[:120], fix))

    def _map(self, item: Any, parent: Any, key: Any, expected: str) -> Mapping[Any, Any]:
        if isinstance(item, Mapping):
            return item
        if item is not None or key is None:
            self._problem(parent, key, expected, type(item).__name__, "Indent the keys under it.")
        return {}

    def _known(self, given: Mapping[Any, Any], keys: Sequence[str]) -> None:
        for key in given:
            if str(key) not in keys:
                self._problem(
                    given, key, "a key out of " + ", ".join(keys), repr(key), "Mend or remove it."
                )

    def _section(self, given: Mapping[Any, Any], key: str) -> list[tuple[Any, Any]]:
        item = given.get(key)
        return list(self._map(item, given, key, f"a map under {key}").items()) if item else []

    def _list(self, given: Mapping[Any, Any], key: str) -> list[Any]:
        item = given.get(key)
        if item is None:
            return []
        if not isinstance(item, Sequence) or isinstance(item, str):
            self._problem(given, key, f"a list in {key}", type(item).__name__, "Write '- …' lines.")
            return []
        return list(item)

    def _text(self, given: Mapping[Any, Any], key: str) -> str | None:
        item = given.get(key)
        if item is None:
            return None
        if not isinstance(item, str):
            self._problem(given, key, f"a word in {key}", type(item).__name__, "Write one name.")
            return None
        return str(item)

    def _flag(self, given: Mapping[Any, Any], key: str) -> bool:
        item = given.get(key, False)
        if not isinstance(item, bool):
            self._problem(given, key, "true or false", repr(item), "Write true or false.")
            return False
        return bool(item)

    def _texts(self, given: Mapping[Any, Any], key: str) -> tuple[str, ...]:
        return tuple(self._sound(given, key, item) for item in self._list(given, key))

    def _sound(self, given: Any, key: Any, item: Any) -> str:
        if isinstance(item, Mapping | list | tuple) or item is None:
            self._problem(given, key, f"words in {key}", type(item).__name__, "Write plain words.")
            return ""
        text = str(item)
        if len(text) > MAX_WORDING or (isinstance(item, float) and not math.isfinite(item)):
            self._problem(given, key, f"at most {MAX_WORDING} characters", text[:40], "Shorten it.")
            return ""
        return text

    def _words(self, given: Mapping[Any, Any], key: str) -> Words:
        found = {}
        for language, item in self._section(given, key):
            section = given[key]
            if language not in LANGUAGES:
                self._problem(
                    section, language, " or ".join(LANGUAGES), repr(language), "Mend the language."
                )
                continue
            said = item if isinstance(item, list) else [item]
            words = (self._sound(section, language, one).strip() for one in said)
            found[str(language)] = tuple(word for word in words if word)
        return found

    def _titles(self, given: Mapping[Any, Any], key: str) -> dict[str, str]:
        return {language: said[0] for language, said in self._words(given, key).items() if said}


def line_of(node: Any, key: Any = None) -> int:
    """The line (from 1) of a loaded YAML node, or of ``key`` in it; 0 where it is unknown."""
    marks = getattr(node, "lc", None)
    if marks is None:
        return 0
    data = getattr(marks, "data", None)
    if key is not None and isinstance(data, Mapping) and key in data:
        return int(data[key][0]) + 1
    return int(marks.line) + 1 if marks.line is not None else 0


def _cycle(name: str, schema: Schema) -> bool:
    last = schema.types[schema.line_of(name)[-1]]
    return last.parent is not None and last.parent in schema.types
