"""Changes to the shop, each done once however often it is asked for.

A change reads the order again inside its transaction, decides, writes, and stores its result
under the request's key in the same transaction. The same key later gets the stored result.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime

from shop import policy
from shop.orders import load
from shop.records import BEFORE_DISPATCH, Order, OrderStatus, ReturnReason

Result = dict[str, str | int | None]
"""Plain outcome of a change: ``outcome`` names it, the rest are its amounts and days."""


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold the write lock; commit at the end, roll back on any exception."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def cancel(connection: sqlite3.Connection, now: datetime, order: Order, key: str | None) -> Result:
    """Cancel an order that has not left: stock goes back, the money too.

    Outcomes: ``cancelled`` with ``refund`` (fen, 0 if unpaid) and ``expected_on``; ``too_late``;
    ``ended`` for an order that is already cancelled or returned.
    """

    def effect() -> Result:
        current = load(connection, order.number)
        if current.status in (OrderStatus.CANCELLED, OrderStatus.RETURNED):
            return {"outcome": "ended"}
        if current.status not in BEFORE_DISPATCH:
            return {"outcome": "too_late"}
        _set_status(connection, current, OrderStatus.CANCELLED)
        _put_back(connection, current)
        expected = policy.add_working_days(now.date(), policy.REFUND_WORKING_DAYS)
        if current.paid:
            _refund(connection, current, expected)
        return {
            "outcome": "cancelled",
            "refund": current.paid,
            "expected_on": expected.isoformat(),
        }

    return _once(connection, now, key, effect)


def change_address(
    connection: sqlite3.Connection, now: datetime, order: Order, address: str, key: str | None
) -> Result:
    """Send an order that has not left to another address.

    Outcomes: ``changed``, ``too_late``, ``ended``.
    """

    def effect() -> Result:
        current = load(connection, order.number)
        if current.status in (OrderStatus.CANCELLED, OrderStatus.RETURNED):
            return {"outcome": "ended"}
        if current.status not in BEFORE_DISPATCH:
            return {"outcome": "too_late"}
        connection.execute(
            "UPDATE orders SET address = ? WHERE number = ?", (address, current.number)
        )
        return {"outcome": "changed"}

    return _once(connection, now, key, effect)


def start_return(
    connection: sqlite3.Connection,
    now: datetime,
    order: Order,
    reason: ReturnReason,
    key: str | None,
) -> Result:
    """Open a return for a delivered order within its window.

    Outcomes: ``started`` with ``return_no`` and ``shop_pays`` (0 or 1), ``exists``,
    ``window_over``, ``not_delivered``, ``ended``.
    """

    def effect() -> Result:
        current = load(connection, order.number)
        refusal = return_refusal(current, reason, now.date())
        if refusal:
            return {"outcome": refusal}
        number = _return_number(connection)
        connection.execute(
            "INSERT INTO returns (number, order_number, reason, requested_on) VALUES (?, ?, ?, ?)",
            (number, current.number, reason.value, now.date().isoformat()),
        )
        shop_pays = int(reason in policy.SHOP_PAYS)
        return {"outcome": "started", "return_no": number, "shop_pays": shop_pays}

    return _once(connection, now, key, effect)


def return_refusal(order: Order, reason: ReturnReason, today: date) -> str | None:
    """Why ``order`` cannot be returned for ``reason``, or None when it can."""
    if order.status is OrderStatus.CANCELLED:
        return "ended"
    if order.returned is not None:
        return "exists"
    if order.status is not OrderStatus.DELIVERED or order.delivered_on is None:
        return "not_delivered"
    return None if policy.may_return(order.delivered_on, reason, today) else "window_over"


def request_invoice(
    connection: sqlite3.Connection,
    now: datetime,
    order: Order,
    title: str,
    tax_number: str | None,
    email: str,
    key: str | None,
) -> Result:
    """Ask for the electronic invoice of a paid order.

    Outcomes: ``requested``, ``exists``, ``too_late``, ``not_paid`` (unpaid or cancelled).
    """

    def effect() -> Result:
        current = load(connection, order.number)
        if current.status in (OrderStatus.UNPAID, OrderStatus.CANCELLED):
            return {"outcome": "not_paid"}
        if current.invoice is not None:
            return {"outcome": "exists"}
        if not policy.may_invoice(current.placed_on, now.date()):
            return {"outcome": "too_late"}
        connection.execute(
            "INSERT INTO invoices (order_number, title, tax_number, email, requested_on) "
            "VALUES (?, ?, ?, ?, ?)",
            (current.number, title, tax_number, email, now.date().isoformat()),
        )
        return {"outcome": "requested"}

    return _once(connection, now, key, effect)


def _once(
    connection: sqlite3.Connection,
    now: datetime,
    key: str | None,
    effect: Callable[[], Result],
) -> Result:
    with transaction(connection):
        if key is None:
            return effect()
        stored = connection.execute(
            "SELECT result FROM applied WHERE idempotency_key = ?", (key,)
        ).fetchone()
        if stored is not None:
            earlier: Result = json.loads(stored["result"])
            return earlier
        result = effect()
        connection.execute(
            "INSERT INTO applied (idempotency_key, result, at) VALUES (?, ?, ?)",
            (key, json.dumps(result), now.isoformat()),
        )
        return result


def _set_status(connection: sqlite3.Connection, order: Order, status: OrderStatus) -> None:
    connection.execute(
        "UPDATE orders SET status = ? WHERE number = ?", (status.value, order.number)
    )


def _put_back(connection: sqlite3.Connection, order: Order) -> None:
    connection.execute(
        """
        UPDATE stock SET quantity = stock.quantity + l.quantity FROM lines l
        WHERE l.order_number = ? AND l.sku = stock.sku
          AND l.color = stock.color AND l.size = stock.size
        """,
        (order.number,),
    )


def _refund(connection: sqlite3.Connection, order: Order, expected: date) -> None:
    connection.execute(
        "INSERT INTO refunds (order_number, amount, expected_on) VALUES (?, ?, ?)",
        (order.number, order.paid, expected.isoformat()),
    )


def _return_number(connection: sqlite3.Connection) -> str:
    count = connection.execute("SELECT count(*) FROM returns").fetchone()[0]
    return f"RT{20_000 + count + 1}"
