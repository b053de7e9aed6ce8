"""Understanding within a turn: language, payloads, one parse, and the slots it fills."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import orjson

from bot import language as lang
from bot.bare_values import recipient
from bot.buttons import unseal
from bot.contacts import left_contact
from bot.continuing import read_behind
from bot.each import for_each
from bot.ellipsis import best_named, completed, gives_only, referred, standing, with_values
from bot.events import Event
from bot.evidence import decided, in_turn
from bot.inference import Inference
from bot.knowledge import Heard, compared_best, look_up
from bot.live import Live
from bot.phrases.asking import agrees
from bot.phrases.choosing import chosen
from bot.rasa.selecting import selectors
from bot.recall import Recall
from bot.record.record import Conversation
from bot.secrets import Signer
from bot.tracker import Tracker
from bot.waiting import for_person
from intents.assistant import Assistant
from intents.examples import OUT_OF_SCOPE
from intents.parse import FALLBACK, Parse
from intents.pipeline import Pipeline
from intents.requests.dividing import Segment
from models.arrays import FloatArray

RANKING = 10
"""Runners-up that are kept with a message, as many as Rasa keeps."""

_INTENT = re.compile(r"^/([\w./+-]{1,128})(\{.*\})?$", re.DOTALL)


@dataclass(frozen=True)
class Understood:
    """The events that understanding adds, and the message's vector for retrieval.

    ``vectors`` are those of the message's requests where it holds several, ``earlier`` the memory
    of what the customer said before.
    """

    events: list[Event]
    text: str
    vector: FloatArray
    vectors: tuple[FloatArray, ...] = ()
    earlier: FloatArray | None = None


class Understander:
    """Turns an accepted message into what the policy works on."""

    def __init__(self, inference: Inference, buttons: Signer | None = None) -> None:
        self._inference = inference
        self._recall = Recall(inference)
        self._buttons = buttons

    async def understand(
        self,
        message: Event,
        conversation: Conversation,
        tracker: Tracker,
        live: Live,
        turn: str,
    ) -> Understood:
        """Understand ``message`` with one encoder pass, none for a button's intent; where it is not
        clear by itself, a second one over a short text."""
        data = message.data
        payload = data.get("payload") or self._chosen(data["text"], conversation, tracker)
        text = str(payload or data["text"])
        languages = live.assistant.languages
        language = lang.choose(data["text"], tracker.language, languages)
        divide = conversation.owner == "bot"
        if not payload and live.assistant.rasa is None:
            text = self._referred(text, language, conversation, tracker, live)
        if not payload:
            self._recall.begin(tracker, live)
        parse, vector, vectors = await self._parse(text, bool(payload), divide, tracker, live)
        free = not payload and live.assistant.rasa is None and not vectors
        told = self._for_person(parse, tracker, live.assistant) if free else None
        whole = completed(parse, tracker, live.assistant) if free and told is None else None
        if whole is not None:
            given, (text, before) = parse, whole
            parse, vector, vectors = await self._parse(text, False, divide, tracker, live)
            parse = with_values(parse, given, before)
        if payload:
            parse["chosen"] = True
            place = {"start": 0, "end": len(text)}
            named = [{**entity, **place} for entity in data.get("entities", ())]
            parse["entities"] = named or parse["entities"]
        elif told is not None:
            parse = told
        elif live.assistant.rasa is None and not vectors:
            parse = decided(parse, tracker, live.assistant)
            each = for_each(parse, tracker, live.assistant) if divide else None
            if each is not None:
                parse, vectors = {**parse, "segments": each}, (vector,) * len(each)
        if not payload and live.quotations is not None:
            parse["quotation"] = live.quotations.meant(text, vector)
        self._look_up(parse, vector, vectors, language, message, tracker, live)
        event = Event(
            "understood",
            {
                "of": message.seq,
                "text": data["text"],
                "language": language,
                "parse": parse,
                "channel": conversation.channel,
                "metadata": {
                    **data.get("metadata", {}),
                    "language": language,
                    "visitor": conversation.visitor,
                    "customer_id": conversation.customer_id,
                    "channel": conversation.channel,
                },
            },
            turn,
        )
        earlier = await self._recall.earlier(tracker, live) if vector.any() else None
        if vector.any():
            self._recall.keep(data["text"], vector, live)
        return Understood([event], text, vector, vectors, earlier)

    def _chosen(self, text: str, conversation: Conversation, tracker: Tracker) -> str | None:
        """The payload of the button just shown that the customer means in words.

        A clear yes to an offer with one button means that one.
        """
        shown = tracker.lately.buttons
        at = chosen(text, [button["title"] for button in shown]) if self._buttons else None
        if at is None and len(shown) == 1 and not tracker.active_loop:
            said = tracker.lately
            at = 0 if agrees(text, asked=said.asks, last=said.ends_asking) else None
        if at is None or self._buttons is None:
            return None
        return unseal(self._buttons, conversation.id, shown[at]["payload"])

    @staticmethod
    def _for_person(
        parse: dict[str, Any], tracker: Tracker, assistant: Assistant
    ) -> dict[str, Any] | None:
        """The parse of what is meant for a person, or gives values alone."""
        contact = left_contact(parse, tracker, assistant)
        waiting = contact or for_person(parse, tracker, assistant)
        return waiting or recipient(parse, tracker, assistant)

    def _referred(
        self, text: str, language: str, conversation: Conversation, tracker: Tracker, live: Live
    ) -> str:
        """The message with what it points at put into words: by its place in a list, or as the best
        of what was compared."""
        if self._buttons is None or tracker.active_loop:
            return text
        best = compared_best(tracker, language, live.knowledge) if live.knowledge else None
        text = best_named(text, best) if best else text
        opened = [
            unseal(self._buttons, conversation.id, button["payload"]) or "/"
            for button in tracker.lately.listed
        ]
        shown = [] if any(payload.startswith("/") for payload in opened) else opened
        return referred(text, shown, tracker) or text

    @staticmethod
    def nothing(live: Live) -> FloatArray:
        """The vector of no words."""
        return np.zeros(live.understanding.encoder.dim, np.float32)

    def _look_up(
        self,
        parse: dict[str, Any],
        vector: FloatArray,
        vectors: tuple[FloatArray, ...],
        language: str,
        message: Event,
        tracker: Tracker,
        live: Live,
    ) -> None:
        """Ask the knowledge graph, request by request; its answers are kept in the parse."""
        if live.knowledge is None or not vector.any():
            return
        context = tracker.knowledge
        parts = [
            (item["parse"], at)
            for item, at in zip(parse.get("segments", []), vectors, strict=False)
        ]
        for part, at in parts or [(parse, vector)]:
            heard = Heard(part["text"], language, part, at, message.at)
            part["knowledge"] = look_up(heard, context, live.knowledge)
            context = part["knowledge"]["context"]
        parse.setdefault("knowledge", {"context": context})

    async def again(self, item: dict[str, Any], live: Live) -> Understood:
        """A request of an earlier message, read once more for its vector."""
        parsed = await self._inference.parse(live.understanding, item["text"])
        return Understood([], item["text"], parsed.vector)

    async def _parse(
        self, text: str, trusted: bool, divide: bool, tracker: Tracker, live: Live
    ) -> tuple[dict[str, Any], FloatArray, tuple[FloatArray, ...]]:
        nothing = self.nothing(live)
        found = _INTENT.match(text) if trusted else None
        rasa = live.assistant.rasa
        if found is not None:
            given = _given(text, found)
            return given if rasa is None else as_rasa_would(given, live), nothing, ()
        script = lang.script(text)
        if script != "understood" and rasa is None:
            parse = _given(text, None)
            return {**parse, "decision": "screened", "screen": script}, nothing, ()
        alone = await self._inference.parse(live.understanding, text, tracker.requested_slot)
        parsed, before = alone, None
        if rasa is None:
            parsed, before = await read_behind(alone, tracker, live, self._inference)
            parsed = as_refused(parsed, live.assistant)
        result = parsed.as_rasa(RANKING)
        result.pop("frontdesk")
        read = {
            **result,
            "intent_ranking": result["intent_ranking"][:RANKING],
            "decision": parsed.decision,
            "options": list(parsed.options),
            "out_of_scope": parsed.out_of_scope,
            "sentiment": {
                "label": parsed.sentiment,
                "confidence": parsed.sentiment_confidence,
            },
            "urgency": {"label": parsed.urgency, "confidence": parsed.urgency_confidence},
        }
        if rasa is not None:
            return as_rasa_would(read, live), parsed.vector, ()
        if before is not None:
            ranking = alone.as_rasa(RANKING)["intent_ranking"]
            by_itself = {"intent_ranking": ranking, "decision": alone.decision}
            read["continues"] = {"intent": before.intent, "alone": by_itself}
        read["entities"], out = standing(text, read["entities"])
        if out:
            read["ruled_out"] = out
        if not parsed.segments or not divide or not _divides(parsed, tracker.active_loop):
            return read, parsed.vector, ()
        segments = [as_refused(segment, live.assistant) for segment in parsed.segments]
        requests = [_request(text, segment, read) for segment in segments]
        read["segments"] = in_turn(requests, live.assistant)
        return read, parsed.vector, tuple(segment.vector for segment in segments)


Read = TypeVar("Read", Parse, Segment)


def as_refused(parsed: Read, assistant: Assistant) -> Read:
    """An assistant's own ``out_of_scope`` is a refusal, unless something is written for it."""
    if parsed.intent != OUT_OF_SCOPE or f"utter_{OUT_OF_SCOPE}" in assistant.responses:
        return parsed
    written = (step for rule in (*assistant.rules, *assistant.stories) for step in rule.steps)
    if any(step.kind == "intent" and step.value == OUT_OF_SCOPE for step in written):
        return parsed
    return replace(parsed, decision="reject", options=())


