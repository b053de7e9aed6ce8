from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from tests.integration.actions_driver import Dialogue, call, names, request
from tests.support.logged import logged

from shop import Caller, OrderStatus, Shop  # isort: skip  (the driver puts it on the path)

TAX = "91310000MA1FL0AB12"


@pytest.fixture(autouse=True)
def shop_db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "shop.sqlite3"
    monkeypatch.setenv("SHOP_DB", str(path))
    return path


def stored(number: str, customer: str):
    with Shop.open() as shop:
        return shop.order_for(Caller(customer, "v"), number, None)


def test_a_visitor_is_asked_for_number_and_tail():
    dialogue = Dialogue()
    assert names(dialogue.begin("order_status_form", "where is it")) == ["utter_ask_order_id"]
    assert names(dialogue.say("hl 2041 8376")) == ["utter_ask_phone_tail"]
    assert dialogue.slots["order_id"] == "HL20418376"
    assert names(dialogue.say("it's 5521"))[0] == "utter_order_status"


@pytest.mark.parametrize("tail", ["5521", "13800015521", "+86 138 0001 5521", "尾号５５２１"])
def test_the_tail_may_be_a_whole_phone_number(tail: str):
    dialogue = Dialogue()
    dialogue.begin("order_status_form", order_id="HL20418376")
    assert names(dialogue.say(tail))[0] == "utter_order_status"
    assert dialogue.slots["phone_tail"] == "5521"


@pytest.mark.parametrize(
    "text", ["order HL20418376, phone tail 5521", "帮我查下HL20418376，手机13800015521"]
)
def test_number_and_tail_in_the_first_message_are_enough(text: str):
    assert names(Dialogue().begin("order_status_form", text))[0] == "utter_order_status"


def test_a_phone_in_a_change_of_address_is_not_taken_for_the_tail():
    dialogue = Dialogue()
    replies = dialogue.begin("address_form", "HL20418376 to my mum, her phone is 13611112222")
    assert names(replies) == ["utter_ask_phone_tail"]


@pytest.mark.parametrize(
    ("number", "tail"), [("HL20418376", "0000"), ("HL99999999", "5521"), ("HL20418420", "5521")]
)
def test_not_found_and_wrong_tail_sound_the_same(number: str, tail: str):
    dialogue = Dialogue()
    assert names(dialogue.begin("track_form", order_id=number)) == ["utter_ask_phone_tail"]
    assert names(dialogue.say(tail)) == ["utter_order_not_found", "utter_ask_phone_tail"]
    assert dialogue.slots["order_id"] == number
    assert dialogue.slots["phone_tail"] is None
    assert names(dialogue.say(tail)) == ["utter_order_not_found", "utter_ask_order_id"]
    assert dialogue.slots["order_id"] is None
    assert dialogue.slots["phone_tail"] is None


def test_mistyped_tail_is_asked_for_again_and_the_order_kept():
    dialogue = Dialogue()
    dialogue.begin("track_form", order_id="HL20417752")
    assert names(dialogue.say("5512")) == ["utter_order_not_found", "utter_ask_phone_tail"]
    dialogue.say("5521")
    assert dialogue.form is None
    assert dialogue.slots["order_id"] == "HL20417752"


def test_other_number_may_be_given_where_a_tail_is_asked_for_again():
    dialogue = Dialogue()
    dialogue.begin("track_form", order_id="HL20417752")
    dialogue.say("1187")
    assert names(dialogue.say("sorry, it is HL20415890")) == ["utter_ask_phone_tail"]
    dialogue.say("1187")
    assert dialogue.form is None
    assert dialogue.slots["order_id"] == "HL20415890"


def test_a_tail_that_opened_an_order_is_not_asked_for_again():
    before = [
        {"event": "slot", "name": "phone_tail", "value": "6402"},
        {"event": "slot", "name": "checked_order", "value": "HL20417405"},
        {"event": "user", "text": "and another"},
        {"event": "slot", "name": "phone_tail", "value": None},
        {"event": "slot", "name": "order_id", "value": "HL20417405"},
    ]
    slots = {"order_id": "HL20417405", "checked_order": "HL20417406", "__form__": "track_form"}
    for events, tail in ((before, "6402"), ([{"event": "session_started"}], None)):
        given = [*before[:2], *events, before[-1]] if tail is None else events
        found, _ = call(request("validate_track_form", slots, "no, HL20417405", given))
        kept = {event["name"]: event["value"] for event in found if event["event"] == "slot"}
        assert kept.get("phone_tail") == tail
        assert (kept["requested_slot"] is None) == (tail is not None)


