"""Reading orders with everything that hangs on them."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime

from shop.records import (
    Invoice,
    Line,
    Order,
    OrderStatus,
    Refund,
    Return,
    Shipment,
    Text,
)
from shop.seed import COLORS


def load(connection: sqlite3.Connection, number: str) -> Order:
    """The order ``number``, which must exist."""
    row = connection.execute("SELECT * FROM orders WHERE number = ?", (number,)).fetchone()
    return _order(connection, row)


def orders_of(connection: sqlite3.Connection, customer_id: str) -> tuple[Order, ...]:
    """All orders of a customer, the newest first."""
    rows = connection.execute(
        "SELECT * FROM orders WHERE customer_id = ? ORDER BY placed_at DESC, number DESC",
        (customer_id,),
    ).fetchall()
    return tuple(_order(connection, row) for row in rows)


def _order(connection: sqlite3.Connection, row: sqlite3.Row) -> Order:
    number = row["number"]
    lines = connection.execute(
        """
        SELECT l.*, p.name_en, p.name_zh, p.kind
        FROM lines l JOIN products p ON p.sku = l.sku
        WHERE l.order_number = ? ORDER BY l.position
        """,
        (number,),
    ).fetchall()
    goods = sum(line["price"] * line["quantity"] for line in lines)
    return Order(
        number=number,
        customer_id=row["customer_id"],
        status=OrderStatus(row["status"]),
        placed_at=datetime.fromisoformat(row["placed_at"]),
        lines=tuple(_line(line) for line in lines),
        total=goods + row["shipping"],
        discount=row["discount"],
        paid=row["paid"],
        voucher_code=row["voucher_code"],
        payment_method=Text(row["payment_en"], row["payment_zh"]),
        address=row["address"],
        shipment=_shipment(_one(connection, "shipments", number)),
        returned=_return(_one(connection, "returns", number)),
        refund=_refund(_one(connection, "refunds", number)),
        invoice=_invoice(_one(connection, "invoices", number)),
    )


def _one(connection: sqlite3.Connection, table: str, number: str) -> sqlite3.Row | None:
    found: sqlite3.Row | None = connection.execute(
        f"SELECT * FROM {table} WHERE order_number = ?",  # noqa: S608 - our own table names
        (number,),
    ).fetchone()
    return found


def _line(row: sqlite3.Row) -> Line:
    return Line(
        sku=row["sku"],
        product=Text(row["name_en"], row["name_zh"]),
        kind=row["kind"],
        color=COLORS.get(row["color"]),
        size=row["size"] or None,
        quantity=row["quantity"],
    )


def _shipment(row: sqlite3.Row | None) -> Shipment | None:
    if row is None:
        return None
    return Shipment(
        carrier=Text(row["carrier_en"], row["carrier_zh"]),
        tracking_no=row["tracking_no"],
        shipped_on=date.fromisoformat(row["shipped_on"]),
        scanned_on=date.fromisoformat(row["scanned_on"]),
        last_scan=Text(row["scan_en"], row["scan_zh"]),
        expected_on=date.fromisoformat(row["expected_on"]),
        delivered_on=_day(row["delivered_on"]),
        place=Text(row["place_en"], row["place_zh"]) if row["place_en"] else None,
    )


def _return(row: sqlite3.Row | None) -> Return | None:
    if row is None:
        return None
    requested = date.fromisoformat(row["requested_on"])
    return Return(row["number"], row["reason"], requested, _day(row["checked_on"]))


def _refund(row: sqlite3.Row | None) -> Refund | None:
    if row is None:
        return None
    return Refund(row["amount"], date.fromisoformat(row["expected_on"]), _day(row["done_on"]))


def _invoice(row: sqlite3.Row | None) -> Invoice | None:
    if row is None:
        return None
    requested = date.fromisoformat(row["requested_on"])
    return Invoice(row["title"], row["tax_number"], row["email"], requested)


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
