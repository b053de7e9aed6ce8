from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shop.numbers import digits, mobile_tail, order_number, phone_tail

DIGITS8 = st.from_regex(r"[0-9]{8}", fullmatch=True)
DIGITS4 = st.from_regex(r"[0-9]{4}", fullmatch=True)
GAPS = st.sampled_from(["", " ", "-", "  ", " - ", "_", "."])
FULL_WIDTH = str.maketrans("0123456789HLhl", "０１２３４５６７８９ＨＬｈｌ")


@given(DIGITS8, st.sampled_from(["HL", "hl", "Hl", "hL", "H L"]), GAPS, GAPS)
def test_letters_case_and_gaps_do_not_matter(number: str, letters: str, gap: str, inner: str):
    written = f"my order {letters}{gap}{number[:4]}{inner}{number[4:]}, please"
    assert order_number(written) == f"HL{number}"


@given(DIGITS8)
def test_full_width_characters_do_not_matter(number: str):
    assert order_number(f"订单HL{number}到哪了".translate(FULL_WIDTH)) == f"HL{number}"


@given(DIGITS8, st.sampled_from(["", " ", "订单号", "number ", "no. "]))
def test_eight_digits_alone_are_an_order_number(number: str, label: str):
    assert order_number(f"{label}{number}") == f"HL{number}"


@given(DIGITS8)
def test_eight_digits_among_words_are_not(number: str):
    assert order_number(f"call me at {number} today") is None


@given(
    st.from_regex(r"HL[0-9]{1,7}", fullmatch=True) | st.from_regex(r"HL[0-9]{9,14}", fullmatch=True)
)
def test_too_few_or_too_many_digits_are_no_order_number(text: str):
    assert order_number(text) is None


@given(st.text())
def test_any_text_gives_a_canonical_number_or_none(text: str):
    found = order_number(text)
    assert found is None or (len(found) == 10 and found.isascii() and found[2:].isdigit())
    assert found is None or order_number(found) == found


@given(st.text())
def test_any_text_gives_a_canonical_tail_or_none(text: str):
    found = phone_tail(text)
    assert found is None or (len(found) == 4 and found.isascii() and found.isdigit())
    assert found is None or phone_tail(found) == found
    assert digits(text).isascii()


@given(
    DIGITS4, st.sampled_from(["{}", "it's {}", "尾号{}", "{}。", "后四位是{}哈", "HL20418376 {}"])
)
def test_a_tail_is_found_in_a_sentence(tail: str, sentence: str):
    assert phone_tail(sentence.format(tail)) == tail


@pytest.mark.parametrize(
    "text",
    ["13800015521", "138 0001 5521", "+86 138-0001-5521", "8613800015521", "１３８０００１５５２１",
     "我的手机号是13800015521"],
)  # fmt: skip
def test_a_whole_phone_number_stands_for_its_tail(text: str):
    assert phone_tail(text) == "5521"
    assert mobile_tail(text) == "5521"


@pytest.mark.parametrize("text", ["", "123", "12345", "5521 or 5522", "no idea", "20418376"])
def test_what_is_no_tail_is_refused(text: str):
    assert phone_tail(text) is None


def test_a_tail_alone_is_no_whole_number():
    assert mobile_tail("5521") is None
    assert mobile_tail("13800015521 or 13900028846") is None
