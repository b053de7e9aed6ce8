"""Finding in a text what the graph, its schema and the language have words for.

A text is cut into units: runs of Latin letters, numbers, and single Chinese characters. The best
segmentation, by dynamic programming, covers most of it with known wordings, names before plain
words; what is left over is unexplained.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from retrieval.knowledge.graph import KnowledgeGraph
from retrieval.knowledge.schema import NodeType, Schema
from retrieval.knowledge.slips import Slips
from retrieval.knowledge.words import ROLES, Role

Units = tuple[str, ...]
MAX_UNITS = 400
"""Longer texts are cut: nobody asks a catalogue in that many words."""

_UNIT = re.compile(r"\d+(?:\.\d+)?|[a-zà-ɏ]+|[㐀-鿿]|[¥]")


@dataclass(frozen=True)
class Unit:
    """One unit as it is compared, with its characters in the text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Thing:
    """The things that a wording names: several where it is ambiguous."""

    ids: frozenset[str]


@dataclass(frozen=True)
class Noun:
    """A word for any thing of a type."""

    type: str


@dataclass(frozen=True)
class Asked:
    """A phrase that asks for a relation; ``backwards`` for the things from which it leads."""

    relation: str
    backwards: bool = False


@dataclass(frozen=True)
class Order:
    """A comparing word: ``sign`` is 1 for more of the property, -1 for less."""

    relation: str
    sign: int


@dataclass(frozen=True)
class Word:
    """A word of questions in general."""

    role: Role


Sense = Thing | Noun | Asked | Order | Word
_WEIGHT = {Thing: 1.0, Order: 0.995, Asked: 0.99, Noun: 0.985, Word: 0.98}


@dataclass(frozen=True)
class Segment:
    """Characters ``start`` to ``end`` with what they may mean; ``slip``: as they were mended."""

    start: int
    end: int
    senses: tuple[Sense, ...]
    slip: bool = False


def units_of(text: str) -> list[Unit]:
    """The units of ``text``, folded character by character so that offsets stay."""
    folded = "".join(_fold(char) for char in text)
    return [
        Unit(_singular(found[0]), found.start(), found.end()) for found in _UNIT.finditer(folded)
    ][:MAX_UNITS]


def key_of(wording: str) -> Units:
    """A wording as the units it is found by."""
    return tuple(unit.text for unit in units_of(wording))


