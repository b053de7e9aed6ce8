"""What the conversation says about a message that was not clear by itself.

The model reads a message alone. A number that only orders have, a question that is open, or an
order just spoken of can decide where it could not; what decided is kept in the parse (``decided``).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from bot.ellipsis import Said, gives_only, latest_request, recent_requests, values_alone
from bot.phrases.asking import bare_question
from bot.phrases.changing import leaves
from bot.phrases.plain import LONGEST, plain
from bot.repairs import repair_of
from bot.tracker import Tracker
from intents.assistant import Assistant, Form, SlotMapping
from intents.examples import OUT_OF_SCOPE
from intents.parse import FALLBACK
from intents.requests.segments import SOCIAL

LIKELY = 0.25
"""The share that a reading needs among the intents before the conversation may decide for it."""

SECOND = 0.15
"""The share that a request needs to be taken behind manners alone."""

CLEAR = 0.95
"""The share of its intent from which a message needs nothing before it."""

MANNERS = 0.5
"""The share that small talk needs among the intents to be answered inside a form."""

MANNERLY = SOCIAL | {"bot_challenge"}
"""Intents that one request beside them outweighs: ``you're a bot, get me a person``."""

YES, NO = "affirm", "deny"
"""Rasa's customary names of a yes and a no."""


def decided(parse: dict[str, Any], tracker: Tracker, assistant: Assistant) -> dict[str, Any]:
    """The parse, with the reading that the conversation speaks for where there is one."""
    parse = _in_context(parse, tracker, assistant)
    repair = repair_of(parse["text"], tracker.requested_slot, assistant.responses)
    form = assistant.forms.get(tracker.active_loop or "")
    if repair is not None and not _says_more(repair, parse, form, tracker):
        return {**parse, "repair": repair, "aside": True, "decided": f"about the talk: {repair}"}
    if form is not None:
        slot = assistant.slots.get(tracker.requested_slot or "")
        no = slot is not None and slot.type == "bool" and leaves(parse["text"])
        if no and NO in assistant.intents:
            return as_read(parse, NO, f"it calls off what {tracker.requested_slot} was asked for")
        if parse["intent"]["name"] == YES and slot is not None and slot.type != "bool":
            return {**parse, "decision": "reject", "decided": "no answer to what was asked"}
        if _asks_anew(parse, form, tracker, assistant):
            return {**parse, "aside": True, "decided": "a request of its own, with its own value"}
        if _answers(parse, tracker, assistant):
            return {**parse, "chosen": True, "decided": f"gives {tracker.requested_slot}"}
        return _about_aside(parse, form, tracker, assistant) or _aside(parse, form, assistant)
    about = _about_latest(parse, tracker, assistant)
    if about is not None:
        return about
    before = latest_request(tracker) if leaves(parse["text"]) else None
    if before is not None and NO in assistant.intents:
        return as_read(parse, NO, f"it calls {before.intent} off")
    if parse["decision"] in ("clarify", "reject"):
        return _by_values(_without_manners(parse), tracker, assistant)
    return parse


def _says_more(repair: str, parse: Mapping[str, Any], form: Form | None, tracker: Tracker) -> bool:
    """Whether a message in the words of a repair is a request, or has nothing to be about."""
    accepted, intent = parse["decision"] == "accept", parse["intent"]["name"]
    if repair == "explain":
        return accepted and form is not None and intent in form.ignored_intents
    if repair == "next":
        asks = accepted and intent not in SOCIAL
        return asks or tracker.waiting_for_person or latest_request(tracker) is None
    return False


def _in_context(parse: dict[str, Any], tracker: Tracker, assistant: Assistant) -> dict[str, Any]:
    """``who pays the postage?`` within a return, or right after a question about returns, is about
    the return's (``instead`` in the settings)."""
    if len(plain(parse["text"])) > LONGEST // 2 or parse["entities"]:
        return parse
    top, intents = str(parse["intent"]["name"]), assistant.settings.intents
    meant = {name: known.instead[top] for name, known in intents.items() if top in known.instead}
    before = latest_request(tracker) if meant else None
    within = [name for name in meant if tracker.active_loop is not None
              and form_of(name, assistant) == tracker.active_loop]  # fmt: skip
    within += [name for name in meant if before is not None and before.intent == name]
    within += [name for name in meant if tracker.active_loop and tracker.message.intent == name]
    return as_read(parse, meant[within[0]], f"asked within {within[0]}") if within else parse


