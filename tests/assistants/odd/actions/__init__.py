"""Actions that answer in each of the ways that rasa-sdk can."""

from __future__ import annotations

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
