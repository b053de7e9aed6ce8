"""What dictionaries and lists know of each character's word: signs for the learned detector.

A network of few lines cannot have met most names; lists have. They say nothing of the words
around, which is what the network reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from models.arrays import FloatArray
from models.encoders.english import words
from retrieval.redaction.han_tagger import GROUPS, HanTagger
from retrieval.redaction.name_lists import (
    HAN_COMPOUND_SURNAMES,
    HAN_RARE_SURNAMES,
    HAN_SURNAMES,
    NOT_NAMES,
    PINYIN_SURNAMES,
    SURNAMES,
    given_names,
    is_foreign,
    names_and_words,
)

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_HAN = re.compile("[㐀-鿿]")
_RANKS = (3000, 10_000, 30_000, 10**6)
_LATIN, _SURNAMES = 12, 3
_REMEMBERED = 16_384
_NEVER = 10**7
_LISTED, _TITLE, _PERSON, _LIKELY = 0, 9, slice(_LATIN, _LATIN + 2), 0.5
_SURNAME = frozenset(
    (*HAN_SURNAMES, *HAN_RARE_SURNAMES, *(name[0] for name in HAN_COMPOUND_SURNAMES))
)
SIGNS = _LATIN + len(GROUPS) + _SURNAMES
"""Columns of :func:`signs_of`."""


def signs_of(texts: Sequence[str], han: HanTagger) -> list[FloatArray]:
    """Signs (length, SIGNS) between 0 and 1 of each text's characters.

    Of a word in letters: on which lists it stands, how frequent it is in English, its capital. Of
    a Chinese character: what ``han`` takes it for, and whether surnames begin with it.
    """
    lines = [line for text in texts for line in text.split("\n") if _HAN.search(line)]
    shares = iter(han.read(lines))
    return [_signs(text, shares) for text in texts]


def _signs(text: str, shares: Iterator[FloatArray]) -> FloatArray:
    """Signs of one text; ``shares`` are those of its lines with Chinese, in order."""
    signs = np.zeros((len(text), SIGNS), dtype=np.float32)
    for match in _WORD.finditer(text):
        if not _HAN.match(match.group()):
            signs[match.start() : match.end(), :_LATIN] = _latin(match.group())
    at = 0
    for line in text.split("\n"):
        if _HAN.search(line):
            signs[at : at + len(line), _LATIN:-_SURNAMES] = next(shares)
        at += len(line) + 1
    for match in _HAN.finditer(text):
        at, char = match.start(), match.group()
        if char in _SURNAME:
            compound = text[at : at + 2] in HAN_COMPOUND_SURNAMES
            signs[at, -_SURNAMES:] = (char in HAN_SURNAMES, char in HAN_RARE_SURNAMES, compound)
    return signs


def may_name(text: str, han: HanTagger) -> bool:
    """Whether a list or ``han`` knows a word of ``text`` as somebody's name."""
    (signs,) = signs_of([text], han)
    listed = signs[:, _LISTED] * signs[:, _TITLE]
    return bool((listed > 0).any() or (signs[:, _PERSON].sum(axis=1) > _LIKELY).any())


@lru_cache(_REMEMBERED)
def _latin(word: str) -> tuple[bool, ...]:
    small = word.lower()
    rank = _ranks().get(small, _NEVER)
    frequent = [low <= rank < high for low, high in zip((0, *_RANKS), _RANKS, strict=False)]
    return (
        small in given_names(),
        small in names_and_words(),
        small in SURNAMES,
        small in PINYIN_SURNAMES,
        *frequent,
        rank == _NEVER,
        word.istitle(),
        small in NOT_NAMES,
        is_foreign(small),
    )


@lru_cache(1)
def _ranks() -> dict[str, int]:
    return {word: rank for rank, word in enumerate(words())}