def as_rasa_would(read: dict[str, Any], live: Live) -> dict[str, Any]:
    """A Rasa project's message: one intent, rejected only where its pipeline can reject.

    Values alone (``5``) say nothing of whether they are out of scope: there the pipeline's own
    thresholds hold. A retrieval intent's full name stands beside it, and what a response selector
    would say.
    """
    assistant = live.assistant
    known = [item for item in read["intent_ranking"] if item["name"] != FALLBACK]
    rejects = read["decision"] == "reject" and assistant.pipeline.fallback_threshold is not None
    if rejects and gives_only(str(read.get("text", "")), read.get("entities", ())):
        rejects = not _sure(known, assistant.pipeline)
    decision = "reject" if rejects else "accept"
    intent = dict(read["intent"] if decision == "reject" or not known else known[0])
    name, _, key = str(intent["name"]).partition("/")
    if key and name in assistant.intents:
        intent |= {"name": name, "full_retrieval_intent_name": f"{name}/{key}"}
    ranking = known if decision == "accept" else read["intent_ranking"]
    selected = selectors(known, live.questions, live.domain["responses"], assistant.pipeline)
    return {
        **read,
        "intent": intent,
        "intent_ranking": ranking,
        "decision": decision,
        "options": [],
        "response_selector": selected,
    }


