"""Actions that change an order. Each hands its step's key to the shop, which acts once per key."""

from __future__ import annotations

from datetime import date

from shop import Order, Shop
from shop.records import OrderStatus, ReturnReason

from actions.sdk import Event, OrderStep, Turn, follow_up, forget
from actions.status import changeable, say_money, say_status
from actions.wording import items_text, title_text, yuan


class ActionCancelOrder(OrderStep):
    """Cancels an order that has not left, after the customer said yes."""

    action = "action_cancel_order"

    def about(self, turn: Turn, shop: Shop, order: Order) -> list[Event]:
        """Cancel, keep, or say why it cannot be done."""
        confirmed = turn.slot("confirm")
        if confirmed is False and changeable(order):
            turn.say("utter_cancel_kept", order_id=order.number)
            return forget("confirm")
        if confirmed is not True and changeable(order):
            raise self.reject("The customer has not confirmed the cancellation.")
        result = shop.cancel(order, turn.key)
        if result["outcome"] == "cancelled":
            turn.say(
                "utter_order_cancelled",
                order_id=order.number,
                items=items_text(order, turn.language),
            )
            self._say_refund(turn, order, result)
        elif result["outcome"] == "too_late":
            turn.say("utter_cancel_too_late", order_id=order.number)
        elif order.status is OrderStatus.CANCELLED:
            turn.say("utter_cancel_final", order_id=order.number)
            say_money(turn, order)
        else:
            say_status(turn, shop, order)
        return forget("confirm")

    @staticmethod
    def _say_refund(turn: Turn, order: Order, result: dict[str, str | int | None]) -> None:
        amount = int(result["refund"] or 0)
        if amount:
            turn.say(
                "utter_cancel_refund",
                refund_amount=yuan(amount),
                payment_method=order.payment_method.in_(turn.language),
                expected_date=date.fromisoformat(str(result["expected_on"])),
            )


class ActionChangeAddress(OrderStep):
    """Sends an order that has not left to another address."""

    action = "action_change_address"

    def about(self, turn: Turn, shop: Shop, order: Order) -> list[Event]:
        """Change the address or say who still can."""
        address = turn.slot("address")
        if not address and changeable(order):
            raise self.reject("The slot address is empty.")
        result = shop.change_address(order, str(address or ""), turn.key)
        if result["outcome"] == "changed":
            turn.say("utter_address_changed", order_id=order.number, address=str(address))
        elif result["outcome"] == "too_late" and order.shipment is not None:
            turn.say(
                "utter_address_too_late",
                order_id=order.number,
                carrier=order.shipment.carrier.in_(turn.language),
                tracking_no=order.shipment.tracking_no,
            )
        else:
            say_status(turn, shop, order)
        return forget("address")


class ActionChangeItems(OrderStep):
    """Hands a change of items to a person while the order is still in the warehouse."""

    action = "action_change_items"

    def about(self, turn: Turn, shop: Shop, order: Order) -> list[Event]:
        """Say whether it is possible, and bring a person where it is."""
        if changeable(order):
            items = items_text(order, turn.language)
            turn.say("utter_change_items_possible", order_id=order.number, items=items)
            return [follow_up("action_handoff")]
        if order.shipment is None:
            say_status(turn, shop, order)
        else:
            turn.say("utter_change_items_too_late", order_id=order.number)
        return []


class ActionStartReturn(OrderStep):
    """Opens a return for a delivered order."""

    action = "action_start_return"

    def about(self, turn: Turn, shop: Shop, order: Order) -> list[Event]:
        """Open the return, or say why there can be none."""
        code = turn.slot("return_reason")
        reason = ReturnReason(code) if code in set(ReturnReason) else ReturnReason.OTHER
        result = shop.start_return(order, reason, turn.key)
        match result["outcome"]:
            case "started":
                self._say_started(turn, order, reason, result)
            case "exists" if order.returned is not None:
                turn.say(
                    "utter_return_exists",
                    order_id=order.number,
                    return_no=order.returned.number,
                    requested_date=order.returned.requested_on,
                )
            case "window_over" if order.delivered_on is not None:
                turn.say(
                    "utter_return_window_over",
                    order_id=order.number,
                    delivered_date=order.delivered_on,
                )
            case "not_delivered":
                turn.say("utter_return_not_yet", order_id=order.number)
            case _:
                say_status(turn, shop, order)
        return forget("return_reason")

    @staticmethod
    def _say_started(
        turn: Turn, order: Order, reason: ReturnReason, result: dict[str, str | int | None]
    ) -> None:
        turn.say(
            "utter_return_started",
            order_id=order.number,
            items=items_text(order, turn.language),
            return_no=str(result["return_no"]),
            refund_amount=yuan(order.paid),
            payment_method=order.payment_method.in_(turn.language),
        )
        turn.say("utter_return_fee_shop" if result["shop_pays"] else "utter_return_fee_customer")
        if not result["shop_pays"] and any(line.kind == "earphones" for line in order.lines):
            turn.say("utter_return_sealed_only")


class ActionRequestInvoice(OrderStep):
    """Asks for the electronic invoice of an order."""

    action = "action_request_invoice"

    def about(self, turn: Turn, shop: Shop, order: Order) -> list[Event]:
        """Request it, or say why there can be none."""
        title, email = turn.slot("invoice_title"), turn.slot("email")
        result = shop.request_invoice(
            order, str(title or ""), turn.slot("tax_number"), str(email or ""), turn.key
        )
        match result["outcome"]:
            case "requested":
                turn.say(
                    "utter_invoice_requested",
                    order_id=order.number,
                    total_amount=yuan(order.paid),
                    invoice_title=title_text(str(title), turn.language),
                    email=str(email),
                )
            case "exists" if order.invoice is not None:
                turn.say(
                    "utter_invoice_exists",
                    order_id=order.number,
                    invoice_title=title_text(order.invoice.title, turn.language),
                    requested_date=order.invoice.requested_on,
                )
            case "too_late":
                turn.say(
                    "utter_invoice_too_late", order_id=order.number, order_date=order.placed_on
                )
            case _:
                say_status(turn, shop, order)
        return forget("invoice_title", "invoice_company", "tax_number", "email")
