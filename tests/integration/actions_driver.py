"""A conversation with the retail pack's actions, by rasa-sdk's protocol and Rasa's form rules."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

PACK = Path(__file__).parents[2] / "intents" / "packs" / "retail"
sys.path.insert(0, str(PACK))

from rasa_sdk.executor import ActionExecutor  # noqa: E402

FORMS: dict[str, Any] = YAML(typ="safe").load(PACK / "domain.forms.yml")["forms"]
DOMAIN = {"forms": FORMS, "slots": {}}
ACTION_OF = {
    "order_status_form": "action_order_status",
    "track_form": "action_track_shipment",
    "delay_form": "action_delivery_delay",
    "not_received_form": "action_not_received",
    "cancel_form": "action_cancel_order",
    "address_form": "action_change_address",
    "items_form": "action_change_items",
    "return_form": "action_start_return",
    "refund_form": "action_refund_status",
    "invoice_form": "action_request_invoice",
    "stock_form": "action_stock",
}
Reply = dict[str, Any]

EXECUTOR = ActionExecutor()
EXECUTOR.register_package("actions")


def request(
    action: str, slots: dict[str, Any], text: str = "", events: Any = (), **metadata: str
) -> dict[str, Any]:
    """A webhook body; keywords are the metadata that the service sets."""
    form = slots.get("__form__")
    return {
        "next_action": action,
        "sender_id": "conversation-1",
        "version": "3.6.0",
        "domain": DOMAIN,
        "tracker": {
            "sender_id": "conversation-1",
            "slots": {key: value for key, value in slots.items() if key != "__form__"},
            "latest_message": {"text": text, "intent": {}, "entities": [], "metadata": metadata},
            "events": [{"event": "user", "text": text}, *events],
            "active_loop": {"name": form} if form else {},
            "paused": False,
            "followup_action": None,
            "latest_action_name": None,
        },
    }


def call(body: dict[str, Any]) -> tuple[list[dict[str, Any]], list[Reply]]:
    """Run one action; return its events and its responses without empty parts."""
    result = asyncio.run(EXECUTOR.run(body))
    assert result is not None
    replies = [
        {key: value for key, value in reply.items() if value and key != "template"}
        for reply in result.responses
    ]
    return result.events, replies


@dataclass
class Dialogue:
    """Keeps the slots of one conversation and drives forms the way Rasa does."""

    customer_id: str | None = None
    visitor: str = "visitor-1"
    language: str = "en"
    slots: dict[str, Any] = field(default_factory=dict)
    form: str | None = None
    followup: str | None = None
    steps: int = 0
    asked_next: bool = False

    @property
    def requested(self) -> str | None:
        """The slot that was asked for."""
        return self.slots.get("requested_slot")

    def begin(self, form: str, text: str = "", **given: Any) -> list[Reply]:
        """A message that starts ``form``, with the slots that its entities fill."""
        self.form, self.slots["requested_slot"] = form, None
        self.slots.update(given)
        known = {n: self.slots.get(n) for n in FORMS[form]["required_slots"]}
        return self._advance(text, {n: v for n, v in known.items() if v is not None})

    def say(self, text: str, **given: Any) -> list[Reply]:
        """A message inside the form; it fills the requested slot unless ``given`` says more."""
        filled = given or {str(self.requested): text}
        self.slots.update(filled)
        return self._advance(text, filled)

    def run(self, action: str, text: str = "", events: Any = ()) -> list[Reply]:
        """Run one action and take its events in."""
        self.steps += 1
        metadata = {"visitor": self.visitor, "language": self.language}
        metadata["idempotency_key"] = f"{id(self)}:{self.steps}"
        if self.customer_id:
            metadata["customer_id"] = self.customer_id
        body = request(action, {**self.slots, "__form__": self.form}, text, events, **metadata)
        self.asked_next = False
        self.followup = None
        found, replies = call(body)
        for event in found:
            if event["event"] == "slot":
                self.slots[event["name"]] = event["value"]
                self.asked_next |= event["name"] == "requested_slot"
            elif event["event"] == "followup":
                self.followup = event["name"]
        return replies

    def _advance(self, text: str, filled: dict[str, Any]) -> list[Reply]:
        assert self.form is not None
        events = [{"event": "slot", "name": n, "value": v} for n, v in filled.items()]
        replies = self.run(f"validate_{self.form}", text, events)
        if not self.asked_next:
            missing = (n for n in FORMS[self.form]["required_slots"] if self.slots.get(n) is None)
            self.slots["requested_slot"] = next(missing, None)
        if self.requested is None:
            form, self.form = self.form, None
            return [*replies, *self.run(ACTION_OF[form], text)]
        if self.requested in ("order_id", "confirm", "invoice_title"):
            return [*replies, *self.run(f"action_ask_{self.requested}", text)]
        return [*replies, {"response": f"utter_ask_{self.requested}"}]


def names(replies: list[Reply]) -> list[str]:
    """The names of the responses."""
    return [reply["response"] for reply in replies]
