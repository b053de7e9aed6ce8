"""What a message is for that gives values and asks nothing: an order number, four digits, a colour.

By itself it means nothing. It goes to the person who was just offered or asked for, or to the
question which of several things was meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.ellipsis import gives_only
from bot.evidence import as_read, form_of
from bot.tracker import ABANDON, Tracker
from intents.assistant import Assistant

NOTED = "utter_noted"
"""Response to what is meant for the person who has been asked for and is not here yet."""


def values_alone(text: str, entities: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a message names values and asks nothing; digits are values of some kind."""
    digits = [
        {"start": found.start(), "end": found.end()}
        for found in re.finditer(r"\d+", text)
        if not any(e["start"] < found.end() and found.start() < e["end"] for e in entities)
    ]
    return gives_only(text, [*entities, *digits])


def recipient(
    parse: dict[str, Any], tracker: Tracker, assistant: Assistant
) -> dict[str, Any] | None:
    """The parse with what the values are for; None for other messages, and inside a form.

    What goes on about that for which a person is waited for is for them as well.
    """
    noted = tracker.waiting_for_person and NOTED in assistant.responses
    alone = values_alone(parse["text"], parse["entities"])
    if not tracker.active_loop and noted and (alone or _more_for_person(parse, assistant)):
        return {**parse, "repair": "noted", "decided": "for the person who was asked for"}
    if tracker.active_loop or not alone:
        return None
    if not {str(item["entity"]) for item in parse["entities"]} & {*assistant.settings.patterns}:
        return None
    if _person_offered(tracker, assistant):
        person = assistant.settings.handoff_intents[0]
        return as_read(parse, person, "gives what the person who was offered needs")
    if tracker.options:
        asked = {"decision": "clarify", "options": list(tracker.options)}
        return {**parse, **asked, "decided": "does not say which of these is meant"}
    return None


def _more_for_person(parse: Mapping[str, Any], assistant: Assistant) -> bool:
    """Whether it goes on about what a person was fetched for; to call again is something else."""
    intent = parse["intent"]["name"]
    going_on = parse.get("continues", {}).get("intent") == intent and parse["decision"] == "accept"
    return going_on and intent in assistant.settings.handoff_intents[1:]


def _person_offered(tracker: Tracker, assistant: Assistant) -> bool:
    """Whether the answer just given offers a person for what the bot itself can do nothing about.

    Where nothing was understood a person is offered, too, and the values are not for them.
    """
    before, people = tracker.message, [f"/{name}" for name in assistant.settings.handoff_intents]
    stuck = tracker.latest_action == ABANDON
    if not stuck and (before.decision != "accept" or form_of(str(before.intent), assistant)):
        return False
    shown = assistant.responses.get(tracker.lately.template or "", ())
    return any(button.payload in people for variation in shown for button in variation.buttons)