@pytest.mark.parametrize("number", ["HL20418376", "HL99999999"])
def test_five_wrong_tries_lock_the_order_and_end_the_form(number: str):
    dialogue = Dialogue()
    dialogue.begin("cancel_form")
    for _ in range(4):
        dialogue.say(number)
        assert names(dialogue.say("0000"))[0] == "utter_order_not_found"
    dialogue.say(number)
    assert names(dialogue.say("0000")) == ["utter_order_locked"]
    assert dialogue.form is None
    assert names(Dialogue().begin("track_form", order_id=number)) == ["utter_order_locked"]
    other = Dialogue(visitor="visitor-2")
    assert names(other.begin("track_form", order_id=number)) == ["utter_ask_phone_tail"]


def test_one_message_counts_as_one_try():
    dialogue = Dialogue()
    dialogue.begin("order_status_form", order_id="HL20418376")
    dialogue.say("0000")
    with Shop.open() as shop:
        assert shop._db.execute("SELECT count(*) FROM attempts").fetchone()[0] == 1


def test_words_instead_of_a_tail_are_no_try():
    dialogue = Dialogue()
    dialogue.begin("order_status_form", order_id="HL20418376")
    assert names(dialogue.say("why do you need that?")) == ["utter_ask_phone_tail"]
    assert names(dialogue.say("12")) == ["utter_phone_tail_invalid", "utter_ask_phone_tail"]
    with Shop.open() as shop:
        assert shop._db.execute("SELECT count(*) FROM attempts").fetchone()[0] == 0


def test_a_tail_is_not_tried_on_another_order():
    dialogue = Dialogue()
    dialogue.begin("order_status_form", order_id="HL20418376")
    dialogue.say("5521")
    replies = dialogue.begin("order_status_form", "and HL20418420?", order_id="HL20418420")
    assert names(replies) == ["utter_ask_phone_tail"]
    with Shop.open() as shop:
        assert shop._db.execute("SELECT count(*) FROM attempts").fetchone()[0] == 0


def test_a_checked_order_is_not_asked_for_again():
    dialogue = Dialogue()
    dialogue.begin("order_status_form", order_id="HL20418376")
    dialogue.say("5521")
    assert names(dialogue.begin("track_form", "and when does it leave?")) == [
        "utter_not_shipped_yet"
    ]


def test_a_malformed_number_is_told():
    dialogue = Dialogue()
    replies = dialogue.begin("track_form", order_id="HL123")
    assert names(replies) == ["utter_order_id_invalid", "utter_ask_order_id"]


def test_a_signed_in_customer_chooses_among_own_orders():
    dialogue = Dialogue("C1001")
    (reply,) = dialogue.begin("order_status_form", "how is my order")
    assert reply["response"] == "utter_ask_order_choice"
    assert [button["payload"] for button in reply["buttons"]] == [
        "HL20418376",
        "HL20417752",
        "HL20415001",
        "HL20410233",
    ]
    assert names(dialogue.say("HL20417752"))[0] == "utter_order_status"


@pytest.mark.parametrize(
    ("customer", "form", "number"),
    [("C1005", "cancel_form", "HL20418610"), ("C1001", "cancel_form", "HL20418376"),
     ("C1001", "track_form", "HL20417752"), ("C1002", "delay_form", "HL20417810"),
     ("C1002", "refund_form", "HL20411870"), ("C1003", "not_received_form", "HL20416660"),
     ("C1001", "return_form", "HL20415001"), ("C1004", "address_form", "HL20418101")],
)  # fmt: skip
def test_the_only_order_that_fits_is_taken(customer: str, form: str, number: str):
    dialogue = Dialogue(customer)
    dialogue.begin(form)
    assert dialogue.slots["order_id"] == number


def test_a_signed_in_customer_cannot_name_anothers_order():
    dialogue = Dialogue("C1002")
    replies = dialogue.begin("order_status_form", order_id="HL20418376")
    assert names(replies)[0] == "utter_order_not_found"
    assert dialogue.slots["order_id"] is None


