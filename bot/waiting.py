"""What a customer writes while a person is waited for, and is meant for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.ellipsis import values_alone
from bot.evidence import form_of
from bot.phrases.asking import wonders
from bot.tracker import HANDOFF, Tracker
from intents.assistant import Assistant
from intents.requests.segments import SOCIAL

NOTED = "utter_noted"
"""Response to what is meant for the person who has been asked for and is not here yet."""


def for_person(
    parse: dict[str, Any], tracker: Tracker, assistant: Assistant
) -> dict[str, Any] | None:
    """The parse of what is for the person, or asks when they come.

    None for other messages, inside a form, and where nobody is waited for.
    """
    if not tracker.waiting_for_person or tracker.active_loop or NOTED not in assistant.responses:
        return None
    alone = values_alone(parse["text"], [*parse["entities"], *parse.get("ruled_out", ())])
    if not alone and not _goes_on(parse, tracker, assistant):
        return None
    waits = not alone and wonders(parse["text"]) and tracker.latest_action != HANDOFF
    told = {"decided": "for the person who was asked for"}
    return {**parse, **told, "repair": "waits" if waits else "noted"}


def _goes_on(parse: Mapping[str, Any], tracker: Tracker, assistant: Assistant) -> bool:
    """Whether it goes on about what the person was fetched for, or is not understood; to call again
    is something else."""
    person, *others = assistant.settings.handoff_intents or ("",)
    led = {*tracker.person_for}
    subjects = {name for name in led - {person, *SOCIAL} if not form_of(name, assistant)}
    intent = parse["intent"]["name"]
    if parse["decision"] == "accept":
        going_on = parse.get("continues", {}).get("intent") == intent
        another = {str(e["entity"]) for e in parse["entities"]} & {*assistant.settings.patterns}
        same = form_of(intent, assistant) in led and not another
        return intent in subjects or same or (going_on and intent in others)
    if parse["decision"] == "clarify":
        options = {*parse.get("options", ())}
        forms = {form_of(name, assistant) for name in options}
        return bool(subjects & options or forms & led)
    return bool(parse["decision"] == "reject")  # what the bot cannot answer, the person may
