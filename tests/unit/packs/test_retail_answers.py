from __future__ import annotations

import pytest
from actions import answers
from actions.answers import (
    cancel_answer,
    is_company,
    is_personal,
    is_reason,
    makes_personal,
    read_address,
    read_email,
    read_reason,
    read_tax_number,
    read_title,
    tail_beside,
    tail_said,
    thing_asked_for,
    wants_special_invoice,
    with_part,
)
from hypothesis import given
from hypothesis import strategies as st
from shop.records import ReturnReason

TAX = "91310000MA1FL0AB12"


@pytest.mark.parametrize(
    ("text", "tail"),
    [("查订单HL20418376，尾号5521", "5521"), ("phone tail 5521", "5521"),
     ("my number is ending in 5521", "5521"), ("last four digits are 5521", "5521"),
     ("手机后四位是５５２１", "5521"), ("尾号55213", None), ("order HL20418376", None)],
)  # fmt: skip
def test_a_tail_is_heard_where_it_is_called_one(text: str, tail: str | None):
    assert tail_said(text) == tail


@pytest.mark.parametrize(
    ("value", "text", "address"),
    [("88 Huaihai Road, Shanghai", "please send it to 88 Huaihai Road, Shanghai",
      "88 Huaihai Road, Shanghai"),
     ("88 Huaihai Road", "88 Huaihai Road, flat 12", "88 Huaihai Road, flat 12"),
     ("北京市朝阳区建国路15号", "北京市朝阳区建国路15号 王芳 13811112222",
      "北京市朝阳区建国路15号 王芳 13811112222"),
     ("88 Huaihai Road, Shanghai", "HL20418376 to 88 Huaihai Road, Shanghai",
      "88 Huaihai Road, Shanghai"),
     ("浙江省杭州市西湖区文三路", "浙江省杭州市西湖区文三路", "浙江省杭州市西湖区文三路"),
     ("I don't know", "I don't know", None), ("不知道", "不知道", None), ("12", "12", None)],
)  # fmt: skip
def test_addresses_are_taken_whole(value: str, text: str, address: str | None):
    assert read_address(value, text) == address


@pytest.mark.parametrize(
    ("said", "intent", "reason"),
    [("It doesn't fit", None, "fit"), ("尺码不合适", None, "fit"), ("too small", None, "fit"),
     ("I changed my mind", None, "mind"), ("不想要了", None, "mind"),
     ("It has a quality problem", None, "quality"), ("有质量问题", None, "quality"),
     ("it leaks", None, "quality"), ("It arrived damaged", None, "damaged"),
     ("到货破损", None, "damaged"), ("I got the wrong item", None, "wrong"),
     ("发错货了", None, "wrong"), ("won't switch on", "quality_issue", "quality"),
     ("我也说不清", None, "other")],
)  # fmt: skip
def test_reasons_are_read_from_words_or_intent(said: str, intent: str | None, reason: str):
    assert read_reason(said, intent).value == reason


@given(st.text(max_size=80))
def test_reading_twice_changes_nothing(text: str):
    reason = read_reason(text, None)
    assert read_reason(reason.value, None) is reason
    for reader in (read_email, read_tax_number):
        found = reader(text)
        assert found is None or reader(found) == found
    address = read_address(text, text)
    assert address is None or read_address(address, text) is not None


@given(st.emails(domains=st.just("mail.example")))
def test_e_mail_addresses_are_found_or_refused_whole(address: str):
    found = read_email(f"send it to {address}")
    assert found is None or found in address


@pytest.mark.parametrize("text", ["a@b", "no", "me at mail dot com", "@x.com"])
def test_what_is_no_e_mail_address(text: str):
    assert read_email(text) is None


@pytest.mark.parametrize(
    "text",
    [TAX, TAX.lower(), f"税号：{TAX}", f"海岸科技有限公司 {TAX}", f"Acme Ltd, tax no. {TAX}"],
)
def test_tax_numbers_are_found(text: str):
    assert read_tax_number(text) == TAX


@pytest.mark.parametrize("text", ["ABCDEFGHIJKLMNOPQR", TAX + "9", TAX[:-1], ""])
def test_what_is_no_tax_number(text: str):
    assert read_tax_number(text) is None


@pytest.mark.parametrize(
    ("text", "title"),
    [(f"海岸科技有限公司，税号{TAX}", "海岸科技有限公司"),
     (f"Acme Ltd, tax number {TAX}", "Acme Ltd"),
     (f"抬头：海岸科技有限公司 {TAX}", "海岸科技有限公司"), ("Emma Clarke", "Emma Clarke"),
     (TAX, None), ("what do you mean?", None), ("", None)],
)  # fmt: skip
def test_titles_are_read_without_number_and_label(text: str, title: str | None):
    assert read_title(text) == title


@pytest.mark.parametrize("text", ["personal", "Personal.", "个人", "个人发票", "私人"])
def test_personal_invoices(text: str):
    assert is_personal(text)


def test_companies_and_special_invoices():
    assert is_company("海岸科技有限公司")
    assert is_company("Acme Ltd")
    assert not is_company("Emma Clarke")
    assert wants_special_invoice("我要专票")
    assert not wants_special_invoice("普票就行")


def test_every_reason_has_a_code():
    assert {reason.value for reason in ReturnReason} >= {"fit", "mind", "quality", "damaged"}


