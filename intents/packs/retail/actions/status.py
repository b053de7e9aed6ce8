"""Actions that tell how an order, its parcel or its refund stands."""

from __future__ import annotations

from datetime import date

from shop import Order, OrderStatus, Shop
from shop.policy import dispatch_day
from shop.records import BEFORE_DISPATCH, Shipment

from actions.replies import Value
from actions.sdk import Event, OrderStep, Turn, follow_up
from actions.wording import (
    REFUND_ON_ITS_WAY,
    REFUND_WAITS,
    STATUS,
    days_text,
    items_text,
    yuan,
)


class ActionOrderStatus(OrderStep):
    """Tells how an order stands."""

    action = "action_order_status"

    def about(self, turn: Turn, shop: Shop, order: Order) -> list[Event]:
        """Say the status and what belongs to it."""
        say_status(turn, shop, order)
        return []


class ActionTrackShipment(OrderStep):
    """Tells where a parcel is."""

    action = "action_track_shipment"

    def about(self, turn: Turn, shop: Shop, order: Order) -> list[Event]:
        """Say carrier, last scan and expected day, or that it has not left yet."""
        say_whereabouts(turn, shop, order)
        return []


class ActionDeliveryDelay(OrderStep):
    """Answers a complaint about a late parcel: an apology if it is late, facts otherwise."""

    action = "action_delivery_delay"

    def about(self, turn: Turn, shop: Shop, order: Order) -> list[Event]:
        """Apologise for a parcel that is overdue; else say where it is."""
        parcel = order.shipment
        if parcel is None or not _overdue(order, parcel, shop.today()):
            say_whereabouts(turn, shop, order)
            return []
        late = (shop.today() - parcel.expected_on).days
        turn.say(
            "utter_delivery_delay_apology",
            order_id=order.number,
            carrier=parcel.carrier.in_(turn.language),
            tracking_no=parcel.tracking_no,
            scan_date=parcel.scanned_on,
            last_scan=parcel.last_scan.in_(turn.language),
            expected_date=parcel.expected_on,
            days_late=days_text(late, turn.language),
        )
        return []


class ActionNotReceived(OrderStep):
    """Takes up a parcel that is marked as delivered and did not arrive, with a person."""

    action = "action_not_received"

    def about(self, turn: Turn, shop: Shop, order: Order) -> list[Event]:
        """Say where it was left and hand over; a parcel still on its way needs no person."""
        parcel = order.shipment
        if parcel is None or parcel.delivered_on is None:
            say_whereabouts(turn, shop, order)
            if order.status is OrderStatus.SHIPPED:
                turn.say("utter_not_scanned_yet")
            return []
        turn.say("utter_delivered_not_received", values=_delivery(turn, order, parcel))
        return [follow_up("action_handoff")]


class ActionRefundStatus(OrderStep):
    """Tells where a refund is."""

    action = "action_refund_status"

    def about(self, turn: Turn, shop: Shop, order: Order) -> list[Event]:
        """Say amount, way and day of the refund, or what it waits for."""
        method = order.payment_method.in_(turn.language)
        refund, returned = order.refund, order.returned
        if refund is not None and refund.done_on is not None:
            turn.say(
                "utter_refund_done",
                order_id=order.number,
                refund_amount=yuan(refund.amount),
                payment_method=method,
                refund_date=refund.done_on,
            )
        elif refund is not None:
            turn.say(
                "utter_refund_status",
                order_id=order.number,
                refund_amount=yuan(refund.amount),
                payment_method=method,
                refund_state=REFUND_ON_ITS_WAY.in_(turn.language),
            )
            turn.say("utter_refund_expected", expected_date=refund.expected_on)
        elif returned is not None:
            turn.say(
                "utter_refund_status",
                order_id=order.number,
                refund_amount=yuan(order.paid),
                payment_method=method,
                refund_state=REFUND_WAITS.in_(turn.language),
            )
            turn.say(
                "utter_refund_after_check",
                return_no=returned.number,
                requested_date=returned.requested_on,
            )
        else:
            turn.say("utter_no_refund", order_id=order.number)
        return []


