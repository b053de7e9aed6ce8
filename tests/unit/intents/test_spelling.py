"""Slips are read as what was meant; what is no slip, and the message itself, stay as they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.spelling import Mended, Speller

LINES = [
    "I want to return the jacket I bought",
    "where is my parcel",
    "please cancel my order",
    "I don't have the tracking number",
    "what is the refund for a damaged zip",
    "我的快递到哪了",
]


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller.of(LINES, ["Harbour Loft", "顺丰"])


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("where is my parcl", "where is my parcel"),
        ("where is my pacrel?", "where is my parcel?"),
        ("please camcel it", "please cancel it"),
        ("retturn the jakcet", "return the jacket"),
        ("cancelmy order", "cancel my order"),
        ("WHERE IS MY PARCL", "where is my parcel"),
        ("Pleese cancel", "please cancel"),
        ("the harbuor lamp", "the harbour lamp"),
        ("when will you delivr", "when will you deliver"),
        ("我的 parcl 到哪了", "我的 parcel 到哪了"),
    ],
)
def test_slips_are_mended(speller: Speller, written: str, meant: str) -> None:
    assert speller.mend(written).text == meant


@pytest.mark.parametrize(
    "text",
    [
        "the mailing address of my son's shop",
        "i dont know, cant say, im lost",
        "my name is Jonas Parcek",
        "order HL-20931 and SKU9X",
        "我要退货 20240101",
        "two parcels",
        "zzzzq",
        "",
    ],
)
def test_what_is_no_slip_is_left_alone(speller: Speller, text: str) -> None:
    assert speller.mend(text) == Mended(text)


def test_offsets_lead_back_to_what_was_written(speller: Speller) -> None:
    written = "retturn my jakcet cancelmy order now"
    mended = speller.mend(written)
    assert mended.text == "return my jacket cancel my order now"
    words = mended.text.split()
    starts = [0, 7, 10, 17, 24, 27, 33]
    places = [(start, start + len(word)) for start, word in zip(starts, words, strict=True)]
    back = mended.as_written(np.array(places))
    words = [written[a:b] for a, b in back]
    assert words == ["retturn", "my", "jakcet", "cancelmy", "cancelmy", "order", "now"]


@given(st.text(max_size=80), st.data())
def test_offsets_stay_inside_and_in_order(text: str, data: st.DataObject) -> None:
    speller = Speller({"parcel": 3, "cancel": 2, "order": 5, "my": 9})
    mended = speller.mend(text)
    size = len(mended.text)
    start = data.draw(st.integers(0, size))
    end = data.draw(st.integers(start, size))
    (a, b) = mended.as_written(np.array([[start, end]]))[0]
    assert 0 <= a <= len(text)
    assert 0 <= b <= len(text)
    assert a <= b or start == end
    whole = mended.as_written(np.array([[0, size]]))[0]
    assert whole.tolist() == [0, len(text)]


@given(st.lists(st.sampled_from(["parcl", "my", "camcel", "ordr", "您好", "x1"]), max_size=6))
def test_pieces_between_changes_are_the_same(words: list[str]) -> None:
    speller = Speller({"parcel": 3, "cancel": 2, "order": 5, "my": 9})
    text = " ".join(words)
    mended = speller.mend(text)
    for start, end, old_start, old_end in mended.changes:
        assert text[old_start:old_end] in {"parcl", "camcel", "ordr"}
        assert mended.text[start:end] in {"parcel", "cancel", "order"}
