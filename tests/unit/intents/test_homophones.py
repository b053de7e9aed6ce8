"""Chinese words in characters of the same sound are read as what was meant, and little else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.homophones import Homophones
from intents.spelling import Speller

LINES = [
    "我想退货", "退货要多久", "怎么退货", "什么时候发货", "还没发货吗", "什么时候退款", "发货了没",
    "我的快递到哪了", "快递什么时候到", "快递单号是多少", "有没有会员", "会员能便宜吗", "办会员",
    "晚上送吗", "晚上几点关门", "晚上有人吗",
]  # fmt: skip


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller.of(LINES, ["尚品漂流", "快的打车"])


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("退获要钱吗", "退货要钱吗"),
        ("我要腿货", "我要退货"),
        ("快第到哪了", "快递到哪了"),
        ("神么时候发获", "什么时候发货"),
        ("我的 parcl 退获", "我的 parcel 退货"),
    ],
)
def test_slips_of_sound_are_mended(speller: Speller, written: str, meant: str) -> None:
    assert speller.mend(written).text == meant


@pytest.mark.parametrize(
    "text",
    [
        *LINES,
        "会原路退回吗",  # 会 is a word of its own, and 会员 is not meant
        "往上一码",
        "快的退款",  # stands in a name
        "退后一步",  # sounds otherwise
        "我姓慧",
        "发霍乱疫苗吗",  # 霍乱 is a word
        "",
        "👍 12",
    ],
)
def test_what_is_no_slip_is_left_alone(speller: Speller, text: str) -> None:
    mended = speller.mend(text)
    assert (mended.text, mended.changes) == (text, ())


def test_a_rare_word_is_not_guessed() -> None:
    assert Speller.of(LINES[:1]).mend("退获").text == "退获"


def test_offsets_lead_back(speller: Speller) -> None:
    mended = speller.mend("pls 退获 now")
    assert mended.changes == ((4, 6, 4, 6),)


@given(st.text(alphabet="退获货快第递神么什发会员的了 a1", max_size=30))
def test_slips_are_in_order_and_of_one_sound(text: str) -> None:
    homophones = Homophones(LINES)
    done = 0
    for start, end, meant in homophones.slips(text):
        assert done <= start < end <= len(text)
        assert len(meant) == end - start
        assert meant != text[start:end]
        assert set(meant) & set(text[start:end])
        done = end
