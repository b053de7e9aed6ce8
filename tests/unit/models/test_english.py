"""Which word pieces stay when a vocabulary is cut down to English and Chinese."""

from __future__ import annotations

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from models.encoders.english import english_pieces, is_needed, words

PIECES = [
    "<unk>",
    "\u2581par",
    "\u2581parcel",
    "cel",
    "s",
    "\u2581Paket",
    "kejahatan",
    "\u2581我",
    "2,99",
]


def tokenizer() -> Tokenizer:
    letters = [(chr(code), -9.0) for code in range(0x41, 0x7B)]
    scored = [(piece, -float(len(PIECES) - len(piece))) for piece in PIECES]
    made = Tokenizer(models.Unigram([*scored, ("\u2581", -9.0), *letters], unk_id=0))
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="\u2581", split=False)
    return made


def test_pieces_of_english_words_are_found() -> None:
    english = english_pieces(tokenizer())
    assert {"\u2581parcel", "s"} <= english
    assert not english & {"\u2581Paket", "kejahatan", "\u2581我"}


@pytest.mark.parametrize("piece", ["\u2581parcel", "cel", "\u2581我", "2,99", "\u2581no", "iPhone"])
def test_what_text_needs_stays(piece: str) -> None:
    assert is_needed(piece, frozenset({"\u2581parcel"}))


@pytest.mark.parametrize("piece", ["\u2581Paket", "kejahatan"])
def test_long_pieces_of_other_languages_go(piece: str) -> None:
    assert not is_needed(piece, frozenset({"\u2581parcel"}))


def test_the_dictionary_is_english() -> None:
    assert words()[0] == "the"
    assert {"parcel", "refund", "mailing"} <= set(words())
