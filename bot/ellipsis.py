"""What a message leaves out is put back from what was said before, and the message is read whole.

"And in black?" asks nothing by itself. Where such a message gives values alone, the customer's
latest request is said again with these values in it: "is the hoodie there in black?". "The first
one" inside a request stands for a button that was shown, "the latter" for one of several things
just named. What comes out is read like any message: whoever answered the first question also
answers the second. (Incomplete utterance rewriting: Su et al., ACL 2019; Pan et al., EMNLP 2019.)
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.phrases.choosing import place_in
from bot.phrases.plain import LONGEST, plain
from bot.tracker import Tracker
from intents.assistant import Assistant
from intents.examples import OUT_OF_SCOPE
from intents.parse import FALLBACK
from intents.requests.segments import SOCIAL

RECENT = 4
"""Messages of the customer after which a request is no longer gone on with."""

NAMED = 12
"""Messages of the customer after which ``the second one`` is none of those named together."""

USUAL = 0.04
"""Share of an intent's lines that name a type of value, from which the type belongs to it."""

STILL = 0.25
"""Share that a completed request's own intent needs to be kept."""

_FRAME = re.compile(
    r"(?:[\W_]|\b(?:and|but|or|then|so|now|what|how|about|in|the|a|an|with|for|of|to|as|size|sizes|"
    r"colou?r|colou?rs|one|ones|sorry|no|not|nope|yes|ok|okay|oh|ah|oops|hm+|wait|please|pls|plz|actually|"
    r"rather|instead|i|i'm|meant?|it|it's|is|was|that|that's|this|my|mistake|typo|wrong|also|too|"
    r"just|maybe|say|said|thanks|here|they|they're|these|those|are|order|number|phone|ends?|ending|last|four|digits)\b|"
    r"订单|单号|尾号|手机|后四位|不好意思|对不起|抱歉|请问|那么|还有(?![吗没么嘛不])|还是|应该|等等|等下|一下|"
    r"打错|写错|说错|问错|搞错|看错|弄错|错|不对|不是|我要|想要|我想|换成|改成|尺码|颜色|"
    r"怎么样|那个|这个|那|这|换|改|呢|的|是|我|说|了|码|号|色|款|个|件|双|吧|嘛|啊|"
    r"呀|哦|噢|嗯|额|也|就|要|和|在|吗|指|问|选|对)*",
    re.IGNORECASE,
)
"""All that may stand beside the values of a message that asks nothing by itself."""


@dataclass(frozen=True)
class Said:
    """A request of the customer's as it was read: its words, intent and values."""

    text: str
    intent: str
    entities: Sequence[Mapping[str, Any]]
    known: bool
    """Whether the knowledge graph answered it."""


def completed(
    parse: Mapping[str, Any], tracker: Tracker, assistant: Assistant
) -> tuple[str, Said] | None:
    """The customer's latest request with the values of this message in it, and as it was.

    None where the message says more than values, or there is nothing that they could belong to.
    """
    given = [item for item in parse["entities"] if item["end"] > item["start"]]
    said = [*given, *parse.get("ruled_out", ())]
    before = latest_request(tracker)
    if before is None or tracker.active_loop or tracker.waiting_for_person:
        return None
    if given:
        restated = _restated(parse["text"], said, before)
        given, said = [*given, *restated], [*said, *restated]
    if not given or not gives_only(parse["text"], said):
        return None
    values = [(str(item["entity"]), parse["text"][item["start"] : item["end"]]) for item in given]
    whole = _with(before, values, assistant)
    return (whole, before) if whole is not None else None


def _restated(text: str, given: Sequence[Mapping[str, Any]], before: Said) -> list[dict[str, Any]]:
    """Values of the request before that stand in ``text`` in the same words, beside those found."""
    kinds, found = {item["entity"] for item in given}, []
    for item in before.entities:
        words = before.text[item["start"] : item["end"]]
        if item["entity"] in kinds or not words:
            continue
        place = re.search(rf"(?<![A-Za-z0-9]){re.escape(words)}(?![A-Za-z0-9])", text)
        if place and all(
            place.end() <= one["start"] or one["end"] <= place.start() for one in given
        ):
            found.append({**item, "start": place.start(), "end": place.end()})
    return found


