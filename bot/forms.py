"""Forms: ask for the slots that are missing, check the answers, stop when all are there.

Semantics of Rasa's form action: slots given before count, ``validate_<form>`` on the action
server may refuse a value (null asks again) and may say which slot comes next, and a message
that fills nothing is declined so that rules and answers can handle it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.events import Event
from bot.policy import MAX_ASKED
from bot.slots import extract
from bot.tracker import ABANDON, Tracker
from intents.assistant import Assistant, Form

LET_GO = "utter_form_abandoned"
RunAction = Callable[[str], Awaitable[list[Event]]]
Apply = Callable[[Event], None]


@dataclass(frozen=True)
class Checked:
    """What came of the values: was one taken, does the server want a certain slot next, ``said``
    tells that it did say so, and did it decline the message itself."""

    filled: bool
    following: str | None = None
    said: bool = False
    declined: bool = False


async def run_form(
    name: str, tracker: Tracker, assistant: Assistant, apply: Apply, run: RunAction
) -> None:
    """Advance a form by one step; ``apply`` takes events in, ``run`` runs an action by name."""
    form = assistant.forms[name]
    activated = tracker.active_loop != name
    resumed = activated and tracker.suspended.get("form") == name
    digressed = resumed or (not activated and _digressed(name, tracker))
    before = None if activated else tracker.requested_slot
    if resumed:
        _restore(name, tracker, apply)
    elif activated:
        aside = _put_aside(form, tracker, assistant)
        apply(Event("active_loop", {"name": name, **({"suspends": aside} if aside else {})}))
        for event in extract(tracker, assistant):
            apply(event)
    checked = Checked(filled=False)
    if not digressed:
        given = _given(tracker, form, activated)
        checked = await _validate(name, given, activated, tracker, assistant, apply, run)
        if tracker.active_loop != name:
            return  # the server ended the form, or could not be reached
        if checked.declined:
            return
        if not activated and not checked.filled and not checked.said:
            apply(Event("action_execution_rejected", {"name": name}))
            return
    following = checked.following if checked.said else _next_slot(form, tracker)
    if digressed and tracker.requested_slot and tracker.slots.get(tracker.requested_slot) is None:
        following = tracker.requested_slot
    if following is not None and activated and _takes_over(form, tracker, assistant):
        apply(Event("active_loop", {"name": name}))  # and forgets the one that was put aside
    if following is None:
        apply(Event("slot", {"name": "requested_slot", "value": None}))
        apply(Event("active_loop", {"name": None}))
        return
    idle = not digressed and not _learned_other(following, form, tracker, assistant)
    if idle and _asked_enough(following, before, tracker, assistant):
        apply(Event("followup", {"name": ABANDON}))
        return
    apply(Event("slot", {"name": "requested_slot", "value": following}))
    asking = asking_action(name, following, assistant)
    for event in await run(asking) if asking else []:
        apply(event)


def _put_aside(form: Form, tracker: Tracker, assistant: Assistant) -> str | None:
    """The running form, where the new one does not need what it is asking for.

    Otherwise the new one takes over: it is what the customer wants now.
    """
    running = assistant.forms.get(tracker.active_loop or "")
    if running is None or assistant.rasa is not None:
        return None
    return None if tracker.requested_slot in form.required_slots else tracker.active_loop


def _takes_over(form: Form, tracker: Tracker, assistant: Assistant) -> bool:
    """Whether a form that has to ask something is about the same things as the one put aside.

    What can be answered at once is a question aside; a form with questions of its own is what the
    customer wants now.
    """
    aside = assistant.forms.get(str(tracker.suspended.get("form")))
    return aside is not None and bool({*aside.required_slots} & {*form.required_slots})


def _restore(name: str, tracker: Tracker, apply: Apply) -> None:
    """Take a form up again as it stood when something else came between."""
    kept = tracker.suspended["slots"]
    apply(Event("active_loop", {"name": name}))
    for slot, value in kept.items():
        if tracker.slots.get(slot) != value:
            apply(Event("slot", {"name": slot, "value": value}))


def _digressed(name: str, tracker: Tracker) -> bool:
    """Whether the form comes back after something else, so that the message is no answer to it."""
    done = [action for kind, action in tracker.trail if kind == "action"]
    other = any(action != name for action in done)
    return tracker.interrupted or other or ("rejected", name) in tracker.trail


def _asked_enough(
    following: str, before: str | None, tracker: Tracker, assistant: Assistant
) -> bool:
    """Whether the answer was refused so often that a person is offered instead of the question.

    Only assistants that have words for it let go of a form; Rasa's forms ask for ever.
    """
    if LET_GO not in assistant.responses or following != before:
        return False
    return tracker.asked[0] == following and tracker.asked[1] >= MAX_ASKED


def _learned_other(asked: str, form: Form, tracker: Tracker, assistant: Assistant) -> bool:
    """Whether the message gave another value than the one asked for, and a new one."""
    now = _slots_since_message(tracker)
    known: dict[str, Any] = {}
    held: dict[str, Any] = {}
    for event in tracker.events:
        if event["event"] == "user":
            known = dict(held)
        elif event["event"] == "slot":
            held[event["name"]] = event.get("value")
    return any(
        now.get(name) is not None and now[name] != known.get(name)
        for name in (*form.required_slots, *_kept_by_actions(assistant))
        if name != asked
    )


def _kept_by_actions(assistant: Assistant) -> list[str]:
    """Slots that nothing but actions fill: what a form's checks keep of an answer so far."""
    return [
        name
        for name, slot in assistant.slots.items()
        if slot.mappings and all(mapping.type == "custom" for mapping in slot.mappings)
    ]


