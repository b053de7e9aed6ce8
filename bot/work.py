"""A turn under way: what it began with, what it has come to, and what it did."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from bot.actions.client import Told
from bot.events import Event
from bot.live import Live
from bot.policy import LISTEN, Decision
from bot.record.record import Claim, Conversation, Taken, TurnSummary
from bot.tracker import Tracker
from bot.understand import Understood


@dataclass
class Work:
    """A turn under way."""

    taken: Taken
    live: Live
    tracker: Tracker
    began: float
    new: list[Event] = field(default_factory=list)
    understood: Understood | None = None
    decisions: list[Decision] = field(default_factory=list)
    calls: int = 0
    failures: list[str] = field(default_factory=list)
    """Actions that failed, and why."""
    written: list[Event] | None = None
    """What the record has of it; None until it is finished."""
    unsaid: bool = False
    """Whether something was to be said that could not be."""
    told: Told | None = None
    """Hears the words of an action while they come."""
    streamed: bool = False
    """Whether the customer has seen such words."""
    read_for: float = 0.0
    """Seconds that reading an attachment took."""

    @property
    def claim(self) -> Claim:
        """The lease of the turn."""
        return self.taken.claim

    @property
    def conversation(self) -> Conversation:
        """The conversation as it stood when the turn was taken."""
        return self.taken.conversation

    @property
    def silent(self) -> bool:
        """Whether the customer would hear nothing of what was to be said."""
        return self.unsaid and not any(event.kind == "bot" for event in self.new)

    def apply(self, event: Event) -> None:
        """Take an event into the turn and into the tracker."""
        owned = Event(event.kind, event.data, self.claim.turn, event.id, event.at)
        self.new.append(owned)
        self.tracker.apply(owned)

    def summary(self) -> TurnSummary:
        """What the studio shows of the turn: the message as it was understood, and the answer."""
        first = self.decisions[0] if self.decisions else None
        heard = (event.data["parse"] for event in self.new if event.kind == "understood")
        parse: dict[str, Any] = next(heard, self.tracker.message.parse)
        intent = parse.get("intent") or {}
        replies = [event.data.get("template") for event in self.new if event.kind == "bot"]
        return TurnSummary(
            release=self.live.release,
            language=self.tracker.language,
            intent=intent.get("name"),
            confidence=intent.get("confidence"),
            decision=first.policy if first else "none",
            reason="; ".join(d.reason for d in self.decisions if d.action != LISTEN),
            template=next((name for name in replies if name), None),
            milliseconds=(time.perf_counter() - self.began) * 1000,
        )
