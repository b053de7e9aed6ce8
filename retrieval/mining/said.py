"""What agents said, counted: one record a text, however often it was said.

Conversations stream through; what is kept grows with the different things said, not with the log.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from retrieval.mining.answers import Answer
from retrieval.mining.sentences import Act
from retrieval.mining.suspicion import POISON, amounts, flags_of_turn, gives_away
from retrieval.templates import LogRef

KEPT_QUESTIONS = 12
KEPT_REFS = 20
KEPT_AGENTS = 32
FEWEST_STATING = 3
"""Conversations that have to state an amount before it is known as the shop's own."""

_OUTCOME = {"resolved": 1.0, "escalated": 0.5, "unresolved": 0.1, "abandoned": 0.3}


class Exchange(NamedTuple):
    """What stood before an answer: the customer's message and the conversation's first."""

    asked: str
    opening: str


@dataclass(slots=True)
class Saying:
    """One text that agents said, in one language and of one kind, with all that speaks for it.

    Sums run over its ``uses``; ``ratings`` counts those with a rating. ``turns`` counts flags of
    the whole turns that it stood in.
    """

    text: str
    language: str
    kind: Act
    uses: int = 0
    conversations: int = 0
    outcome: float = 0.0
    rating: float = 0.0
    ratings: int = 0
    mood: float = 0.0
    newest: datetime | None = None
    last: str = ""
    turns: Counter[str] = field(default_factory=Counter)
    exchanges: Counter[Exchange] = field(default_factory=Counter)
    refs: list[LogRef] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)

    def add(self, answer: Answer) -> None:
        """Count one use."""
        self.uses += 1
        if answer.source.conversation != self.last:
            self.conversations += 1
            self.last = answer.source.conversation
            if len(self.refs) < KEPT_REFS:
                self.refs.append(answer.source)
        self.outcome += _OUTCOME.get(answer.outcome or "", 0.6)
        if answer.rating is not None:
            self.rating += (answer.rating - 1) / 4
            self.ratings += 1
        self.mood += (1 + answer.mood) / 2
        if answer.at is not None and (self.newest is None or answer.at > self.newest):
            self.newest = answer.at
        exchange = Exchange(answer.asked, answer.opening)
        if exchange in self.exchanges or len(self.exchanges) < KEPT_QUESTIONS:
            self.exchanges[exchange] += 1
        self.turns.update(flags_of_turn(answer, answer.source.text))
        if answer.agent and len(self.agents) < KEPT_AGENTS:
            self.agents.add(answer.agent)


class Heard:
    """Everything that agents said in a log."""

    def __init__(self) -> None:
        self._sayings: dict[tuple[str, str, str], Saying] = {}
        self._stating: dict[str, set[str]] = {}
        self._by_agent: dict[str, list[float]] = {}
        self.newest: datetime | None = None

    def take(self, answers: Iterable[Answer]) -> None:
        """Count what was said."""
        for answer in answers:
            key = (answer.language, answer.kind, answer.text)
            saying = self._sayings.get(key)
            if saying is None:
                saying = self._sayings[key] = Saying(answer.text, answer.language, answer.kind)
            saying.add(answer)
            for amount in amounts(answer.text):
                stating = self._stating.setdefault(amount, set())
                if len(stating) < FEWEST_STATING:
                    stating.add(answer.source.conversation)
            if answer.agent:
                self._judge(answer.agent, answer)
            if answer.at is not None and (self.newest is None or answer.at > self.newest):
                self.newest = answer.at

    @property
    def sayings(self) -> list[Saying]:
        """Every text, in order of first use."""
        return list(self._sayings.values())

    def flags(self, saying: Saying) -> tuple[str, ...]:
        """What speaks against a text: its own words, and what most turns with it have."""
        known = frozenset(a for a, said in self._stating.items() if len(said) >= FEWEST_STATING)
        found = {mark for mark, times in saying.turns.items() if times * 2 > saying.uses}
        if gives_away(saying.text, known):
            found.add("promise")
        return tuple(sorted(found))

    def author(self, saying: Saying) -> float:
        """How the conversations of those who said it went, 0 to 1; few ones count little."""
        means = []
        for agent in saying.agents:
            total, times = self._by_agent[agent]
            means.append((total + 5 * 0.6) / (times + 5))
        return sum(means) / len(means) if means else 0.6

    def _judge(self, agent: str, answer: Answer) -> None:
        went = _OUTCOME.get(answer.outcome or "", 0.6)
        if answer.rating is not None:
            went = (went + (answer.rating - 1) / 4) / 2
        total = self._by_agent.setdefault(agent, [0.0, 0])
        total[0] += went
        total[1] += 1


WEIGHTS = {
    "outcome": 0.25,
    "rating": 0.25,
    "mood": 0.12,
    "recency": 0.13,
    "author": 0.1,
    "use": 0.15,
}
"""How much each part of a score counts; together 1."""


def score(
    own: Iterable[Saying], heard: Heard, half_life_days: float, conversations: int
) -> dict[str, float]:
    """Parts of a template's score, each 0 to 1: what speaks for the texts ``own``.

    :param conversations: how many conversations say the same in these or other words.
    """
    members = list(own)
    uses = sum(s.uses for s in members)
    ratings = sum(s.ratings for s in members)
    newest = max((s.newest for s in members if s.newest), default=None)
    age = (heard.newest - newest).days if heard.newest and newest else 0
    return {
        "outcome": sum(s.outcome for s in members) / uses,
        "rating": sum(s.rating for s in members) / ratings if ratings else 0.6,
        "mood": sum(s.mood for s in members) / uses,
        "recency": math.pow(0.5, age / half_life_days),
        "author": sum(heard.author(s) * s.uses for s in members) / uses,
        "use": 1 - math.exp(-conversations / 3),
    }


def is_poisoned(marks: Iterable[str]) -> bool:
    """Whether any flag keeps an answer from being proposed as good."""
    return not POISON.isdisjoint(marks)
