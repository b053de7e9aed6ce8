"""Values of lookups are found wherever the expression for them would find them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from intents.lookups import Dictionary, lowered

VALUES = ["SF Express", "drift mug", "顺丰", "black", "K2 kettle", "拉"]
WORDS = st.sampled_from(
    [*VALUES, "Black", "DRIFT MUG", "blac", "ſf express", "ı", "ß", "Ａ", " ", "s"]
)


def found(dictionary: Dictionary, text: str) -> list[tuple[int, int]]:
    return [match.span() for match in dictionary.find(text, lowered(text))]


@given(st.lists(WORDS, max_size=8).map("".join) | st.text(max_size=20))
def test_looking_for_words_first_loses_nothing(text: str) -> None:
    for values in (VALUES, [*VALUES, "Straße", "kaſe"]):
        dictionary = Dictionary.of(values)
        assert dictionary is not None
        assert found(dictionary, text) == [m.span() for m in dictionary.expression.finditer(text)]


def test_values_of_a_single_sign_are_not_looked_up() -> None:
    assert Dictionary.of(["拉", "ab", " "]) is None
    dictionary = Dictionary.of(VALUES)
    assert dictionary is not None
    assert found(dictionary, "拉 and 顺丰") == [(6, 8)]


def test_words_of_letters_stand_alone() -> None:
    dictionary = Dictionary.of(["black"])
    assert dictionary is not None
    assert found(dictionary, "blackberry, Black") == [(12, 17)]
