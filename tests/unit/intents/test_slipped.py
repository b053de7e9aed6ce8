"""Values are read in what was written or in what was meant, whichever the tagger is surer of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from intents.slipped import read
from intents.spelling import Speller
from models.arrays import FloatArray, IntArray
from models.encoders.runtime import Encoding
from models.tagger import Line, Requested, Span

SPELLER = Speller.of(["search the weather in boston", "play a song by adele"])
TEXTS = ["play a song by searcy", "weather in bostn", "play a song"]


class LetterEncoder:
    """One token a text, whose state is the number of its characters."""

    def __init__(self) -> None:
        self.passes: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> Encoding:
        self.passes.append(list(texts))
        sizes = np.array([[len(text)] for text in texts], dtype=np.float32)
        return Encoding(sizes, list(sizes[:, None]), [np.array([[0, len(t)]]) for t in texts])


class SureOf:
    """A tagger that is surer of the longer or of the shorter text, and marks all of it."""

    def __init__(self, longer: bool) -> None:
        self._sign = 1 if longer else -1

    def sureness(
        self, tokens: FloatArray, offsets: IntArray, text: str, requested_slot: Requested = None
    ) -> float:
        return float(self._sign * tokens[0, 0])

    def decode_all(
        self, lines: Sequence[Line], requested_slots: Sequence[Requested]
    ) -> list[list[Span]]:
        assert len(lines) == len(requested_slots)
        return [
            [Span(int(at[0, 0]), int(at[0, 1]), f"{tokens[0, 0]:.0f}", 1.0)]
            for tokens, at, _ in lines
        ]


def test_only_texts_with_slips_are_read_twice_and_in_the_same_pass() -> None:
    encoder = LetterEncoder()
    found = read(encoder, TEXTS, SPELLER, twice=True)  # type: ignore[arg-type]
    assert encoder.passes == [
        ["play a song by search", "weather in boston", "play a song", *TEXTS[:2]]
    ]
    assert sorted(found.written) == [0, 1]
    assert found.encoding.sentence[:, 0].tolist() == [21, 17, 11]
    assert len(found.encoding.tokens) == len(found.encoding.offsets) == 3


def test_without_a_tagger_nothing_is_read_twice() -> None:
    encoder = LetterEncoder()
    assert read(encoder, TEXTS, SPELLER, twice=False).written == {}  # type: ignore[arg-type]
    assert read(encoder, TEXTS, None, twice=True).written == {}  # type: ignore[arg-type]
    assert encoder.passes == [["play a song by search", "weather in boston", "play a song"], TEXTS]


@pytest.mark.parametrize(("longer", "size"), [(True, "17"), (False, "16")])
def test_values_are_those_of_the_surer_reading(longer: bool, size: str) -> None:
    found = read(LetterEncoder(), TEXTS, SPELLER, twice=True)  # type: ignore[arg-type]
    tagger = SureOf(longer)
    spans = found.spans(tagger, TEXTS, [None] * len(TEXTS))  # type: ignore[arg-type]
    (span,) = spans[1]
    assert (span.start, span.end, span.label) == (0, 16, size)
    (alone,) = spans[2]
    assert alone.label == "11"
