"""The graph itself, kept as RDF by rdflib, and what follows from it over one or two edges.

A release holds it as sorted N-Triples: the same catalogue gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, unquote

from rdflib import Graph, Literal, URIRef

from models.errors import ModelError
from retrieval.knowledge.schema import Relation, Schema

THING, TYPE, NAMED, ALIAS, EDGE = (
    f"urn:frontdesk:{part}:" for part in ("thing", "type", "name", "alias", "relation")
)
_IS, _NAME, _ALIAS = URIRef(TYPE + "is"), URIRef(NAMED + "is"), URIRef(ALIAS + "is")
Step = tuple[str, str, str]
"""An edge: a thing, a relation, and a thing or value."""


class KnowledgeGraph:
    """An immutable typed graph; things are named by their ids."""

    def __init__(self, schema: Schema, store: Graph) -> None:
        self.schema, self._store = schema, store
        self._out: dict[tuple[str, str], tuple[str, ...]] = {}
        self._into: dict[tuple[str, str], frozenset[str]] = {}
        self._of_type: dict[str, frozenset[str]] = {}

    # -- things -----------------------------------------------------------------------------

    @cached_property
    def types(self) -> Mapping[str, str]:
        """Each thing's type."""
        pairs = self._store.subject_objects(_IS)
        return {_id(thing): str(kind).removeprefix(TYPE) for thing, kind in pairs}

    @cached_property
    def names(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """Each thing's names by language (``""``: any), its proper name first."""
        found: dict[str, dict[str, list[str]]] = {thing: {} for thing in self.types}
        for predicate in (_NAME, _ALIAS):
            pairs = [(_id(s), o.language or "", str(o)) for s, o in self._literals(predicate)]
            for thing, language, text in sorted(pairs):
                found[thing].setdefault(language, []).append(text)
        return {
            thing: {language: tuple(many) for language, many in by_language.items()}
            for thing, by_language in found.items()
        }

    def name(self, thing: str, language: str) -> str:
        """A thing's proper name in ``language``, or in whatever it has one."""
        names = self.names.get(thing, {})
        for wanted in (language, "", "en", *names):
            if names.get(wanted):
                return names[wanted][0]
        return thing

    def of_type(self, name: str) -> frozenset[str]:
        """The things of a type and of those below it."""
        if name not in self._of_type:
            under = self.schema.under(name)
            things = (thing for thing, kind in self.types.items() if kind in under)
            self._of_type[name] = frozenset(things)
        return self._of_type[name]

    def is_a(self, thing: str, name: str) -> bool:
        """Whether a thing is of type ``name``."""
        kind = self.types.get(thing)
        return kind is not None and self.schema.is_a(kind, name)

    # -- edges ------------------------------------------------------------------------------

    def out(self, thing: str, relation: Relation) -> tuple[str, ...]:
        """What a relation leads to, in the order of the data: ids, or values as written.

        A text that is said in several languages is given once for each; see :meth:`said`.
        """
        key = (thing, relation.name)
        if key not in self._out:
            self._out[key] = tuple(dict.fromkeys(self._follow(thing, relation)))
        return self._out[key]

    def into(self, thing: str, relation: Relation) -> frozenset[str]:
        """The things from which a relation leads to ``thing``; over ``along``, to what is in it."""
        key = (thing, relation.name)
        if key not in self._into:
            self._into[key] = frozenset(self._trace(thing, relation))
        return self._into[key]

    def holds(self, thing: str, relation: Relation, other: str) -> bool:
        """Whether a relation leads from a thing to another."""
        return thing in self.into(other, relation)

    def said(self, thing: str, relation: Relation, language: str) -> tuple[str, ...]:
        """The values of a text property in ``language``, or in whatever there is."""
        pairs = [
            (value.language or "", str(value))
            for value in self._store.objects(_thing(thing), _edge(relation.name))
            if isinstance(value, Literal)
        ]
        for wanted in (language, "", "en", "zh"):
            if found := tuple(sorted(text for lang, text in pairs if lang == wanted)):
                return found
        return ()

    def path(self, thing: str, relation: Relation, target: str) -> tuple[Step, ...]:
        """The edges as they stand in the data that lead from ``thing`` to ``target``."""
        if relation.through is not None:
            first, second = (self.schema.relations[name] for name in relation.through)
            for middle in self._middles(thing, relation, first):
                if target in self.out(middle, second):
                    edge = (
                        (thing, first.name, middle)
                        if middle in self.out(thing, first)
                        else (middle, first.name, thing)
                    )
                    return edge, (middle, second.name, target)
        if relation.along is not None and target not in self.out(thing, relation):
            along = self.schema.relations[relation.along]
            for near in self.out(thing, relation):
                if (chain := self._chain(near, along, target)) is not None:
                    return ((thing, relation.name, near), *chain)
        return ((thing, relation.name, target),)

    def middles(self, thing: str, relation: Relation, targets: Iterable[str]) -> frozenset[str]:
        """For a relation that goes through others: those of its middle things that lead to all of
        ``targets`` (by ``second`` relations of the same type)."""
        assert relation.through is not None
        first, second = (self.schema.relations[name] for name in relation.through)
        wanted = frozenset(targets)
        return frozenset(
            middle
            for middle in self._middles(thing, relation, first)
            if wanted <= frozenset(self.out(middle, second))
        )

    # -- inside -----------------------------------------------------------------------------

    def _follow(self, thing: str, relation: Relation) -> Iterable[str]:
        if relation.through is not None:
            first, second = (self.schema.relations[name] for name in relation.through)
            return (
                target
                for middle in self._middles(thing, relation, first)
                for target in self.out(middle, second)
            )
        objects = self._store.objects(_thing(thing), _edge(relation.name))
        if relation.kind == "node":
            return sorted((_id(o) for o in objects), key=self._order)
        return sorted(str(o) for o in objects)

    def _middles(self, thing: str, relation: Relation, first: Relation) -> list[str]:
        if self.schema.is_a(relation.of, first.of):
            return list(self.out(thing, first))
        return sorted(self.into(thing, first), key=self._order)

    def _trace(self, thing: str, relation: Relation) -> Iterable[str]:
        if relation.through is not None:
            first, second = (self.schema.relations[name] for name in relation.through)
            middles = self.into(thing, second)
            forward = self.schema.is_a(relation.of, first.of)
            return {
                source
                for middle in middles
                for source in (self.into(middle, first) if forward else self.out(middle, first))
            }
        targets = self._below(thing, relation) if relation.along else {thing}
        return {
            _id(subject)
            for target in targets
            for subject in self._store.subjects(_edge(relation.name), _thing(target))
        }

    def _below(self, thing: str, relation: Relation) -> set[str]:
        along = URIRef(EDGE + quote(relation.along or "", safe=""))
        return {_id(s) for s in self._store.transitive_subjects(along, _thing(thing))}

    def _chain(self, thing: str, along: Relation, target: str) -> tuple[Step, ...] | None:
        steps: list[Step] = []
        while thing != target:
            above = self.out(thing, along)
            if not above or len(steps) > 20:
                return None
            steps.append((thing, along.name, above[0]))
            thing = above[0]
        return tuple(steps)

    def _order(self, thing: str) -> tuple[int, str]:
        return self._position.get(thing, 0), thing

    @cached_property
    def _position(self) -> Mapping[str, int]:
        """Sizes and the like in their usual order: letters by size, numbers by value."""
        found = {}
        for thing in self.types:
            name = self.name(thing, "en")
            if name.upper() in _LETTERS:
                found[thing] = _LETTERS.index(name.upper())
            elif (number := re.match(r"\d{1,9}", name)) is not None:
                found[thing] = int(number[0])
        return found

    def _literals(self, predicate: URIRef) -> Iterable[tuple[URIRef, Literal]]:
        for subject, value in self._store.subject_objects(predicate):
            if isinstance(value, Literal) and isinstance(subject, URIRef):
                yield subject, value

    # -- keeping ----------------------------------------------------------------------------

    def save(self, path: Path) -> None:
        """Write sorted N-Triples."""
        lines = self._store.serialize(format="nt11").splitlines()
        text = "".join(line + "\n" for line in sorted(filter(None, lines)))
        path.write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, path: Path, schema: Schema) -> KnowledgeGraph:
        """Read what :meth:`save` wrote. Raises ModelError."""
        store = Graph(store="SimpleMemory")
        try:
            store.parse(data=path.read_text(encoding="utf-8"), format="nt11")
        except Exception as error:
            raise ModelError(
                f"The knowledge graph {path} cannot be used",
                expected="N-Triples",
                found=str(error)[:200],
                fix="Take the file from a complete release, or prepare the release again.",
            ) from error
        return cls(schema, store)