def _about_latest(
    parse: dict[str, Any], tracker: Tracker, assistant: Assistant
) -> dict[str, Any] | None:
    """``when does it come?`` right after an order was spoken of is about that order.

    The intent spoken of names those that such a question may sound like (``covers``).
    """
    if not bare_question(parse["text"]):
        return None
    alone = parse["continues"]["alone"] if "continues" in parse else parse
    first = ranked(alone)[:1]
    # manners that ask are none: "fine, when will it be here then"
    asking = any(one["name"] in SOCIAL and one["confidence"] < CLEAR for one in first)
    clear = alone["decision"] == "accept" and bool(first) and not asking
    likely = [str(first[0]["name"])] if clear else _likely(alone)
    lost = not clear and SOCIAL.issuperset(likely)
    for back, before in enumerate(reversed(recent_requests(tracker))):
        known = assistant.settings.intents.get(before.intent)
        says_nothing = lost and not back  # then it is about the latest, if about any
        if known is not None and known.covers and (says_nothing or {*likely} & {*known.covers}):
            read = as_read(
                parse, before.intent, f"a question about {before.intent}, just spoken of"
            )
            return {**read, "sentiment": {}}  # too few words for a mood
    return None


def in_turn(segments: list[dict[str, Any]], assistant: Assistant) -> list[dict[str, Any]]:
    """Requests of one message, with a question that names nothing read beside the one before it:
    ``do you ship to Hong Kong and how much``."""
    for before, item in itertools.pairwise(segments):
        known = assistant.settings.intents.get(str(before["parse"]["intent"]["name"]))
        if known is None or item["parse"]["decision"] == "accept":
            continue
        covered = [name for name in _likely(item["parse"]) if name in known.covers]
        if covered and bare_question(item["text"]):
            item["parse"] = as_read(item["parse"], covered[0], "asked in the same breath")
    return segments


def _answers(parse: Mapping[str, Any], tracker: Tracker, assistant: Assistant) -> bool:
    """Whether manners come with the value that the form has asked for: ``alright, it's HL1``."""
    kinds = {str(item["entity"]) for item in parse["entities"]}
    asked = _filled_from(tracker.requested_slot or "", assistant)
    return parse["intent"]["name"] in SOCIAL and bool(kinds & asked)


def _about_aside(
    parse: dict[str, Any], form: Form, tracker: Tracker, assistant: Assistant
) -> dict[str, Any] | None:
    """The same inside a form, right after a question that the form left aside."""
    before = str(tracker.message.intent)
    known = assistant.settings.intents.get(before)
    if before not in form.ignored_intents or known is None or not bare_question(parse["text"]):
        return None
    if not {*_likely(parse)} & {*known.covers}:
        return None
    return {**as_read(parse, before, f"a question about {before}, just spoken of"), "aside": True}


def _asked_again(parse: Mapping[str, Any], before: Said) -> bool:
    """Whether a message names the same thing as the request before it, and likely asks the same."""
    named = {item.get("value") for item in before.entities}
    same = any(item.get("value") in named for item in parse["entities"])
    return same and before.intent in _likely(parse)


def _without_manners(parse: dict[str, Any]) -> dict[str, Any]:
    """Between a greeting and one request, it is the request: ``hi, where's my duvet``. Between
    several, manners are not offered."""
    likely = _likely(parse)
    requests = [name for name in likely if name not in MANNERLY]
    if parse["decision"] != "clarify":
        return parse
    if len(requests) == 1 and len(likely) > 1:
        return as_read(parse, requests[0], "the rest are manners")
    options = [name for name in parse["options"] if name not in MANNERLY]
    if not options or len(options) == len(parse["options"]):
        return parse
    shares = {item["name"]: item["confidence"] for item in ranked(parse)}
    if len(options) == 1 and shares.get(options[0], 0.0) >= SECOND:
        return as_read(parse, options[0], "the rest are manners")
    return {**parse, "options": options} if len(options) > 1 else parse


