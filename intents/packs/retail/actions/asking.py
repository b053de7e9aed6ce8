"""Actions that ask for a slot where the question depends on who is asked, or about what."""

from __future__ import annotations

from shop import Order, Shop

from actions import answers
from actions.candidates import candidates, named
from actions.sdk import Button, Event, OrderStep, Step, Turn
from actions.wording import STATUS, items_text, line_text, yuan

MAX_CHOICES = 5


class ActionAskOrderId(Step):
    """Asks for the order: by number, or by buttons with the customer's own orders."""

    action = "action_ask_order_id"

    def answer(self, turn: Turn) -> list[Event]:
        """Ask; a signed-in customer chooses among the orders that suit the running form."""
        customer_id = turn.caller.customer_id
        orders: list[Order] = []
        if customer_id is not None:
            with Shop.open() as shop:
                everything = list(shop.orders_of(customer_id))
                orders = candidates(shop, customer_id, turn.form) or everything
                orders = _named(turn, shop, orders) or _named(turn, shop, everything) or orders
        if orders:
            buttons = [_button(turn, order) for order in orders[:MAX_CHOICES]]
            turn.say("utter_ask_order_choice", buttons=buttons)
        else:
            turn.say("utter_ask_order_id")
        return []


class ActionAskInvoiceTitle(Step):
    """Asks whom the invoice is for; of a company what is missing: name and tax number, or the
    number alone."""

    action = "action_ask_invoice_title"

    def answer(self, turn: Turn) -> list[Event]:
        """Ask."""
        company = turn.slot("invoice_company")
        if company is None:
            turn.say("utter_ask_invoice_title")
        else:
            turn.say(
                "utter_ask_company" if company == answers.UNNAMED else "utter_invoice_tax_missing"
            )
        return []


class ActionAskConfirm(OrderStep):
    """Asks whether the order shall really be cancelled, naming what is in it."""

    action = "action_ask_confirm"

    def about(self, turn: Turn, shop: Shop, order: Order) -> list[Event]:
        """Ask for a yes or no."""
        turn.say(
            "utter_ask_confirm",
            order_id=order.number,
            items=items_text(order, turn.language),
            total_amount=yuan(order.total - order.discount),
        )
        return []


def _named(turn: Turn, shop: Shop, orders: list[Order]) -> list[Order]:
    """Those of ``orders`` that hold the one product that the message names."""
    products = turn.values("product")
    product = shop.product(products[0]) if len(products) == 1 else None
    return named(orders, product, turn.values("color")) if product is not None else []


def _button(turn: Turn, order: Order) -> Button:
    first = line_text(order.lines[0], turn.language)
    more = " …" if len(order.lines) > 1 else ""
    status = STATUS[order.status].in_(turn.language)
    return {"title": f"{order.number} · {first}{more} · {status}", "payload": order.number}
