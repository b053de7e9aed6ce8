from __future__ import annotations

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from shop import Caller, Order, OrderStatus, Shop, ShopUnavailable, changes
from shop.records import ReturnReason
from shop.seed_orders import ORDERS

OWNER = {order.number: order.customer for order in ORDERS}


def order(shop: Shop, number: str) -> Order:
    return shop.order_for(Caller(OWNER[number], "v"), number, None)


def stock_of(shop: Shop, sku: str, color: str, size: str = "") -> int:
    row = shop._db.execute(
        "SELECT quantity FROM stock WHERE sku = ? AND color = ? AND size = ?", (sku, color, size)
    ).fetchone()
    return int(row[0])


def test_cancelling_a_paid_order_refunds_what_was_paid_and_restocks(shop: Shop):
    before = stock_of(shop, "HL-SHT", "grey", "1.8 m")
    result = shop.cancel(order(shop, "HL20418101"), "k")
    after = order(shop, "HL20418101")
    assert result["outcome"] == "cancelled"
    assert after.status is OrderStatus.CANCELLED
    assert after.refund is not None
    assert (after.refund.amount, after.total) == (33900, 36900)
    assert stock_of(shop, "HL-SHT", "grey", "1.8 m") == before + 1


def test_the_money_comes_within_three_working_days(shop: Shop, clock):
    clock.go_on(days=2)  # a Friday
    shop.cancel(order(shop, "HL20418376"), "k")
    refund = order(shop, "HL20418376").refund
    assert refund is not None
    assert refund.expected_on == date(2025, 11, 26)


def test_cancelling_an_unpaid_order_refunds_nothing(shop: Shop):
    result = shop.cancel(order(shop, "HL20418555"), "k")
    after = order(shop, "HL20418555")
    assert (result["outcome"], result["refund"]) == ("cancelled", 0)
    assert after.refund is None
    assert after.paid == 0


@pytest.mark.parametrize(
    ("number", "outcome"),
    [("HL20417752", "too_late"), ("HL20415001", "too_late"), ("HL20416200", "ended"),
     ("HL20411870", "ended")],
)  # fmt: skip
def test_what_left_or_ended_is_not_cancelled(shop: Shop, number: str, outcome: str):
    before = order(shop, number)
    assert shop.cancel(before, "k") == {"outcome": outcome}
    assert order(shop, number) == before


def test_the_same_key_acts_once_and_gives_the_same_result(shop: Shop):
    found = order(shop, "HL20418376")
    first = shop.cancel(found, "turn-7:2")
    assert shop.cancel(found, "turn-7:2") == first
    assert shop.cancel(order(shop, "HL20418376"), "turn-7:2") == first
    assert shop.cancel(found, "turn-8:2") == {"outcome": "ended"}
    assert stock_of(shop, "HL-MUG", "white", "350 ml") == 62


def test_parallel_requests_with_one_key_act_once(path: Path, clock):
    with Shop.open(path, clock) as shop:
        found = order(shop, "HL20418376")

    def cancel(_: int) -> str:
        with Shop.open(path, clock) as opened:
            return json.dumps(opened.cancel(found, "one-key"), sort_keys=True)

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(cancel, range(12)))) == 1
    with Shop.open(path, clock) as shop:
        assert stock_of(shop, "HL-EAR", "blue") == 61


def test_a_key_that_could_not_be_stored_leaves_no_effect(path: Path, clock):
    with Shop.open(path, clock) as shop:
        shop._db.execute(
            "CREATE TRIGGER full BEFORE INSERT ON applied BEGIN SELECT raise(ABORT, 'full'); END"
        )
    with pytest.raises(ShopUnavailable), Shop.open(path, clock) as shop:
        shop.cancel(order(shop, "HL20418376"), "k")
    with Shop.open(path, clock) as shop:
        assert order(shop, "HL20418376").status is OrderStatus.PREPARING