def _aside(parse: dict[str, Any], form: Form, assistant: Assistant) -> dict[str, Any]:
    """Inside a form: a close question is the one that the form leaves to its own answer, or that
    begins another form, or manners alone; asking back would lose the thread.

    Nobody is handed over to a person by a guess.
    """
    if parse["decision"] != "clarify":
        return parse
    begins = {name: form_of(name, assistant) for name in _likely(parse)}
    people = {*assistant.settings.handoff_intents}
    ignored = {*form.ignored_intents} - people
    others = [name for name, other in begins.items() if other is not None and name not in people]
    fitting = [name for name in begins if name in ignored - SOCIAL]
    if form.name not in begins.values():
        fitting += others
    manners = bool(begins) and SOCIAL.issuperset(begins)
    if manners and ranked(parse)[0]["confidence"] >= MANNERS:
        fitting = [name for name in [*begins][:1] if name in ignored]
    return as_read(parse, fitting[0], "a question aside of the form") if fitting else parse


def _asks_anew(
    parse: Mapping[str, Any], form: Form, tracker: Tracker, assistant: Assistant
) -> bool:
    """Whether a message inside a form is a request for another: a clear one, or one with the value
    that the other asks for.

    A value alone corrects what the form has; one that the form is asking for answers it, and any
    words answer a question that they may.
    """
    other = assistant.forms.get(form_of(str(parse["intent"]["name"]), assistant) or form.name)
    if parse["decision"] != "accept" or other in (None, form):
        return False
    kinds = {str(item["entity"]) for item in parse["entities"]}
    keys = kinds & {*assistant.settings.patterns}
    asked = _filled_from(tracker.requested_slot or "", assistant)
    wanted = bool(slots_for(keys, other, assistant)) and not asked & kinds
    words = any(m.type == "from_text" for m in _mappings(tracker.requested_slot or "", assistant))
    clear = parse["intent"]["confidence"] >= CLEAR and bool(kinds) and not words
    return (wanted or clear) and not values_alone(parse["text"], parse["entities"])


def _by_values(parse: dict[str, Any], tracker: Tracker, assistant: Assistant) -> dict[str, Any]:
    """Outside: the reading that has a use for the values given, or for what was spoken of.

    Values alone ask for nothing: a bare order number must not cancel the order.
    """
    if parse["decision"] == "accept" or gives_only(parse["text"], parse["entities"]):
        return parse
    asked = latest_request(tracker)
    if asked is not None and _asked_again(parse, asked):
        return as_read(parse, asked.intent, "the same was asked before")
    keys = {str(item["entity"]) for item in parse["entities"]} & {*assistant.settings.patterns}
    for name in _likely(parse):
        form = assistant.forms.get(form_of(name, assistant) or "")
        if form is None:
            continue
        given = slots_for(keys, form, assistant)
        if given:
            return as_read(parse, name, f"{given[0]} is given")
        subject = form.required_slots[0] if form.required_slots else None
        if parse["decision"] == "clarify" and tracker.slots.get(subject or "") is not None:
            return as_read(parse, name, f"{subject} was spoken of")
    return parse


def form_of(intent: str, assistant: Assistant) -> str | None:
    """The form that a rule begins at an intent."""
    for rule in assistant.rules:
        first = rule.steps[0] if rule.steps else None
        if first is None or first.kind != "intent" or first.value != intent:
            continue
        for step in rule.steps:
            if step.kind == "action" and step.value in assistant.forms:
                return str(step.value)
    return None


def slots_for(kinds: set[str], form: Form, assistant: Assistant) -> list[str]:
    """The slots of a form that values of some types fill."""
    return [slot for slot in form.required_slots if _filled_from(slot, assistant) & kinds]


def _filled_from(slot: str, assistant: Assistant) -> set[str]:
    return {m.entity for m in _mappings(slot, assistant) if m.entity}


def _mappings(slot: str, assistant: Assistant) -> tuple[SlotMapping, ...]:
    known = assistant.slots.get(slot)
    return known.mappings if known is not None else ()


def ranked(parse: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The intents with their shares, the likeliest first."""
    return [item for item in parse.get("intent_ranking", ()) if item["name"] != FALLBACK]


def _likely(parse: Mapping[str, Any]) -> list[str]:
    asks = (item for item in ranked(parse) if item["name"] != OUT_OF_SCOPE)
    return [str(item["name"]) for item in asks if item["confidence"] >= LIKELY]


def as_read(parse: dict[str, Any], name: str, why: str) -> dict[str, Any]:
    """The parse read as ``name`` for certain."""
    ranking = ranked(parse)
    own = next((i for i in ranking if i["name"] == name), {"name": name, "confidence": 1.0})
    rest = [item for item in ranking if item["name"] != name]
    return {
        **parse,
        "intent": dict(own),
        "intent_ranking": [own, *rest],
        "decision": "accept",
        "options": [],
        "decided": why,
    }
