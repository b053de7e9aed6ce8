"""What the moods of a conversation's messages amount to: who is upset, and who is pressed.

Only moods that understanding is sure of count. A customer who is upset is told so once; who is
upset about the same thing again or not understood twice, or pressed and not understood, gets a
person.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from intents.assistant import Assistant

if TYPE_CHECKING:
    from bot.tracker import Tracker

SURE = 0.6
"""Probability from which a mood counts."""

SOOTHING = "utter_upset"
"""The response, if the assistant has it, that acknowledges anger before facts are given."""

GREETING = "greet"
"""Rasa's customary name of a hello; who waits for a person calls for them so."""
MOODS = ("upset", "urgent")
"""Reasons for a person that lie in the mood; also the names of the policy that says so."""

PLAIN = frozenset({"retrieval", "screen", "form", "correction", "clarify", "fallback", *MOODS})
"""Policies whose deeds are not preceded by soothing words."""

RECENT = 3
"""Messages that tell how a customer is now."""


def upset(parse: dict[str, Any]) -> bool:
    """Whether a message is surely negative."""
    return _is(parse, "sentiment", "negative")


def pressed(parse: dict[str, Any]) -> bool:
    """Whether a message surely has high urgency."""
    return _is(parse, "urgency", "high")


def upset_again(tracker: Tracker) -> bool:
    """Whether the latest message is upset, and an earlier one with the same intent was.

    What was not understood has no intent that could be the same."""
    if tracker.message.decision == "reject" or not upset(tracker.message.parse):
        return False
    number, intent = str(tracker.message.seq), tracker.message.intent
    return any(
        event["message_id"].partition(".")[0] != number
        and (event["parse_data"].get("intent") or {}).get("name") == intent
        and upset(event["parse_data"])
        for event in _messages(tracker)
    )


def needs_person(tracker: Tracker) -> tuple[str, str] | None:
    """The reason for a person that lies in the customer's mood (one word, one sentence), if any."""
    if tracker.waiting_for_person or tracker.active_loop:
        return None
    if upset_again(tracker):
        return "upset", f"upset about {tracker.message.intent} once more"
    if tracker.message.decision == "reject" and pressed(tracker.message.parse):
        return "urgent", "urgent, and not understood"
    if tracker.message.decision == "reject" and upset(tracker.message.parse) and tracker.fallbacks:
        return "upset", "upset, and not understood again"
    return None


def mood_now(tracker: Tracker) -> str | None:
    """``negative`` where one of the last messages is."""
    return "negative" if any(upset(parse) for parse in _recent(tracker)) else None


def urgency_now(tracker: Tracker) -> str:
    """The urgency of the last messages: high where one of them is, low where the latest is."""
    recent = list(_recent(tracker))
    if any(pressed(parse) for parse in recent):
        return "high"
    return "low" if recent and _is(recent[-1], "urgency", "low") else "normal"


def acknowledges(action: str, policy: str, tracker: Tracker, assistant: Assistant) -> bool:
    """Whether anger is to be acknowledged before ``action``, once in a conversation.

    Not before a written response or a handover: whoever wrote it for that case chose its tone. Nor
    for an answer to a form or a correction: "too small" is why something comes back, no outburst.
    Nor where nothing was understood: "I'll look at once" would be untrue.
    """
    written = action.startswith("utter_") or policy in PLAIN
    written = written or any(kind == "action" for kind, _ in tracker.trail)
    return (
        not written
        and action != "action_handoff"
        and not tracker.soothed
        and SOOTHING in assistant.responses
        and upset(tracker.message.parse)
    )


def _is(parse: dict[str, Any], trait: str, label: str) -> bool:
    found = parse.get(trait) or {}
    return found.get("label") == label and float(found.get("confidence", 0.0)) >= SURE


def _messages(tracker: Tracker) -> Iterator[dict[str, Any]]:
    return (event for event in tracker.events if event["event"] == "user")


def _recent(tracker: Tracker) -> list[dict[str, Any]]:
    return [event["parse_data"] for event in _messages(tracker)][-RECENT:]
