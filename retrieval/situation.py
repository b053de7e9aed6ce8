"""What a turn is answered in: the message, what was said before it, and what is known.

All vectors are those that turns already have: context costs no further pass of the encoder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from models.arrays import AnyArray, FloatArray
from models.errors import ModelError
from retrieval.search.projection import unit
from retrieval.words import words

Facts = tuple[tuple[str, str], ...]
"""Names and values of one result, such as ``(("status", "shipped"),)``."""

LINES = 2
"""Earlier lines of the customer that count."""
SAID = 6
"""Templates said before that count."""
DECAY = 0.7
"""What a line weighs against the one after it in the memory of earlier lines."""
CONTEXT = 0.6
"""What the agent's last words and the earlier lines weigh beside the message."""
PLACE = 0.5
_LONGEST = 1000
_MOST_TURNS = 12
NOTHING = "-"
"""Stands for the template before the first one."""


@dataclass(frozen=True)
class Situation:
    """A customer's message where it was said.

    ``vector`` (d,) is the message's, ``replied`` that of the agent's last words, ``earlier`` the
    memory of the customer's lines before (:func:`remember`), ``before`` their words. ``said`` are
    the names of templates, oldest first; ``results`` what actions and the knowledge base have
    given, oldest first, ``fresh`` whether the last of them came after the message. ``turns`` counts
    what both sides have said, this message included.
    """

    text: str
    vector: FloatArray
    replied: FloatArray | None = None
    earlier: FloatArray | None = None
    before: str = ""
    said: tuple[str, ...] = ()
    results: tuple[Facts, ...] = ()
    fresh: bool = False
    turns: int = 1


def remember(earlier: FloatArray | None, vector: FloatArray) -> FloatArray:
    """The memory of earlier lines with one more line in it."""
    return vector if earlier is None else vector + np.float32(DECAY) * earlier


@dataclass(frozen=True)
class Frame:
    """How situations and answers become vectors: centred by the means (d,) of lines and replies."""

    asked: FloatArray
    replied: FloatArray

    @classmethod
    def of(cls, situations: Sequence[Situation], replies: Sequence[FloatArray]) -> Frame:
        """The frame of some situations and the vectors of what was replied.

        :raises ModelError: there are no situations.
        """
        if not situations:
            raise ModelError(
                "Nothing to learn answers from",
                expected="at least one message that was answered",
                found="none",
                fix="Read more conversations.",
            )
        asked = _mean([one.vector for one in situations])
        return cls(asked, _mean(replies) if len(replies) else np.zeros_like(asked))

    def dense(self, situations: Sequence[Situation]) -> FloatArray:
        """Message, the agent's last words, earlier lines and place side by side: (n, 3 d + 4)."""
        nothing = np.zeros_like(self.asked)
        asked = np.stack([one.vector for one in situations])
        replied = np.stack([nothing if s.replied is None else s.replied for s in situations])
        earlier = np.stack([nothing if s.earlier is None else s.earlier for s in situations])
        place = [
            [s.turns <= 1, s.turns == 2, min(s.turns, _MOST_TURNS) / _MOST_TURNS,
             min(len(s.text), 200) / 200]
            for s in situations
        ]  # fmt: skip
        parts = [
            _centred(asked, self.asked),
            CONTEXT * _centred(replied, self.replied),
            CONTEXT * _centred(earlier, self.asked),
            PLACE * np.array(place, dtype=np.float32),
        ]
        return np.concatenate(parts, axis=1).astype(np.float32)

    def answers(self, vectors: FloatArray) -> FloatArray:
        """Unit vectors (n, d) of replies, their mean taken off."""
        return _centred(vectors, self.replied)

    def arrays(self) -> dict[str, AnyArray]:
        """The means, by name."""
        return {"asked": self.asked, "replied": self.replied}


def marks(situation: Situation) -> list[str]:
    """What can be known of a situation without its vectors, each thing by a name of its own."""
    return [*_told(situation), *_given(situation), *_worded(situation)]


def _told(situation: Situation) -> Iterable[str]:
    """Templates said before, and how far the conversation is."""
    said = (NOTHING, NOTHING, *situation.said)
    yield f"last={said[-1]}"
    yield f"last2={said[-2]}"
    yield f"both={said[-2]}|{said[-1]}"
    for name, count in Counter(situation.said).items():
        yield f"said={name}"
        if count > 1:
            yield f"again={name}"
    yield f"turn={min(len(situation.said), _MOST_TURNS)}"
    yield f"results={min(len(situation.results), 6)}"
    if situation.fresh:
        yield "fresh"
        yield f"fresh={said[-1]}"


def _given(situation: Situation) -> Iterable[str]:
    """What the last result holds, with numbers as one value, and what the earlier ones held."""
    last = situation.said[-1] if situation.said else NOTHING
    age = "new" if situation.fresh else "old"
    for name, value in situation.results[-1] if situation.results else ():
        plain = "#" if _is_number(value) and value != "0" else value
        yield f"{age}:{name}={plain}"
        if situation.fresh:
            yield f"{last}:{name}={plain}"
    for facts in situation.results:
        for name, value in facts:
            yield f"had:{name}={value}"


def _worded(situation: Situation) -> Iterable[str]:
    """Words and pairs of words of the message, alone and after the last template."""
    last = situation.said[-1] if situation.said else NOTHING
    own = words(situation.text[:_LONGEST])
    for word in own:
        yield f"word={word}"
        yield f"{last}|{word}"
        yield f"heard={word}"
    for word, following in pairwise(own):
        yield f"pair={word} {following}"
    for word in words(situation.before[-_LONGEST:]):
        yield f"heard={word}"


def _mean(vectors: Sequence[FloatArray]) -> FloatArray:
    mean: FloatArray = np.stack(vectors).mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _centred(vectors: FloatArray, mean: FloatArray) -> FloatArray:
    """Unit vectors around ``mean``; what is absent (zeros) stays zeros."""
    present = np.abs(vectors).sum(axis=1, keepdims=True) > 0
    return unit(np.where(present, vectors - mean, 0).astype(np.float32))
