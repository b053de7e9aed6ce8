"""rasa-sdk with types: one turn as actions see it, and the bases of all actions."""

from __future__ import annotations

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from rasa_sdk import Action
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.interfaces import ActionExecutionRejection
from shop import Caller, OrderLocked, OrderNotFound, Shop
from shop.numbers import order_number
from shop.records import Language, Order

from actions.replies import Value, checked

Event = dict[str, Any]
Button = dict[str, str]


class Turn:
    """One call of an action: what was said, who says it, and what to answer."""

    def __init__(self, dispatcher: Any, tracker: Any) -> None:
        self._dispatcher = dispatcher
        self._tracker = tracker

    @property
    def caller(self) -> Caller:
        """Who asks, as the service vouches; the conversation stands in for a missing visitor."""
        customer = self._metadata("customer_id")
        visitor = self._metadata("visitor") or f"conversation:{self._tracker.sender_id}"
        return Caller(customer, visitor)

    @property
    def language(self) -> Language:
        """Language of the answer."""
        return "zh" if (self._metadata("language") or "en").startswith("zh") else "en"

    @property
    def key(self) -> str | None:
        """Key of this step; the same key again must not act twice."""
        return self._metadata("idempotency_key")

    @property
    def text(self) -> str:
        """The customer's latest message."""
        return str(self._tracker.latest_message.get("text") or "")

    @property
    def intent(self) -> str | None:
        """Intent of the latest message."""
        name = (self._tracker.latest_message.get("intent") or {}).get("name")
        return str(name) if name else None

    def values(self, entity: str) -> list[str]:
        """What the latest message names of an entity's type."""
        found = self._tracker.latest_message.get("entities") or []
        return [str(item.get("value")) for item in found if item.get("entity") == entity]

    def amounts(self, entity: str) -> list[float]:
        """The numbers that the values of a type stand for, as far as they are known."""
        return _amounts(self._tracker.latest_message.get("entities"), entity)

    @property
    def unmarked(self) -> str:
        """The latest message without the values that were found in it."""
        text, found = self.text, self._tracker.latest_message.get("entities") or []
        for item in sorted(found, key=lambda item: -int(item.get("start") or 0)):
            text = text[: int(item.get("start") or 0)] + text[int(item.get("end") or 0) :]
        return text

    @property
    def form(self) -> str | None:
        """The running form."""
        name: str | None = (self._tracker.active_loop or {}).get("name")
        return name

    def slot(self, name: str) -> Any:
        """Value of a slot, None where it is empty or unknown."""
        return self._tracker.slots.get(name)

    def asked_before(self, intent: str, messages: int = 3) -> list[tuple[str, list[float]]]:
        """Words of the last few messages before this one and the amounts in them, the latest first,
        as far back as they mean ``intent``."""
        heard = [e for e in self._tracker.events or () if e.get("event") == "user"]
        found: list[tuple[str, list[float]]] = []
        for event in reversed(heard[-messages - 1 : -1]):
            parse = event.get("parse_data") or {}
            if (parse.get("intent") or {}).get("name") != intent:
                break
            found.append((str(event.get("text")), _amounts(parse.get("entities"), "money")))
        return found

    def after_messages(self, *names: str) -> Iterator[tuple[Any, ...]]:
        """Values that the slots ``names`` had after each earlier message of this session."""
        held: dict[str, Any] = {}
        for event in self._tracker.events or ():
            if event.get("event") == "session_started":
                held = {}
            elif event.get("event") == "slot":
                held[event["name"]] = event.get("value")
            elif event.get("event") == "user":
                yield tuple(held.get(name) for name in names)

    def just_said(self, reply: str, words: str, messages: int = 4) -> bool:
        """Whether ``reply`` with these words in it was said in answer to the last few messages."""
        heard = 0
        for event in reversed(self._tracker.events or ()):
            heard += event.get("event") == "user"
            if heard > messages or event.get("event") == "session_started":
                return False
            named = reply in (event.get("metadata") or {}).values()
            if event.get("event") == "bot" and named and words in str(event.get("text")):
                return True
        return False

    def put(self, name: str, value: object) -> None:
        """Set a slot for the rest of this call; a validation reports it as an event."""
        self._tracker.slots[name] = value

    def say(
        self,
        reply: str,
        *,
        buttons: Sequence[Button] = (),
        values: Mapping[str, Value] | None = None,
        **more: Value,
    ) -> None:
        """Answer with the response ``reply``, filled with exactly the values it declares."""
        filled = checked(reply, {**(values or {}), **more})
        self._dispatcher.utter_message(response=reply, buttons=list(buttons), **filled)

    def _metadata(self, name: str) -> str | None:
        metadata = self._tracker.latest_message.get("metadata")
        value = metadata.get(name) if isinstance(metadata, dict) else None
        return value if isinstance(value, str) and value else None


def _amounts(entities: Sequence[Mapping[str, Any]] | None, entity: str) -> list[float]:
    """What the values of a type amount to, by what is known of them or else by their digits."""
    found: list[float] = []
    for item in entities or ():
        if item["entity"] == entity:
            told = (item.get("additional_info") or {}).get("value")
            written = re.findall(r"\d+(?:\.\d+)?", str(item.get("value")))
            found += [float(told)] if isinstance(told, int | float) else map(float, written)
    return found


class Step(Action, ABC):  # type: ignore[misc]
    """An action whose work, the database's included, runs off the event loop."""

    action: ClassVar[str]

    def name(self) -> str:
        """Return the name of the action in the domain."""
        return self.action

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Event]:
        """Answer one call; see :meth:`answer`."""
        return await asyncio.to_thread(self.answer, Turn(dispatcher, tracker))

    @abstractmethod
    def answer(self, turn: Turn) -> list[Event]:
        """Say what there is to say and return the events."""


class OrderStep(Step, ABC):
    """An action about one order, which it opens for its owner only."""

    def answer(self, turn: Turn) -> list[Event]:
        """Open the order and go on, or say that it cannot be opened."""
        number = order_number(str(turn.slot("order_id") or ""))
        if number is None:
            raise ActionExecutionRejection(self.action, "The slot order_id holds no order number.")
        with Shop.open() as shop:
            try:
                order = shop.order_for(turn.caller, number, turn.slot("phone_tail"), turn.key)
            except OrderLocked:
                turn.say("utter_order_locked")
                return forget("order_id", "phone_tail", "checked_order")
            except OrderNotFound:
                turn.say("utter_order_not_found")
                return forget("order_id", "phone_tail", "checked_order")
            return self.about(turn, shop, order)

    @abstractmethod
    def about(self, turn: Turn, shop: Shop, order: Order) -> list[Event]:
        """Answer about an order that the caller may see."""

    def reject(self, why: str) -> ActionExecutionRejection:
        """Return the refusal to run (status 400), to be raised."""
        return ActionExecutionRejection(self.action, why)


def set_slot(name: str, value: object) -> Event:
    """Return the event that sets a slot."""
    event: Event = SlotSet(name, value)
    return event


def forget(*slots: str) -> list[Event]:
    """Return events that empty slots."""
    return [set_slot(slot, None) for slot in slots]


def follow_up(action: str) -> Event:
    """Return the event that makes ``action`` come next."""
    event: Event = FollowupAction(action)
    return event
