"""Entities of fixed form, composed with what the tagger finds.

Patterns, recognisers, lookups and synonyms come from the assistant's files; they are compiled into
plain data (:class:`EntityRules`) that a release keeps, so that serving reads no YAML.

What happens where findings meet:

1. A pattern, telephone number, address of mail or link replaces the tagger's spans of its type.
2. Of these and the tagger's other spans the longest wins; of equal ones what is asked for, then a
   pattern, then the first.
3. Lookups, and recognisers of loose form, fill what is left, by the same order; lookups as written
   come before slips of the hand.
4. Duckling's dimensions are given wherever they stand, whatever else covers the place, as Rasa's
   extractors do; among themselves the longest wins, then the order in the settings. A type that
   the tagger knows as well keeps the tagger's span.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from intents.assistant import Assistant
from intents.settings import BY_NAME, PatternSettings
from intents.values.fuzzy import known_words, names_of
from intents.values.lookups import Dictionary, folded
from intents.values.marked import (
    closing_signs,
    marked_synonyms,
    marked_values,
    without_closing,
    words_outside,
)
from intents.values.recognisers import Context, Value, read, resolve

EXACT = frozenset({"phone", "email", "url"})
"""Recognisers whose form leaves no doubt: they win over the tagger."""

_KEYS = ("patterns", "when_asked", "normalise")


@dataclass(frozen=True)
class Found:
    """An entity of a parse: characters ``start`` to ``end`` of the text.

    ``value`` is the canonical form (of a dimension: Duckling's value), ``text`` the characters,
    ``resolved`` plain data where the type has a meaning that can be computed (a day, an amount),
    ``extractor`` who found it.
    """

    start: int
    end: int
    entity: str
    value: Any
    text: str
    extractor: str
    confidence: float
    role: str | None = None
    group: str | None = None
    resolved: Any = None

    def as_rasa(self) -> dict[str, Any]:
        """The entity as Rasa's parse result has it."""
        read: dict[str, Any] = {
            "entity": self.entity,
            "start": self.start,
            "end": self.end,
            "value": self.value,
            "confidence_entity": round(self.confidence, 4),
            "extractor": self.extractor,
        }
        if self.role is not None:
            read["role"] = self.role
        if self.group is not None:
            read["group"] = self.group
        if self.resolved is not None:
            read["additional_info"] = self.resolved
        return read


@dataclass(frozen=True)
class EntityRules:
    """What finds and normalises entities besides the tagger.

    ``patterns``: type to its expressions; ``recognisers``: type to recogniser; ``lookups``: type to
    values; ``synonyms``: lower-case variant to canonical value; ``slots``: slot to entity types;
    ``dimensions``: those of Duckling's dimensions that are wanted; ``timezone``: where "today" is,
    the machine's own if empty; ``known``: words near a lookup's that are no misspellings;
    ``marked``: type to values that the training lines never leave unmarked (Rasa projects, whose
    few lines teach a tagger less than they say); ``closing``: type to the signs at a sentence's end
    that its marks end with, None where a release was made before they were kept.
    """

    patterns: Mapping[str, PatternSettings] = field(default_factory=dict)
    recognisers: Mapping[str, str] = field(default_factory=dict)
    lookups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    synonyms: Mapping[str, str] = field(default_factory=dict)
    slots: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    region: str = "CN"
    dimensions: tuple[str, ...] = ()
    timezone: str = ""
    known: tuple[str, ...] = ()
    marked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    closing: Mapping[str, str] | None = None

    @classmethod
    def of(cls, assistant: Assistant) -> EntityRules:
        """Compile the rules of an assistant."""
        settings = assistant.settings
        patterns = dict(settings.patterns)
        for item in assistant.regexes:
            if item.name in assistant.entities and item.name not in patterns:
                patterns[item.name] = PatternSettings(item.items)
        recognisers = {name: name for name in assistant.entities if name in BY_NAME}
        recognisers.update(settings.recognise)
        lookups: dict[str, tuple[str, ...]] = {}
        for item in assistant.lookups:
            if item.name in assistant.entities:
                lookups[item.name] = lookups.get(item.name, ()) + item.items
        synonyms = marked_synonyms(assistant) | {
            variant.casefold(): item.value
            for item in assistant.synonyms
            for variant in item.variants
        }
        slots = {name: assistant.entity_types_of_slot(name) for name in assistant.slots}
        used = {name: types for name, types in slots.items() if types}
        names = [name for values in lookups.values() for name in values]
        return cls(
            patterns,
            recognisers,
            lookups,
            synonyms,
            used,
            settings.phone_region,
            settings.dimensions,
            settings.timezone or assistant.pipeline.timezone,
            known_words(names, map(words_outside, assistant.examples)),
            marked_values(assistant.examples) if assistant.rasa else {},
            closing_signs(assistant.examples),
        )

    def as_json(self) -> dict[str, Any]:
        """The rules as plain data."""
        return {
            "patterns": {name: vars(entry) for name, entry in self.patterns.items()},
            "recognisers": dict(self.recognisers),
            "lookups": {name: list(values) for name, values in self.lookups.items()},
            "synonyms": dict(self.synonyms),
            "slots": {name: list(types) for name, types in self.slots.items()},
            "region": self.region,
            "dimensions": list(self.dimensions),
            "timezone": self.timezone,
            "known": list(self.known),
            "marked": {name: list(values) for name, values in self.marked.items()},
            "closing": None if self.closing is None else dict(self.closing),
        }

    @classmethod
    def from_json(cls, read: Mapping[str, Any]) -> EntityRules:
        """The inverse of :meth:`as_json`."""
        return cls(
            {
                name: PatternSettings(*(tuple(entry[key]) for key in _KEYS))
                for name, entry in read["patterns"].items()
            },
            dict(read["recognisers"]),
            {name: tuple(values) for name, values in read["lookups"].items()},
            dict(read["synonyms"]),
            {name: tuple(types) for name, types in read["slots"].items()},
            str(read["region"]),
            tuple(read.get("dimensions", ())),
            str(read.get("timezone", "")),
            tuple(read.get("known", ())),
            {name: tuple(values) for name, values in read.get("marked", {}).items()},
            read.get("closing"),
        )


class EntityComposer:
    """Merges tagger spans with patterns, recognisers and lookups, and normalises values.

    :param tagged: the types that the tagger knows. Recognisers of loose form (dates, amounts,
        durations, counts) and lookups only fill in for types the tagger does not know or, for
        lookups, places where it saw nothing: it has learned what the annotators meant.
    """

    def __init__(self, rules: EntityRules, tagged: Iterable[str] = ()) -> None:
        self.rules = rules
        self.tagged = frozenset(tagged)
        self._patterns = {
            name: tuple(map(re.compile, entry.patterns)) for name, entry in rules.patterns.items()
        }
        self._asked = {
            name: tuple(map(re.compile, entry.when_asked)) for name, entry in rules.patterns.items()
        }
        self._lookups = {name: Dictionary.of(values) for name, values in rules.lookups.items()}
        self._marked = {name: Dictionary.of(values) for name, values in rules.marked.items()}
        self._names = {
            name: names_of(values, rules.known) for name, values in rules.lookups.items()
        }
        self._variants = names_of(rules.synonyms)
        self._exact = frozenset(rules.patterns) | {
            name for name, kind in rules.recognisers.items() if kind in EXACT
        }
        self._zone = ZoneInfo(rules.timezone) if rules.timezone else None

    def compose(
        self,
        text: str,
        tagged: Sequence[Found],
        asked: Sequence[str] = (),
        now: datetime.date | datetime.datetime | None = None,
    ) -> tuple[Found, ...]:
        """All entities of ``text`` in order; only dimensions may overlap others. What the tagger
        takes for two things at once stands there twice.

        :param tagged: the tagger's spans.
        :param asked: the slots that the bot has just asked for.
        :param now: what "yesterday" is seen from; the present if not given.
        """
        wanted = {kind for slot in asked for kind in self.rules.slots.get(slot, (slot,))}
        context = self._context(now)
        exact = list(self._exact_matches(text, wanted, context))
        free = [
            found
            for found in map(self._closed, tagged)
            if not (found.entity in self._exact and any(_meet(found, other) for other in exact))
        ]
        names = list(self._from_lookups(text))
        chosen: list[Found] = []
        for layer in (
            [*exact, *_whole(free, names)],
            [*self._loose(text, context), *names],
            list(self._slips(text, wanted)),
        ):
            _choose(chosen, layer, wanted)
        measured = list(self._measured(text, context, chosen))
        together = [*(self._normal(found, context) for found in chosen), *measured]
        return tuple(sorted(together, key=lambda found: (found.start, -found.end)))

    def _closed(self, found: Found) -> Found:
        """A span of the tagger without the sentence's end, which its lines may never have shown."""
        if self.rules.closing is None:
            return found
        kept = without_closing(found.text, self.rules.closing.get(found.entity, ""))
        value = kept if found.value == found.text else found.value
        return replace(found, end=found.start + len(kept), text=kept, value=value)

    def _context(self, now: datetime.date | datetime.datetime | None) -> Context:
        if now is None and self._zone is not None:
            now = datetime.datetime.now(self._zone)
        return Context.on(now, self.rules.region)

    def _exact_matches(self, text: str, wanted: set[str], context: Context) -> Iterable[Found]:
        for name, expressions in self._patterns.items():
            extra = self._asked[name] if name in wanted else ()
            for expression in (*expressions, *extra):
                for match in expression.finditer(text):
                    start, end = match.span(1) if expression.groups else match.span()
                    if end > start:
                        yield _found(text, start, end, name, "pattern", 1.0)
        for name, kind in self.rules.recognisers.items():
            if kind in EXACT:
                for value in read(kind, text, context):
                    yield _found(text, value.start, value.end, name, "pattern", 1.0)

    def _loose(self, text: str, context: Context) -> Iterable[Found]:
        for name, kind in self.rules.recognisers.items():
            if kind not in EXACT and name not in self.tagged:
                for value in read(kind, text, context):
                    yield _found(text, value.start, value.end, name, "pattern", 0.8)

    def _from_lookups(self, text: str) -> Iterable[Found]:
        plain = folded(text)
        for name, dictionary in (*self._lookups.items(), *self._marked.items()):
            if dictionary is not None:
                for match in dictionary.find(text, plain):
                    yield _found(text, match.start(), match.end(), name, "lookup", 0.8)

    def _slips(self, text: str, wanted: set[str]) -> Iterable[Found]:
        for name, names in self._names.items():
            for near in names.find(text, name in wanted):
                found = _found(text, near.start, near.end, name, "lookup", 0.6)
                yield replace(found, value=near.value)

    def _measured(self, text: str, context: Context, chosen: Sequence[Found]) -> Iterable[Found]:
        """Duckling's dimensions."""
        given: list[Found] = []
        for name in self.rules.dimensions:
            for value in read(name, text, context):
                start = _with_preposition(text, value) if name == "time" else value.start
                found = _found(text, start, value.end, name, "pattern", 1.0)
                if not any(_meet(found, other) for other in chosen if other.entity == name):
                    given.append(replace(found, value=value.value, resolved=value.info))
        apart: list[Found] = []
        for found in sorted(given, key=lambda found: found.start - found.end):
            if not any(_meet(found, other) for other in apart):
                apart.append(found)
        return apart

    def _normal(self, found: Found, context: Context) -> Found:
        kind = self.rules.recognisers.get(found.entity)
        if kind is None and found.entity in self.rules.dimensions:
            kind = found.entity
        resolved = resolve(kind, found.text, context.now, context.region) if kind else None
        value = self._canonical(found)
        if kind == "phone" and resolved is not None:
            local = resolved["e164"].startswith("+86") and self.rules.region == "CN"
            value = resolved["national"] if local else resolved["e164"]
        entry = self.rules.patterns.get(found.entity)
        for step in entry.normalise if entry else ():
            value = _STEPS[step](value)
        return replace(found, value=value, resolved=resolved)

    def _canonical(self, found: Found) -> str:
        """By synonym, else by lookup, else by the nearest of both within a slip."""
        given: str = found.value
        plain = given.casefold()
        if plain in self.rules.synonyms:
            return self.rules.synonyms[plain]
        names = self._names.get(found.entity)
        if names is None or plain in names.values:
            return given
        near = names.nearest(plain) or self._variants.nearest(plain)
        return given if near is None else self.rules.synonyms.get(near.casefold(), near)


def _choose(chosen: list[Found], candidates: Sequence[Found], wanted: set[str]) -> None:
    """Add those that do not meet one already chosen, the longest first."""
    ordered = sorted(
        candidates,
        key=lambda f: (f.start - f.end, f.entity not in wanted, f.extractor != "pattern", f.start),
    )
    for found in ordered:
        if not any(_meet(found, other) and not _both(found, other) for other in chosen):
            chosen.append(found)


def _whole(tagged: list[Found], names: Sequence[Found]) -> list[Found]:
    """The tagger's spans, with pieces of one name of a lookup made that name.

    Not where the tagger has found something else in the rest of the name.
    """
    for name in names:
        pieces = [
            found
            for found in tagged
            if found.entity == name.entity and name.start <= found.start and found.end <= name.end
        ]
        others = any(found not in pieces and _meet(found, name) for found in tagged)
        short = any(piece.end - piece.start < name.end - name.start for piece in pieces)
        if short and not others:
            first = pieces[0]
            sure = min(piece.confidence for piece in pieces)
            kept = [found for found in tagged if found not in pieces]
            whole = replace(name, extractor=first.extractor, confidence=sure)
            tagged = [*kept, replace(whole, role=first.role, group=first.group)]
    return tagged


_STEPS: dict[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "no_blanks": lambda value: re.sub(r"[\s-]+", "", value),
    "digits": lambda value: unicodedata.normalize("NFKC", value),
    "only_digits": lambda value: re.sub(r"\D+", "", unicodedata.normalize("NFKC", value)),
}


def _found(text: str, start: int, end: int, name: str, extractor: str, confidence: float) -> Found:
    words = text[start:end]
    return Found(start, end, name, words, words, extractor, confidence)


def _meet(a: Found, b: Found) -> bool:
    return a.start < b.end and b.start < a.end


def _both(a: Found, b: Found) -> bool:
    """Whether the tagger means that one stretch is two things at once."""
    same = (a.start, a.end) == (b.start, b.end) and a.entity != b.entity
    return same and a.extractor == b.extractor == "tagger"


_BEFORE_TIME = {
    "month": re.compile(r"\b(?:in|of)\s+$", re.IGNORECASE),
    "year": re.compile(r"\b(?:in|of)\s+$", re.IGNORECASE),
    "day": re.compile(r"\bon\s+$", re.IGNORECASE),
    "hour": re.compile(r"\bat\s+$", re.IGNORECASE),
    "minute": re.compile(r"\bat\s+$", re.IGNORECASE),
}


def _with_preposition(text: str, value: Value) -> int:
    """Where Duckling lets a time begin: "in January", "on Sunday", "at five"."""
    before = _BEFORE_TIME.get(str(value.info.get("grain")))
    match = before.search(text, 0, value.start) if before else None
    return match.start() if match else value.start