def _sure(ranking: Sequence[Mapping[str, Any]], pipeline: Pipeline) -> bool:
    """Whether Rasa's ``FallbackClassifier`` would let the best intent stand."""
    best, second = ([float(item["confidence"]) for item in ranking] + [0.0, 0.0])[:2]
    far = best - second >= (pipeline.ambiguity_threshold or 0.0)
    return far and best >= (pipeline.fallback_threshold or 0.0)


def _divides(parsed: Parse, form: str | None) -> bool:
    """Whether a divided message is taken as such.

    Inside a form only where it begins with a plain value (a number, a code) and every request after
    that is clear: anything else may be one answer in several clauses.
    """
    if form is None:
        return True
    first, *others = parsed.segments
    words = parsed.text[first.start : first.end]
    for entity in first.entities:
        words = words.replace(entity.text, "")
    bare = not any(char.isalpha() for char in words)
    return bare and all(segment.decision == "accept" for segment in others)


def _request(text: str, segment: Segment, whole: dict[str, Any]) -> dict[str, Any]:
    """A segment as a message of its own: offsets count from its first character."""
    read = segment.as_json()
    start = segment.start
    entities = [
        {**entity, "start": entity["start"] - start, "end": entity["end"] - start}
        for entity in read["entities"]
    ]
    words = text[start : segment.end]
    kept = ("intent", "intent_ranking", "decision", "options", "out_of_scope")
    parse = {
        "text": words,
        "entities": entities,
        **{name: read[name] for name in kept},
        "sentiment": whole["sentiment"],
        "urgency": whole["urgency"],
    }
    if segment.decision == "reject":
        parse["intent"] = {"name": FALLBACK, "confidence": read["out_of_scope"]}
        parse["intent_ranking"] = [parse["intent"], *read["intent_ranking"]]
    return {"start": start, "end": segment.end, "text": words, "parse": parse}


def intent_of(text: str) -> dict[str, Any] | None:
    """The parse of ``/intent{"entity": "value"}``, None where ``text`` is no such."""
    found = _INTENT.match(text)
    return None if found is None else _given(text, found)


def _given(text: str, found: re.Match[str] | None) -> dict[str, Any]:
    """The parse of ``/intent{"entity": "value"}``, as Rasa reads it."""
    name = found.group(1) if found else None
    try:
        given = orjson.loads(found.group(2)) if found and found.group(2) else {}
    except orjson.JSONDecodeError:
        given = {}
    entities = [
        {"entity": key, "value": value, "start": 0, "end": len(text)}
        for key, value in (given.items() if isinstance(given, dict) else ())
    ]
    intent = {"name": name, "confidence": 1.0 if name else 0.0}
    return {
        "text": text,
        "intent": intent,
        "intent_ranking": [intent] if name else [],
        "entities": entities,
        "decision": "accept",
        "options": [],
    }
