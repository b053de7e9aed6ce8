"""Validation of the forms: what is still needed, and whether an answer can be used.

Every known slot is read again on each call, since reading is idempotent; only what changed or was
just given is reported. Number and phone tail are checked against the shop as soon as both are
known. A locked order ends the form; the action behind it says so.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from rasa_sdk.forms import FormValidationAction
from shop import Order, OrderLocked, OrderNotFound, Shop, order_number, phone_tail
from shop.changes import return_refusal
from shop.numbers import digits, has_digits, mobile_tail
from shop.records import ReturnReason

from actions import answers
from actions.candidates import candidates, named
from actions.sdk import Event, Turn, set_slot
from actions.status import changeable

Slots = dict[str, Any]


class Form(FormValidationAction, ABC):  # type: ignore[misc]
    """A form whose answers are read by methods named ``read_<slot>``."""

    @property
    @abstractmethod
    def form(self) -> str:
        """Name of the form in the domain."""

    def name(self) -> str:
        """Return ``validate_<form>``."""
        return f"validate_{self.form}"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: Any, tracker: Any, domain: Any
    ) -> list[str]:
        """Return the form's slots but for those that this customer or order does not need."""
        return await asyncio.to_thread(self.needed, Turn(dispatcher, tracker), domain_slots)

    async def get_extraction_events(
        self, dispatcher: Any, tracker: Any, domain: Any
    ) -> list[Event]:
        """Return slots that the message or the account give without having been asked for."""
        found = await asyncio.to_thread(self.extract, Turn(dispatcher, tracker))
        return [set_slot(name, value) for name, value in found.items()]

    async def get_validation_events(
        self, dispatcher: Any, tracker: Any, domain: Any
    ) -> list[Event]:
        """Return slots as the actions need them; None for an answer that cannot be used."""
        names = await self.required_slots(self.domain_slots(domain), dispatcher, tracker, domain)
        given, before = set(tracker.slots_to_validate()), dict(tracker.slots)
        await asyncio.to_thread(self.read, Turn(dispatcher, tracker), names)
        return [
            set_slot(name, value)
            for name, value in tracker.slots.items()
            if value != before.get(name) or (name in given and name in names)
        ]

    async def next_requested_slot(self, dispatcher: Any, tracker: Any, domain: Any) -> Event:
        """Return the next question, always: a refused answer may lead back to an earlier one."""
        names = await self.required_slots(self.domain_slots(domain), dispatcher, tracker, domain)
        missing = (name for name in names if tracker.slots.get(name) is None)
        return set_slot("requested_slot", next(missing, None))

    def needed(self, turn: Turn, names: list[str]) -> list[str]:
        """Those of the form's slots that are needed here."""
        return names

    def extract(self, turn: Turn) -> Slots:
        """Slots to fill without asking."""
        return {}

    def read(self, turn: Turn, names: Sequence[str]) -> None:
        """Read every known slot of the form."""
        for name in names:
            reader = getattr(self, f"read_{name}", None)
            if reader is not None and turn.slot(name) is not None:
                reader(turn, turn.slot(name))


def _corrects(turn: Turn) -> bool:
    """Whether the message says that another order is meant; an address or a reason never does."""
    asked = turn.slot("requested_slot") in (None, "order_id", "phone_tail", "confirm")
    return asked and answers.other_order(turn.text)