def test_a_failure_in_the_middle_rolls_back(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(changes, "_refund", fail)
    found = order(shop, "HL20418376")
    with pytest.raises(sqlite3.OperationalError):
        shop.cancel(found, "k")
    assert order(shop, "HL20418376") == found
    assert stock_of(shop, "HL-EAR", "blue") == 60


@pytest.mark.parametrize("number", ["HL20418376", "HL20418555"])
def test_the_address_can_be_changed_in_the_warehouse(shop: Shop, number: str):
    assert shop.change_address(order(shop, number), "上海市静安区南京西路1号", "k") == {
        "outcome": "changed"
    }
    assert order(shop, number).address == "上海市静安区南京西路1号"


@pytest.mark.parametrize(
    ("number", "outcome"), [("HL20417752", "too_late"), ("HL20416200", "ended")]
)
def test_the_address_stays_once_it_left(shop: Shop, number: str, outcome: str):
    before = order(shop, number)
    assert shop.change_address(before, "elsewhere 1", "k") == {"outcome": outcome}
    assert order(shop, number).address == before.address


@pytest.mark.parametrize(
    ("reason", "last_day"),
    [(ReturnReason.MIND, 7), (ReturnReason.FIT, 7), (ReturnReason.OTHER, 7),
     (ReturnReason.WRONG, 7), (ReturnReason.DAMAGED, 7), (ReturnReason.QUALITY, 30)],
)  # fmt: skip
def test_the_return_window_holds_to_the_day(shop: Shop, clock, reason, last_day: int):
    found = order(shop, "HL20415001")
    assert found.delivered_on is not None
    clock.go_on(days=last_day - (clock().date() - found.delivered_on).days)
    assert changes.return_refusal(found, reason, clock().date()) is None
    assert changes.return_refusal(found, reason, clock().date() + timedelta(days=1)) == (
        "window_over"
    )


def test_a_return_is_opened_once(shop: Shop):
    found = order(shop, "HL20415001")
    first = shop.start_return(found, ReturnReason.QUALITY, "k1")
    assert first["outcome"] == "started"
    assert first["shop_pays"] == 1
    assert shop.start_return(found, ReturnReason.QUALITY, "k1") == first
    assert shop.start_return(found, ReturnReason.QUALITY, "k2") == {"outcome": "exists"}
    returned = order(shop, "HL20415001").returned
    assert returned is not None
    assert returned.number == first["return_no"]


@pytest.mark.parametrize(
    ("number", "outcome"),
    [("HL20418376", "not_delivered"), ("HL20417752", "not_delivered"), ("HL20416200", "ended"),
     ("HL20414477", "exists"), ("HL20411870", "exists"), ("HL20412344", "window_over"),
     ("HL20413900", "window_over")],
)  # fmt: skip
def test_returns_that_cannot_be(shop: Shop, number: str, outcome: str):
    assert shop.start_return(order(shop, number), ReturnReason.MIND, "k") == {"outcome": outcome}


def test_who_changed_their_mind_pays_the_way_back(shop: Shop):
    assert shop.start_return(order(shop, "HL20415890"), ReturnReason.MIND, "k")["shop_pays"] == 0


def test_an_invoice_is_requested_once(shop: Shop):
    found = order(shop, "HL20415001")
    arguments = ("Harbour GmbH", "91310000MA1FL0AB12", "a@b.example")
    assert shop.request_invoice(found, *arguments, "k") == {"outcome": "requested"}
    assert shop.request_invoice(found, *arguments, "k") == {"outcome": "requested"}
    assert shop.request_invoice(found, *arguments, "k2") == {"outcome": "exists"}
    invoice = order(shop, "HL20415001").invoice
    assert invoice is not None
    assert (invoice.title, invoice.tax_number) == arguments[:2]


@pytest.mark.parametrize("number", ["HL20418555", "HL20416200"])
def test_no_invoice_without_a_payment(shop: Shop, number: str):
    result = shop.request_invoice(order(shop, number), "personal", None, "a@b.example", "k")
    assert result == {"outcome": "not_paid"}


def test_an_invoice_is_possible_for_sixty_days(shop: Shop, clock):
    found = order(shop, "HL20418376")
    clock.go_on(days=61)
    assert shop.request_invoice(found, "personal", None, "a@b.example", "k") == {
        "outcome": "too_late"
    }
    clock.go_on(days=-1)
    assert shop.request_invoice(found, "personal", None, "a@b.example", "k2") == {
        "outcome": "requested"
    }


def test_vouchers_run_out(shop: Shop, clock):
    assert [v.code for v in shop.vouchers_of("C1001")] == ["MEMBER5", "AUTUMN30"]
    clock.go_on(days=11)
    assert [v.code for v in shop.vouchers_of("C1001")] == ["AUTUMN30"]
    assert shop.vouchers_of("C1003") == ()
