# ruff: noqa: E501
"""The checker passes what says the same, and refuses what does not or cannot be decided."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.checking import Checker, Sources, Stated
from models.checking.items import matches, read_items
from models.checking.lexicon import lexicon, stems
from models.checking.numerals import number

CHECKER = Checker()
VALUES = {
    "order_id": Stated("HL20418376", "text"),
    "carrier": Stated("SF Express", "text"),
    "scan_date": Stated("2025-03-04", "date"),
    "expected_date": Stated("2025-03-09", "date"),
    "refund_amount": Stated("129.5", "money"),
    "customer_name": Stated("Emma Clarke", "text"),
    "email": Stated("emma@example.com", "text"),
    "left": Stated(3, "number"),
}
EN = {
    "late": "Order {order_id} is with {carrier}, last scanned on {scan_date}. "
    "We expect it on {expected_date}.",
    "cancel": "Order {order_id} has left our warehouse, so it can't be cancelled any more. "
    "You can return it within 7 days after delivery.",
    "free": "Delivery is free from ¥99 per order; below that it is ¥8.",
    "refund": "{customer_name}, we refunded {refund_amount} for {order_id}. "
    "Flash sales are excluded.",
    "mail": "The invoice goes to {email} within 24 hours.",
    "left": "It is in stock, only {left} left.",
}
ZH = {
    "late": "订单{order_id}由{carrier}配送，{scan_date}最后一次扫描，预计{expected_date}送达。",
    "cancel": "订单{order_id}已经出库，不能取消了。签收后7天内可以退货。",
    "free": "满99元包邮，不满99元运费8元。",
    "refund": "{customer_name}您好，订单{order_id}已退款{refund_amount}。秒杀商品不参加。",
    "mail": "发票24小时内发到{email}。",
    "left": "有货，只剩{left}件了。",
}


def verdict(template: str, output: str, language: str, *facts: str):
    names = re.findall(r"\{(\w+)\}", template)
    sources = Sources(template, {name: VALUES[name] for name in names}, language, facts)
    return CHECKER.check(output, sources)


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("late", "SF Express has HL20418376. The latest scan is from 4 March 2025, "
                 "and it should arrive on March 9, 2025."),
        ("late", "We expect HL20418376 on March 9, 2025; SF Express scanned it last on March 4, 2025."),
        ("cancel", "I'm afraid HL20418376 has shipped already and cancelling is no longer possible. "
                   "You may send it back within seven days of delivery."),
        ("free", "Orders of at least ¥99 are delivered free of charge, smaller ones for 8 yuan."),
        ("refund", "Emma Clarke, ¥129.50 for order HL20418376 went back to you. "
                   "This doesn't apply to flash sales."),
        ("mail", "You'll get the invoice at emma@example.com within a day."),
        ("left", "We have it in stock, but just three are left."),
    ],
)  # fmt: skip
def test_english_paraphrases_pass(name: str, output: str) -> None:
    assert verdict(EN[name], output, "en").findings == ()


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("late", "您的订单HL20418376在SF Express手上，3月4日最后一次扫描，预计2025年3月9日送到。"),
        ("cancel", "抱歉，HL20418376已经发货，取消不了啦，收到后七天内可以退货。"),
        ("free", "买满99元就免运费，没满的话运费8块。"),
        ("refund", "Emma Clarke您好，129.50元已经退回，订单HL20418376。秒杀商品除外。"),
        ("mail", "24小时之内会把发票发送到emma@example.com。"),
        ("left", "现在有货，还剩三件。"),
    ],
)
def test_chinese_paraphrases_pass(name: str, output: str) -> None:
    assert verdict(ZH[name], output, "zh").findings == ()


@pytest.mark.parametrize(
    ("name", "output", "kind"),
    [
        ("late", "Order HL20418376 is with SF Express, last scanned on March 9, 2025. "
                 "We expect it on March 4, 2025.", "swapped"),
        ("late", "Order HL20418376 is with SF Express, last scanned on March 4, 2025. "
                 "We guarantee it on March 9, 2025.", "claim"),
        ("late", "Order HL20418377 is with SF Express, last scanned on March 4, 2025. "
                 "We expect it on March 9, 2025.", "code"),
        ("late", "Order HL20418376 was last scanned on March 4, 2025. "
                 "We expect it on March 9, 2025.", "lost value"),
        ("cancel", "Order HL20418376 has left our warehouse, so it can be cancelled. "
                   "You can return it within 7 days after delivery.", "negation"),
        ("cancel", "Order HL20418376 has left our warehouse, so it can't be cancelled. "
                   "You can return it within 30 days after delivery.", "length"),
        ("cancel", "Order HL20418376 has left our warehouse, so it can't be cancelled. "
                   "You can return it within 7 days before delivery.", "moment"),
        ("free", "Delivery is free from ¥8 per order; below that it is ¥99.", "swapped"),
        ("free", "Delivery is free from $99 per order; below that it is ¥8.", "money"),
        ("free", "Delivery is free from ¥99; below that it is ¥8. Gold members get a gift.", "claim"),
        ("refund", "Emma Clarke, we refunded ¥192.50 for HL20418376. Flash sales are excluded.", "money"),
        ("refund", "Emma Clarke, we refunded ¥129.50 for HL20418376. Flash sales are included.", "negation"),
        ("refund", "Anna Smith, we refunded ¥129.50 for HL20418376. Flash sales are excluded.", "lost value"),
        ("mail", "The invoice goes to anna@example.com within 24 hours.", "email"),
        ("mail", "The invoice goes to emma@example.com within 24 hours, see https://evil.example.", "link"),
        ("left", "It isn't in stock, only 3 left.", "negation"),
        ("left", "有货，只剩3件。", "language"),
        ("left", "It is in stock, only {left} left.", "hole"),
        ("left", "It is in stock, only None left.", "hole"),
        ("left", "It is in stock, only \u202e3\u202c left.", "control characters"),
        ("left", " ", "empty"),
        ("left", "It is in stock, only 3 left. " * 40, "too long"),
    ],
)  # fmt: skip
def test_english_errors_are_caught(name: str, output: str, kind: str) -> None:
    assert kind in {finding.kind for finding in verdict(EN[name], output, "en").findings}


@pytest.mark.parametrize(
    ("name", "output", "kind"),
    [
        ("late", "订单HL20418376由SF Express配送，2025年3月9日最后一次扫描，预计2025年3月4日送达。", "swapped"),
        ("cancel", "订单HL20418376已经出库，可以取消。签收后7天内可以退货。", "negation"),
        ("cancel", "订单HL20418376已经出库，不能取消了。签收后7天内可以退货，另送您优惠券。", "claim"),
        ("free", "满99元不包邮，不满99元运费8元。", "negation"),
        ("refund", "Emma Clarke您好，订单HL20418376已退款¥192.5。秒杀商品不参加。", "money"),
        ("refund", "Emma Clarke您好，订单HL20418376已退款¥129.5。秒杀商品也参加。", "negation"),
        ("mail", "发票48小时内发到emma@example.com。", "length"),
        ("mail", "发票24小时内发到emma@example.com，由王小明办理。", "name"),
        ("left", "没有货，只剩3件了。", "negation"),
    ],
)  # fmt: skip
def test_chinese_errors_are_caught(name: str, output: str, kind: str) -> None:
    assert kind in {finding.kind for finding in verdict(ZH[name], output, "zh").findings}


def test_facts_may_be_said_and_need_not() -> None:
    fact = "Members get a gift worth ¥20."
    with_fact = "It is in stock, only 3 left. Members get a gift worth ¥20."
    assert verdict(EN["left"], with_fact, "en", fact).passed
    assert verdict(EN["left"], "It is in stock, only 3 left.", "en", fact).passed
    assert not verdict(EN["left"], with_fact, "en").passed


TEMPLATE = (
    "{order_id}[[ with {carrier}]]: [[if member: free | ¥8]], {left} [[plural left: day | days]]."
)


@pytest.mark.parametrize(
    ("output", "literal"),
    [
        ("HL20418376 with SF Express: free, 3 days.", True),
        ("HL20418376: ¥8, 3 days.", True),
        ("HL20418376: ¥8, 3 day.", True),
        ("HL20418376: ¥9, 3 days.", False),
        ("HL20418376: ¥8, 4 days.", False),
        ("HL20418376 with DHL: ¥8, 3 days.", False),
        ("HL20418376: ¥8, 3 days. More.", False),
    ],
)
def test_a_template_word_for_word_is_recognised(output: str, literal: bool) -> None:
    values = {name: VALUES[name] for name in ("order_id", "carrier", "left")}
    assert CHECKER.check(output, Sources(TEMPLATE, values, "en")).literal is literal


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("¥1,299", "1299元"), ("¥129.50", "129.5 yuan"), ("March 5, 2025", "2025年3月5日"),
        ("5th of March", "3月5日"), ("Wednesday, 5 March 2025", "2025-03-05"),
        ("4 pm", "下午四点"), ("16:30", "4:30 p.m."), ("two weeks", "14天"), ("24 hours", "一天"),
        ("half a year", "6个月"), ("5 %", "95折"), ("10 percent", "百分之十"),
        ("HL 2041 8376", "HL20418376"), ("138 0013 8000", "13800138000"),
        ("https://Shop.com/a.", "shop.com/a"), ("seven working days", "7个工作日"),
    ],
)  # fmt: skip
def test_two_ways_to_write_one_thing(text: str, said: str) -> None:
    (one,), (other,) = read_items(text), read_items(said)
    assert matches(one, other)
    assert matches(other, one)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("¥129", "$129"), ("¥129", "¥12.9"), ("March 5, 2025", "March 6, 2025"),
        ("March 5, 2025", "March 5, 2024"), ("Tuesday, 5 March 2025", "2025-03-05"),
        ("4 pm", "4 am"), ("7 days", "7 working days"), ("7 days", "7 weeks"), ("5 %", "¥5"),
        ("HL20418376", "HL20418367"), ("https://shop.example", "https://shop.example.evil.com"),
    ],
)  # fmt: skip
def test_two_things(text: str, said: str) -> None:
    (one,), (other,) = read_items(text), read_items(said)
    assert not matches(one, other)


@pytest.mark.parametrize(
    ("words", "value"),
    [("twenty-one", 21), ("two hundred and five", 205), ("三百二十", 320), ("两万", 20_000),
     ("十五", 15), ("二零二五", 2025), ("1,299.5", 1299.5), ("", None), ("abc", None), ("年", None)],
)  # fmt: skip
def test_number_words(words: str, value: float | None) -> None:
    assert number(words) == value


def test_stems_meet() -> None:
    assert stems("can't cancelling refunds") == stems("cannot cancelled refund")


def test_no_entry_of_the_lexicon_is_both_a_claim_and_its_denial() -> None:
    for meaning in (*lexicon().english.values(), *lexicon().chinese.values()):
        assert not any((concept, not polar) in meaning.claims for concept, polar in meaning.claims)


@settings(max_examples=60)
@given(st.text(max_size=120), st.sampled_from(["en", "zh"]))
def test_any_output_gets_a_verdict(output: str, language: str) -> None:
    template = (EN if language == "en" else ZH)["refund"]
    assert not verdict(template, output, language).passed


@settings(max_examples=60)
@given(st.text(alphabet="{}[]|:ab 1¥是不if", max_size=40), st.text(max_size=60))
def test_any_template_can_be_a_source(template: str, output: str) -> None:
    CHECKER.check(output, Sources(template, {"a": Stated(output)}, "en", (template,)))


@settings(max_examples=60)
@given(st.integers(1, 10_000_000), st.integers(1, 10_000_000))
def test_another_amount_is_always_caught(right: int, wrong: int) -> None:
    sources = Sources("You get {sum} back.", {"sum": Stated(right / 100, "money")}, "en")
    assert CHECKER.check(f"You get ¥{right / 100:.2f} back.", sources).passed
    if right != wrong:
        assert not CHECKER.check(f"You get ¥{wrong / 100:.2f} back.", sources).passed
