"""What the marks of training lines say of values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.examples import Entity, Example
from intents.values.marked import CLOSING, closing_signs, without_closing


@pytest.mark.parametrize(
    ("words", "own", "kept"),
    [
        ("9:30 pm.", "", "9:30 pm"),
        ("at 9.30.", "", "at 9.30"),
        ("9 p.m.", "", "9 p.m."),
        ("9 p.m.,", "", "9 p.m."),
        ("上海。", "", "上海"),
        ("Yahoo!", "!", "Yahoo!"),
        ("Yahoo! ?", "!", "Yahoo!"),
        ("3.5", "", "3.5"),
        ("?!", "", "?!"),
        ("", "", ""),
    ],
)
def test_the_end_of_a_sentence_is_taken_off(words: str, own: str, kept: str) -> None:
    assert without_closing(words, own) == kept


@given(st.text(), st.text(alphabet=CLOSING, max_size=3))
def test_what_is_taken_off_are_signs_and_blanks(words: str, own: str) -> None:
    kept = without_closing(words, own)
    assert words.startswith(kept)
    assert bool(kept) == bool(words)
    assert all(sign in CLOSING or sign.isspace() for sign in words[len(kept) :])


def test_signs_that_marks_end_with_are_noted_by_type() -> None:
    lines = [
        Example("buy Yahoo! now", "buy", (Entity(4, 10, "brand", "Yahoo"),)),
        Example("buy Acme.", "buy", (Entity(4, 9, "brand", "A"), Entity(4, 8, "firm", "A"))),
        Example("buy it", "buy"),
        Example("at 6 p.m.", "buy", (Entity(3, 9, "time", "18"),)),
    ]
    assert closing_signs(lines) == {"brand": "!."}
