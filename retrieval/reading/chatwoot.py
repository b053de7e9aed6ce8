"""Chatwoot: conversations of its API or webhooks, with their messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retrieval.conversation import Conversation, Outcome, Role, Turn
from retrieval.reading import fields
from retrieval.reading.roles import name_in

_TYPES: Mapping[Any, Role] = {
    0: "customer", "0": "customer", "incoming": "customer",
    1: "agent", "1": "agent", "outgoing": "agent",
    3: "agent", "3": "agent", "template": "agent",
}  # fmt: skip
_STATES: Mapping[str, Outcome] = {"resolved": "resolved", "open": "unresolved"}


def fits(data: Mapping[str, Any]) -> bool:
    """Whether an object is a conversation whose messages have Chatwoot's types."""
    messages = data.get("messages")
    if not isinstance(messages, list) or not messages:
        return False
    return isinstance(messages[0], dict) and "message_type" in messages[0]


def parse(data: Mapping[str, Any]) -> Conversation:
    """The conversation, without activities and private notes.

    :raises ValueError: no id, or nobody says anything.
    """
    turns, agents, rated = [], [], None
    for message in fields.objects(data, "messages"):
        kind = message.get("message_type")
        role = _TYPES.get(kind) if isinstance(kind, int | str) else None
        survey = fields.inner(message, "content_attributes", "submitted_values")
        rated = fields.rating(fields.inner(survey, "csat_survey_response").get("rating")) or rated
        said = fields.text(message, "content")
        surveyed = message.get("content_type") == "input_csat"
        if role is None or message.get("private") is True or not said or surveyed:
            continue
        turns.append(Turn(role, said, fields.time_of(message, "created_at")))
        name = fields.text(fields.inner(message, "sender"), "name")
        if role == "agent" and name:
            agents.append(name)
    meta = fields.inner(data, "meta")
    first = fields.objects(data, "messages")[0]
    return fields.conversation(
        "chatwoot",
        fields.number(data, "id") or fields.number(first, "conversation_id"),
        turns,
        channel=fields.text(meta, "channel").removeprefix("Channel::") or None,
        agents=agents,
        customer=name_in(fields.text(fields.inner(meta, "sender"), "name")),
        outcome=_STATES.get(str(data.get("status"))),
        rating=rated,
    )
