"""Forms: ask for the slots that are missing, check the answers, stop when all are there.

Semantics of Rasa's form action: slots given before count, ``validate_<form>`` on the action
server may refuse a value (null asks again) and may say which slot comes next, and a message
that fills nothing is declined so that rules and answers can handle it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from bot.events import Event
from bot.policy import ABANDON, MAX_ASKED
from bot.slots import answered_slots
from bot.tracker import Tracker
from intents.assistant import Assistant, Form

LET_GO = "utter_form_abandoned"
RunAction = Callable[[str], Awaitable[list[Event]]]
Apply = Callable[[Event], None]


async def run_form(
    name: str, tracker: Tracker, assistant: Assistant, apply: Apply, run: RunAction
) -> None:
    """Advance a form by one step; ``apply`` takes events in, ``run`` runs an action by name."""
    form = assistant.forms[name]
    digressed = ("rejected", name) in tracker.trail and tracker.active_loop == name
    activated = tracker.active_loop != name
    if activated:
        apply(Event("active_loop", {"name": name}))
    given = _given(tracker, form, activated)
    said_next: str | None = None
    asked_next = False
    before = tracker.requested_slot
    if not digressed:
        filled, said_next, asked_next = await _validate(
            name, form, given, tracker, assistant, apply, run
        )
        if tracker.active_loop != name:
            return  # the server ended the form, or could not be reached
        if not activated and not filled and not asked_next:
            apply(Event("action_execution_rejected", {"name": name}))
            return
    following = said_next if asked_next else _next_slot(form, tracker)
    if digressed and tracker.requested_slot:
        following = tracker.requested_slot
    if following is None:
        apply(Event("active_loop", {"name": None}))
        return
    if not digressed and _asked_enough(following, before, tracker, assistant):
        apply(Event("followup", {"name": ABANDON}))
        return
    apply(Event("slot", {"name": "requested_slot", "value": following}))
    for event in await run(asking_action(name, following, assistant)):
        apply(event)


def _asked_enough(
    following: str, before: str | None, tracker: Tracker, assistant: Assistant
) -> bool:
    """Whether the answer was refused so often that a person is offered instead of the question.

    Only assistants that have words for it let go of a form; Rasa's forms ask for ever.
    """
    if LET_GO not in assistant.responses or following != before:
        return False
    return tracker.asked[0] == following and tracker.asked[1] >= MAX_ASKED


def _given(tracker: Tracker, form: Form, activated: bool) -> dict[str, Any]:
    """Slots to validate: all known ones at activation, later those of the latest message."""
    if activated:
        return answered_slots(tracker, form, tracker.slots)
    return answered_slots(tracker, form, _slots_since_message(tracker))


def _slots_since_message(tracker: Tracker) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for event in reversed(tracker.events):
        if event["event"] == "user":
            break
        if event["event"] == "slot":
            found.setdefault(event["name"], event.get("value"))
    return found


async def _validate(
    name: str,
    form: Form,
    given: dict[str, Any],
    tracker: Tracker,
    assistant: Assistant,
    apply: Apply,
    run: RunAction,
) -> tuple[bool, str | None, bool]:
    """Return (was a slot filled, the next slot the server wants, did it say so)."""
    validator = f"validate_{name}"
    if validator not in assistant.actions:
        return bool(given), None, False
    before = tracker.requested_slot
    filled, following, said = False, None, False
    for event in await run(validator):
        if event.kind == "slot" and event.data["name"] == "requested_slot":
            following, said = event.data.get("value"), True
            continue
        apply(event)
        # a validator that speaks has dealt with the message, even if it refuses the value
        if event.kind == "bot" or (event.kind == "slot" and event.data.get("value") is not None):
            filled = True
    accepted = {slot for slot in given if tracker.slots.get(slot) is not None}
    filled = filled or bool(accepted)
    # the server repeats the question when nothing came of the message: that is no new step
    return filled, following, said and (filled or following != before)


def _next_slot(form: Form, tracker: Tracker) -> str | None:
    return next((name for name in form.required_slots if tracker.slots.get(name) is None), None)


def asking_action(form: str, slot: str, assistant: Assistant) -> str:
    """Return the first of Rasa's four names that exists in the domain."""
    for name in (
        f"action_ask_{form}_{slot}",
        f"utter_ask_{form}_{slot}",
        f"action_ask_{slot}",
        f"utter_ask_{slot}",
    ):
        if name in assistant.actions or name in assistant.responses:
            return name
    return f"utter_ask_{slot}"
