"""Intercom: conversations with their parts, bodies in HTML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retrieval.conversation import Conversation, Turn
from retrieval.reading import fields
from retrieval.reading.roles import name_in, role_of

_SAID = frozenset(("comment", "open", "close", "quick_reply", "message", ""))
"""Kinds of parts whose body the customer sees; notes and assignments are not among them."""


def fits(data: Mapping[str, Any]) -> bool:
    """Whether an object is a conversation of Intercom's API or export."""
    return "conversation_parts" in data or (
        data.get("type") == "conversation" and ("source" in data or "conversation_message" in data)
    )


def parse(data: Mapping[str, Any]) -> Conversation:
    """The conversation with its opening message and the parts that the customer saw.

    :raises ValueError: no id, or nobody says anything.
    """
    parts = fields.inner(data, "conversation_parts")
    opening = fields.inner(data, "source") or fields.inner(data, "conversation_message")
    rows = [opening, *(fields.objects(parts, "conversation_parts") or _bare(data))]
    turns, agents, customer = [], [], None
    for number, row in enumerate(rows):
        author, said = fields.inner(row, "author"), fields.text(row, "body")
        role = role_of(str(author.get("type") or ""))
        unseen = number and str(row.get("part_type") or "") not in _SAID
        if unseen or not said or role not in ("customer", "agent"):
            continue
        at = fields.time_of(row, "created_at") or (
            None if number else fields.time_of(data, "created_at")
        )
        turns.append(Turn("customer" if role == "customer" else "agent", said, at))
        name = fields.text(author, "name")
        if role == "agent" and name:
            agents.append(name)
        elif role == "customer" and name:
            customer = customer or name_in(name)
    state = str(data.get("state") or "")
    return fields.conversation(
        "intercom",
        fields.number(data, "id"),
        turns,
        channel=fields.text(opening, "type") or None,
        agents=agents,
        customer=customer,
        outcome="resolved" if state == "closed" else "unresolved" if state == "open" else None,
        rating=fields.rating(fields.inner(data, "conversation_rating").get("rating")),
    )


def _bare(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Parts that an export keeps as a plain list."""
    return fields.objects(data, "conversation_parts")