def test_a_customer_without_orders_is_asked_for_the_number():
    assert names(Dialogue("C9999").begin("order_status_form")) == ["utter_ask_order_id"]


def test_cancelling_asks_first_and_acts_once():
    dialogue = Dialogue("C1004")
    (asked,) = dialogue.begin("cancel_form", "cancel my order")
    assert asked["response"] == "utter_ask_confirm"
    assert asked["items"] == "Linen bed set (grey, 1.8 m)"
    assert asked["total_amount"] == 339
    replies = dialogue.say("yes", confirm=True)
    assert names(replies) == ["utter_order_cancelled", "utter_cancel_refund"]
    assert replies[1]["refund_amount"] == 339
    assert dialogue.slots["confirm"] is None
    assert stored("HL20418101", "C1004").status is OrderStatus.CANCELLED


def test_a_no_keeps_the_order():
    dialogue = Dialogue("C1005", language="zh")
    dialogue.begin("cancel_form")
    assert names(dialogue.say("算了", confirm=False)) == ["utter_cancel_kept"]
    assert stored("HL20418610", "C1005").status is OrderStatus.PREPARING


def test_a_yes_from_earlier_does_not_cancel():
    dialogue = Dialogue("C1005", slots={"confirm": True})
    assert names(dialogue.begin("cancel_form")) == ["utter_ask_confirm"]
    assert stored("HL20418610", "C1005").status is OrderStatus.PREPARING


def test_a_yes_to_one_order_does_not_cancel_another():
    dialogue = Dialogue("C1001")
    dialogue.begin("cancel_form")
    text = "yes, but HL20417752"
    replies = dialogue.say(text, confirm=True, order_id="HL20417752")
    assert names(replies) == ["utter_cancel_too_late"]
    assert stored("HL20418376", "C1001").status is OrderStatus.PREPARING


def test_what_cannot_be_cancelled_is_not_asked_about():
    assert names(Dialogue("C1001").begin("cancel_form", order_id="HL20417752")) == [
        "utter_cancel_too_late"
    ]


def test_an_unpaid_order_is_cancelled_without_a_refund():
    dialogue = Dialogue("C1003")
    dialogue.begin("cancel_form")
    assert names(dialogue.say("确认", confirm=True)) == ["utter_order_cancelled"]


def test_the_same_step_cancels_once_and_answers_the_same():
    slots = {"order_id": "HL20418610", "confirm": True}
    body = request(
        "action_cancel_order", slots, customer_id="C1005", visitor="v", idempotency_key="t:3"
    )
    first = call(body)
    assert call(body) == first
    body["tracker"]["latest_message"]["metadata"]["idempotency_key"] = "t:4"
    assert names(call(body)[1]) == ["utter_cancel_final", "utter_status_refund"]


def test_a_new_address():
    dialogue = Dialogue("C1001", language="zh")
    assert names(dialogue.begin("address_form", "改地址")) == ["utter_ask_address"]
    assert names(dialogue.say("不知道")) == ["utter_address_invalid", "utter_ask_address"]
    (reply,) = dialogue.say("上海市静安区南京西路1266号 林悦 13800015521")
    assert reply["response"] == "utter_address_changed"
    assert stored("HL20418376", "C1001").address == "上海市静安区南京西路1266号 林悦 13800015521"
    assert dialogue.slots["address"] is None


def test_it_is_too_late_for_another_address():
    (reply,) = Dialogue("C1006").begin("address_form", order_id="HL20417405")
    assert reply["response"] == "utter_address_too_late"
    assert reply["tracking_no"] == "SF100200300404"


def test_a_return_for_a_fault_is_free():
    dialogue = Dialogue("C1001")
    assert names(dialogue.begin("return_form")) == ["utter_ask_return_reason"]
    replies = dialogue.say("It has a quality problem")
    assert names(replies) == ["utter_return_started", "utter_return_fee_shop"]
    assert replies[0]["refund_amount"] == 97


def test_opened_earphones_are_mentioned():
    dialogue = Dialogue("C1005", language="zh")
    dialogue.begin("return_form", order_id="HL20415890")
    assert names(dialogue.say("不想要了")) == [
        "utter_return_started",
        "utter_return_fee_customer",
        "utter_return_sealed_only",
    ]


