"""Sentiment and urgency of messages while serving, with nothing claimed of what cannot be read."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.encoders.pooling import pooled
from models.encoders.runtime import Encoding
from models.mood import NEUTRAL, NORMAL, MoodHead
from models.script import HAN


@dataclass(frozen=True)
class Mood:
    """How a message is meant and how much it presses, each with its probability.

    A probability of 0 says that nothing was read: neutral and normal are then the benefit of doubt.
    """

    sentiment: str = NEUTRAL
    sentiment_confidence: float = 0.0
    urgency: str = NORMAL
    urgency_confidence: float = 0.0


def read_moods(
    heads: Mapping[str, MoodHead],
    languages: Sequence[str],
    encoding: Encoding,
    texts: Sequence[str],
) -> list[Mood]:
    """The mood of each text, from the encoder pass that was made for it.

    :param heads: by trait; what has no head stays neutral or normal.
    :param languages: those that the release knows.
    """
    moods = [Mood() for _ in texts]
    rows = [i for i, text in enumerate(texts) if heads and legible(text, languages)]
    if not rows:
        return moods
    states = pooled(
        Encoding(
            encoding.sentence[rows],
            [encoding.tokens[i] for i in rows],
            [encoding.offsets[i] for i in rows],
        )
    )
    read = [texts[i] for i in rows]
    neutral, normal = [(NEUTRAL, 0.0)] * len(rows), [(NORMAL, 0.0)] * len(rows)
    tone = heads["sentiment"].predict(states, read) if "sentiment" in heads else neutral
    press = heads["urgency"].predict(states, read) if "urgency" in heads else normal
    for row, (first, second) in zip(rows, zip(tone, press, strict=True), strict=True):
        moods[row] = Mood(*first, *second)
    return moods


def legible(text: str, languages: Sequence[str]) -> bool:
    """Whether a text has words in a script of ``languages``, or emoji alone.

    Latin letters count for every release: Chinese messages use them too.
    """
    letters = [char for char in text if char.isalpha()]
    if not letters:
        return any(unicodedata.category(char) == "So" for char in text)
    chinese = "zh" in languages
    known = sum(1 for char in letters if _latin(char) or (chinese and HAN.match(char)))
    return known * 2 >= len(letters)


def _latin(char: str) -> bool:
    return char.isascii() or unicodedata.name(char, "").startswith(("LATIN", "FULLWIDTH LATIN"))
