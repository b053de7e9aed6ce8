"""The same asked of several things in one message: ``where are HL20418376 and HL20418420?``.

A slot of a form holds one value. Such a message is divided into a request for each of them, and
each is taken up in its turn, like the requests of any divided message (``bot.requests``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from bot.ellipsis import latest_request
from bot.evidence import as_read, form_of, slots_for
from bot.phrases.changing import mistaken
from bot.tracker import Tracker
from intents.assistant import Assistant

Entity = Mapping[str, Any]

_JOINT = re.compile(r"(?:\W|\b(?:and|or|also|plus)\b|和|跟|与|还有|以及)+$", re.IGNORECASE)
"""What joins a thing to the next one."""


def for_each(
    parse: dict[str, Any], tracker: Tracker, assistant: Assistant
) -> list[dict[str, Any]] | None:
    """The segments of a message that asks a form's request of several things.

    None for other messages. Only what has a pattern tells things apart (an order number); one that
    corrects another is no second thing.
    """
    intent = _request(parse, tracker, assistant)
    form = assistant.forms.get(form_of(intent, assistant) or "") if intent else None
    if intent is None or form is None or parse.get("repair") or mistaken(parse["text"]):
        return None
    entities = sorted(parse["entities"], key=lambda item: item["start"])
    for kind in assistant.settings.patterns:
        named = {item["value"]: item for item in entities if item["entity"] == kind}
        if len(named) > 1 and slots_for({kind}, form, assistant):
            break
    else:
        return None
    starts = [0, *(item["start"] for item in [*named.values()][1:]), len(parse["text"])]
    segments = []
    for start, end in pairwise(starts):
        words = _JOINT.sub("", parse["text"][start:end])
        own = [one for one in entities if start <= one["start"] < start + len(words)]
        shared = [one for one in entities if _single(one, entities) and one not in own]
        read = as_read(parse, intent, "the same of another") if start else parse
        segments.append(_segment(read, start, words, own, shared))
    return segments


def _request(parse: Mapping[str, Any], tracker: Tracker, assistant: Assistant) -> str | None:
    """What is asked of each: what the message asks, inside a form what that form is for."""
    if tracker.active_loop is None:
        return str(parse["intent"]["name"]) if parse["decision"] == "accept" else None
    before = latest_request(tracker)
    begun = before is not None and form_of(before.intent, assistant) == tracker.active_loop
    return before.intent if before is not None and begun else None


def _single(item: Entity, entities: Sequence[Entity]) -> bool:
    """Whether a value is the only one of its type, so that it holds for each."""
    return [one["entity"] for one in entities].count(item["entity"]) == 1


def _segment(
    parse: dict[str, Any], start: int, words: str, own: Sequence[Entity], shared: Sequence[Entity]
) -> dict[str, Any]:
    """One request; what holds for it and stands elsewhere in the message has no place in it."""
    entities = [
        *({**one, "start": one["start"] - start, "end": one["end"] - start} for one in own),
        *({**one, "start": len(words), "end": len(words)} for one in shared),
    ]
    read = {**parse, "text": words, "entities": entities}
    return {"start": start, "end": start + len(words), "text": words, "parse": read}
