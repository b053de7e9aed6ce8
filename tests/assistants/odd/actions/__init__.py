"""Actions that answer in each of the ways that rasa-sdk can."""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

from rasa_sdk import Action
from rasa_sdk.interfaces import ActionExecutionRejection

Answer = list[dict[str, Any]]


class ActionTells(Action):
    """Says what it was given."""

    def name(self) -> str:
        return "action_tells"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Answer:
        seen = {
            "sender": tracker.sender_id,
            "slots": tracker.slots,
            "metadata": tracker.latest_message["metadata"],
            "intents": (domain or {}).get("intents"),
        }
        dispatcher.utter_message(text=json.dumps(seen, ensure_ascii=False))
        dispatcher.utter_message(response="utter_done", name="地址", count=3, buttons=[])
        return [{"event": "slot", "timestamp": None, "name": "order_id", "value": "HL1"}]


class ActionSilent(Action):
    """Does nothing."""

    def name(self) -> str:
        return "action_silent"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> None:
        return None


class ActionDeclines(Action):
    """Cannot run here."""

    def name(self) -> str:
        return "action_declines"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Answer:
        raise ActionExecutionRejection(self.name(), "not now")


class ActionCrashes(Action):
    """Has a fault."""

    def name(self) -> str:
        return "action_crashes"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Answer:
        raise ZeroDivisionError("a fault")


class ActionEnvironment(Action):
    """Says what stands in its environment."""

    def name(self) -> str:
        return "action_environment"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Answer:
        dispatcher.utter_message(text=json.dumps(dict(os.environ)))
        return []


class ActionStreams(Action):
    """Says its answer word by word, then another with a picture, then one at the end."""

    def name(self) -> str:
        return "action_streams"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Answer:
        dispatcher.utter_message(text="At the end.")
        await dispatcher.stream_start()
        for word in ("Your parcel ", "is on ", "its way."):
            await dispatcher.stream_chunk(text=word)
            await asyncio.sleep(0.15)
        await dispatcher.stream_chunk(buttons=[{"title": "Track", "payload": "/track"}])
        await dispatcher.stream_end()
        await dispatcher.stream_start()
        await dispatcher.stream_chunk(text="A picture:", image="https://example.com/a.png")
        await dispatcher.stream_chunk(image="https://example.com/b.png")
        await dispatcher.stream_end()
        return [{"event": "slot", "timestamp": None, "name": "count", "value": 3}]


class ActionBreaksOff(Action):
    """Fails in the middle of a sentence."""

    def name(self) -> str:
        return "action_breaks_off"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Answer:
        await dispatcher.stream_chunk(text="Your parcel ")
        raise ZeroDivisionError("of C1001")
