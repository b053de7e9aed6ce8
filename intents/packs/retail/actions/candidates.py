"""Which of a signed-in customer's orders a form can be about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from shop import Order, OrderStatus, Shop
from shop.changes import return_refusal
from shop.policy import RETURN_DAYS, may_invoice
from shop.records import BEFORE_DISPATCH, Product, ReturnReason

NOT_INVOICED = frozenset({OrderStatus.UNPAID, OrderStatus.CANCELLED, OrderStatus.RETURNED})


def candidates(shop: Shop, customer_id: str, form: str | None) -> list[Order]:
    """The customer's orders that suit the purpose of ``form``, the newest first."""
    orders = shop.orders_of(customer_id)
    if form == "delay_form":
        return _late_or_open(orders, shop.today())
    if form == "track_form":
        on_the_way = [order for order in orders if order.status is OrderStatus.SHIPPED]
        return on_the_way or [o for o in orders if o.status is OrderStatus.PREPARING]
    return [order for order in orders if _suits(order, form, shop.today())]


def named(orders: Sequence[Order], product: Product | None, colors: Sequence[str]) -> list[Order]:
    """Those of ``orders`` that hold the product, in one of the colours where some are said.

    Without a product, those that hold anything in one of the colours.
    """
    holding = [(order, line) for order in orders for line in order.lines
               if product is None or line.sku == product.sku]  # fmt: skip
    wanted = {color.casefold() for color in colors}
    closer = [
        order for order, line in holding
        if line.color and {line.color.en.casefold(), line.color.zh, line.color.zh[:-1]} & wanted
    ]  # fmt: skip
    alike = [] if product is None else [order for order, _ in holding]
    return list(dict.fromkeys(closer or alike))


def _suits(order: Order, form: str | None, today: date) -> bool:
    match form:
        case "cancel_form" | "address_form" | "items_form":
            return order.status in BEFORE_DISPATCH
        case "return_form":
            return return_refusal(order, ReturnReason.QUALITY, today) is None
        case "refund_form":
            return order.refund is not None or order.returned is not None
        case "not_received_form":
            return _just_delivered(order, today)
        case "invoice_form":
            open_ = order.invoice is None and may_invoice(order.placed_on, today)
            return open_ and order.status not in NOT_INVOICED
        case _:
            return True


def _just_delivered(order: Order, today: date) -> bool:
    if order.status is not OrderStatus.DELIVERED or order.delivered_on is None:
        return False
    return (today - order.delivered_on).days <= RETURN_DAYS


def _late_or_open(orders: tuple[Order, ...], today: date) -> list[Order]:
    """The late parcels where there are some, else all orders that have not arrived."""
    shipped = [order for order in orders if order.status is OrderStatus.SHIPPED]
    late = [o for o in shipped if o.shipment is not None and today > o.shipment.expected_on]
    return late or [o for o in orders if o in shipped or o.status is OrderStatus.PREPARING]
