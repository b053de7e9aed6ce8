"""The one door to the shop's SQLite file: opening, creating, transactions, failures.

WAL lets readers go on while one writes; every change runs in ``BEGIN IMMEDIATE`` so that what it
checked still holds when it writes.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

from shop import access, accounts, catalogue, changes, orders, seed, seed_orders
from shop.access import Caller
from shop.changes import Result
from shop.errors import ShopMisconfigured, ShopUnavailable
from shop.records import (
    Clock,
    Customer,
    Order,
    Product,
    ReturnReason,
    Voucher,
    system_clock,
)

PATH_VARIABLE = "SHOP_DB"
SCHEMA = Path(__file__).with_name("schema.sql")
SCHEMA_VERSION = 1
BUSY_SECONDS = 3.0


class Shop:
    """An open shop; use it as ``with Shop.open() as shop`` within one thread."""

    def __init__(self, connection: sqlite3.Connection, clock: Clock = system_clock) -> None:
        self._db = connection
        self._clock = clock

    @classmethod
    @contextmanager
    def open(cls, path: Path | None = None, clock: Clock = system_clock) -> Iterator[Shop]:
        """Open the database, creating and seeding it on first use.

        ``path`` defaults to the environment's ``SHOP_DB``.

        :raises ShopMisconfigured: neither is given.
        :raises ShopUnavailable: whatever SQLite cannot do, also later inside the block.
        """
        try:
            connection = _connect(path or _path_from_environment())
            try:
                _create(connection, clock)
                yield cls(connection, clock)
            finally:
                connection.close()
        except (sqlite3.Error, OSError) as error:
            raise ShopUnavailable(
                f"The shop's database does not answer ({type(error).__name__}); "
                f"see whether the file at {PATH_VARIABLE} can be written and is sound."
            ) from error

    def now(self) -> datetime:
        """The present moment of the shop."""
        return self._clock()

    def today(self) -> date:
        """The present day of the shop."""
        return self._clock().date()

    # -- orders -----------------------------------------------------------------------------

    def order_for(
        self, caller: Caller, number: str, tail: str | None, step: str | None = None
    ) -> Order:
        """The order, if it is the caller's; see :func:`shop.access.order_for`."""
        return access.order_for(self._db, self.now(), caller, number, tail, step)

    def locked(self, caller: Caller, number: str) -> bool:
        """Whether the order is closed to this caller after wrong tries."""
        return access.locked(self._db, self.now(), caller, number)

    def orders_of(self, customer_id: str) -> tuple[Order, ...]:
        """All orders of a customer, the newest first."""
        return orders.orders_of(self._db, customer_id)

    def cancel(self, order: Order, key: str | None) -> Result:
        """See :func:`shop.changes.cancel`."""
        return changes.cancel(self._db, self.now(), order, key)

    def change_address(self, order: Order, address: str, key: str | None) -> Result:
        """See :func:`shop.changes.change_address`."""
        return changes.change_address(self._db, self.now(), order, address, key)

    def start_return(self, order: Order, reason: ReturnReason, key: str | None) -> Result:
        """See :func:`shop.changes.start_return`."""
        return changes.start_return(self._db, self.now(), order, reason, key)

    def request_invoice(
        self, order: Order, title: str, tax_number: str | None, email: str, key: str | None
    ) -> Result:
        """See :func:`shop.changes.request_invoice`."""
        return changes.request_invoice(self._db, self.now(), order, title, tax_number, email, key)

    # -- products and accounts --------------------------------------------------------------

    def product(self, name: str) -> Product | None:
        """The product that ``name`` means; see :func:`shop.catalogue.find`."""
        return catalogue.find(self._db, name)

    def products(self) -> tuple[Product, ...]:
        """The catalogue without spare parts; see :func:`shop.catalogue.every`."""
        return catalogue.every(self._db)

    def customer(self, customer_id: str) -> Customer | None:
        """The account of a customer, or None for an unknown id."""
        return accounts.customer(self._db, customer_id)

    def vouchers_of(self, customer_id: str) -> tuple[Voucher, ...]:
        """The customer's vouchers that are still valid, the soonest to expire first."""
        return accounts.vouchers_of(self._db, customer_id, self.today())


def _path_from_environment() -> Path:
    value = os.environ.get(PATH_VARIABLE, "").strip()
    if not value:
        raise ShopMisconfigured(
            f"Expected the path of the shop's database in {PATH_VARIABLE}, found nothing. "
            f"Set it, for instance {PATH_VARIABLE}=var/shop.sqlite3."
        )
    return Path(value).expanduser()


def _connect(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _create(connection: sqlite3.Connection, clock: Clock) -> None:
    """Create and seed the shop unless it stands; two starts at once do it once."""
    if _version(connection) == SCHEMA_VERSION:
        return
    _use_wal(connection)
    with changes.transaction(connection):
        if _version(connection) == SCHEMA_VERSION:
            return
        for statement in _statements(SCHEMA.read_text(encoding="utf-8")):
            connection.execute(statement)
        now = clock()
        seed.fill(connection, now)
        seed_orders.fill_orders(connection, now)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch the journal; SQLite's own busy timeout does not cover this lock."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> Iterator[str]:
    """Single statements of a script: ``executescript`` would end the open transaction."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
