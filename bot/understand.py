"""Understanding within a turn: language, payloads, one parse, and the slots it fills."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from bot import language as lang
from bot.events import Event
from bot.inference import Inference
from bot.live import Live
from bot.record import Conversation
from bot.slots import extract
from bot.tracker import Tracker
from models.arrays import FloatArray

RANKING = 10
"""Runners-up that are kept with a message, as many as Rasa keeps."""

_INTENT = re.compile(r"^/([\w./+-]{1,128})(\{.*\})?$", re.DOTALL)


@dataclass(frozen=True)
class Understood:
    """The events that understanding adds, and the message's vector for retrieval."""

    events: list[Event]
    text: str
    vector: FloatArray


class Understander:
    """Turns an accepted message into what the policy works on."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference

    async def understand(
        self,
        message: Event,
        conversation: Conversation,
        tracker: Tracker,
        live: Live,
        turn: str,
    ) -> Understood:
        """Understand ``message`` with one encoder pass (none for a button's intent)."""
        data = message.data
        text = str(data.get("payload") or data["text"])
        languages = live.assistant.languages
        language = lang.choose(data["text"], tracker.language, languages)
        parse, vector = await self._parse(text, bool(data.get("payload")), tracker, live)
        event = Event(
            "understood",
            {
                "of": message.seq,
                "text": data["text"],
                "language": language,
                "parse": parse,
                "channel": conversation.channel,
                "metadata": {
                    "language": language,
                    "visitor": conversation.visitor,
                    "customer_id": conversation.customer_id,
                    "channel": conversation.channel,
                },
            },
            turn,
        )
        trial = tracker.copy()
        trial.apply(event)
        started = [] if tracker.started else [Event("session_started", {}, turn)]
        return Understood([*started, event, *extract(trial, live.assistant)], text, vector)

    async def _parse(
        self, text: str, trusted: bool, tracker: Tracker, live: Live
    ) -> tuple[dict[str, Any], FloatArray]:
        found = _INTENT.match(text) if trusted else None
        if found is not None:
            return _given(text, found), np.zeros(live.understanding.encoder.dim, np.float32)
        script = lang.script(text)
        if script != "understood":
            parse = _given(text, None)
            return {**parse, "decision": "screened", "screen": script}, np.zeros(
                live.understanding.encoder.dim, np.float32
            )
        parsed = await self._inference.parse(live.understanding, text, tracker.requested_slot)
        result = parsed.as_rasa()
        result.pop("frontdesk")
        return {
            **result,
            "intent_ranking": result["intent_ranking"][:RANKING],
            "decision": parsed.decision,
            "options": list(parsed.options),
            "out_of_scope": parsed.out_of_scope,
            "sentiment": {
                "label": parsed.sentiment,
                "confidence": parsed.sentiment_confidence,
            },
        }, parsed.vector


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
