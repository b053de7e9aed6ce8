"""What an action server answers, whatever protocol carried it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import structlog

from bot.events import Event
from models.errors import ActionUnavailable

log = structlog.get_logger(__name__)

MAX_RESPONSE = 1_000_000
"""Bytes of an answer, at most."""

KINDS = {
    "slot": "slot",
    "reset_slots": "reset_slots",
    "followup": "followup",
    "active_loop": "active_loop",
    "form": "active_loop",
    "pause": "pause",
    "resume": "resume",
    "restart": "restart",
    "reminder": "reminder",
    "cancel_reminder": "cancel_reminder",
    "session_started": "session_started",
    "rewind": "rewind",
    "undo": "undo",
    "loop_interrupted": "loop_interrupted",
    "form_validation": "loop_interrupted",
    "action_execution_rejected": "action_execution_rejected",
}
"""Rasa's names of events that an action may answer with, and ours."""


@dataclass(frozen=True)
class ActionResult:
    """What an action answered: events to apply and responses to say."""

    events: list[dict[str, Any]] = field(default_factory=list)
    responses: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return plain data for the record."""
        return {"events": self.events, "responses": self.responses}

    def as_events(self) -> list[Event]:
        """Return the tracker events; kinds that are not served here are left out and logged."""
        kept = []
        for item in self.events:
            kind = KINDS.get(str(item.get("event")))
            if kind is None:
                log.info("action.event_ignored", kind=item.get("event"))
                continue
            data = {k: v for k, v in item.items() if k not in ("event", "timestamp")}
            kept.append(Event(kind, data))  # type: ignore[arg-type]
        return kept


def result_of(action: str, data: Any) -> ActionResult:
    """Read an answer strictly; None means that nothing happened. Raises ActionUnavailable."""
    if data is None:
        return ActionResult()
    if not isinstance(data, dict):
        raise unreadable(action, type(data).__name__)
    events, responses = data.get("events") or [], data.get("responses") or []
    if not isinstance(events, list) or not isinstance(responses, list):
        raise unreadable(action, "events or responses that are no list")
    if not all(isinstance(item, dict) for item in [*events, *responses]):
        raise unreadable(action, "events or responses that are no objects")
    return ActionResult(list(events), [_plain(item) for item in responses])


def unreadable(action: str, found: str) -> ActionUnavailable:
    """The error of an answer that is none."""
    return ActionUnavailable(
        f"The action server answered {action} with something unreadable",
        expected='{"events": [...], "responses": [...]}',
        found=found[:80],
    )


def _plain(response: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in response.items() if value not in (None, "", [], {})}
