"""A message of the customer's, as the tracker keeps the latest."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Message:
    """A message with what was understood of it (Rasa's parse result)."""

    text: str = ""
    seq: int = 0
    parse: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def intent(self) -> str | None:
        """Name of the top intent, ``nlu_fallback`` when it was rejected."""
        return (self.parse.get("intent") or {}).get("name")

    @property
    def decision(self) -> str:
        """``accept``, ``clarify`` or ``reject``."""
        return str(self.parse.get("decision", "accept"))

    def is_aside(self, ignored: Collection[str]) -> bool:
        """Whether it is clearly about something else than the form that runs.

        One of the answers that were offered never is, nor are digits alone: they answer what was
        asked.

        :param ignored: the intents that the form leaves to their own answers.
        """
        if self.parse.get("chosen"):
            return False
        words = any(char.isalpha() for char in self.text)
        clear = words and self.decision == "accept" and self.intent in ignored
        return clear or bool(self.parse.get("aside"))
