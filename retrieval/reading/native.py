"""Conversations as JSON objects that hold their turns as a list: Frontdesk's own form and its kin.

The own form is ``{"id", "language", "channel", "started", "agent", "outcome", "rating", "turns":
[{"role", "at", "text"}]}``. Chat-model logs (``messages`` of ``role`` and ``content``) and the like
are read by the same rules; keys that are not known are ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args

from retrieval.conversation import Conversation, Outcome, Turn
from retrieval.reading.items import LONGEST_TEXT, guess_language, shown
from retrieval.reading.roles import name_in, role_of
from retrieval.reading.times import parse_time

TURNS = (
    "turns", "messages", "conversation", "conversations", "dialogue", "dialog", "utterances",
    "transcript",
)  # fmt: skip
TEXTS = ("text", "content", "message", "body", "value", "utterance", "msg")
ROLES = ("role", "from", "speaker", "sender", "author", "sender_type", "author_type", "type")
TIMES = ("at", "time", "timestamp", "created_at", "sent_at", "date")
IDS = ("id", "conversation_id", "session_id", "chat_id", "dialogue_id", "dialog_id", "thread_id")


def has_turns(data: Mapping[str, Any]) -> bool:
    """Whether an object holds a list of turns by one of the usual names."""
    return any(isinstance(data.get(key), list) for key in TURNS)


def parse_conversation(data: Any, fallback_id: str | None = None) -> Conversation:
    """One conversation from JSON data.

    :param fallback_id: the id of a conversation that has none.
    :raises ValueError: says which field is missing or wrong.
    """
    if not isinstance(data, dict):
        raise ValueError(f"expected a JSON object, found {type(data).__name__}")
    turns = next((data[key] for key in TURNS if isinstance(data.get(key), list)), None)
    if turns is None:
        raise ValueError("expected a list 'turns'")
    parsed = [_turn(turn, i) for i, turn in enumerate(turns)]
    kept = tuple(turn for turn, _ in parsed if turn is not None)
    if not kept:
        raise ValueError("no turn of a customer or an agent")
    names = dict.fromkeys(n for turn, n in parsed if turn and turn.role == "agent" and n)
    return Conversation(
        id=_id(data, fallback_id),
        language=_optional(data, "language") or guess_language(kept),
        turns=kept,
        channel=_optional(data, "channel"),
        started=_time(data.get("started"), "started"),
        agent=_optional(data, "agent") or "; ".join(names) or None,
        outcome=outcome_of(data.get("outcome")),
        rating=rating_of(data.get("rating")),
        customer=_optional(data, "customer"),
    )


def _turn(data: Any, number: int) -> tuple[Turn | None, str | None]:
    """A turn, or None for one that nobody said, and its speaker's name where there is one."""
    if not isinstance(data, dict):
        raise ValueError(f"turn {number} is not an object")
    label, name = _speaker(data)
    role = role_of(label)
    if role is None:
        raise ValueError(f"turn {number}: role {shown(label)} is neither customer nor agent")
    text = next((data[key] for key in TEXTS if isinstance(data.get(key), str)), None)
    if text is None:
        raise ValueError(f"turn {number} has no text")
    stamp = next((data[key] for key in TIMES if data.get(key) is not None), None)
    at = _time(stamp, f"turn {number}: at")
    if role == "skip" or not text.strip():
        return None, None
    return Turn(role, text[:LONGEST_TEXT], at), name


def _speaker(data: Mapping[str, Any]) -> tuple[str, str | None]:
    for key in ROLES:
        value = data.get(key)
        if isinstance(value, dict):
            name = value.get("name")
            label = str(value.get("type") or value.get("role") or "")
            return label, name if isinstance(name, str) else None
        if isinstance(value, str) and value:
            return value, name_in(value)
    return "", None


def _id(data: Mapping[str, Any], fallback: str | None) -> str:
    key = next((k for k in IDS if k in data), None)
    if key is None and fallback:
        return fallback
    value = data.get(key or "id")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"expected a text {key or 'id'!r}")
    return value


def _optional(data: Mapping[str, Any], key: str) -> str | None:
    value = data.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"expected {key!r} to be a text or null")
    return value or None


def outcome_of(value: Any) -> Outcome | None:
    """An outcome by its name.

    :raises ValueError: another name.
    """
    if value is None:
        return None
    for known in get_args(Outcome):
        if value == known:
            outcome: Outcome = known
            return outcome
    raise ValueError(f"outcome {shown(value)} is not one of {', '.join(get_args(Outcome))}")


def rating_of(value: Any) -> int | None:
    """A rating of 1 to 5.

    :raises ValueError: anything else but None.
    """
    if value is None:
        return None
    if isinstance(value, bool) or value not in (1, 2, 3, 4, 5):
        raise ValueError(f"rating {shown(value)} is not 1 to 5")
    return int(value)


def _time(value: Any, key: str) -> datetime | None:
    if value is None:
        return None
    time = parse_time(value)
    if time is None:
        raise ValueError(f"{key} {shown(value)} is not an ISO time")
    return time
