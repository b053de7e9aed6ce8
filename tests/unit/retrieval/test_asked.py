"""Redacted questions, as people read them and as they are spoken."""

from __future__ import annotations

import pytest

from retrieval.mining.asked import essence, told


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("my voucher {voucher_code} is refused", "my voucher code is refused"),
        ("why is the code {voucher_code_2} refused?", "why is the code refused?"),
        ("where is {order_id} order of mine?", "where is order id order of mine?"),
        ("is the {product} product sold out?", "is the product sold out?"),
        ("我的优惠券{voucher_code}为什么用不了?", "我的优惠券voucher code为什么用不了?"),
        ("is {voucher_code}, my voucher, valid?", "is voucher code, my voucher, valid?"),
    ],
)
def test_no_word_of_a_placeholder_is_said_twice(text: str, spoken: str) -> None:
    assert told(text) == spoken


def test_who_they_are_is_left_out_where_they_ask_something() -> None:
    text = "I am {customer_name}. Why was my voucher refused?"
    assert essence(text) == told(text) == "Why was my voucher refused?"


def test_what_people_read_keeps_its_placeholders() -> None:
    text = "why was voucher {voucher_code} refused?"
    assert essence(text) == text