def _given(tracker: Tracker, form: Form, activated: bool) -> dict[str, Any]:
    """Slots to validate: all known ones at activation, later those of the latest message."""
    values: Mapping[str, Any] = tracker.slots if activated else _slots_since_message(tracker)
    wanted = {*form.required_slots, tracker.requested_slot}
    return {name: value for name, value in values.items() if name in wanted and value is not None}


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
    given: dict[str, Any],
    activated: bool,
    tracker: Tracker,
    assistant: Assistant,
    apply: Apply,
    run: RunAction,
) -> Checked:
    validator = f"validate_{name}"
    if validator not in assistant.actions:
        return Checked(filled=bool(given))
    before = tracker.requested_slot
    filled, following, said, declined = False, None, False, False
    if activated and assistant.rasa is not None:
        for slot, value in given.items():  # what was known before is checked like an answer
            apply(Event("slot", {"name": slot, "value": value}))
    for event in await run(validator):
        if event.kind == "slot" and event.data["name"] == "requested_slot":
            following, said = event.data.get("value"), True
            continue
        apply(event)
        declined = declined or event.kind == "action_execution_rejected"
        # a validator that speaks has dealt with the message, even if it refuses the value
        if event.kind == "bot" or (event.kind == "slot" and _taken(event, assistant)):
            filled = True
    accepted = {slot for slot in given if tracker.slots.get(slot) is not None}
    filled = filled or bool(accepted) or (assistant.rasa is not None and bool(given))
    # the server repeats the question when nothing came of the message: that is no new step
    return Checked(filled, following, said and (filled or following != before), declined)


def _taken(event: Event, assistant: Assistant) -> bool:
    """Whether a slot that the validator set is an answer; to Rasa, emptying one is as well."""
    return event.data.get("value") is not None or assistant.rasa is not None


def _next_slot(form: Form, tracker: Tracker) -> str | None:
    return next((name for name in form.required_slots if tracker.slots.get(name) is None), None)


def asking_action(form: str, slot: str, assistant: Assistant) -> str | None:
    """Return the first of Rasa's four names that exists in the domain.

    None where there is none in a Rasa project, whose actions may ask by themselves.
    """
    for name in (
        f"action_ask_{form}_{slot}",
        f"utter_ask_{form}_{slot}",
        f"action_ask_{slot}",
        f"utter_ask_{slot}",
    ):
        if name in assistant.actions or name in assistant.responses:
            return name
    return None if assistant.rasa is not None else f"utter_ask_{slot}"
