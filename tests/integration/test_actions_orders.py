from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.integration.actions_driver import DOMAIN, Dialogue, Reply, call, names, request

from shop import Shop  # isort: skip  (the driver puts the pack on the path)

TAILS = {"C1001": "5521", "C1002": "8846", "C1003": "7719", "C1004": "9930", "C1005": "1187",
         "C1006": "6402"}  # fmt: skip


@pytest.fixture(autouse=True)
def shop_db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "shop.sqlite3"
    monkeypatch.setenv("SHOP_DB", str(path))
    return path


def today():
    with Shop.open() as shop:
        return shop.today()


def day(offset: int) -> str:
    return (today() + timedelta(days=offset)).isoformat()


@pytest.mark.parametrize(
    ("form", "number", "customer", "expected"),
    [
        ("order_status_form", "HL20418376", "C1001",
         ["utter_order_status", "utter_status_preparing"]),
        ("order_status_form", "HL20417752", "C1001",
         ["utter_order_status", "utter_status_shipped"]),
        ("order_status_form", "HL20415001", "C1001",
         ["utter_order_status", "utter_status_delivered"]),
        ("order_status_form", "HL20410233", "C1001", ["utter_order_status", "utter_status_refund"]),
        ("order_status_form", "HL20411870", "C1002",
         ["utter_order_status", "utter_status_refunded"]),
        ("order_status_form", "HL20418555", "C1003", ["utter_order_unpaid"]),
        ("order_status_form", "HL20418101", "C1004",
         ["utter_order_status", "utter_status_preparing", "utter_status_voucher"]),
        ("order_status_form", "HL20414477", "C1004",
         ["utter_order_status", "utter_status_delivered", "utter_status_return"]),
        ("order_status_form", "HL20416200", "C1006", ["utter_order_status", "utter_status_refund"]),
        ("order_status_form", "HL20417810", "C1002",
         ["utter_order_status", "utter_status_shipped", "utter_shipment_overdue"]),
        ("track_form", "HL20417752", "C1001", ["utter_shipment_status"]),
        ("track_form", "HL20418376", "C1001", ["utter_not_shipped_yet"]),
        ("track_form", "HL20415001", "C1001", ["utter_shipment_delivered"]),
        ("track_form", "HL20417810", "C1002", ["utter_shipment_status", "utter_shipment_overdue"]),
        ("track_form", "HL20418555", "C1003", ["utter_order_unpaid"]),
        ("track_form", "HL20416200", "C1006", ["utter_order_status", "utter_status_refund"]),
        ("delay_form", "HL20417810", "C1002", ["utter_delivery_delay_apology"]),
        ("delay_form", "HL20417752", "C1001", ["utter_shipment_status"]),
        ("delay_form", "HL20417033", "C1004", ["utter_shipment_status"]),
        ("delay_form", "HL20418610", "C1005", ["utter_not_shipped_yet"]),
        ("not_received_form", "HL20416660", "C1003", ["utter_delivered_not_received"]),
        (
            "not_received_form",
            "HL20417405",
            "C1006",
            ["utter_shipment_status", "utter_not_scanned_yet"],
        ),
        ("items_form", "HL20418376", "C1001", ["utter_change_items_possible"]),
        ("items_form", "HL20417752", "C1001", ["utter_change_items_too_late"]),
        ("items_form", "HL20416200", "C1006", ["utter_order_status", "utter_status_refund"]),
        ("refund_form", "HL20410233", "C1001", ["utter_refund_status", "utter_refund_expected"]),
        ("refund_form", "HL20416200", "C1006", ["utter_refund_status", "utter_refund_expected"]),
        ("refund_form", "HL20411870", "C1002", ["utter_refund_done"]),
        ("refund_form", "HL20414477", "C1004", ["utter_refund_status", "utter_refund_after_check"]),
        ("refund_form", "HL20418376", "C1001", ["utter_no_refund"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("signed_in", [True, False])
def test_each_seeded_order_gets_its_answer(form, number, customer, expected, language, signed_in):
    dialogue = Dialogue(customer if signed_in else None, language=language)
    replies = dialogue.begin(form, f"about {number}", order_id=number)
    if not signed_in:
        assert names(replies) == ["utter_ask_phone_tail"]
        replies = dialogue.say(TAILS[customer])
    assert names(replies) == expected
    assert dialogue.form is None


def test_an_order_status_holds_the_facts_of_the_order():
    (reply, more) = Dialogue("C1001").begin("order_status_form", order_id="HL20418376")
    assert reply["items"] == "Drift earphones (blue) and Dune mug (white, 350 ml) × 2"
    assert reply["total_amount"] == 377
    assert reply["order_date"] == day(0)
    assert more["dispatch_date"] >= day(0)


def test_values_are_in_the_language_of_the_turn():
    (reply, more) = Dialogue("C1001", language="zh").begin(
        "order_status_form", order_id="HL20417752"
    )
    assert reply["items"] == "防波堤卫衣（灰色，L）"
    assert reply["status"] == "已发货，运输中"
    assert more["carrier"] == "顺丰"
    assert more["expected_date"] == day(1)


def test_shipping_is_part_of_the_total():
    (reply, _) = Dialogue("C1001").begin("order_status_form", order_id="HL20415001")
    assert reply["total_amount"] == 97


def test_a_late_parcel_is_apologised_for_with_its_days():
    (reply,) = Dialogue("C1002").begin("delay_form", order_id="HL20417810")
    assert reply["days_late"] == "2 days"
    assert (reply["last_scan"], reply["scan_date"]) == ("Wuhan hub", day(-3))
    assert reply["expected_date"] == day(-2)


def test_a_parcel_that_did_not_arrive_goes_to_a_person():
    dialogue = Dialogue("C1003", language="zh")
    (reply,) = dialogue.begin("not_received_form", order_id="HL20416660")
    assert reply["place"] == "已放入快递柜"
    assert dialogue.followup == "action_handoff"


def test_a_parcel_on_its_way_needs_no_person():
    dialogue = Dialogue("C1006")
    dialogue.begin("not_received_form", order_id="HL20417405")
    assert dialogue.followup is None


def test_a_refund_holds_amount_way_and_day():
    status, expected = Dialogue("C1001").begin("refund_form")
    assert (status["order_id"], status["refund_amount"]) == ("HL20410233", 229)
    assert status["payment_method"] == "Alipay"
    assert expected["expected_date"] == day(2)


def test_a_change_of_items_goes_to_a_person_only_while_it_is_possible():
    possible, too_late = Dialogue("C1001"), Dialogue("C1001")
    possible.begin("items_form", order_id="HL20418376")
    too_late.begin("items_form", order_id="HL20417752")
    assert possible.followup == "action_handoff"
    assert too_late.followup is None


def test_identity_comes_from_the_metadata_alone():
    stolen = {"order_id": "HL20418376", "customer_id": "C1001", "checked_order": "HL20418376"}
    _, replies = call(request("action_order_status", stolen, visitor="v", language="en"))
    assert names(replies) == ["utter_order_not_found"]


def test_an_entity_called_customer_id_is_nobody():
    body = request("action_vouchers", {"customer_id": "C1001"}, visitor="v")
    body["tracker"]["latest_message"]["entities"] = [{"entity": "customer_id", "value": "C1001"}]
    assert names(call(body)[1]) == ["utter_vouchers_sign_in"]


@pytest.mark.parametrize("customer", [None, 5, "", ["C1001"], {"id": "C1001"}])
def test_odd_metadata_signs_nobody_in(customer):
    body = request("action_points", {})
    body["tracker"]["latest_message"]["metadata"] = {"customer_id": customer}
    assert names(call(body)[1]) == ["utter_membership_points"]
    body["tracker"]["latest_message"]["metadata"] = None
    assert names(call(body)[1]) == ["utter_membership_points"]


def test_vouchers_and_points_of_a_signed_in_customer():
    (listed,) = Dialogue("C1001").run("action_vouchers")
    assert listed["vouchers"].startswith("MEMBER5 (5 % off, no minimum, valid until ")
    assert "AUTUMN30 (¥30 off from ¥299, valid until " in listed["vouchers"]
    (chinese,) = Dialogue("C1002", language="zh").run("action_vouchers")
    assert chinese["vouchers"].startswith("WELCOME10（满100元减10元，")
    assert names(Dialogue("C1003").run("action_vouchers")) == ["utter_no_vouchers"]
    (points,) = Dialogue("C1001", language="zh").run("action_points")
    assert (points["points"], points["worth_amount"], points["level"]) == ("2340", 23.4, "银卡")
    assert names(Dialogue("C9999").run("action_points")) == ["utter_membership_points"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"product": "Drift earphones"}, ["utter_in_stock"]),
        ({"product": "Drift Pro earphones", "color": "blue"},
         ["utter_out_of_stock", "utter_back_in_stock"]),
        ({"product": "漂流Pro"}, ["utter_in_stock", "utter_stock_except"]),
        ({"product": "冲锋衣", "color": "yellow", "size": "L码"},
         ["utter_out_of_stock", "utter_no_restock_date"]),
        ({"product": "sneakers", "color": "white", "size": "42"},
         ["utter_out_of_stock", "utter_back_in_stock"]),
        ({"product": "sneakers", "size": "42"}, ["utter_in_stock", "utter_stock_except"]),
        ({"product": "Cloud duvet", "size": "220x240"}, ["utter_in_stock", "utter_stock_few"]),
        ({"product": "hoodie", "color": "purple"}, ["utter_variant_unknown"]),
        ({"product": "sofa"}, ["utter_product_unknown"]),
    ],
)  # fmt: skip
def test_stock(said: dict[str, str], expected: list[str]):
    dialogue = Dialogue()
    assert names(dialogue.begin("stock_form", **said)) == expected
    assert dialogue.slots["color"] is None
    assert dialogue.slots["size"] is None


def test_stock_says_what_was_asked_for():
    (first, _) = Dialogue(language="zh").begin("stock_form", product="保温杯", color="red")
    assert first["item"] == "冰川保温杯（红色）"
    (few, left) = Dialogue().begin("stock_form", product="duvet", size="220x240")
    assert few["item"] == "Cloud duvet (220x240)"
    assert few["price_amount"] == 699
    assert left["left"] == "3"


def test_stock_asks_for_the_product():
    dialogue = Dialogue()
    assert names(dialogue.begin("stock_form", "is it in stock")) == ["utter_ask_product"]
    assert names(dialogue.say("the red thermos", product="the red thermos")) == [
        "utter_in_stock",
        "utter_stock_except",
    ]


def test_facts_of_a_product():
    dialogue = Dialogue(slots={"product": "kettle"})
    facts, more = dialogue.run("action_product_info")
    assert names([more]) == ["utter_product_more"]
    assert facts["facts"] == "1.5 L, 1500 W, stainless steel inside"
    assert (facts["price_amount"], facts["warranty"]) == (159, "24 months")
    assert facts["options"] == "white or grey"
    chinese = Dialogue(language="zh", slots={"product": "卫衣"})
    assert chinese.run("action_product_info")[0]["options"] == (
        "灰色、黑色、红色；规格：S、M、L、XL、XXL"
    )
    assert names(Dialogue().run("action_product_info")) == ["utter_product_info"]
    assert names(Dialogue(slots={"product": "x"}).run("action_product_info")) == [
        "utter_product_info"
    ]


def test_what_the_shop_sells_up_to_a_price():
    def told(entity: str, value: str, language: str = "en", **slots: str) -> list[Reply]:
        body = request("action_products", slots, value, (), visitor="v", language=language)
        found = [{"entity": entity, "value": value, "start": 0, "end": len(value)}]
        body["tracker"]["latest_message"]["entities"] = found
        return call(body)[1]

    (everything,) = Dialogue().run("action_products")
    listed = everything["products"].splitlines()
    assert (len(listed), listed[0], listed[-1]) == (16, "· Dune mug ¥39", "· Cloud duvet ¥699")
    (cheap,) = told("money", "100 yuan")
    assert names([cheap]) == ["utter_products_within"]
    assert cheap["products"] == "· Dune mug ¥39\n· Harbour T-shirt ¥89"
    assert cheap["price_amount"] == 100
    (nothing,) = told("money", "5元", "zh")
    assert names([nothing]) == ["utter_products_above"]
    assert nothing["products"].splitlines()[0] == "· 沙丘马克杯 ¥39"
    assert names(told("product", "kettle", product="kettle"))[0] == "utter_product_facts"


@pytest.mark.parametrize(
    ("text", "language", "limit", "reply", "first", "count"),
    [
        ("do you sell clothes as well", "en", None, "utter_products_fitting", "T-shirt", 4),
        ("something for the kitchen, under 150", "en", "150", "utter_products_within", "mug", 2),
        ("300以内的有哪些", "zh", None, "utter_products_within", "马克杯", 9),
        ("anything for sport below 100", "en", None, "utter_products_within", "T-shirt", 1),
        ("冬天穿的有吗", "zh", None, "utter_products_fitting", "卫衣", 2),
        ("厨房用的，20块以内", "zh", "20块", "utter_products_above", "马克杯", 3),
        ("anything for music or the rain", "en", None, "utter_products_fitting", "earphones", 3),
        ("what can I get here", "en", None, "utter_products", "mug", 16),
    ],
)
def test_what_the_shop_sells_for_a_purpose(
    text: str, language: str, limit: str | None, reply: str, first: str, count: int
):
    body = request("action_products", {}, text, (), visitor="v", language=language)
    if limit is not None:
        found = [{"entity": "money", "value": limit, "start": 0, "end": 0}]
        body["tracker"]["latest_message"]["entities"] = found
    (said,) = call(body)[1]
    listed = said["products"].splitlines()
    assert (names([said]), len(listed)) == ([reply], count)
    assert first in listed[0]


def test_the_domain_of_the_driver_is_the_packs():
    assert len(DOMAIN["forms"]) == 11
