"""From a folder with ``schema.yml`` and data files to a graph; every finding has file and line."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.errors import DataError, Problem
from retrieval.knowledge.graph import GraphMaker, KnowledgeGraph
from retrieval.knowledge.rdf import FORMATS, read_rdf
from retrieval.knowledge.rows import Row, Said, decode, read_bytes, read_csv, read_json
from retrieval.knowledge.schema import Relation, Schema, Source
from retrieval.knowledge.schema_file import read_schema
from retrieval.knowledge.values import expected, normal

SCHEMA = "schema.yml"
READABLE = frozenset({".yml", ".csv", ".json", *FORMATS})
"""Endings of the files that a graph is made of."""

MAX_NAME = 120
LoadYaml = Callable[[str, str], Any]
"""Parses YAML text under a name; maps carry line numbers. Raises DataError."""


@dataclass
class Built:
    """A graph and what was found on the way; with errors in ``problems`` the graph has gaps."""

    graph: KnowledgeGraph
    problems: list[Problem]
    files: tuple[str, ...]

    @property
    def errors(self) -> list[Problem]:
        """Those findings that cost data."""
        return [problem for problem in self.problems if problem.severity == "error"]


def build(folder: Path, load_yaml: LoadYaml) -> Built:
    """Read the schema and data files of ``folder``. Raises DataError without a schema."""
    problems: list[Problem] = []
    raw = read_bytes(folder / SCHEMA, SCHEMA, problems)
    text = decode(raw, SCHEMA, problems) if raw is not None else None
    if text is None:
        raise DataError(f"{folder} holds no knowledge graph", problems)
    schema = read_schema(load_yaml(text, SCHEMA) or {}, SCHEMA, problems)
    rows = [row for source in schema.sources for row in _rows(folder, source, problems)]
    files = (SCHEMA, *(source.file for source in schema.sources))
    return Built(_Builder(schema, problems).graph(rows), problems, files)


def _rows(folder: Path, source: Source, problems: list[Problem]) -> list[Row]:
    raw = read_bytes(folder / source.file, source.file, problems)
    text = decode(raw, source.file, problems) if raw is not None else None
    if text is None:
        return []
    suffix = Path(source.file).suffix.lower()
    if suffix == ".csv":
        return read_csv(text, source.file, source.type, problems)
    if suffix == ".json":
        return read_json(text, source.file, source.type, problems)
    if suffix in FORMATS:
        return read_rdf(text, source.file, suffix, problems)
    kinds = ".csv, .json, " + ", ".join(FORMATS)
    problems.append(Problem(source.file, 0, kinds, suffix or "no ending", "Convert the file."))
    return []


@dataclass
class _Builder:
    schema: Schema
    problems: list[Problem]
    maker: GraphMaker = field(default_factory=GraphMaker)
    types: dict[str, str] = field(default_factory=dict)
    named: dict[tuple[str, str], str] = field(default_factory=dict)

    def graph(self, rows: list[Row]) -> KnowledgeGraph:
        sound = [row for row in rows if self._thing(row)]
        for row in sound:
            self._names(row)
        for row in sound:
            relations = self._relations(row)
            for key, values in row.values.items():
                relation = relations.get(key)
                if relation is None:
                    known = ", ".join(sorted(relations))
                    self._problem(row, f"a relation of {self.types[row.id]}: {known}", repr(key))
                    continue
                for value in values:
                    self._value(row, relation, value)
        return self.maker.made(self.schema)

    def _thing(self, row: Row) -> bool:
        if not row.id or len(row.id) > MAX_NAME or _unprintable(row.id):
            self._problem(row, f"an id of 1 to {MAX_NAME} characters", repr(row.id[:40]))
            return False
        if row.type is None or row.type not in self.schema.types:
            found = repr(row.type) if row.type else "none"
            types = ", ".join(sorted(self.schema.types))
            self._problem(row, f"a type out of {types} for {row.id}", found[:80])
            return False
        before = self.types.get(row.id)
        if before is not None:
            self._problem(row, "each id once", repr(row.id))
            return False
        self.types[row.id] = row.type
        self.maker.thing(row.id, row.type)
        return True

    def _names(self, row: Row) -> None:
        for language, text in row.names.items():
            self._name(row, text, language, alias=False)
        for language, many in row.aliases.items():
            for text in many:
                self._name(row, text, language, alias=True)

    def _name(self, row: Row, text: str, language: str, *, alias: bool) -> None:
        clean = " ".join(unicodedata.normalize("NFKC", text).split())
        if not clean or len(clean) > MAX_NAME or _unprintable(clean):
            self._problem(row, f"a name of 1 to {MAX_NAME} characters", repr(text[:40]))
            return
        for kind in self.schema.line_of(row.type):
            self.named.setdefault((kind, clean.casefold()), row.id)
        self.maker.name(row.id, clean, language, alias=alias)

    def _relations(self, row: Row) -> Mapping[str, Relation]:
        found: dict[str, Relation] = {}
        for relation in self.schema.of_type(row.type or ""):
            if relation.through is None:
                found[relation.key] = relation
        return {**found, **{r.iri.rsplit("/")[-1]: r for r in found.values() if r.iri}}

    def _value(self, row: Row, relation: Relation, value: Said) -> None:
        if relation.kind == "node":
            target = self._target(row, relation, value.text)
            if target is not None:
                self.maker.edge(row.id, relation.name, target)
            return
        kept = normal(value.text, relation, self.schema)
        if kept is None or _unprintable(kept):
            self._problem(row, f"{expected(relation)} in {relation.key}", repr(value.text[:60]))
            return
        self.maker.value(row.id, relation.name, kept, value.language)

    def _target(self, row: Row, relation: Relation, text: str) -> str | None:
        """The thing that ``text`` names: by id, else by name; one of an open type comes to be."""
        wanted = relation.to or ""
        kind = self.types.get(text)
        if kind is not None and self.schema.is_a(kind, wanted):
            return text
        clean = " ".join(unicodedata.normalize("NFKC", text).split())
        named = self.named.get((wanted, clean.casefold()))
        if named is not None:
            return named
        node = self.schema.types.get(wanted)
        is_name = 0 < len(clean) <= MAX_NAME and not _unprintable(clean)
        if node is not None and node.is_open and is_name:
            return self._opened(wanted, clean)
        found = f"{text[:40]!r}, a {kind}" if kind else repr(text[:40])
        self._problem(row, f"the id or name of a {wanted} in {relation.key}", found)
        return None

    def _opened(self, kind: str, name: str) -> str:
        thing = f"{kind}:{name}"
        self.types[thing] = kind
        for above in self.schema.line_of(kind):
            self.named[(above, name.casefold())] = thing
        self.maker.thing(thing, kind)
        self.maker.name(thing, name, "")
        return thing

    def _problem(self, row: Row, expected: str, found: str) -> None:
        shown = expected if len(expected) < 300 else expected[:297] + "…"
        self.problems.append(Problem(row.file, row.line, shown, found, "Mend or remove it."))


def _unprintable(text: str) -> bool:
    return any(unicodedata.category(char) in ("Cc", "Cs", "Cn") for char in text)
