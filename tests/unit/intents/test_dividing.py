"""Messages that may hold several requests are read a second time only where that can matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from intents.requests.dividing import segments_of
from intents.requests.estimating import Estimator
from intents.thresholds import Taken, Thresholds
from models.arrays import FloatArray, unit_rows
from models.encoders.runtime import Encoding
from tests.unit.intents.test_segments import LABELS, splitter

TWO, ONE, PLAIN = "cancel it and where is it", "cancel it and cancel that", "cancel it"


class Heads:
    """Reads intents off vectors whose numbers are those of the intents."""

    def look(self, vectors: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        shares = (unit_rows(vectors) ** 2 * 0.96 + 0.01).astype(np.float32)
        scores = np.zeros(len(vectors), dtype=np.float32)
        return shares, scores, scores + np.float32(0.5)


class Encoder:
    """Says which intents' words stand in a text; the token states of ``where`` alone differ."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def encode(self, texts: Sequence[str], beside: FloatArray | None = None) -> Encoding:
        self.read += texts
        tokens = [np.array([_states(text, at) for at in range(len(text))]) for text in texts]
        offsets = [np.array([[at, at + 1] for at in range(len(text))]) for text in texts]
        return Encoding(np.array([_vector(text) for text in texts]), tokens, offsets)

    def beside(self, texts: Sequence[str]) -> FloatArray:
        return np.zeros((len(texts), 0), dtype=np.float32)


def _vector(text: str) -> FloatArray:
    found = np.array([1.0 + text.count("cancel"), 1e-3 + 2 * text.count("where"), 1e-3])
    return (found if "cancel" in text else found - [1.0, 0, 0]).astype(np.float32)


def _states(text: str, at: int) -> FloatArray:
    return _vector(text[: text.find(" and ")] if at < text.find(" and ") else text[at:] or text)


ACCEPTS = Thresholds(accept_at=0.0, reject_at=2.0, least_known=0.0, error_rate=0.05, max_options=3)


class Reader:
    """What ``segments_of`` asks of a release."""

    labels = LABELS

    def __init__(self) -> None:
        self.encoder, self.intents = Encoder(), Heads()

    def mended(self, texts: Sequence[str]) -> list[str]:
        return list(texts)

    def taken_for(self, names: Sequence[str], shares: FloatArray, score: float) -> Taken:
        return ACCEPTS.taken(names, shares, score)

    def divided(self, texts: Sequence[str], estimator: Estimator | None) -> list[list[str]]:
        encoding = self.encoder.encode(texts)
        self.encoder.read.clear()
        parses: Any = [SimpleNamespace(entities=(), intent="cancel")] * len(texts)
        whole = Heads().look(encoding.sentence)
        zero = np.zeros(3, dtype=np.float32)
        used = replace(
            splitter(),
            whole=replace(splitter().whole, weight=zero),
            glance=replace(splitter().glance, mean=zero, weight=np.zeros((3, 3), np.float32)),
            estimator=estimator,
        )
        found = segments_of(self, used, texts, encoding, parses, whole)  # type: ignore[arg-type]
        return [[s.intent for s in segments] for segments in found]


def estimator(least: float) -> Estimator:
    """Takes the mean states of a stretch for its vector."""
    zero = np.zeros(3, dtype=np.float32)
    return Estimator(zero, np.eye(3, dtype=np.float32), zero, least)


@pytest.mark.parametrize("ahead", [None, estimator(-50.0)])
def test_what_promises_enough_is_read_in_stretches(ahead: Estimator | None) -> None:
    reader = Reader()
    assert reader.divided([PLAIN, TWO, ONE], ahead) == [[], ["cancel", "track"], []]
    assert reader.encoder.read == ["cancel it", "where is it", "cancel it", "cancel that"]


def test_what_promises_too_little_is_not_read_again() -> None:
    reader = Reader()
    assert reader.divided([TWO, ONE], estimator(0.0)) == [["cancel", "track"], []]
    assert reader.encoder.read == ["cancel it", "where is it"]
    assert reader.divided([TWO, ONE], estimator(50.0)) == [[], []]
    assert reader.encoder.read == []