@pytest.mark.parametrize(
    ("said", "answer"),
    [("确认取消", True), ("对，取消吧", True), ("那行，确认取消", True), ("yes, cancel it", True),
     ("先不取消", False), ("先不取消吧", False), ("no, keep it", False),
     ("不取消了，帮我改一下收货地址就行", None), ("我再想想", None), ("取消了钱多久退回来？", None),
     ("取消 HL20417752", None)],
)  # fmt: skip
def test_cancelling_is_confirmed_only_by_words_that_say_nothing_else(
    said: str, answer: bool | None
):
    assert cancel_answer(said) is answer


@pytest.mark.parametrize(
    ("said", "intent", "reason"),
    [("尺码偏小", None, True), ("不喜欢，质量也不好", "complaint", True),
     ("就是想退", "return_start", True),
     ("退货运费谁出？", "return_shipping_fee", False), ("我是想换大一码", "exchange_item", False),
     ("漏了能退吗", "return_policy", False), ("拆封了还能退吗", None, False)],
)  # fmt: skip
def test_a_question_is_no_reason_for_a_return(said: str, intent: str | None, reason: bool):
    assert is_reason(said, intent) is reason


@pytest.mark.parametrize(
    ("said", "tail"),
    [("HL20418376，5521", "5521"), ("订单HL20418376 5521", "5521"), ("HL20418376", None),
     ("HL20418376 1500 1600", None), ("5521", None)],
)  # fmt: skip
def test_four_digits_beside_an_order_number_are_its_tail(said: str, tail: str | None):
    assert tail_beside(said) == tail


@pytest.mark.parametrize(
    ("said", "thing"),
    [
        ("do you sell umbrellas?", "umbrellas"),
        ("have you got any of those iPhone 16 in stock", "iPhone 16"),
        ("你们卖雨伞吗", "雨伞"),
        ("is it in stock", None),
        ("when will it be back in stock?", None),
        ("有货吗", None),
        ("还有现货吗，什么时候补货", None),
    ],
)
def test_a_question_for_stock_names_a_thing_or_none(said: str, thing: str | None):
    assert thing_asked_for(said) == thing


@pytest.mark.parametrize(
    ("said", "personal"),
    [("还是开个人吧", True), ("make it personal", True), ("个人的要多久？", False), ("ok", False)],
)
def test_an_invoice_is_made_personal_later(said: str, personal: bool):
    assert makes_personal(said) is personal


def test_what_follows_right_behind_an_address_belongs_to_it():
    text = "上海市南京西路12号3楼"
    assert read_address(text[:-1], text) == text


def test_a_city_behind_a_street_belongs_to_the_address():
    text = "12 Harbour Road, Pudong, Shanghai"
    assert answers.read_address("12 Harbour Road, Pudong", text) == text
    tower = "send it to Tower B, Room 9, 12 Harbour Road"
    assert answers.read_address("12 Harbour Road", tower) == tower.removeprefix("send it to ")
    more = "12 Harbour Road, please tell me when it is done"
    assert answers.read_address("12 Harbour Road", more) == "12 Harbour Road"


@pytest.mark.parametrize(
    "said", ["不取消的话啥时候发货", "what happens if I don't cancel", "取消吗？"]
)
def test_a_supposition_is_no_answer_to_shall_i_cancel(said: str):
    assert answers.cancel_answer(said) is None


def test_the_order_before_is_the_previous_one():
    for said in ("and the one before that?", "上一个呢"):
        assert answers.other_order(said)
        assert answers.previous_order(said)
    assert not answers.other_order("the day before yesterday")


@pytest.mark.parametrize(
    ("address", "said", "meant"),
    [("上海市港湾路12号3栋", "不对，是21号", "上海市港湾路21号3栋"),
     ("上海市港湾路12号3栋", "说错了，应该是5栋", "上海市港湾路12号5栋"),
     ("12 Harbour Road, Shanghai", "no, it's 21", "21 Harbour Road, Shanghai"),
     ("12 Harbour Road, Shanghai", "oops, i meant number 21", "21 Harbour Road, Shanghai"),
     ("上海市港湾路12号", "21号", None), ("上海市港湾路12号", "不对", None),
     ("12 Harbour Road, flat 3", "sorry, 21", None), ("上海市港湾路12号", "不对，HL20418420", None),
     ("上海市港湾路12号", "不对，是外滩21号", None)],
)  # fmt: skip
def test_a_correction_gives_one_number_of_an_address_anew(
    address: str, said: str, meant: str | None
):
    assert with_part(address, said) == meant


@pytest.mark.parametrize(
    ("street", "address"),
    [
        ("15 Garden Street", "15 Garden Street, Apt 5, Nanjing"),
        ("9 Elm Road", "9 Elm Road"),
        ("15 Garden Street, Flat 2, Suzhou", "15 Garden Street, Flat 2, Suzhou"),
    ],
)
def test_a_street_given_anew_stays_in_its_city(street: str, address: str):
    assert answers.with_street("14 Garden Street, Apt 5, Nanjing", street) == address


def test_a_chinese_street_given_anew_stays_in_its_city():
    address = "杭州市西湖区文三路100号 李雷"
    assert answers.with_street(address, "文三路101号") == "杭州市西湖区文三路101号 李雷"
    assert answers.with_street(address, "天目山路8号") == "天目山路8号"
    assert with_part(address, "不对，是文三路101号") == "杭州市西湖区文三路101号 李雷"
    assert with_part(address, "请问现在改好了吗") is None


@pytest.mark.parametrize("text", ["Phone 1187", "手机1187", "phone ends in 1187", "电话尾数1187"])
def test_the_tail_by_any_name(text: str):
    assert tail_said(text) == "1187"
