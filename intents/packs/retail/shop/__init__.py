"""The shop behind the assistant: orders, products, stock, returns, refunds, in one SQLite file.

Nothing here knows of conversations; the actions beside it ask and change through :class:`Shop`.
"""

from shop.access import Caller
from shop.database import Shop
from shop.errors import (
    OrderLocked,
    OrderNotFound,
    ShopError,
    ShopMisconfigured,
    ShopUnavailable,
)
from shop.numbers import order_number, phone_tail
from shop.records import Order, OrderStatus, Text

__all__ = [
    "Caller",
    "Order",
    "OrderLocked",
    "OrderNotFound",
    "OrderStatus",
    "Shop",
    "ShopError",
    "ShopMisconfigured",
    "ShopUnavailable",
    "Text",
    "order_number",
    "phone_tail",
]
