"""Zendesk: tickets with their comments, and Zendesk Chat's chats with their history.

Tickets come from the account export (a ticket a line) and the API, with ``comments`` inside.
What is public and by the requester is the customer's, other public comments are agents'; private
notes are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retrieval.conversation import Conversation, Outcome, Turn
from retrieval.reading import fields
from retrieval.reading.roles import name_in, role_of

_STATES: Mapping[str, Outcome] = {
    "solved": "resolved", "closed": "resolved", "open": "unresolved", "new": "unresolved",
    "pending": "abandoned", "hold": "escalated",
}  # fmt: skip


def fits(data: Mapping[str, Any]) -> bool:
    """Whether an object is a ticket with comments or a chat with its history."""
    comments, history = data.get("comments"), data.get("history")
    ticket = isinstance(comments, list) and ("requester_id" in data or "requester" in data)
    return ticket or (isinstance(history, list) and ("visitor" in data or "session" in data))


def parse(data: Mapping[str, Any]) -> Conversation:
    """The conversation of a ticket or chat.

    :raises ValueError: no id, or no public message.
    """
    return _chat(data) if isinstance(data.get("history"), list) else _ticket(data)


def _ticket(data: Mapping[str, Any]) -> Conversation:
    requester = fields.number(data, "requester_id") or fields.number(
        fields.inner(data, "requester"), "id"
    )
    turns, agents = [], []
    for comment in fields.objects(data, "comments"):
        said = fields.text(comment, "plain_body", "body", "html_body")
        if comment.get("public") is False or not said:
            continue
        author = fields.inner(comment, "author")
        by = fields.number(comment, "author_id") or fields.number(author, "id")
        labelled = role_of(str(author.get("role") or ""))
        customer = labelled == "customer" if labelled else by is not None and by == requester
        turns.append(
            Turn("customer" if customer else "agent", said, fields.time_of(comment, "created_at"))
        )
        name = fields.text(author, "name")
        if name and not customer:
            agents.append(name)
    return fields.conversation(
        "zendesk",
        fields.number(data, "id"),
        turns,
        channel=fields.text(fields.inner(data, "via"), "channel") or None,
        agents=agents or [n for n in [fields.text(fields.inner(data, "assignee"), "name")] if n],
        customer=fields.text(fields.inner(data, "requester"), "name") or None,
        outcome=_STATES.get(str(data.get("status")).lower()),
        rating=fields.rating(fields.inner(data, "satisfaction_rating").get("score")),
    )


def _chat(data: Mapping[str, Any]) -> Conversation:
    turns, agents = [], []
    for event in fields.objects(data, "history"):
        said = fields.text(event, "msg", "message")
        if str(event.get("type", "chat.msg")) != "chat.msg" or not said:
            continue
        who = str(event.get("sender_type") or event.get("nick") or "")
        customer = role_of(who.split(":")[0]) == "customer"
        turns.append(
            Turn("customer" if customer else "agent", said, fields.time_of(event, "timestamp"))
        )
        name = fields.text(event, "name")
        if name and not customer:
            agents.append(name)
    visitor = fields.text(fields.inner(data, "visitor"), "name")
    return fields.conversation(
        "zendesk-chat",
        fields.number(data, "id"),
        turns,
        channel="chat",
        agents=agents,
        customer=name_in(visitor),
        outcome="abandoned" if data.get("missed") is True else None,
        rating=fields.rating(data.get("rating")),
    )
