"""What a knowledge graph is made of: types, relations, and the words for them in each language.

A *relation* leads from things of one type to things of another; a *property* leads to a value. Both
are one class here, since questions ask for both alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as default
from functools import cached_property
from typing import Any, Literal

Kind = Literal["node", "text", "number", "quantity", "money", "boolean", "hours"]
Words = Mapping[str, tuple[str, ...]]
"""Wordings by language."""

KINDS: tuple[Kind, ...] = ("node", "text", "number", "quantity", "money", "boolean", "hours")
ORDERED: frozenset[Kind] = frozenset({"number", "quantity", "money"})
"""Kinds whose values can be compared."""


@dataclass(frozen=True)
class Unit:
    """A unit of a quantity: ``factor`` times the property's base unit, written by ``shown``."""

    factor: float
    shown: Mapping[str, str]


@dataclass(frozen=True)
class NodeType:
    """A type of things. ``nouns`` are the words for any of them, ``entity`` the tagger's type.

    ``forms`` are the ways a name is said where the bare name is too short to be found in free
    text, such as ``size {name}``. Things of an ``open`` type come to be by being mentioned in the
    data. ``spoken_by`` names the property that says what a thing amounts to, where its name does
    not.
    """

    name: str
    parent: str | None = None
    title: Mapping[str, str] = default(default_factory=dict)
    nouns: Words = default(default_factory=dict)
    forms: Words = default(default_factory=dict)
    entity: str | None = None
    is_open: bool = False
    spoken_by: str | None = None


@dataclass(frozen=True)
class Relation:
    """A relation or property of things of type ``of``.

    ``to`` is the target's type where ``kind`` is ``node``. ``through`` is a path of two relations
    that this one stands for. What a ``closed`` relation does not hold is false; of others it is
    unknown. A ``transitive`` one also holds over ``along`` (a relation between its targets).
    ``phrases`` name it in a question, ``backwards`` ask for things by their target. ``more`` and
    ``less`` compare. ``examples`` are questions with ``{subject}`` and ``{object}``. ``say`` has
    the wordings of answers by situation and language; ``field`` is its name in data files and
    ``iri`` in RDF, where they differ.
    """

    name: str
    of: str
    kind: Kind = "text"
    to: str | None = None
    through: tuple[str, str] | None = None
    along: str | None = None
    closed: bool = False
    title: Mapping[str, str] = default(default_factory=dict)
    description: Mapping[str, str] = default(default_factory=dict)
    phrases: Words = default(default_factory=dict)
    backwards: Words = default(default_factory=dict)
    more: Words = default(default_factory=dict)
    less: Words = default(default_factory=dict)
    examples: Words = default(default_factory=dict)
    units: Mapping[str, Unit] = default(default_factory=dict)
    say: Mapping[str, Mapping[str, str]] = default(default_factory=dict)
    field: str = ""
    iri: str | None = None

    @property
    def key(self) -> str:
        """Its name in the data files."""
        return self.field or self.name


@dataclass(frozen=True)
class Source:
    """A data file: ``type`` is what its rows are, unless they say so themselves."""

    file: str
    type: str | None = None


@dataclass(frozen=True)
class Schema:
    """The whole of it. ``intents`` are those whose messages are questions to the graph (all, if
    none); those of others are answered only where every word of them is explained. For ``live``
    intents a question has to name a relation in so many words, since an action answers them from
    live data. ``beside`` are questions that the graph cannot answer.
    """

    types: Mapping[str, NodeType]
    relations: Mapping[str, Relation]
    sources: tuple[Source, ...] = ()
    intents: frozenset[str] = frozenset()
    live: frozenset[str] = frozenset()
    beside: Words = default(default_factory=dict)
    say: Mapping[str, Mapping[str, str]] = default(default_factory=dict)
    timezone: str = "UTC"
    country: str | None = None
    currency: str = "CNY"

    def is_a(self, name: str, ancestor: str) -> bool:
        """Whether things of type ``name`` are also of type ``ancestor``."""
        return ancestor in self.line_of(name)

    def line_of(self, name: str | None) -> tuple[str, ...]:
        """A type and those above it."""
        found: list[str] = []
        while name is not None and name in self.types and name not in found:
            found.append(name)
            name = self.types[name].parent
        return tuple(found)

    def under(self, name: str) -> frozenset[str]:
        """A type and those below it."""
        return self._under.get(name, frozenset())

    def of_type(self, name: str) -> Iterator[Relation]:
        """The relations that things of type ``name`` have."""
        line = self.line_of(name)
        return (r for r in self.relations.values() if r.of in line)

    def wording(self, relation: Relation | None, situation: str, language: str) -> str | None:
        """How a ``situation`` is put into words: the relation's own way, or the common one."""
        own = relation.say.get(situation, {}) if relation else {}
        return own.get(language) or self.say.get(situation, {}).get(language)

    @cached_property
    def _under(self) -> dict[str, frozenset[str]]:
        return {
            name: frozenset(other for other in self.types if name in self.line_of(other))
            for name in self.types
        }

    def as_json(self) -> dict[str, Any]:
        """Plain data, for the release."""
        return {
            "types": {name: _plain(item) for name, item in self.types.items()},
            "relations": {name: _plain(item) for name, item in self.relations.items()},
            "intents": sorted(self.intents),
            "live": sorted(self.live),
            "beside": _plain_words(self.beside),
            "say": {key: dict(value) for key, value in self.say.items()},
            "timezone": self.timezone,
            "country": self.country,
            "currency": self.currency,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Schema:
        """Rebuild what :meth:`as_json` gave; raises KeyError or TypeError on anything else."""
        return cls(
            types={name: NodeType(**_tuples(item)) for name, item in data["types"].items()},
            relations={name: _relation(item) for name, item in data["relations"].items()},
            intents=frozenset(data["intents"]),
            live=frozenset(data["live"]),
            beside=_tuples(data["beside"]),
            say=data["say"],
            timezone=data["timezone"],
            country=data["country"],
            currency=data["currency"],
        )


def _plain(item: Any) -> dict[str, Any]:
    made = {}
    for name, value in vars(item).items():
        if name == "units":
            made[name] = {k: {"factor": u.factor, "shown": dict(u.shown)} for k, u in value.items()}
        elif isinstance(value, Mapping):
            made[name] = {k: _listed(v) for k, v in value.items()}
        else:
            made[name] = _listed(value)
    return made


def _plain_words(words: Words) -> dict[str, list[str]]:
    return {language: list(said) for language, said in words.items()}


def _listed(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value


def _relation(item: Mapping[str, Any]) -> Relation:
    read = _tuples(item)
    read["units"] = {k: Unit(u["factor"], u["shown"]) for k, u in item["units"].items()}
    return Relation(**read)


def _tuples(item: Mapping[str, Any]) -> dict[str, Any]:
    """JSON's lists as tuples, one level deep."""
    made: dict[str, Any] = {}
    for name, value in item.items():
        if isinstance(value, list):
            made[name] = tuple(value)
        elif isinstance(value, dict):
            made[name] = {k: tuple(v) if isinstance(v, list) else v for k, v in value.items()}
        else:
            made[name] = value
    return made
