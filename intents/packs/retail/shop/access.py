"""Who may see an order: its signed-in owner, or whoever knows its number and phone tail.

Wrong tries are counted whether or not the order exists, and the answer is the same, so that
neither order numbers nor tails can be found out by asking.
"""

from __future__ import annotations

import hmac
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from shop.changes import transaction
from shop.errors import OrderLocked, OrderNotFound
from shop.orders import load
from shop.records import Order

TRIES = 5
"""Wrong tries of one visitor on one order that lock it for that visitor."""

ORDER_TRIES = 20
"""Wrong tries of all visitors together that lock an order for everybody not signed in."""

VISITOR_TRIES = 20
"""Wrong tries of one visitor over all orders that lock every order for that visitor."""

WINDOW = timedelta(hours=24)
"""How long a wrong try counts."""


@dataclass(frozen=True)
class Caller:
    """Who asks, as the service vouches: a signed-in customer, or a visitor's pseudonym."""

    customer_id: str | None
    visitor: str


def order_for(
    connection: sqlite3.Connection,
    now: datetime,
    caller: Caller,
    number: str,
    tail: str | None,
    step: str | None = None,
) -> Order:
    """The order ``number`` if it is the caller's.

    :param tail: four digits, needed unless the caller is signed in.
    :param step: key of the request; a repeated request counts as one try.
    :raises OrderNotFound: unknown number, another's order, or a wrong or missing tail.
    :raises OrderLocked: too many wrong tries; also raised by the try that reaches the limit.
    """
    if caller.customer_id is not None:
        return _own(connection, caller.customer_id, number)
    with transaction(connection):
        if _locked(connection, now, caller.visitor, number):
            raise OrderLocked
        if tail is None:
            raise OrderNotFound
        if _tail_fits(connection, number, tail):
            _forgive(connection, caller.visitor, number)
            return load(connection, number)
        _note(connection, now, caller.visitor, number, step)
        locked = _locked(connection, now, caller.visitor, number)
    # Raised after the commit: a rolled-back try would not count.
    raise OrderLocked if locked else OrderNotFound


def locked(connection: sqlite3.Connection, now: datetime, caller: Caller, number: str) -> bool:
    """Whether ``number`` is closed to this caller; never to a signed-in customer."""
    return caller.customer_id is None and _locked(connection, now, caller.visitor, number)


def _own(connection: sqlite3.Connection, customer_id: str, number: str) -> Order:
    row = connection.execute(
        "SELECT 1 FROM orders WHERE number = ? AND customer_id = ?", (number, customer_id)
    ).fetchone()
    if row is None:
        raise OrderNotFound
    return load(connection, number)


def _tail_fits(connection: sqlite3.Connection, number: str, tail: str) -> bool:
    row = connection.execute(
        "SELECT c.phone FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.number = ?",
        (number,),
    ).fetchone()
    phone = str(row["phone"]) if row else ""
    return hmac.compare_digest(phone[-4:].encode(), tail.encode())


def _locked(connection: sqlite3.Connection, now: datetime, visitor: str, number: str) -> bool:
    row = connection.execute(
        """
        SELECT count(*) FILTER (WHERE visitor = :visitor AND order_number = :number) AS here,
               count(*) FILTER (WHERE order_number = :number) AS of_order,
               count(*) FILTER (WHERE visitor = :visitor) AS of_visitor
        FROM attempts
        WHERE at > :since AND (visitor = :visitor OR order_number = :number)
        """,
        {"visitor": visitor, "number": number, "since": (now - WINDOW).isoformat()},
    ).fetchone()
    return bool(
        row["here"] >= TRIES or row["of_order"] >= ORDER_TRIES or row["of_visitor"] >= VISITOR_TRIES
    )


def _note(
    connection: sqlite3.Connection, now: datetime, visitor: str, number: str, step: str | None
) -> None:
    connection.execute("DELETE FROM attempts WHERE at <= ?", ((now - WINDOW).isoformat(),))
    connection.execute(
        "INSERT OR IGNORE INTO attempts (visitor, order_number, at, step) VALUES (?, ?, ?, ?)",
        (visitor, number, now.isoformat(), step),
    )


def _forgive(connection: sqlite3.Connection, visitor: str, number: str) -> None:
    connection.execute(
        "DELETE FROM attempts WHERE visitor = ? AND order_number = ?", (visitor, number)
    )
