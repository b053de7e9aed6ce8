"""A past support conversation, as every reader gives it and mining takes it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

Role = Literal["customer", "agent"]
Outcome = Literal["resolved", "unresolved", "escalated", "abandoned"]


@dataclass(frozen=True)
class Turn:
    """One message; ``at`` is None where the log has no time."""

    role: Role
    text: str
    at: datetime | None = None


@dataclass(frozen=True)
class Conversation:
    """One conversation; ``outcome``, ``rating`` (1 to 5) and the rest are None where unknown.

    ``agent`` is the agent's name, several with ``;`` between them, and ``customer`` the customer's,
    where the log tells them apart from the text: known so, they are found in the text as well.
    """

    id: str
    language: str
    turns: tuple[Turn, ...]
    channel: str | None = None
    started: datetime | None = None
    agent: str | None = None
    outcome: Outcome | None = None
    rating: int | None = None
    customer: str | None = None

    def with_texts(self, texts: list[str]) -> Conversation:
        """The same conversation saying ``texts``, one a turn."""
        turns = tuple(
            replace(turn, text=text) for turn, text in zip(self.turns, texts, strict=True)
        )
        return replace(self, turns=turns)
