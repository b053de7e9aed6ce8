"""What the shop's rows are in Python. Amounts are whole fen (1/100 yuan), days are shop days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Literal

Language = Literal["en", "zh"]
Clock = Callable[[], datetime]

SHOP_TIME = timezone(timedelta(hours=8), "CST")
"""The shop's time zone; China has had no summer time since 1991."""


def system_clock() -> datetime:
    """The present moment in the shop's time zone."""
    return datetime.now(SHOP_TIME)


@dataclass(frozen=True)
class Text:
    """A word or name in both of the shop's languages."""

    en: str
    zh: str

    def in_(self, language: Language) -> str:
        """The text in ``language``."""
        return self.zh if language == "zh" else self.en


class OrderStatus(StrEnum):
    """How far an order is."""

    UNPAID = "unpaid"
    PREPARING = "preparing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RETURNED = "returned"


BEFORE_DISPATCH = frozenset({OrderStatus.UNPAID, OrderStatus.PREPARING})
"""States in which an order can still be changed or cancelled."""


class ReturnReason(StrEnum):
    """Why something comes back; it decides about the window and who pays."""

    FIT = "fit"
    MIND = "mind"
    QUALITY = "quality"
    DAMAGED = "damaged"
    WRONG = "wrong"
    OTHER = "other"


@dataclass(frozen=True)
class Line:
    """One line of an order."""

    sku: str
    product: Text
    kind: str
    color: Text | None
    size: str | None
    quantity: int


@dataclass(frozen=True)
class Shipment:
    """A parcel: who carries it, where it was last seen, when it is due or was delivered."""

    carrier: Text
    tracking_no: str
    shipped_on: date
    scanned_on: date
    last_scan: Text
    expected_on: date
    delivered_on: date | None
    place: Text | None


@dataclass(frozen=True)
class Return:
    """A return that was asked for."""

    number: str
    reason: str
    requested_on: date
    checked_on: date | None


@dataclass(frozen=True)
class Refund:
    """Money on its way back; ``done_on`` is set once it has been sent."""

    amount: int
    expected_on: date
    done_on: date | None


@dataclass(frozen=True)
class Invoice:
    """An invoice that was asked for; ``title`` is ``personal`` or a company's name."""

    title: str
    tax_number: str | None
    email: str
    requested_on: date


@dataclass(frozen=True)
class Order:
    """An order with everything that hangs on it; ``paid`` is what the customer really paid."""

    number: str
    customer_id: str
    status: OrderStatus
    placed_at: datetime
    lines: tuple[Line, ...]
    total: int
    discount: int
    paid: int
    voucher_code: str | None
    payment_method: Text
    address: str
    shipment: Shipment | None
    returned: Return | None
    refund: Refund | None
    invoice: Invoice | None

    @property
    def placed_on(self) -> date:
        """Day of the order."""
        return self.placed_at.date()

    @property
    def delivered_on(self) -> date | None:
        """Day of delivery, or None before it."""
        return self.shipment.delivered_on if self.shipment else None


@dataclass(frozen=True)
class Variant:
    """One version of a product with its stock; ``back_on`` is known for some that are sold out."""

    color: Text
    size: str | None
    quantity: int
    back_on: date | None


@dataclass(frozen=True)
class Product:
    """A product of the catalogue with its variants; ``price`` in fen."""

    sku: str
    name: Text
    price: int
    facts: Text
    warranty_months: int
    variants: tuple[Variant, ...]


@dataclass(frozen=True)
class Voucher:
    """A voucher: ``percent`` off, or ``amount`` fen off, from a total of ``minimum`` fen."""

    code: str
    amount: int
    percent: int
    minimum: int
    valid_until: date


@dataclass(frozen=True)
class Customer:
    """A customer's account as far as the chat needs it."""

    id: str
    name: str
    level: Text
    points: int
