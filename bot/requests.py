"""Several requests in one message: which of those that wait is taken up next.

A message that was divided puts its segments into ``Tracker.pending``; each is then handled as a
message of its own. What can be answered at once comes first, in the customer's order; then the
one that asks the customer something or fetches a person; then what was not clear. While an answer
of the customer is awaited nothing is taken up: it waits, and is not forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.events import Event
from bot.policy import decide
from bot.slots import extract
from bot.tracker import Tracker
from intents.dialogue.policy import Dialogue

MAX_ROUNDS = 6
"""Requests that one turn takes up at most."""

_AT_ONCE, _ASKS, _HANDS_OVER, _UNCLEAR = range(4)


def awaiting(tracker: Tracker) -> bool:
    """Whether the customer has been asked something."""
    return bool(tracker.active_loop or tracker.options)


def first_request(tracker: Tracker, dialogue: Dialogue) -> dict[str, Any] | None:
    """The first request of the message that was just divided: inside a form, its answer."""
    fresh = [item for item in tracker.pending if item["of"] == tracker.message.seq]
    if not fresh:
        return None
    return fresh[0] if tracker.active_loop else _best(fresh, tracker, dialogue)


def next_request(tracker: Tracker, dialogue: Dialogue) -> dict[str, Any] | None:
    """The request to take up now; None when there is none or when it has to wait."""
    if not tracker.pending or awaiting(tracker):
        return None
    return _best(tracker.pending, tracker, dialogue)


def _best(items: Sequence[dict[str, Any]], tracker: Tracker, dialogue: Dialogue) -> dict[str, Any]:
    return min(
        items,
        key=lambda item: (_rank(item, tracker, dialogue), item["of"], item["index"]),
    )


def begin(item: dict[str, Any], tracker: Tracker) -> Event:
    """The event that makes a pending request the latest message."""
    return Event("segment", {**item, "metadata": tracker.message.metadata})


def unclear(item: dict[str, Any]) -> bool:
    """Whether the customer has to be asked what was meant."""
    return bool(item["parse"]["decision"] != "accept")


def _rank(item: dict[str, Any], tracker: Tracker, dialogue: Dialogue) -> int:
    if unclear(item):
        return _UNCLEAR
    assistant = dialogue.assistant
    if item["parse"]["intent"]["name"] in assistant.settings.handoff_intents:
        return _HANDS_OVER
    trial = tracker.copy()
    trial.apply(begin(item, trial))
    for event in extract(trial, assistant):
        trial.apply(event)
    form = assistant.forms.get(decide(trial, dialogue).action)
    asks = form is not None and any(trial.slots.get(name) is None for name in form.required_slots)
    return _ASKS if asks else _AT_ONCE
