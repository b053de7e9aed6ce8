"""The orders that the shop has on its first day."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shop.records import Text
from shop.seed import ADDRESS, PAYMENT, PRODUCTS

CARRIERS = {
    "SF": Text("SF Express", "顺丰"),
    "JD": Text("JD Logistics", "京东物流"),
    "YT": Text("YTO", "圆通"),
}
Day = Callable[[int | None], str | None]
PRICES = {item.sku: item.price for item in PRODUCTS}


@dataclass(frozen=True)
class _Parcel:
    """Days are relative to the day of seeding: -1 is the day before."""

    tracking_no: str
    shipped: int
    scanned: int
    scan: Text
    expected: int
    delivered: int | None = None
    place: Text | None = None


@dataclass(frozen=True)
class _Order:
    number: str
    customer: str
    status: str
    placed: int
    lines: tuple[tuple[str, str, str, int], ...]
    parcel: _Parcel | None = None
    shipping: int = 0
    discount: int = 0
    voucher: str | None = None
    returned: tuple[str, int, int | None] | None = None
    refund: tuple[int, int, int | None] | None = None


def _delivered(tracking_no: str, day: int, place: Text) -> _Parcel:
    return _Parcel(tracking_no, day - 3, day, Text("delivered", "已签收"), day, day, place)


DOOR = Text("handed over in person", "本人签收")
DESK = Text("left at the front desk of the building", "放在大楼前台")
LOCKER = Text("put into a parcel locker", "已放入快递柜")

ORDERS = (
    _Order("HL20418376", "C1001", "preparing", 0,
           (("HL-EAR", "blue", "", 1), ("HL-MUG", "white", "350 ml", 2))),
    _Order("HL20417752", "C1001", "shipped", -2, (("HL-HOD", "grey", "L", 1),),
           _Parcel("SF100200300401", -1, 0,
                   Text("Hangzhou sorting centre", "杭州分拣中心"), 1)),
    _Order("HL20415001", "C1001", "delivered", -6, (("HL-TSH", "blue", "M", 1),),
           _delivered("YT100200300391", -3, DOOR), shipping=8),
    _Order("HL20410233", "C1001", "returned", -15, (("HL-HOD", "black", "M", 1),),
           _delivered("SF100200300377", -12, DOOR),
           returned=("fit", -9, -1), refund=(229, 2, None)),
    _Order("HL20418420", "C1002", "preparing", 0, (("HL-LMP", "white", "", 1),)),
    _Order("HL20417810", "C1002", "shipped", -6, (("HL-DUV", "white", "200x230", 1),),
           _Parcel("YT100200300402", -6, -3, Text("Wuhan hub", "武汉转运中心"), -2)),
    _Order("HL20412344", "C1002", "delivered", -23, (("HL-JKT", "yellow", "M", 1),),
           _delivered("JD100200300355", -20, DESK)),
    _Order("HL20411870", "C1002", "returned", -19, (("HL-KET", "white", "1.5 L", 1),),
           _delivered("YT100200300349", -16, DOOR),
           returned=("quality", -10, -6), refund=(159, -4, -4)),
    _Order("HL20418555", "C1003", "unpaid", 0, (("HL-BLD", "white", "", 1),)),
    _Order("HL20416660", "C1003", "delivered", -4, (("HL-THM", "blue", "500 ml", 2),),
           _delivered("YT100200300396", -1, LOCKER)),
    _Order("HL20413900", "C1003", "delivered", -38, (("HL-PWR", "black", "20000 mAh", 1),),
           _delivered("SF100200300368", -35, DOOR)),
    _Order("HL20418101", "C1004", "preparing", 0, (("HL-SHT", "grey", "1.8 m", 1),),
           discount=30, voucher="AUTUMN30"),
    _Order("HL20417033", "C1004", "shipped", -2, (("HL-BAG", "green", "22 L", 1),),
           _Parcel("JD100200300403", -2, 0, Text("Chengdu, out for delivery", "成都，派送中"), 0)),
    _Order("HL20414477", "C1004", "delivered", -8, (("HL-SHO", "white", "39", 1),),
           _delivered("JD100200300382", -5, DESK), returned=("fit", -1, None)),
    _Order("HL20418610", "C1005", "preparing", 0, (("HL-VAC", "grey", "", 1),)),
    _Order("HL20415890", "C1005", "delivered", -5, (("HL-EAR2", "black", "", 1),),
           _delivered("SF100200300393", -2, DOOR)),
    _Order("HL20416200", "C1006", "cancelled", -2, (("HL-EAR", "black", "", 1),),
           refund=(299, 2, None)),
    _Order("HL20417405", "C1006", "shipped", -2, (("HL-MUG", "black", "350 ml", 4),),
           _Parcel("SF100200300404", -1, 0, Text("Beijing", "北京"), 1)),
)  # fmt: skip


def fill_orders(connection: sqlite3.Connection, now: datetime) -> None:
    """Write the orders, their parcels, returns and refunds; days count from ``now``."""

    def day(offset: int | None) -> str | None:
        return None if offset is None else (now + timedelta(days=offset)).date().isoformat()

    for count, order in enumerate(ORDERS):
        _order(connection, order, _placed_at(now, order.placed))
        if order.parcel:
            _parcel(connection, order.number, order.parcel, day)
        if order.returned:
            reason, requested, checked = order.returned
            connection.execute(
                "INSERT INTO returns VALUES (?, ?, ?, ?, ?)",
                (f"RT{19_000 + count}", order.number, reason, day(requested), day(checked)),
            )
        if order.refund:
            amount, expected, done = order.refund
            connection.execute(
                "INSERT INTO refunds VALUES (?, ?, ?, ?)",
                (order.number, amount * 100, day(expected), day(done)),
            )


def _placed_at(now: datetime, offset: int) -> datetime:
    """Orders of the day itself were placed a few minutes ago, others in the late morning."""
    if offset == 0:
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return max(midnight, now - timedelta(minutes=10))
    return (now + timedelta(days=offset)).replace(hour=11, minute=20, second=0, microsecond=0)


def _order(connection: sqlite3.Connection, order: _Order, placed_at: datetime) -> None:
    payment = PAYMENT[order.customer]
    goods = sum(PRICES[sku] * quantity for sku, _, _, quantity in order.lines)
    paid = 0 if order.status == "unpaid" else goods + order.shipping - order.discount
    connection.execute(
        "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (order.number, order.customer, order.status, placed_at.isoformat(), order.shipping * 100,
         order.discount * 100, paid * 100, order.voucher, payment.en, payment.zh,
         ADDRESS[order.customer]),
    )  # fmt: skip
    for position, (sku, color, size, quantity) in enumerate(order.lines):
        connection.execute(
            "INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?)",
            (order.number, position, sku, color, size, quantity, PRICES[sku] * 100),
        )


def _parcel(connection: sqlite3.Connection, number: str, parcel: _Parcel, day: Day) -> None:
    carrier = CARRIERS[parcel.tracking_no[:2]]
    place = parcel.place
    connection.execute(
        "INSERT INTO shipments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (number, carrier.en, carrier.zh, parcel.tracking_no, day(parcel.shipped),
         day(parcel.scanned), parcel.scan.en, parcel.scan.zh, day(parcel.expected),
         day(parcel.delivered), place.en if place else None, place.zh if place else None),
    )  # fmt: skip
