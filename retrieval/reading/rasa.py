"""Rasa: trackers as JSON, and the events of a tracker store in SQL.

A sender's events are cut where a session starts; messages of users and bots are the turns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from retrieval.conversation import Conversation, Outcome, Role, Turn
from retrieval.reading import fields
from retrieval.reading.items import Bad, Item, guess_language, load

_HANDED = frozenset(("action_handoff", "action_human_handoff", "action_handover", "utter_handoff"))


def fits(data: Mapping[str, Any]) -> bool:
    """Whether an object is a tracker."""
    return isinstance(data.get("events"), list) and "sender_id" in data


def parse(data: Mapping[str, Any]) -> list[Conversation]:
    """The conversations of one tracker.

    :raises ValueError: no sender, or nobody says anything.
    """
    sender = fields.number(data, "sender_id")
    if sender is None:
        raise ValueError("a tracker without a sender_id")
    found = list(sessions(sender, fields.objects(data, "events")))
    if not found:
        raise ValueError("no message of a customer or the bot")
    return found


def sessions(sender: str, events: Iterable[Mapping[str, Any]]) -> Iterator[Conversation]:
    """Conversations of one sender's events, in order."""
    turns: list[Turn] = []
    number, handed = 1, False
    for event in events:
        kind = event.get("event")
        if kind == "session_started":
            if turns:
                yield _conversation(sender, number, turns, handed)
                number += 1
            turns, handed = [], False
        said = fields.text(event, "text")
        if kind in ("user", "bot") and said:
            role: Role = "customer" if kind == "user" else "agent"
            turns.append(Turn(role, said, fields.time_of(event, "timestamp")))
        handed = handed or (kind == "action" and event.get("name") in _HANDED)
    if turns:
        yield _conversation(sender, number, turns, handed)


def stored_events(rows: Iterable[tuple[str, str]]) -> Iterator[Item]:
    """Conversations of the rows (sender, event as JSON) of an ``events`` table, by sender."""
    sender = ""
    events: list[Mapping[str, Any]] = []
    for number, (of, data) in enumerate(rows, 1):
        if of != sender:
            yield from sessions(sender, events)
            sender, events = of, []
        try:
            event = load(data)
            if not isinstance(event, dict):
                raise ValueError("an event that is not an object")
            events.append(event)
        except (ValueError, RecursionError) as error:
            yield Bad(number, str(error)[:300])
    yield from sessions(sender, events)


def _conversation(sender: str, number: int, turns: list[Turn], handed: bool) -> Conversation:
    outcome: Outcome | None = "escalated" if handed else None
    return Conversation(
        id=f"rasa-{sender}" if number == 1 else f"rasa-{sender}-{number}",
        language=guess_language(tuple(turns)),
        turns=tuple(turns),
        channel="rasa",
        started=turns[0].at,
        outcome=outcome,
    )
