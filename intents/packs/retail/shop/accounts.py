"""Customers' accounts: level, points, vouchers."""

from __future__ import annotations

import sqlite3
from datetime import date

from shop.records import Customer, Text, Voucher

LEVELS = {
    "basic": Text("Basic", "普通会员"),
    "silver": Text("Silver", "银卡"),
    "gold": Text("Gold", "金卡"),
}


def customer(connection: sqlite3.Connection, customer_id: str) -> Customer | None:
    """The account, or None for an unknown id."""
    row = connection.execute("SELECT * FROM customers WHERE id = ?", (customer_id,)).fetchone()
    if row is None:
        return None
    return Customer(row["id"], row["name"], LEVELS[row["level"]], row["points"])


def vouchers_of(
    connection: sqlite3.Connection, customer_id: str, today: date
) -> tuple[Voucher, ...]:
    """Vouchers valid ``today``, the soonest to expire first."""
    rows = connection.execute(
        "SELECT * FROM vouchers WHERE customer_id = ? AND valid_until >= ? "
        "ORDER BY valid_until, code",
        (customer_id, today.isoformat()),
    ).fetchall()
    return tuple(
        Voucher(
            row["code"],
            row["amount"],
            row["percent"],
            row["minimum"],
            date.fromisoformat(row["valid_until"]),
        )
        for row in rows
    )
