"""Wordings that differ in a value are one template; those that differ in what they say are not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.filling.generator import parse_template, placeholders
from retrieval.mining.patterns import group
from retrieval.tokens import signature, tokenise


def templates(*texts: str, known: dict[str, str] | None = None) -> list[str]:
    """The templates of ``texts``, each said once, in order."""
    named = {k.casefold(): v for k, v in (known or {}).items()}
    found = group(texts, [1] * len(texts), range(len(texts)), lambda t: named.get(t.casefold()))
    return [one.template for one in found]


@pytest.mark.parametrize(
    ("one", "other", "template"),
    [
        (
            "Your driver today will be Zoe, she is near.",
            "Your driver today will be Mark, she is near.",
            "Your driver today will be {name}, she is near.",
        ),
        (
            "The Old Town Inn is free on Tuesday.",
            "The Old Mill Inn is free on Sunday.",
            "The {name} is free on {date}.",
        ),
        (
            "Great, Dr. Johnson can see you at 5 pm.",
            "Great, Dr. Morgan can see you at 7 pm.",
            "Great, Dr. {name} can see you at {date}.",
        ),
        (
            "It costs ¥12 for 3 parcels.",
            "It costs ¥20 for 5 parcels.",
            "It costs {amount} for {number} parcels.",
        ),
        (
            "The answer to it is 'wind', as you know.",
            "The answer to it is 'canton', as you know.",
            "The answer to it is '{value}', as you know.",
        ),
        (
            "我们店里的X200有现货，下单后今天发出。",
            "我们店里的A31有现货，下单后今天发出。",
            "我们店里的{name}有现货，下单后今天发出。",
        ),
        (
            "这单退款159元，3天到账。",
            "这单退款229元，5天到账。",
            "这单退款{amount}，{number}天到账。",
        ),
    ],
)
def test_values_become_typed_places(one: str, other: str, template: str) -> None:
    assert templates(one, other) == [template]


def test_what_the_assistant_knows_types_the_place_even_in_small_letters() -> None:
    known = {"phone case": "product", "duvet": "product", "水杯": "product", "耳机": "product"}
    assert templates(
        "We have the phone case in stock in Pudong.",
        "We have the duvet in stock in Pudong.",
        known=known,
    ) == ["We have the {product} in stock in Pudong."]
    assert templates("水杯支持七天无理由退货", "耳机支持七天无理由退货", known=known) == [
        "{product}支持七天无理由退货"
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "You can return it within the first month.",
            "You cannot return it within the first month.",
        ),
        ("Shipping is free for members.", "Shipping is not free for members."),
        ("Please name the first cable's colour.", "Please name the second cable's colour."),
        ("Please provide your rank.", "Please provide your room."),
        ("You can pay before delivery.", "You can pay after delivery."),
        ("这款支持七天无理由退货", "这款不支持七天无理由退货"),
        ("下单以后可以改地址", "发货以后不可以改地址"),
        ("The sale ends on Friday.", "Visa cards work in Lhasa."),
    ],
)
def test_lines_that_say_two_things_stay_two(one: str, other: str) -> None:
    assert templates(one, other) == [one, other]


def test_placeholders_of_another_tool_are_places_too() -> None:
    assert templates("亲，[姓名x]的订单[数字x]天内送到") == ["亲，{value}的订单{value_2}天内送到"]
    assert templates("Your flight is __num__ minutes late.") == [
        "Your flight is {value} minutes late."
    ]


def test_courtesy_case_and_punctuation_make_no_new_wording() -> None:
    assert templates(
        "Shipping is free from ¥99.", "shipping is free from ¥99!!", "Please note"
    ) == [
        "Shipping is free from ¥99.",
        "Please note",
    ]
    assert len(templates("满99元包邮", "亲，满99元包邮哦～", "您满99元包邮呢")) <= 2
    assert signature(tokenise("亲，满99元包邮哦～")) == signature(tokenise("满99元包邮"))


def test_a_figure_that_many_state_is_a_fact_and_a_lone_one_stands_apart() -> None:
    texts = ("Free from ¥99 in all of our shops.", "Free from ¥88 in all of our shops.")
    found = group(texts, [5, 1], [0, 1])
    assert [(g.template, g.members) for g in found] == [(texts[0], (0,)), (texts[1], (1,))]
    even = group(texts, [1, 1], [0, 1])
    assert [g.template for g in even] == ["Free from {amount} in all of our shops."]
    assert even[0].filled[0].values == ("¥99", "¥88")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.text(alphabet="abcA B12{}'.,不退元日\n¥", max_size=40) | st.text(max_size=30),
        min_size=1,
        max_size=6,
        unique=True,
    )
)
def test_any_texts_give_sound_templates_and_lose_no_line(texts: list[str]) -> None:
    found = group(texts, [1] * len(texts), range(len(texts)))
    assert sorted(i for g in found for i in g.members) == list(range(len(texts)))
    for one in found:
        parse_template(one.template)
        assert {f.placeholder for f in one.filled} == set(placeholders(one.template))
