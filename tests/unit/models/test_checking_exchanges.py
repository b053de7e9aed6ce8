"""Words that stand in the place of others, and items that are told in other words."""

from __future__ import annotations

import pytest

from models.checking import Sources, Stated
from models.checking.checker import examined
from models.checking.exchanges import Exchange, exchanged, exchanges, plain, read_exchanges
from models.checking.items import read_items


def test_lists_are_read_one_way_and_both_ways() -> None:
    text = "# remark\n\ntense: was > will be\nscope: 会员 <> 所有人\n"
    assert list(read_exchanges(text)) == [
        Exchange("tense", " was ", " will be "),
        Exchange("scope", "会员", "所有人"),
        Exchange("scope", "所有人", "会员"),
    ]


def test_the_shipped_lists_name_no_pair_that_could_not_be_seen() -> None:
    english, chinese = exchanges(False), exchanges(True)
    assert min(len(english), len(chinese)) > 400
    assert all(one.old.strip() and one.new.strip() for one in (*english, *chinese))
    assert all(one.old != one.new for one in (*english, *chinese))
    assert {one.kind for one in english} == {one.kind for one in chinese} == {
        "quantifier", "tense", "actor", "direction", "modality", "scope", "product",
    }  # fmt: skip


def test_both_languages_are_compared_in_one_form() -> None:
    assert plain("You can’t pay ¥99, now.") == " you can't pay 99 now "
    assert plain("满99元，包邮") == " 99 满|元|包邮"
    assert plain("包邮") == "包邮"


@pytest.mark.parametrize(
    ("source", "reply", "kinds"),
    [
        ("All orders have left.", "Some orders have left.", {"quantifier"}),
        ("Your parcel was sent.", "Your parcel will be sent.", {"tense"}),
        ("订单可以修改。", "订单必须修改。", {"modality"}),
        ("请在付款之前联系我们。", "请在付款之后联系我们。", {"direction"}),
        ("All orders have left.", "All of the orders have left.", set()),
        ("All or some have left.", "Some or all have left.", set()),
        ("¥9 for all – now", "for all, ¥9 now", set()),
    ],
)
def test_an_exchange_has_the_new_word_and_not_the_old(
    source: str, reply: str, kinds: set[str]
) -> None:
    assert {kind for kind, _ in exchanged(source, reply)} == kinds


def test_exchanges_speak_against_a_wording_unless_a_fact_has_the_word() -> None:
    template, reply = "All shops are open on Monday.", "Some shops are open on Monday."
    found = {f.kind for f in examined(reply, Sources(template, {}, "en")).doubts}
    assert {"quantifier exchanged", "quantifier exchanged here"} <= found
    told = Sources(template, {}, "en", ("Some shops open late.",))
    assert "quantifier exchanged" not in {f.kind for f in examined(reply, told).doubts}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("90 minutes", "an hour and a half"),
        ("15 minutes", "a quarter of an hour"),
        ("45分钟", "三刻钟"),
        ("90分钟", "一个半小时"),
        ("2.5 hours", "two hours and a half"),
        ("12 eggs", "a dozen eggs"),
        ("0.2元", "两毛"),
        ("15%", "八五折"),
        ("Sunday", "Sundays"),
        ("March 15, March 16", "15 to 16 March"),
    ],
)
def test_the_same_is_read_in_other_words(first: str, second: str) -> None:
    a, b = ({(i.kind, i.key[:-1]) for i in read_items(text)} for text in (first, second))
    assert a == b


@pytest.mark.parametrize(
    ("template", "values", "reply"),
    [
        ("Prices fall in {month}, from {day}.",
         {"month": Stated("October"), "day": Stated("2025-10-15", "date")},
         "From October 15 prices are lower."),
        ("You are number {place} in line.", {"place": Stated(4, "number")},
         "You are fourth in line."),
        ("您排在第{place}位。", {"place": Stated(3, "number")}, "您排第三。"),
        ("You may bring {guests} guest.", {"guests": Stated(1, "number")},
         "A single guest may come with you."),
        ("We refund half of the fee.", {}, "You get 50 percent of the fee back."),
        ("You can use both vouchers.", {}, "You are free to use the two vouchers."),
    ],
)  # fmt: skip
def test_values_may_be_said_in_other_words(
    template: str, values: dict[str, Stated], reply: str
) -> None:
    language = "en" if template.isascii() else "zh"
    assert examined(reply, Sources(template, values, language)).certain == ()


def test_another_number_is_still_refused() -> None:
    sources = Sources("You are number {place} in line.", {"place": Stated(4, "number")}, "en")
    assert examined("You are fifth in line.", sources).certain
    assert examined("You get 60 percent back.", Sources("We refund half.", {}, "en")).certain
