"""A phone number or e-mail address that a customer leaves in the chat while nobody is at the desk.

The widget has a field for it; whoever writes it into the chat instead is understood as well.
"""

from __future__ import annotations

from typing import Any

from bot.phrases.plain import LONGEST
from bot.tracker import Tracker
from intents.assistant import Assistant
from intents.requests.segments import SOCIAL
from intents.values.recognisers import recognise

SAVED = "utter_contact_saved"
"""Response to a customer who has said how to be reached."""


def contact_in(text: str) -> str | None:
    """The phone numbers and e-mail addresses in a text, as they are written; None without any."""
    spans = sorted({span for kind in ("email", "phone") for span in recognise(kind, text)})
    return ", ".join(text[start:end] for start, end in spans) or None


def left_contact(
    parse: dict[str, Any], tracker: Tracker, assistant: Assistant
) -> dict[str, Any] | None:
    """The parse of a short message that says how to be reached; None for others, and where no
    person is waited for."""
    if not tracker.waiting_for_person or SAVED not in assistant.responses:
        return None
    text = str(parse["text"])
    people = SOCIAL | {*assistant.settings.handoff_intents}
    asks = parse["decision"] == "accept" and parse["intent"]["name"] not in people
    if asks or len(text) > 2 * LONGEST or contact_in(text) is None:
        return None
    return {**parse, "repair": "contact", "decided": "says how to be reached"}


def contact_given(tracker: Tracker) -> str | None:
    """How the customer has said to be reached: in the present message, or in one of this session's
    with nothing else in it."""
    said: list[str] = []
    for event in tracker.events:
        if event["event"] == "session_started":
            said = []
        elif event["event"] == "user" and event["parse_data"].get("repair") == "unasked":
            said.append(str(event["text"]))
    return contact_in("\n".join([*said[-1:], tracker.message.text]))