def with_values(parse: dict[str, Any], given: Mapping[str, Any], before: Said) -> dict[str, Any]:
    """The completed request, with the values that were given even where it is not read so.

    It asks for what it asked for before where that can be, and in no mood: the mood was that of an
    earlier message, and too few words were written now for one.
    """
    found = {item["entity"] for item in parse["entities"]}
    missed = []
    for text, items in ((given["text"], given["entities"]), (before.text, before.entities)):
        for item in items:
            words = text[item["start"] : item["end"]]
            start = parse["text"].find(words) if words else -1
            if item["entity"] not in found and start >= 0:
                missed.append({**item, "start": start, "end": start + len(words)})
        found |= {item["entity"] for item in missed}
    ranking = parse.get("intent_ranking", [])
    same = next((item for item in ranking if item["name"] == before.intent), None)
    if same is not None and same["confidence"] >= STILL and not before.known:
        rest = [item for item in ranking if item is not same and item["name"] != FALLBACK]
        still = {"decision": "accept", "options": [], "decided": "the request before, completed"}
        parse = {**parse, "intent": dict(same), "intent_ranking": [same, *rest], **still}
    return {**parse, "sentiment": {}, "entities": [*parse["entities"], *missed]}


def gives_only(text: str, entities: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a message names values and asks nothing: ``and in black?``, 说错了，是L码."""
    if not entities or not text or len(text) > LONGEST:
        return False
    rest, at = [], 0
    for item in sorted(entities, key=lambda item: item["start"]):
        rest.append(text[at : item["start"]])
        at = max(at, item["end"])
    return all(_FRAME.fullmatch(plain(piece)) for piece in (*rest, text[at:]))


_DIGITS = re.compile(r"\d+")
_DIGITS_OR_DENIED = re.compile(
    r"\d+|(?:不是|\bnot\s+(?:(?:the|an?|my)\s+)?)[^\s\d，,。.;；是]{1,12}(?=\s*[，,]|\s*是|\s+but\b)",
    re.IGNORECASE,
)


def values_alone(text: str, entities: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a message names values and asks nothing; digits are values of some kind, and so is a
    thing that is denied before another one: 不是吹风机，是耳机."""
    others = [
        {"start": found.start(), "end": found.end()}
        for found in re.finditer(_DIGITS if not entities else _DIGITS_OR_DENIED, text)
        if not any(e["start"] < found.end() and found.start() < e["end"] for e in entities)
    ]
    return gives_only(text, [*entities, *others])


def latest_request(tracker: Tracker) -> Said | None:
    """The customer's latest message of this session that asked for something, outside a form."""
    found = recent_requests(tracker)
    return found[-1] if found else None


def recent_requests(tracker: Tracker) -> list[Said]:
    """The customer's last messages of this session that asked for something, outside a form."""
    found: list[Said | None] = []
    form = None
    for event in tracker.events:
        kind = event["event"]
        if kind == "session_started":
            found, form = [], None
        elif kind == "active_loop":
            form = event.get("name")
        elif kind == "user":
            found.append(None if form else asked_for(event["parse_data"]))
    return [one for one in found[-RECENT:] if one is not None]


def asked_for(parse: Mapping[str, Any]) -> Said | None:
    """What a message asked for, as it was read; None for manners, choices and what was unclear."""
    intent = str((parse.get("intent") or {}).get("name"))
    known = "answer" in parse.get("knowledge", {})
    if parse.get("chosen") or not (known or parse.get("decision") == "accept"):
        return None
    if not known and intent in SOCIAL | {OUT_OF_SCOPE}:
        return None
    return Said(str(parse.get("text", "")), intent, parse.get("entities", []), known)


def _with(before: Said, values: Sequence[tuple[str, str]], assistant: Assistant) -> str | None:
    """The request with values exchanged by type, and others beside its last value."""
    held = [item for item in before.entities if item.get("end", 0) > item.get("start", 0)]
    counts = Counter(str(item["entity"]) for item in held)
    added = [text for kind, text in values if kind not in counts]
    others = {kind for kind, _ in values if kind not in counts}
    changed = {kind: text for kind, text in values if kind in counts}
    if any(counts[kind] > 1 for kind in changed) or len(changed) + len(added) < len(values):
        return None  # which of them is meant cannot be told
    if not before.known and not others <= _usual(before.intent, assistant):
        return None
    text, end = before.text, max((item["end"] for item in held), default=None)
    if added:
        end = len(text.rstrip(" ?？.。!！")) if end is None else end
        text = f"{text[:end]} {' '.join(added)}{text[end:]}"
    for item in sorted(held, key=lambda item: -item["start"]):
        if item["entity"] in changed:
            text = text[: item["start"]] + changed[item["entity"]] + text[item["end"] :]
    return text


def _usual(intent: str, assistant: Assistant) -> frozenset[str]:
    """The types of values that an intent's lines name."""
    lines = assistant.examples_of(intent)
    counts = Counter(kind for line in lines for kind in {e.entity for e in line.entities or ()})
    return frozenset(kind for kind, n in counts.items() if n >= USUAL * len(lines))


def referred(text: str, shown: Sequence[str], tracker: Tracker) -> str | None:
    """The message with what it points at named: ``cancel the first one``, 后面那款多少钱.

    :param shown: what the buttons stand for that the customer was shown last, in their order.
    """
    things = shown if len(shown) > 1 else _just_named(tracker)
    found = place_in(text, len(things)) if len(things) > 1 else None
    if found is None:
        return None
    start, end, at = found
    return f"{text[:start]}{things[at]}{text[end:]}"


_BEST = re.compile(
    r"(?<![a-z])the\s+(?:(?!other|former|latter|number)\w+er|cheapest|best|(?:more|most|less|least)\s+\w+)\s+"
    r"(?:one|model|version)(?![a-z])"
    r"|(?:最|更|比较)?(?:便宜|划算|贵|大|小|好|轻|重|实惠)(?:一?点|些)?的?[那这]一?[个款台件双种]",
    re.IGNORECASE,
)
"""What came out of a comparison: ``the cheaper one``, 便宜的那个."""

_OUT = re.compile(
    r"(?:\bnot\s+(?:(?:the|my|a|an|this|that|for|about)\s+)*|(?:不是|并非|不要|别要)(?:那|这)?[个件款台双条]?)$",
    re.IGNORECASE,
)

_RATHER = re.compile(
    r"\b(?:sorry|oops|whoops|i\s+mean|i\s+meant|no\s+wait|wait\s+no|rather|correction|typo)\b|^\W*no\b"
    r"|不对|不是|(?:写|打|说|搞|弄|输|填)错|应该是|我是说",
    re.IGNORECASE,
)
"""What stands between a value and the one that takes its place."""


def best_named(text: str, best: str) -> str:
    """The message with the name of what came out best in place of ``the cheaper one``."""
    found = list(_BEST.finditer(text))
    if len(found) != 1 or len(text) > LONGEST:
        return text
    space = " " if best[-1:].isascii() and text[found[0].end() :][:1].strip() else ""
    return f"{text[: found[0].start()]}{best}{space}{text[found[0].end() :]}"


def standing(
    text: str, entities: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The values that stand, and those that are ruled out for another: ``not the lamp, the duvet``,
    or taken back: ``HL20418376, sorry, HL20418420``.

    A value that is only denied stands: there is nothing else to be about.
    """
    out = [item for item in entities if _OUT.search(text[: item["start"]])]
    for kind in {item["entity"] for item in entities}:
        same = sorted((e for e in entities if e["entity"] == kind), key=lambda e: int(e["start"]))
        out += [
            one
            for one, other in itertools.pairwise(same)
            if _RATHER.search(plain(text[one["end"] : other["start"]]))
        ]
    kept = [item for item in entities if item not in out]
    named = {item["entity"] for item in kept}
    stand = [item for item in entities if item in kept or item["entity"] not in named]
    return stand, [item for item in entities if item not in stand]


def _just_named(tracker: Tracker) -> list[str]:
    """The things of one kind that the customer named together last, in their order.

    A message that was divided is one message still.
    """
    heard: dict[str, dict[str, list[str]]] = {}
    for event in tracker.events:
        if event["event"] != "user":
            continue
        named = heard.setdefault(str(event["message_id"]).split(".")[0], {})
        parse = event["parse_data"]
        for item in parse.get("entities", []):
            if item.get("end", 0) > item.get("start", 0):
                words = str(parse["text"])[item["start"] : item["end"]]
                named.setdefault(str(item["entity"]), []).append(words)
    for named in reversed([*heard.values()][-NAMED:]):
        several = [things for things in named.values() if len(things) > 1]
        if len(several) == 1:
            return several[0]
    return []