class OrderForm(Form, ABC):
    """A form about one order: finds it, and makes sure that it is the customer's."""

    tail_in_passing: ClassVar[bool] = True
    """Whether a whole phone number in any message can only be the one on the order."""

    def without(self, order: Order, names: list[str], today: date) -> list[str]:
        """``names`` less those that make no sense for this order."""
        return names

    def needed(self, turn: Turn, names: list[str]) -> list[str]:
        """No tail from signed-in customers; nothing more once the order is locked."""
        caller = turn.caller
        if caller.customer_id is not None:
            names = [name for name in names if name != "phone_tail"]
        number = order_number(str(turn.slot("order_id") or ""))
        if number is None:
            return names
        with Shop.open() as shop:
            if shop.locked(caller, number):
                return []
            order = self._checked(turn, shop, number)
            return names if order is None else self.without(order, names, shop.today())

    def extract(self, turn: Turn) -> Slots:
        """The order number and phone tail in the message, or a customer's only fitting order."""
        found: Slots = {}
        known = order_number(str(turn.slot("order_id") or ""))
        number = order_number(next(iter(turn.values("order_id")), turn.text))
        if number is not None and number != known:
            found["order_id"] = number
        elif number is None and known is not None and _corrects(turn):
            found["order_id"] = self._named_other(turn, known) or self._other_order(turn, known)
            found["checked_order"] = None
            return found
        elif number is None and turn.caller.customer_id is not None:
            meant = self._meant_order(turn, turn.caller.customer_id, known)
            if meant is not None and meant != known:
                found["order_id"] = meant
        tail = self._tail_in(turn, number or known)
        if tail is not None:
            found["phone_tail"] = tail
        return found

    def _meant_order(self, turn: Turn, customer_id: str, known: str | None) -> str | None:
        """The order that holds what the message names; with nothing named, the only fitting one.

        None where several could be meant, so that the customer is asked.
        """
        products = turn.values("product")
        with Shop.open() as shop:
            fitting = candidates(shop, customer_id, self.form)
            product = shop.product(products[0]) if len(products) == 1 else None
            colors = turn.values("color")
            everything = shop.orders_of(customer_id)
            earlier = shop.product(str(turn.slot("product") or ""))
        asked = turn.slot("requested_slot") == "order_id"
        told = product is not None or (asked and not products)
        holding = named(fitting, product, colors) or named(everything, product, colors)
        if not holding or not told:
            # a message that does not say so means another one than those offered
            if known is not None or asked:
                return known
            if earlier is not None and named(everything, earlier, []):
                fitting = named(fitting, earlier, [])  # none of them, and it is not what is meant
            return fitting[0].number if len(fitting) == 1 else None
        numbers = [order.number for order in holding]
        if known in numbers:
            return known
        return numbers[0] if len(numbers) == 1 else known

    def _named_other(self, turn: Turn, known: str) -> str | None:
        """Another order than ``known`` that holds what a correction names."""
        if turn.caller.customer_id is None or not turn.values("product"):
            return None
        meant = self._meant_order(turn, turn.caller.customer_id, None)
        return meant if meant != known else None

    def _other_order(self, turn: Turn, known: str) -> str | None:
        """The order that a correction can only mean; None where it has to be asked for."""
        if turn.caller.customer_id is None:
            return None
        with Shop.open() as shop:
            fitting = [o.number for o in candidates(shop, turn.caller.customer_id, self.form)]
            everything = [o.number for o in shop.orders_of(turn.caller.customer_id)]
        for orders in (fitting, everything) if answers.previous_order(turn.text) else ():
            if known in orders[:-1]:
                return orders[orders.index(known) + 1]
        others = [number for number in fitting if number != known]
        return others[0] if len(others) == 1 else None

    def read(self, turn: Turn, names: Sequence[str]) -> None:
        """Read the slots, then check number and tail together."""
        super().read(turn, names)
        self._verify(turn)

    def read_order_id(self, turn: Turn, value: Any) -> None:
        """``HL`` and eight digits; what is none spoils no order that is known already."""
        number = order_number(str(value))
        if number is None and turn.slot("requested_slot") not in (None, "order_id"):
            number = turn.slot("checked_order")
        if number is None:
            turn.say("utter_order_id_invalid")
        turn.put("order_id", number)

    def read_phone_tail(self, turn: Turn, value: Any) -> None:
        """Four digits; words without any digit are no try and are left to other answers."""
        text = str(value)
        tail = phone_tail(text)
        if tail is None and has_digits(text) and order_number(text) is None:
            turn.say("utter_phone_tail_invalid")
        turn.put("phone_tail", tail)

    def _tail_in(self, turn: Turn, number: str | None) -> str | None:
        if turn.caller.customer_id is not None:
            return None
        asked = turn.slot("requested_slot") == "phone_tail"
        if asked and turn.slot("phone_tail") is None:
            return phone_tail(turn.text)
        checked = number is not None and turn.slot("checked_order") == number
        if asked or checked:
            return None
        said = answers.tail_said(turn.text) or answers.tail_beside(turn.text)
        return said or (mobile_tail(turn.text) if self.tail_in_passing else None)

    def _verify(self, turn: Turn) -> None:
        caller, number, tail = turn.caller, turn.slot("order_id"), turn.slot("phone_tail")
        if number is None:
            return
        if caller.customer_id is None:
            tail = self._tail_for(turn, number)
            turn.put("phone_tail", tail)
            if tail is None:
                return
        try:
            with Shop.open() as shop:
                shop.order_for(caller, number, tail, turn.key)
        except OrderNotFound:
            turn.say("utter_order_not_found")
            self._ask_again(turn, number)
        except OrderLocked:
            return
        else:
            turn.put("checked_order", number)

    @staticmethod
    def _tail_for(turn: Turn, number: str) -> str | None:
        """The tail to try on this order: the one just given, or that opened it in this session.

        One that was given for another order would only count as a wrong try.
        """
        tail = turn.slot("phone_tail")
        here = turn.slot("checked_order") in (None, number)
        if tail is not None and (here or tail in digits(turn.text)):
            return str(tail)
        pairs = turn.after_messages("checked_order", "phone_tail")
        return {order: opened for order, opened in pairs if opened is not None}.get(number)

    @staticmethod
    def _ask_again(turn: Turn, number: str) -> None:
        """After a first tail that does not fit, mistyped perhaps, the tail alone; then both."""
        answered = turn.slot("requested_slot") == "phone_tail" and order_number(turn.text) is None
        first = answered and turn.slot("missed_order") != number
        turn.put("missed_order", number if first else None)
        for name in (
            ("phone_tail", "checked_order")
            if first
            else (
                "order_id",
                "phone_tail",
                "checked_order",
            )
        ):
            turn.put(name, None)

    @staticmethod
    def _checked(turn: Turn, shop: Shop, number: str) -> Order | None:
        """The order once it was checked in this conversation; still checked again here."""
        caller, tail = turn.caller, phone_tail(str(turn.slot("phone_tail") or ""))
        if caller.customer_id is None and (turn.slot("checked_order") != number or tail is None):
            return None
        try:
            return shop.order_for(caller, number, tail, turn.key)
        except (OrderNotFound, OrderLocked):
            return None


