from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cleaning import clean
from models.errors import BadRequest, TooLarge

LONGEST = 4000


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "订单 HL20418376 到哪了？",
        "😀",
        "👩‍👩‍👧‍👦🏳️‍🌈",
        "🇨🇳",
        "שלום, איפה ההזמנה שלי?",
        "مرحبا \u200fأين طلبي",
        "line one\nline two\ttab",
        "e\u0301 é",
        "\U0001fae8",
        "𠮷野家",
        "\U00031350",
    ],
)
def test_what_people_write_stays(text: str) -> None:
    assert clean(text, LONGEST) == text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("  hi  ", "hi"),
        ("a\x00b", "ab"),
        ("\x1b[31mred", "[31mred"),
        ("a\ud800b\udfff", "ab"),
        ("abc\u202edcba", "abcdcba"),
        ("\u2066x\u2069", "x"),
        ("a\ue000b", "ab"),
        ("a\ufffeb\U0010ffff", "ab"),
        ("a\r\nb", "a\nb"),
    ],
)
def test_what_no_person_types_is_dropped(text: str, wanted: str) -> None:
    assert clean(text, LONGEST) == wanted


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\x00\x01", "\ud83d", "\u202e"])
def test_message_of_nothing_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="empty"):
        clean(text, LONGEST)


def test_hundred_kilobytes_are_refused_with_the_way_out() -> None:
    with pytest.raises(TooLarge) as refused:
        clean("x" * 100_000, LONGEST)
    assert refused.value.expected == "at most 4000 characters"
    assert refused.value.found == "100000 characters"
    assert refused.value.fix
    assert clean("x" * LONGEST, LONGEST) == "x" * LONGEST


@given(st.binary(max_size=400))
def test_binary_is_cleaned_or_refused(data: bytes) -> None:
    for codec in ("latin-1", "utf-16-le"):
        try:
            kept = clean(data.decode(codec, "surrogatepass" if "16" in codec else "strict"), 4000)
        except (BadRequest, UnicodeDecodeError):
            continue
        assert kept == kept.strip()
        assert not {unicodedata.category(c) for c in kept if c not in "\n\t"} & {"Cc", "Cs", "Co"}


@given(st.text(st.characters(codec=None)))
def test_what_is_kept_can_be_stored_and_sent(text: str) -> None:
    try:
        kept = clean(text, LONGEST)
    except BadRequest:
        return
    kept.encode()
    assert kept
    assert clean(kept, LONGEST) == kept