@pytest.mark.parametrize(
    ("customer", "number", "expected"),
    [("C1003", "HL20413900", "utter_return_window_over"),
     ("C1004", "HL20414477", "utter_return_exists"),
     ("C1004", "HL20417033", "utter_return_not_yet"),
     ("C1006", "HL20416200", "utter_order_status")],
)  # fmt: skip
def test_a_return_that_cannot_be_asks_no_reason(customer: str, number: str, expected: str):
    assert names(Dialogue(customer).begin("return_form", order_id=number))[0] == expected


def test_after_seven_days_only_a_fault_counts():
    dialogue = Dialogue("C1002")
    assert names(dialogue.begin("return_form", order_id="HL20412344")) == [
        "utter_ask_return_reason"
    ]
    assert names(dialogue.say("I changed my mind")) == ["utter_return_window_over"]
    again = Dialogue("C1002")
    again.begin("return_form", order_id="HL20412344")
    assert names(again.say("the seam is faulty"))[0] == "utter_return_started"


def test_a_personal_invoice():
    dialogue = Dialogue("C1005", language="zh")
    assert names(dialogue.begin("invoice_form", order_id="HL20415890")) == [
        "utter_ask_invoice_title"
    ]
    assert names(dialogue.say("个人")) == ["utter_ask_email"]
    assert names(dialogue.say("没有邮箱")) == ["utter_email_invalid", "utter_ask_email"]
    (reply,) = dialogue.say("chenjing@mail.example")
    assert (reply["invoice_title"], reply["total_amount"]) == ("个人", 499)
    assert reply["email"] == "chenjing@mail.example"
    assert dialogue.slots["invoice_title"] is None
    assert names(dialogue.begin("invoice_form")) == ["utter_invoice_exists"]


@pytest.mark.parametrize(
    "said",
    [[f"海岸科技有限公司 税号 {TAX}"], ["海岸科技有限公司", TAX],
     ["海岸科技有限公司", f"税号是{TAX}"],
     [TAX, "海岸科技有限公司"]],
)  # fmt: skip
def test_a_company_needs_its_tax_number(said: list[str]):
    dialogue = Dialogue("C1002")
    dialogue.begin("invoice_form", order_id="HL20418420")
    replies: list[str] = []
    for text in said:
        replies = names(dialogue.say(text))
    assert replies == ["utter_ask_email"]
    (reply,) = dialogue.say("emma@mail.example")
    assert reply["invoice_title"] == "海岸科技有限公司"
    invoice = stored("HL20418420", "C1002").invoice
    assert invoice is not None
    assert invoice.tax_number == TAX


def test_a_special_invoice_is_for_a_person():
    dialogue = Dialogue("C1002")
    dialogue.begin("invoice_form", order_id="HL20418420")
    assert names(dialogue.say("我要开专票")) == ["utter_invoice_special", "utter_ask_invoice_title"]


def test_no_invoice_is_asked_about_for_an_unpaid_order():
    assert names(Dialogue("C1003").begin("invoice_form", order_id="HL20418555")) == [
        "utter_order_unpaid"
    ]


def test_a_digression_changes_no_slot():
    dialogue = Dialogue("C1001")
    dialogue.begin("cancel_form")
    before = dict(dialogue.slots)
    body = request(
        "validate_cancel_form",
        {**dialogue.slots, "__form__": "cancel_form"},
        "how long does a refund take?",
        customer_id="C1001",
    )
    events, replies = call(body)
    assert replies == []
    assert events == [{"event": "slot", "timestamp": None, "name": "requested_slot",
                       "value": "confirm"}]  # fmt: skip
    assert dialogue.slots == before


def test_nothing_personal_is_logged():
    with logged() as records:
        dialogue = Dialogue()
        dialogue.begin("address_form", "HL20418376")
        dialogue.say("13800015521")
        dialogue.say("上海市静安区南京西路1266号")
        invoice = Dialogue("C1002")
        invoice.begin("invoice_form", order_id="HL20418420")
        invoice.say("Emma Clarke")
        invoice.say("emma@mail.example")
        logging.getLogger("actions").debug("the end")
    assert records[-1].getMessage() == "the end"
    said = json.dumps([record.getMessage() for record in records], ensure_ascii=False)
    for secret in ("HL20418", "5521", "南京西路", "Emma", "emma@"):
        assert secret not in said


