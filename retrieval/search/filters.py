"""Which templates a turn may use, decided for all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from models.arrays import FloatArray, IntArray
from retrieval.search.vectors import BoolArray
from retrieval.templates import Template

_KINDS = 64
"""Languages, channels and audiences together for which it is remembered who may be answered."""


@dataclass(frozen=True)
class Query:
    """What a turn asks for; ``vector`` (d,) is the shared encoder's sentence vector of ``text``.

    None leaves a filter out. ``slots`` are the names that can be filled: templates that need
    others are left out. ``intents`` keeps templates that answer one of them. Without ``channel``
    only templates for all channels match; without ``audience``, the kind of customer who asks, only
    those for everybody. ``at`` is the time that validity is checked at (now).
    ``avoid`` are ids of templates said before: another wording that is nearly as good wins, but a
    clearly better answer is repeated. ``earlier`` (d,) is the memory of the customer's lines before
    (:func:`retrieval.situation.remember`): "and to Lhasa?" goes on with what was asked.
    ``following`` is what templates (by id) gain where the conversation is.
    """

    text: str
    vector: FloatArray
    language: str
    names: frozenset[str] | None = None
    intents: frozenset[str] | None = None
    slots: frozenset[str] | None = None
    channel: str | None = None
    audience: str | None = None
    at: datetime | None = None
    avoid: frozenset[str] = field(default=frozenset())
    earlier: FloatArray | None = None
    following: Mapping[str, float] = field(default_factory=dict)


class Eligibility:
    """The filterable fields of n templates as arrays; each distinct set is tested once."""

    def __init__(self, templates: Sequence[Template]) -> None:
        self._live = np.array([t.status == "live" for t in templates], dtype=bool)
        self._languages = _Coded([frozenset((primary(t.language),)) for t in templates])
        self._names = _Coded([frozenset((t.name,)) for t in templates])
        self._intents = _Coded([frozenset(t.intents) for t in templates])
        self._slots = _Coded([frozenset(t.slots) for t in templates])
        self._channels = _Coded([frozenset(t.channels) for t in templates])
        self._audiences = _Coded([frozenset(t.audiences) for t in templates])
        self._from = np.array([_stamp(t.valid_from, -np.inf) for t in templates])
        self._until = np.array([_stamp(t.valid_until, np.inf) for t in templates])
        self._meant: dict[tuple[str, str | None, str | None], BoolArray] = {}

    def mask(self, query: Query) -> BoolArray:
        """True for every template that ``query`` may use: (n,)."""
        mask = self._meant_for(primary(query.language), query.channel, query.audience).copy()
        at = (query.at or datetime.now(UTC)).timestamp()
        mask &= (self._from <= at) & (at < self._until)
        for coded, wanted in ((self._names, query.names), (self._intents, query.intents)):
            if wanted is not None:
                mask &= coded.where(lambda own, wanted=wanted: not wanted.isdisjoint(own))  # type: ignore[misc]
        if (slots := query.slots) is not None:
            mask &= self._slots.where(slots.issuperset)
        return mask

    def _meant_for(self, language: str, channel: str | None, audience: str | None) -> BoolArray:
        """True for every live template in the language, for the channel and the audience; not to
        be changed, since it is remembered."""
        kind = language, channel, audience
        mask = self._meant.get(kind)
        if mask is None:
            mask = self._live & self._languages.where(lambda own: language in own)
            mask &= self._channels.where(lambda own: not own or channel in own)
            mask &= self._audiences.where(lambda own: not own or audience in own)
            if len(self._meant) >= _KINDS:
                self._meant.clear()
            self._meant[kind] = mask
        return mask


class _Coded:
    """A set for each template, stored as a number into the list of distinct sets."""

    def __init__(self, sets: Iterable[frozenset[str]]) -> None:
        distinct: dict[frozenset[str], int] = {}
        codes = [distinct.setdefault(own, len(distinct)) for own in sets]
        self._codes: IntArray = np.array(codes, dtype=np.int64)
        self._distinct = list(distinct)

    def where(self, holds: Callable[[frozenset[str]], bool]) -> BoolArray:
        answers = np.array([holds(own) for own in self._distinct], dtype=bool)
        return answers[self._codes] if len(answers) else np.zeros(0, dtype=bool)


def primary(language: str) -> str:
    """``zh`` of ``zh-CN``: wordings are shared by a language's regions."""
    return language.lower().replace("_", "-").split("-")[0]


def _stamp(time: datetime | None, otherwise: float) -> float:
    return otherwise if time is None else time.timestamp()