_LETTERS = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "XXXL")


class GraphMaker:
    """Puts a graph together, edge by edge."""

    def __init__(self) -> None:
        self.store = Graph(store="SimpleMemory")

    def thing(self, thing: str, kind: str) -> None:
        """Add a thing."""
        self.store.add((_thing(thing), _IS, URIRef(TYPE + kind)))

    def name(self, thing: str, text: str, language: str, *, alias: bool = False) -> None:
        """Add a name."""
        predicate = _ALIAS if alias else _NAME
        self.store.add((_thing(thing), predicate, Literal(text, lang=language or None)))

    def edge(self, thing: str, relation: str, target: str) -> None:
        """Add an edge between things."""
        self.store.add((_thing(thing), _edge(relation), _thing(target)))

    def value(self, thing: str, relation: str, text: str, language: str | None) -> None:
        """Add a property's value."""
        self.store.add((_thing(thing), _edge(relation), Literal(text, lang=language)))

    def made(self, schema: Schema) -> KnowledgeGraph:
        """The graph so far."""
        return KnowledgeGraph(schema, self.store)


def _thing(thing: str) -> URIRef:
    return URIRef(THING + quote(thing, safe=""))


def _edge(relation: str) -> URIRef:
    return URIRef(EDGE + quote(relation, safe=""))


def _id(term: object) -> str:
    return unquote(str(term).removeprefix(THING))
