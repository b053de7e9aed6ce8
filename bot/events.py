"""What is appended to a conversation's log; the tracker is the fold of these.

Kinds that Rasa knows keep Rasa's names and fields (``user``, ``bot``, ``slot``, ``action``,
``active_loop`` ...), so that a tracker can be handed to any action server unchanged.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from bot.extras import card_words, shown

Kind = Literal[
    "user",  # text, client_message_id, payload?, file? (type, media_type, name, size), elsewhere?
    "attached",  # of (seq of the user event), file: what was fetched from elsewhere
    "transcript",  # of (seq of the user event), text, type: what a model read in its file
    "understood",  # of (seq of the user event), parse, decision, reason
    "segment",  # of, index, text, parse: one request of a divided message is taken up
    "bot",  # text, buttons, template, provenance, language
    "agent_message",  # text, agent, client_message_id
    "slot",  # name, value
    "action",  # name, policy, reason
    "active_loop",  # name | None
    "restart",
    "session_started",
    "followup",  # name
    "reset_slots",
    "pause",
    "resume",
    "reminder",  # name, intent, date_time, entities, kill_on_user_msg
    "cancel_reminder",  # name, intent, entities
    "rewind",  # the latest message is forgotten
    "undo",  # the latest action is forgotten
    "loop_interrupted",  # is_interrupted
    "handoff",  # reason, summary
    "owner",  # owner, agent, epoch
    "notice",  # notice, text, language
    "contact",  # name, contact, note
    "action_execution_rejected",
]
Owner = Literal["bot", "agent", "none"]

PUBLIC_KINDS = frozenset({"user", "bot", "agent_message", "notice"})


def new_id() -> str:
    """Return an id that cannot be guessed (160 bits)."""
    return secrets.token_urlsafe(20)


@dataclass(frozen=True)
class Event:
    """One entry of a conversation's log; ``seq`` is 0 until the record has numbered it."""

    kind: Kind
    data: dict[str, Any] = field(default_factory=dict)
    turn: str | None = None
    id: str = field(default_factory=new_id)
    at: float = field(default_factory=time.time)
    seq: int = 0

    @property
    def iso(self) -> str:
        """Time of the event in ISO 8601, UTC."""
        return datetime.fromtimestamp(self.at, UTC).isoformat(timespec="milliseconds")


_ROLES = {"user": "customer", "bot": "bot", "agent_message": "agent", "notice": "system"}


def public_view(event: Event) -> dict[str, Any] | None:
    """Return the event as customers may see it, or None if it is internal."""
    data = event.data
    if event.kind not in PUBLIC_KINDS or data.get("external"):
        return None
    return {
        "seq": event.seq,
        "id": event.id,
        "at": event.iso,
        "type": "notice" if event.kind == "notice" else "message",
        "role": _ROLES[event.kind],
        "text": data.get("text") or "\n".join(card_words(c) for c in data.get("elements", ())),
        "language": data.get("language"),
        "buttons": data.get("buttons", []),
        **shown(data),
        "agent": data.get("agent"),
        "notice": data.get("notice"),
        "online": data.get("online"),
        "client_message_id": data.get("client_message_id"),
        "file": data.get("file"),
        "turn": event.turn,
    }


def desk_view(
    event: Event, understood: dict[int, dict[str, Any]], words: Mapping[int, str]
) -> dict[str, Any] | None:
    """Return the event as staff sees it: with what was understood and where a reply came from.

    ``understood`` and ``words``, what a model read in a file, by the number of the message.
    """
    view = public_view(event)
    if view is None:
        return None
    if event.kind == "user":
        view["understood"] = understood.get(event.seq)
        view["transcript"] = words.get(event.seq)
    if event.kind == "bot":
        view["template"] = event.data.get("template")
        view["release"] = event.data.get("release")
        view["provenance"] = event.data.get("provenance")
    return view
