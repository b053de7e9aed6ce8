"""What a message is for that gives values and asks nothing: an order number, four digits, a colour.

By itself it means nothing. It goes to the person who was just offered, to the form that was just
let go of, to the one of several things that asks for it, or to the only form that does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.contacts import contact_in
from bot.ellipsis import values_alone
from bot.evidence import as_read, form_of, ranked, slots_for
from bot.phrases.asking import asks
from bot.tracker import ABANDON, Tracker
from intents.assistant import Assistant
from intents.parse import FALLBACK
from intents.requests.segments import SMALL_TALK

UNASKED = "utter_contact_unasked"
"""Response to a phone number or address of mail that nothing asks for; it offers a person."""

ALMOST = 0.7
"""Share of a message's characters from which a value is nearly all of it."""

LIKELY = 3
"""Among so many of the likeliest intents is that of values which only its form asks for."""


def recipient(
    parse: dict[str, Any], tracker: Tracker, assistant: Assistant
) -> dict[str, Any] | None:
    """The parse with what the values are for; None for other messages, and inside a form."""
    alone = values_alone(parse["text"], [*parse["entities"], *parse.get("ruled_out", ())])
    if tracker.active_loop or not (alone or _nearly_alone(parse)):
        return None
    own = _own_form(parse, assistant) if parse["decision"] == "reject" else None
    if own is not None:
        return {**as_read(parse, own, f"gives what only {own} asks for"), "for_one_form": True}
    if not alone:
        return None
    fitting = _takes(parse, tracker.options, assistant)
    if fitting is not None:
        return as_read(parse, fitting, f"gives what {fitting} asks for")
    if tracker.options:
        return _which(parse, tracker.options, assistant)
    if not {str(item["entity"]) for item in parse["entities"]} & {*assistant.settings.patterns}:
        return _no_manners(parse)
    if tracker.latest_action == ABANDON:
        resumed = _let_go_of(parse, tracker, assistant)
        if resumed is not None:
            return as_read(parse, resumed, f"gives what {resumed} was let go of for")
    if _person_offered(tracker, assistant):
        person = assistant.settings.handoff_intents[0]
        either = _takes(parse, _offered(tracker, assistant), assistant)
        if either is not None:
            asked = {"decision": "clarify", "options": [either, person]}
            return {**parse, **asked, "decided": f"for {either} or for a person"}
        return as_read(parse, person, "gives what the person who was offered needs")
    if UNASKED in assistant.responses and contact_in(parse["text"]) is not None:
        return {**parse, "repair": "unasked", "decided": "a number that nothing asks for"}
    return _no_manners(parse)


def _nearly_alone(parse: Mapping[str, Any]) -> bool:
    """Whether a message is one value but for a few characters that were not found to be part of it:
    ``Tower B, 12 Elm Road``."""
    spans = [item["end"] - item["start"] for item in parse["entities"]]
    return max(spans, default=0) >= ALMOST * len(parse["text"]) and not asks(parse["text"])


def _which(parse: dict[str, Any], options: Sequence[str], assistant: Assistant) -> dict[str, Any]:
    """The options and a person as one more; who still gives values then gets the person."""
    person = next(iter(assistant.settings.handoff_intents), None)
    if person is not None and person in options:
        return as_read(parse, person, "does not choose, and gives what a person needs")
    asked = {"decision": "clarify", "options": [*options, *([person] if person else [])]}
    return {**parse, **asked, "decided": "does not say which of these is meant"}


def _no_manners(parse: dict[str, Any]) -> dict[str, Any] | None:
    """``phone ends 8846`` is no goodbye, whatever it sounds like."""
    if parse["intent"]["name"] not in SMALL_TALK or parse["decision"] != "accept":
        return None
    nothing = {"name": FALLBACK, "confidence": parse["intent"]["confidence"]}
    said = {"decision": "reject", "intent": nothing}
    return {**parse, **said, "decided": "values alone are no manners"}


def _own_form(parse: Mapping[str, Any], assistant: Assistant) -> str | None:
    """The likely intent of values alone whose form is the only one that asks for them.

    What has a pattern, such as an order number, is asked for by many.
    """
    kinds = {str(item["entity"]) for item in parse["entities"]} - {*assistant.settings.patterns}
    forms = assistant.forms.values()
    asking = [form.name for form in forms if slots_for(kinds, form, assistant)]
    likely = (str(item["name"]) for item in ranked(parse)[:LIKELY])
    return next((name for name in likely if asking == [form_of(name, assistant)]), None)


def _let_go_of(parse: Mapping[str, Any], tracker: Tracker, assistant: Assistant) -> str | None:
    """The request whose form was just let go of, where the message gives what that asks for."""
    said = (e["parse_data"] for e in reversed(tracker.events) if e["event"] == "user")
    asked = (str(read["intent"]["name"]) for read in said)
    intent = next((name for name in asked if form_of(name, assistant)), None)
    return _takes(parse, [intent], assistant) if intent is not None else None


def _takes(parse: Mapping[str, Any], options: Sequence[str], assistant: Assistant) -> str | None:
    """The first of the options whose form asks for what a message gives."""
    kinds = {str(item["entity"]) for item in parse["entities"]}
    for option in options:
        form = assistant.forms.get(form_of(option, assistant) or "")
        if form is not None and slots_for(kinds, form, assistant):
            return option
    return None


def _person_offered(tracker: Tracker, assistant: Assistant) -> bool:
    """Whether the answer just given offers a person for what the bot itself can do nothing about.

    Where nothing was understood a person is offered, too, and the values are not for them.
    """
    before = tracker.message
    stuck = tracker.latest_action == ABANDON
    if not stuck and (before.decision != "accept" or form_of(str(before.intent), assistant)):
        return False
    return not {*assistant.settings.handoff_intents}.isdisjoint(_offered(tracker, assistant))


def _offered(tracker: Tracker, assistant: Assistant) -> list[str]:
    """The intents that the buttons of the answer just given stand for."""
    shown = assistant.responses.get(tracker.lately.template or "", ())
    payloads = [button.payload for variation in shown for button in variation.buttons]
    return [p[1:].split("{")[0] for p in dict.fromkeys(payloads) if p.startswith("/")]
