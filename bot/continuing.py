"""An unclear message is read once more behind the request that it follows.

``Tried that three times`` says little by itself and everything behind ``I can't log in``. The model
reads both together, and what it makes of the message alone and of the two is multiplied: a message
with a topic of its own stays with it, one without takes that of the request. (A product of experts,
Hinton, Neural Computation 14, 2002.)
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np

from bot.ellipsis import Said, asked_for, values_alone
from bot.evidence import CLEAR, form_of
from bot.inference import Inference
from bot.live import Live
from bot.phrases.plain import LONGEST, plain
from bot.tracker import ABANDON, Tracker
from intents.parse import Parse
from intents.requests.segments import SMALL_TALK, SOCIAL
from intents.thresholds import Taken
from intents.understanding import Understanding
from models.arrays import FloatArray

SAID = 0.75
"""Share from which an accepted intent is outweighed by what was spoken of alone."""

SHARPENED = 1.2
"""The message is in both readings: their product is as much too sure of itself."""

ALONE, IN_SCOPE = 0.7, 0.2
"""How much of the out-of-scope score is that of the message alone, and what that of both counts as
at least: their text is full of a request that is in scope, whatever comes after it."""

CONNECTED = 0.5
"""The same of a message whose first word says that it goes on with something."""

_CONNECTIVE = re.compile(
    r"(?:and|but|so|or|then|what if|even if)\b|那|可是|但是|不过|要是|然后|所以", re.IGNORECASE
)

LEAST, LEAST_BEHIND = 1e-4, 1e-3
"""Shares below which an intent does not fall: neither reading rules one out, least of all the one
that is full of the request before."""

WEAK = SMALL_TALK | {"affirm", "deny"}
"""Intents that say as little alone where they are not clear: ``yes on my visa``, 催了没."""

FRONT, AHEAD = 0.45, 4
"""Share of the request's intent, and how many times the next one's, from which the message is more
about it without asking back."""

FAR = 6
"""Messages of the customer's behind which a request is no longer gone on with."""


def request_before(tracker: Tracker) -> Said | None:
    """The latest request of this session that was clear by itself or asked back about, and was
    not given up."""
    passed = 0
    for event in reversed(tracker.events):
        given_up = event["event"] == "action" and event["name"] == ABANDON
        if event["event"] == "session_started" or given_up or passed == FAR:
            break
        if event["event"] == "user":
            said = asked_for(event["parse_data"]) or _asked_back(event["parse_data"])
            values = said is not None and values_alone(said.text, said.entities)
            if said is not None and not values and not event["parse_data"].get("continues"):
                return said
            passed += 1
    return None


def _asked_back(parse: dict[str, Any]) -> Said | None:
    """What a message may have asked for that lay between several requests."""
    options = [name for name in parse.get("options", ()) if name not in SOCIAL]
    if parse.get("decision") != "clarify" or not options:
        return None
    return Said(str(parse.get("text", "")), options[0], parse.get("entities", []), known=False)


async def read_behind(
    parsed: Parse, tracker: Tracker, live: Live, inference: Inference
) -> tuple[Parse, Said | None]:
    """The message read behind the request before it, and that request; as it was, and None, where
    it is clear or there is none.

    Inside a form a message mostly answers what was asked: only what goes on about the form's own
    request, or a question that the form leaves to its own answer, is found so.
    """
    before = request_before(tracker) if _unclear(parsed, tracker) else None
    if before is None or plain(before.text) == plain(parsed.text):
        return parsed, None
    text = joined(before.text, parsed.text)
    vector = await inference.vector(live.understanding, text)
    both = await inference.run(live.understanding.taken, vector)
    read = weighed(parsed, both, before.intent, live.understanding)
    if read is parsed:
        return parsed, None
    people = {*live.assistant.settings.handoff_intents} - {parsed.intent}
    if read.intent in people and not tracker.waiting_for_person:
        return parsed, None  # nobody is called by a guess
    if tracker.active_loop is None:
        return read, before
    form = live.assistant.forms.get(tracker.active_loop)
    if form is None or read.decision == "reject":
        return parsed, None
    if form_of(read.intent, live.assistant) == form.name:
        return replace(read, decision="accept", options=()), before
    aside = read.decision == "accept" and read.intent in form.ignored_intents
    return (read, before) if aside else (parsed, None)


def _unclear(parsed: Parse, tracker: Tracker) -> bool:
    if len(parsed.text) > LONGEST or parsed.segments or not parsed.ranking:
        return False
    return unsure(parsed) and not (tracker.active_loop and parsed.decision == "accept")


def unsure(parsed: Parse) -> bool:
    """Whether the model is not sure of a message alone."""
    return parsed.decision != "accept" or parsed.confidence < CLEAR


def weighed(parsed: Parse, both: Taken, spoken_of: str, understanding: Understanding) -> Parse:
    """The message as it reads behind a request, or alone where it said enough.

    :param both: the reading of the request and the message as one text.
    :param spoken_of: the request's intent.
    """
    read = _product(parsed, both, understanding)
    clear_alone = parsed.decision == "accept" and read.decision != "accept"
    if clear_alone and read.intent != spoken_of:
        return parsed
    if read.decision == "clarify" and read.intent == spoken_of and _alone_in_front(read):
        read = replace(read, decision="accept", options=())
    said = read.intent == parsed.intent or parsed.confidence >= SAID
    said = said and parsed.intent not in WEAK and parsed.decision == "accept"
    return parsed if said and read.intent != spoken_of else read


def _alone_in_front(read: Parse) -> bool:
    """Whether nothing else would be worth asking back about."""
    (_, first), *others = read.ranking
    return first >= FRONT and all(share <= first / AHEAD for _, share in others[:1])


def _product(parsed: Parse, both: Taken, understanding: Understanding) -> Parse:
    """The product of what message and text are taken for; values and mood are the message's."""
    names = [name for name, _ in parsed.ranking]
    least = LEAST_BEHIND if parsed.intent in WEAK else LEAST
    logs = (_logs(parsed, names, least) + _logs(both, names, LEAST_BEHIND)) / SHARPENED
    shares = np.exp(logs - logs.max())
    shares /= shares.sum()
    behind = max(both.out_of_scope, IN_SCOPE)
    alone = CONNECTED if _CONNECTIVE.match(parsed.text) else ALONE
    odds = alone * _log_odds(parsed.out_of_scope) + (1 - alone) * _log_odds(behind)
    score = float(1 / (1 + np.exp(-odds)))
    return replace(parsed, **vars(understanding.taken_for(names, shares, score)))


def joined(before: str, text: str) -> str:
    """Two messages as one text, the first ended as a sentence where it was not."""
    latin = before[-1:].isascii()
    end = "" if before[-1:] in ".!?。！？" else "." if latin else "。"
    return f"{before}{end}{' ' if latin else ''}{text}"


def _logs(parsed: Parse | Taken, names: list[str], least: float) -> FloatArray:
    shares = dict(parsed.ranking)
    given: FloatArray = np.array([shares.get(name, 0.0) for name in names])
    return np.log(np.maximum(given, least))


def _log_odds(score: float) -> float:
    clipped = min(max(score, LEAST), 1 - LEAST)
    return float(np.log(clipped / (1 - clipped)))