@pytest.mark.parametrize("text", ["no, the other one", "that's not this one", "不对，是另一个订单"])
def test_a_correction_at_the_yes_cancels_nothing_and_asks_which(text: str):
    dialogue = Dialogue("C1001")
    dialogue.begin("cancel_form")
    assert dialogue.requested == "confirm"
    assert names(dialogue.say(text, confirm=False)) == ["utter_ask_order_choice"]
    assert dialogue.slots["order_id"] is None
    assert dialogue.slots["confirm"] is None
    assert dialogue.form == "cancel_form"


@pytest.mark.parametrize("text", ["no, the previous one", "不对，是上一个订单"])
def test_the_order_before_is_taken(text: str):
    dialogue = Dialogue("C1001", slots={"order_id": "HL20418376"})
    dialogue.begin("order_status_form", text)
    assert dialogue.slots["order_id"] == "HL20417752"


def test_a_visitor_who_means_another_order_is_asked_for_its_number():
    dialogue = Dialogue()
    dialogue.begin("track_form", order_id="HL20417752")
    assert names(dialogue.say("sorry, not that one")) == ["utter_ask_order_id"]
    assert names(dialogue.say("HL20415890")) == ["utter_ask_phone_tail"]


def test_an_address_is_no_correction():
    dialogue = Dialogue("C1001")
    dialogue.begin("address_form")
    assert dialogue.requested == "address"
    dialogue.say("上海市静安区南京西路1266号，不是上一个地址")
    assert dialogue.slots["order_id"] == "HL20418376"


def test_a_tail_refused_twice_leads_back_to_the_number():
    dialogue = Dialogue()
    dialogue.begin("track_form", order_id="HL20418376")
    dialogue.say("0000")
    assert dialogue.requested == "phone_tail"
    dialogue.say("0001")
    assert dialogue.requested == "order_id"


def test_a_company_without_its_tax_number_is_asked_for_the_number_alone():
    dialogue = Dialogue("C1002")
    dialogue.begin("invoice_form", order_id="HL20418420")
    assert names(dialogue.say("Acme Trading Co.")) == ["utter_invoice_tax_missing"]
    assert names(dialogue.say(TAX)) == ["utter_ask_email"]
    assert dialogue.slots["invoice_title"] == "Acme Trading Co"


@pytest.mark.parametrize(
    ("kind", "name"), [("company", "Brightline Trading Ltd"), ("公司抬头", "Brightline")]
)
def test_who_says_that_it_is_for_a_company_is_asked_for_which(kind: str, name: str):
    dialogue = Dialogue("C1002")
    dialogue.begin("invoice_form", order_id="HL20418420")
    assert names(dialogue.say(kind)) == ["utter_ask_company"]
    assert names(dialogue.say(name)) == ["utter_invoice_tax_missing"]
    assert names(dialogue.say(TAX)) == ["utter_ask_email"]
    assert dialogue.slots["invoice_title"] == name


def test_a_company_of_which_the_number_comes_first_is_asked_for_its_name():
    dialogue = Dialogue("C1002")
    dialogue.begin("invoice_form", order_id="HL20418420")
    dialogue.say("for my company")
    assert names(dialogue.say(TAX)) == ["utter_ask_company"]
    assert names(dialogue.say("Brightline")) == ["utter_ask_email"]


def test_another_order_or_a_question_is_no_invoice_title():
    for words in ("sorry, I meant HL20417810", "when do I get it?"):
        dialogue = Dialogue("C1002")
        dialogue.begin("invoice_form", order_id="HL20418420")
        dialogue.say(words)
        assert dialogue.slots["invoice_title"] is None


def test_the_only_order_that_fits_is_not_taken_for_one_that_was_spoken_of():
    hoodie = Dialogue("C1001")
    hoodie.slots["product"] = "Breakwater hoodie"
    assert names(hoodie.begin("return_form")) == ["utter_ask_order_choice"]
    shirt = Dialogue("C1001")
    assert names(shirt.begin("return_form")) == ["utter_ask_return_reason"]
