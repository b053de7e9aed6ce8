"""Values of lookups are found wherever the expression for all of them would find them."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from intents.values.lookups import Dictionary, expression, folded

VALUES = ["SF Express", "drift mug", "顺丰", "black", "black tea", "K2 kettle", "拉"]
STRANGE = ["Straße", "kaſe", "ﬁne", "Ἀθῆναι", "İzmir", "ﬆop"]
WORDS = st.sampled_from(
    [*VALUES, *STRANGE, "Black", "DRIFT MUG", "blac", "ſf express", "K2 KETTLE", "STRAẞE", "ızmir",
     "ﬅop", "ı", "ß", "Ａ", " ", "s"]
)  # fmt: skip


def found(dictionary: Dictionary, text: str) -> list[tuple[int, int]]:
    return [match.span() for match in dictionary.find(text, folded(text))]


@given(st.lists(WORDS, max_size=8).map("".join) | st.text(max_size=20))
def test_looking_for_beginnings_first_loses_nothing(text: str) -> None:
    for values in (VALUES, [*VALUES, *STRANGE]):
        dictionary = Dictionary.of(values)
        assert dictionary is not None
        whole = expression(value for value in values if value != "拉")
        assert found(dictionary, text) == [match.span() for match in whole.finditer(text)]


@given(st.characters(), st.characters())
def test_signs_that_an_expression_takes_for_one_are_folded_to_one(one: str, other: str) -> None:
    for sign in (other, one.upper(), one.lower(), one.swapcase()):
        same = len(sign) == 1 and re.fullmatch(re.escape(one), sign, re.IGNORECASE)
        assert not same or folded(one) == folded(sign)
    assert len(folded(one + other)) == 2


def test_a_long_list_is_ready_and_asked_at_once() -> None:
    dictionary = Dictionary.of(f"title {number}" for number in range(50_000))
    assert dictionary is not None
    text = "have you Title 4321, or title 49999?"
    matches = list(dictionary.find(text, folded(text)))
    assert [match.span() for match in matches] == [(9, 19), (24, 35)]
    assert len(matches[0].re.pattern) < 1000  # the expression holds what stands in the text alone


def test_values_of_a_single_sign_are_not_looked_up() -> None:
    assert Dictionary.of(["拉", "ab", " "]) is None
    dictionary = Dictionary.of(VALUES)
    assert dictionary is not None
    assert found(dictionary, "拉 and 顺丰") == [(6, 8)]


def test_words_of_letters_stand_alone_and_longer_ones_come_first() -> None:
    dictionary = Dictionary.of(["black", "black tea"])
    assert dictionary is not None
    assert found(dictionary, "blackberry, Black") == [(12, 17)]
    assert found(dictionary, "Black tea") == [(0, 9)]