class Lexicon:
    """All wordings of a graph, its schema and the language."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._senses: dict[Units, list[Sense]] = {}
        self._things: dict[Units, set[str]] = {}
        self._names(graph)
        self._schema(graph.schema)
        for role, words in ROLES.items():
            for wording in words.split("|"):
                self._add(wording, Word(role))
        for key, ids in self._things.items():
            self._senses.setdefault(key, []).insert(0, Thing(frozenset(ids)))
        self._longest = max(map(len, self._senses), default=1)

    def segments(
        self,
        text: str,
        hints: Sequence[tuple[int, int, frozenset[str]]] = (),
        explained: Sequence[tuple[int, int]] = (),
    ) -> Found:
        """The best segmentation of ``text``.

        :param hints: characters that somebody else knows to name a thing, with its ids.
        :param explained: characters that somebody else has read, such as days and times.
        """
        units = units_of(text)
        matches = self._matches(units)
        for start, end, ids in hints:
            at = [i for i, u in enumerate(units) if u.start >= start and u.end <= end]
            if at and ids:
                matches.setdefault(at[0], []).append((len(at), (Thing(ids),), False))
        for start, end in explained:
            inside = [i for i, u in enumerate(units) if u.start >= start and u.end <= end]
            if inside:
                matches.setdefault(inside[0], []).append((len(inside), (Word("plain"),), False))
        best = _cover(units, matches)
        if best.left:
            slips = self._slip_matches(units, best.left)
            if slips:
                for place, found in slips.items():
                    matches.setdefault(place, []).extend(found)
                best = _cover(units, matches)
        return best

    def ids_of(self, wording: str) -> frozenset[str]:
        """The things that are called exactly so."""
        return frozenset(self._things.get(key_of(wording), ()))

    def _matches(self, units: Sequence[Unit]) -> dict[int, list[Match]]:
        found: dict[int, list[Match]] = {}
        texts = [unit.text for unit in units]
        for at in range(len(units)):
            for length in range(1, min(self._longest, len(units) - at) + 1):
                senses = self._senses.get(tuple(texts[at : at + length]))
                if senses:
                    found.setdefault(at, []).append((length, tuple(senses), False))
        return found

    def _slip_matches(self, units: Sequence[Unit], left: Sequence[int]) -> dict[int, list[Match]]:
        found: dict[int, list[Match]] = {}
        for at, length, key in self._slips.find([unit.text for unit in units], left):
            ids = frozenset(self._things[key])
            found.setdefault(at, []).append((length, (Thing(ids),), True))
        return found

    @cached_property
    def _slips(self) -> Slips:
        known = {unit for key in self._senses for unit in key}
        return Slips(self._things, known)

    # -- filling ----------------------------------------------------------------------------

    def _names(self, graph: KnowledgeGraph) -> None:
        for thing, by_language in graph.names.items():
            node = graph.schema.types[graph.types[thing]]
            for names in by_language.values():
                for name in names:
                    for wording in _forms(name, node, graph.schema):
                        key = key_of(wording)
                        if key:
                            self._things.setdefault(key, set()).add(thing)
            if re.search(r"\d", thing) and len(thing) > 3:
                self._things.setdefault(key_of(thing), set()).add(thing)

    def _schema(self, schema: Schema) -> None:
        for node in schema.types.values():
            for noun in _all(node.nouns):
                self._add(noun, Noun(node.name))
        for relation in schema.relations.values():
            for phrase in (*_all(relation.phrases), *relation.title.values()):
                self._add(phrase, Asked(relation.name))
            for phrase in _all(relation.backwards):
                self._add(phrase, Asked(relation.name, backwards=True))
            for sign, words in ((1, relation.more), (-1, relation.less)):
                for word in _all(words):
                    self._add(word, Order(relation.name, sign))

    def _add(self, wording: str, sense: Sense) -> None:
        key = key_of(wording)
        if key and sense not in self._senses.setdefault(key, []):
            self._senses[key].append(sense)


Match = tuple[int, tuple[Sense, ...], bool]
"""How many units, what they may mean, and whether they were mended."""


@dataclass(frozen=True)
class Found:
    """A segmentation, the places of the units it leaves out, and what these say."""

    segments: tuple[Segment, ...]
    left: tuple[int, ...]
    unexplained: tuple[str, ...]


def _cover(units: Sequence[Unit], matches: Mapping[int, list[Match]]) -> Found:
    count = len(units)
    best: list[tuple[float, Match | None]] = [(0.0, None)] * (count + 1)
    for at in range(count - 1, -1, -1):
        best[at] = (best[at + 1][0], None)
        for match in matches.get(at, ()):
            length, senses, slip = match
            weight = max(_WEIGHT[type(sense)] for sense in senses) - (0.2 if slip else 0.0)
            score = length * weight - 0.01 + best[at + length][0]
            if score > best[at][0]:
                best[at] = (score, match)
    segments: list[Segment] = []
    left: list[int] = []
    at = 0
    while at < count:
        chosen = best[at][1]
        if chosen is None:
            left.append(at)
            at += 1
            continue
        length, senses, slip = chosen
        segments.append(Segment(units[at].start, units[at + length - 1].end, senses, slip))
        at += length
    return Found(tuple(segments), tuple(left), tuple(units[i].text for i in left))


def _forms(name: str, node: NodeType, schema: Schema) -> Iterable[str]:
    """The wordings of a name: as it is, unless it is too short to be looked for alone."""
    forms = [
        form for above in schema.line_of(node.name) for form in _all(schema.types[above].forms)
    ]
    for form in forms:
        yield form.replace("{name}", name)
    units = key_of(name)
    short = len(units) == 1 and ((len(units[0]) == 1 and units[0].isascii()) or units[0].isdigit())
    if not forms or not short:
        yield name


def _all(words: Mapping[str, tuple[str, ...]]) -> Iterable[str]:
    return (wording for many in words.values() for wording in many)


def _fold(char: str) -> str:
    folded = unicodedata.normalize("NFKC", char).casefold()
    return folded if len(folded) == 1 else char


def _singular(word: str) -> str:
    """Plural and singular meet (Harman's S stemmer)."""
    if len(word) > 3 and word.isascii() and word.endswith("s"):
        if word.endswith("ies") and not word.endswith(("eies", "aies")):
            return word[:-3] + "y"
        if not word.endswith(("us", "ss")):
            return word[:-1]
    return word