def say_status(turn: Turn, shop: Shop, order: Order) -> None:
    """Say the status of an order and the details that belong to it."""
    if order.status is OrderStatus.UNPAID:
        turn.say(
            "utter_order_unpaid",
            order_id=order.number,
            items=items_text(order, turn.language),
            total_amount=yuan(order.total),
        )
        return
    turn.say(
        "utter_order_status",
        order_id=order.number,
        items=items_text(order, turn.language),
        total_amount=yuan(order.total),
        order_date=order.placed_on,
        status=STATUS[order.status].in_(turn.language),
    )
    _say_progress(turn, shop, order)
    say_money(turn, order)


def _say_progress(turn: Turn, shop: Shop, order: Order) -> None:
    parcel = order.shipment
    if order.status is OrderStatus.PREPARING:
        leaves = dispatch_day(order.placed_at, shop.today())
        turn.say("utter_status_preparing", dispatch_date=leaves)
    elif order.status is OrderStatus.SHIPPED and parcel is not None:
        turn.say(
            "utter_status_shipped",
            carrier=parcel.carrier.in_(turn.language),
            tracking_no=parcel.tracking_no,
            expected_date=parcel.expected_on,
        )
        if _overdue(order, parcel, shop.today()):
            turn.say("utter_shipment_overdue")
    elif order.status is OrderStatus.DELIVERED and parcel and parcel.delivered_on and parcel.place:
        turn.say(
            "utter_status_delivered",
            delivered_date=parcel.delivered_on,
            place=parcel.place.in_(turn.language),
        )
    if order.returned is not None and order.refund is None:
        turn.say(
            "utter_status_return",
            return_no=order.returned.number,
            requested_date=order.returned.requested_on,
        )


def say_money(turn: Turn, order: Order) -> None:
    """Say what became of the money: refunded, on its way, or less by a voucher."""
    method = order.payment_method.in_(turn.language)
    if order.refund is not None and order.refund.done_on is not None:
        turn.say(
            "utter_status_refunded",
            refund_amount=yuan(order.refund.amount),
            payment_method=method,
            refund_date=order.refund.done_on,
        )
    elif order.refund is not None:
        turn.say(
            "utter_status_refund",
            refund_amount=yuan(order.refund.amount),
            payment_method=method,
            expected_date=order.refund.expected_on,
        )
    elif order.voucher_code is not None:
        turn.say(
            "utter_status_voucher",
            voucher_code=order.voucher_code,
            discount_amount=yuan(order.discount),
            paid_amount=yuan(order.paid),
        )


def say_whereabouts(turn: Turn, shop: Shop, order: Order) -> None:
    """Say where an order's parcel is; for one that ended or is unpaid, how the order stands."""
    parcel = order.shipment
    if order.status is OrderStatus.PREPARING:
        leaves = dispatch_day(order.placed_at, shop.today())
        turn.say("utter_not_shipped_yet", order_id=order.number, dispatch_date=leaves)
    elif parcel is None or order.status not in (OrderStatus.SHIPPED, OrderStatus.DELIVERED):
        say_status(turn, shop, order)
    elif parcel.delivered_on is not None:
        turn.say("utter_shipment_delivered", values=_delivery(turn, order, parcel))
    else:
        turn.say(
            "utter_shipment_status",
            order_id=order.number,
            carrier=parcel.carrier.in_(turn.language),
            tracking_no=parcel.tracking_no,
            scan_date=parcel.scanned_on,
            last_scan=parcel.last_scan.in_(turn.language),
            expected_date=parcel.expected_on,
        )
        if _overdue(order, parcel, shop.today()):
            turn.say("utter_shipment_overdue")


def changeable(order: Order) -> bool:
    """Whether the order is still in the warehouse."""
    return order.status in BEFORE_DISPATCH


def _delivery(turn: Turn, order: Order, parcel: Shipment) -> dict[str, Value]:
    assert parcel.delivered_on is not None
    assert parcel.place is not None
    return {
        "order_id": order.number,
        "carrier": parcel.carrier.in_(turn.language),
        "tracking_no": parcel.tracking_no,
        "delivered_date": parcel.delivered_on,
        "place": parcel.place.in_(turn.language),
    }


def _overdue(order: Order, parcel: Shipment, today: date) -> bool:
    return order.status is OrderStatus.SHIPPED and today > parcel.expected_on