class OrderStatusForm(OrderForm):
    """Which order, and whose."""

    form = "order_status_form"


class TrackForm(OrderForm):
    """Which order, and whose."""

    form = "track_form"


class DelayForm(OrderForm):
    """Which order, and whose."""

    form = "delay_form"


class NotReceivedForm(OrderForm):
    """Which order, and whose."""

    form = "not_received_form"


class ItemsForm(OrderForm):
    """Which order, and whose."""

    form = "items_form"


class RefundForm(OrderForm):
    """Which order, and whose."""

    form = "refund_form"


class CancelForm(OrderForm):
    """Which order, and a yes to cancelling just that one."""

    form = "cancel_form"

    def without(self, order: Order, names: list[str], today: date) -> list[str]:
        """No yes is needed for what cannot be cancelled any more."""
        return names if changeable(order) else [name for name in names if name != "confirm"]

    def extract(self, turn: Turn) -> Slots:
        """A yes or no in other words; a yes from before this form began counts for nothing."""
        found = super().extract(turn)
        answer = answers.cancel_answer(turn.text)
        if turn.slot("requested_slot") == "confirm" and answer is not None:
            found["confirm"] = answer
        if turn.slot("requested_slot") is None and turn.slot("confirm") is not None:
            found["confirm"] = None
        return found

    def read_confirm(self, turn: Turn, value: Any) -> None:
        """Yes or no; asked again when the same message means another order."""
        named = order_number(turn.text) is not None or _corrects(turn)
        turn.put("confirm", value if isinstance(value, bool) and not named else None)


class AddressForm(OrderForm):
    """Which order, and where it shall go."""

    form = "address_form"
    tail_in_passing = False  # a phone in such a message may be the new receiver's

    def extract(self, turn: Turn) -> Slots:
        """The order's own address where a correction gives a part of it anew."""
        found = super().extract(turn)
        number = order_number(str(found.get("order_id") or turn.slot("order_id") or ""))
        if number is not None and turn.slot("address") is None:
            with Shop.open() as shop:
                order = self._checked(turn, shop, number)
            address = answers.with_part(order.address, turn.text) if order is not None else None
            if address is not None:
                found["address"] = address
        return found

    def without(self, order: Order, names: list[str], today: date) -> list[str]:
        """No address is asked for when it is too late to change it."""
        return names if changeable(order) else [name for name in names if name != "address"]

    def read_address(self, turn: Turn, value: Any) -> None:
        """A whole address; a question is left to its own answer."""
        other = bool(turn.values("product")) and not has_digits(turn.text)
        if str(value) == turn.text and (other or answers.is_question(turn.text)):
            turn.put("address", None)
            return
        address = answers.read_address(str(value), turn.text)
        if address is None:
            turn.say("utter_address_invalid")
        elif (number := order_number(str(turn.slot("order_id") or ""))) is not None:
            with Shop.open() as shop:
                order = self._checked(turn, shop, number)
            address = answers.with_street(order.address, address) if order else address
        turn.put("address", address)


class ReturnForm(OrderForm):
    """Which order, and why it comes back."""

    form = "return_form"

    def without(self, order: Order, names: list[str], today: date) -> list[str]:
        """No reason is asked for when none would do."""
        if return_refusal(order, ReturnReason.QUALITY, today) is None:
            return names
        return [name for name in names if name != "return_reason"]

    def extract(self, turn: Turn) -> Slots:
        """A reason that is told while number or tail are asked for."""
        found = super().extract(turn)
        if turn.slot("requested_slot") in ("order_id", "phone_tail"):
            reason = answers.reason_named(turn.text)
            if reason is not None:
                found["return_reason"] = reason.value
        return found

    def read_return_reason(self, turn: Turn, value: Any) -> None:
        """One of the known reasons; a question or another request is none, and starts no return."""
        if str(value) == turn.text and not answers.is_reason(turn.text, turn.intent):
            turn.put("return_reason", None)
            return
        turn.put("return_reason", answers.read_reason(str(value), turn.intent).value)
