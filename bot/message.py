"""The customer's latest message, as the tracker keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Message:
    """The customer's latest message with what was understood of it (Rasa's parse result)."""

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
