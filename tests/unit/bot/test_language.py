from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.fanout import clauses
from bot.language import choose, script

BOTH = ("en", "zh")


@pytest.mark.parametrize(
    ("text", "current", "wanted"),
    [
        ("where is my order", "zh", "en"),
        ("我的订单在哪", "en", "zh"),
        ("我的 order 在哪里呀", "en", "zh"),
        ("please tell me 谢谢", "zh", "en"),
        ("HL20418376", "zh", "zh"),
        ("HL20418376", "en", "en"),
        ("5521", "zh", "zh"),
        ("😀!?", "zh", "zh"),
        ("", "en", "en"),
        ("ok", "zh", "en"),
        ("שלום", "zh", "zh"),
        ("查一下iPhone 15", "en", "zh"),
        ("L的", "zh", "zh"),
        ("emma@example.com", "zh", "zh"),
        ("size L please", "zh", "en"),
    ],
)
def test_language_of_the_answer(text: str, current: str, wanted: str) -> None:
    assert choose(text, current, BOTH) == wanted


def test_language_that_the_assistant_does_not_speak_is_not_chosen() -> None:
    assert choose("我的订单在哪", "en", ("en",)) == "en"
    assert choose("where is it", "zh", ("zh",)) == "zh"


@given(st.text(st.characters(codec=None)), st.sampled_from(BOTH))
def test_some_language_is_always_chosen(text: str, current: str) -> None:
    assert choose(text, current, BOTH) in BOTH
    assert script(text) in ("understood", "empty", "foreign")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("hello", "understood"),
        ("你好", "understood"),
        ("café", "understood"),
        ("ＡＢＣ", "understood"),
        ("12", "understood"),
        ("😀😀", "empty"),
        ("?!…", "empty"),
        ("", "empty"),
        ("שלום", "foreign"),
        ("مرحبا", "foreign"),
        ("привет", "foreign"),
        ("where is заказ", "understood"),
        ("𠮷", "understood"),
    ],
)
def test_script(text: str, wanted: str) -> None:
    assert script(text) == wanted


# -- partial text ---------------------------------------------------------------------------


def test_clauses_grow_to_the_whole_text() -> None:
    assert clauses("Hi. It ships today, by SF; good?") == [
        "Hi.",
        "Hi. It ships today,",
        "Hi. It ships today, by SF;",
    ]
    assert clauses("您好，订单已发货。请留意！") == ["您好，", "您好，订单已发货。"]
    assert clauses("3.5 yuan") == []
    assert clauses("") == []


@given(st.text(st.sampled_from("ab .,。，！\n"), max_size=60))
def test_clauses_are_growing_beginnings(text: str) -> None:
    found = clauses(text)
    assert all(text.startswith(part) and part != text for part in found)
    assert [len(part) for part in found] == sorted({len(part) for part in found})
