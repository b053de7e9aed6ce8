from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from shop import Caller, OrderLocked, OrderNotFound, Shop, ShopMisconfigured, ShopUnavailable
from shop.access import ORDER_TRIES, TRIES, VISITOR_TRIES
from shop.seed_orders import ORDERS

OWNERS = [(order.number, order.customer) for order in ORDERS]
MINE, NUMBER, TAIL = Caller("C1001", "v"), "HL20418376", "5521"
VISITOR = Caller(None, "visitor-1")


def wrong(shop: Shop, caller: Caller, number: str, times: int) -> None:
    for _ in range(times):
        with pytest.raises((OrderNotFound, OrderLocked)):
            shop.order_for(caller, number, "0000")


@pytest.mark.parametrize(("number", "owner"), OWNERS)
def test_an_order_is_shown_to_its_owner_only(shop: Shop, number: str, owner: str):
    for customer in ("C1001", "C1002", "C1003", "C1004", "C1005", "C1006", "C9999"):
        caller = Caller(customer, "v")
        if customer == owner:
            assert shop.order_for(caller, number, None).customer_id == owner
        else:
            with pytest.raises(OrderNotFound):
                shop.order_for(caller, number, None)


def test_a_signed_in_customer_cannot_open_anothers_order_by_its_tail(shop: Shop):
    with pytest.raises(OrderNotFound):
        shop.order_for(Caller("C1002", "v"), NUMBER, TAIL)


def test_number_and_tail_open_an_order(shop: Shop):
    assert shop.order_for(VISITOR, NUMBER, TAIL).number == NUMBER


@pytest.mark.parametrize("tail", [None, "0000", "", "521", "55210"])
def test_a_wrong_or_missing_tail_opens_nothing(shop: Shop, tail: str | None):
    with pytest.raises(OrderNotFound):
        shop.order_for(VISITOR, NUMBER, tail)


@pytest.mark.parametrize("number", [NUMBER, "HL99999999"])
def test_the_fifth_wrong_try_locks_whether_or_not_the_order_exists(shop: Shop, number: str):
    for _ in range(TRIES - 1):
        with pytest.raises(OrderNotFound):
            shop.order_for(VISITOR, number, "0000")
    with pytest.raises(OrderLocked):
        shop.order_for(VISITOR, number, "0000")
    assert shop.locked(VISITOR, number)


def test_a_locked_order_stays_locked_for_the_right_tail(shop: Shop):
    wrong(shop, VISITOR, NUMBER, TRIES)
    with pytest.raises(OrderLocked):
        shop.order_for(VISITOR, NUMBER, TAIL)


def test_the_lock_is_for_this_visitor_and_this_order(shop: Shop):
    wrong(shop, VISITOR, NUMBER, TRIES)
    assert shop.order_for(Caller(None, "visitor-2"), NUMBER, TAIL)
    assert shop.order_for(VISITOR, "HL20417752", TAIL)
    assert shop.order_for(MINE, NUMBER, None)
    assert not shop.locked(MINE, NUMBER)


def test_wrong_tries_of_all_visitors_lock_an_order_for_the_anonymous(shop: Shop):
    for count in range(ORDER_TRIES):
        wrong(shop, Caller(None, f"visitor-{count}"), NUMBER, 1)
    with pytest.raises(OrderLocked):
        shop.order_for(Caller(None, "somebody"), NUMBER, TAIL)
    assert shop.order_for(MINE, NUMBER, None)


def test_one_visitor_cannot_try_many_orders(shop: Shop):
    for count in range(VISITOR_TRIES):
        wrong(shop, VISITOR, f"HL{count:08}", 1)
    with pytest.raises(OrderLocked):
        shop.order_for(VISITOR, NUMBER, TAIL)


def test_a_lock_ends_after_a_day(shop: Shop, clock):
    wrong(shop, VISITOR, NUMBER, TRIES)
    clock.go_on(hours=23, minutes=59)
    assert shop.locked(VISITOR, NUMBER)
    clock.go_on(minutes=2)
    assert shop.order_for(VISITOR, NUMBER, TAIL)


def test_the_right_tail_forgives_earlier_slips(shop: Shop):
    wrong(shop, VISITOR, NUMBER, TRIES - 1)
    assert shop.order_for(VISITOR, NUMBER, TAIL)
    wrong(shop, VISITOR, NUMBER, TRIES - 1)
    assert not shop.locked(VISITOR, NUMBER)


def test_the_same_step_counts_once(shop: Shop):
    for _ in range(TRIES + 3):
        with pytest.raises(OrderNotFound):
            shop.order_for(VISITOR, NUMBER, "0000", "turn-1:1")
    assert not shop.locked(VISITOR, NUMBER)


def test_parallel_guesses_get_no_more_tries(path: Path, clock):
    def guess(tail: int) -> str:
        with Shop.open(path, clock) as shop:
            try:
                shop.order_for(VISITOR, NUMBER, f"{tail:04}")
            except (OrderNotFound, OrderLocked) as refused:
                return type(refused).__name__
        return "opened"

    with Shop.open(path, clock):
        pass
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(24)))
    assert answers.count("OrderNotFound") == TRIES - 1
    assert answers.count("OrderLocked") == 24 - (TRIES - 1)


def test_two_first_starts_at_once_seed_once(path: Path, clock):
    def start(_: int) -> int:
        with Shop.open(path, clock) as shop:
            return len(shop.orders_of("C1001"))

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(start, range(6))) == {4}


def test_without_a_path_the_message_says_what_to_set(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SHOP_DB", raising=False)
    with pytest.raises(ShopMisconfigured, match="SHOP_DB"), Shop.open():
        pass


def test_a_broken_file_is_a_failure_and_no_answer(path: Path):
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(ShopUnavailable, match="DatabaseError"), Shop.open(path):
        pass


def test_a_folder_in_the_way_is_a_failure(path: Path):
    path.mkdir()
    with pytest.raises(ShopUnavailable), Shop.open(path):
        pass


def test_a_failing_statement_later_is_a_failure_too(path: Path, clock):
    with Shop.open(path, clock) as shop:
        shop._db.execute("DROP TABLE attempts")
    with pytest.raises(ShopUnavailable), Shop.open(path, clock) as shop:
        shop.order_for(VISITOR, NUMBER, TAIL)


def test_the_database_is_durable_and_strict(path: Path, shop: Shop):
    other = sqlite3.connect(path)
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()
    assert shop._db.execute("PRAGMA foreign_keys").fetchone()[0] == 1
    assert shop._db.execute("PRAGMA foreign_key_check").fetchall() == []
