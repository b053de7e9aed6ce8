"""Every error the shop raises on purpose.

    ShopError
    ├── ShopMisconfigured   no path is given for the database
    ├── ShopUnavailable     the database cannot be opened, is locked for too long, or is damaged
    ├── OrderNotFound       no such order for this caller: unknown, another's, or a wrong tail
    └── OrderLocked         too many wrong tries

No message holds a customer's data.
"""

from __future__ import annotations


class ShopError(Exception):
    """Base of the tree."""


class ShopMisconfigured(ShopError):
    """The environment does not say where the shop's database is."""


class ShopUnavailable(ShopError):
    """The database does not answer; nothing has been changed."""


class OrderNotFound(ShopError):
    """No such order for this caller; the reason is not told apart, so that nobody can probe."""


class OrderLocked(ShopError):
    """The order is closed to this caller for a day, after too many wrong tries."""
