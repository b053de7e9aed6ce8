"""The learned detector: a tagger over the first layers of the bilingual encoder.

Rules find what has a form or a cue that somebody thought of. Here a CRF reads a few layers of the
shared encoder beside what lists know of each word (:mod:`retrieval.redaction.word_signs`), and a
character counts as personal from a low probability on, because what is missed stays for good. It
looks at texts whose known values are masked, and so at the same before and after they are replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np

from models.arrays import FloatArray, IntArray
from models.encoders.early import early_layers
from models.encoders.runtime import Encoder
from models.errors import WeightsError
from models.tagger import Tagger
from retrieval.redaction.han_tagger import HanTagger, packaged_tagger
from retrieval.redaction.spans import MASK, Span
from retrieval.redaction.word_signs import signs_of

ENCODER, LAYERS = "e5-mul", 3
TRAINED = Path(__file__).with_name("learned.npz")
KIND_OF = {"name": "customer_name", "address": "address", "value": "code"}
"""The kinds of placeholder of what the tagger marks."""

SURE = {"name": 0.3, "address": 0.08, "value": 0.3}
"""Probability that one character of a stretch must have."""

GOES_ON = 0.002
"""Probability that each character of a stretch must have."""

_REMEMBERED, _TOGETHER = 16_384, 256
_KNOWN = re.compile(MASK)
_BRIDGE = re.compile(rf"[\s.,'’·-]{{0,2}}|\s?{MASK}\s?")
_EDGES = re.compile(
    rf"^(?:[\s.,:;!?，。；：！？、\"“”]|{MASK})+|(?:[\s,:;!?，。；：！？、)）\"“”]|{MASK})+$"
)


class LearnedDetector:
    """Finds names, addresses and other personal values; safe to share, keeps texts seen lately.

    :param encoder: the early layers that ``tagger`` was trained on.
    """

    def __init__(self, encoder: Encoder, tagger: Tagger, han: HanTagger) -> None:
        self._encoder, self._tagger, self._han = encoder, tagger, han
        self._seen: dict[str, tuple[Span, ...]] = {}

    def __call__(self, texts: Sequence[str]) -> list[tuple[Span, ...]]:
        """Spans of each text (folded, known stretches masked)."""
        seen = self._seen
        new = [text for text in dict.fromkeys(texts) if text not in seen]
        if new:
            if len(seen) + len(new) > _REMEMBERED:
                seen = self._seen = {text: seen[text] for text in texts if text in seen}
            # Of like length, so that little of a batch is padding.
            new.sort(key=len)
            for first in range(0, len(new), _TOGETHER):
                part = new[first : first + _TOGETHER]
                seen.update(zip(part, self._read(part), strict=True))
        return [seen[text] for text in texts]

    def _read(self, texts: Sequence[str]) -> list[tuple[Span, ...]]:
        states = states_of(texts, self._encoder, self._han)
        lines = [(rows, offsets, text) for text, (rows, offsets) in zip(texts, states, strict=True)]
        likely = self._tagger.shares(lines)
        return [tuple(self._spans(text, *of)) for text, of in zip(texts, likely, strict=True)]

    def _spans(self, text: str, units: IntArray, shares: FloatArray) -> Iterator[Span]:
        for column, label in enumerate(self._tagger.labels):
            for start, end in _stretches(text, units, shares[:, column], SURE[label]):
                yield from _parts(text, start, end, KIND_OF[label])


def states_of(
    texts: Sequence[str], encoder: Encoder, han: HanTagger
) -> list[tuple[FloatArray, IntArray]]:
    """What the tagger reads of each text: states with signs (t, d), and their characters (t, 2)."""
    read = encoder.encode(texts)
    read_signs = signs_of(texts, han)
    return [
        (np.concatenate([tokens, _over(signs, offsets)], axis=1), offsets)
        for tokens, offsets, signs in zip(read.tokens, read.offsets, read_signs, strict=True)
    ]


def _over(signs: FloatArray, offsets: IntArray) -> FloatArray:
    """The greatest of the characters' signs for each token (t, signs)."""
    if not len(offsets):
        return np.zeros((0, signs.shape[1]), dtype=np.float32)
    ended = np.concatenate([signs, np.zeros((1, signs.shape[1]), dtype=np.float32)])
    # Each second stretch lies between a token's end and the beginning of the next.
    over: FloatArray = np.maximum.reduceat(ended, offsets.ravel())[::2]
    return over


@cache
def packaged_detector() -> LearnedDetector | None:
    """The trained detector; None where the encoder or the Chinese tagger is not installed."""
    return detector(TRAINED)


def detector(trained: Path) -> LearnedDetector | None:
    """The detector with the weights in ``trained``; None where what it reads is not installed.

    :raises ModelError: the file is absent or holds something else.
    """
    han = packaged_tagger()
    if han is None:
        return None
    try:
        return LearnedDetector(early_layers(ENCODER, LAYERS), Tagger.load(trained), han)
    except WeightsError:
        return None


def _stretches(text: str, units: IntArray, shares: FloatArray, sure: float) -> list[list[int]]:
    """Stretches of units that go on, one of them sure and not known already; a hyphen or a blank
    parts no two."""
    found: list[list[int]] = []
    if not len(units) or shares.max() < sure:
        return found
    for goes_on, run in groupby(range(len(units)), key=lambda unit: shares[unit] >= GOES_ON):
        inside = list(run)
        start, end = int(units[inside[0], 0]), int(units[inside[-1], 1])
        new = [unit for unit in inside if not _KNOWN.match(text, units[unit, 0])]
        if not goes_on or not new or shares[new].max() < sure:
            continue
        if found and _BRIDGE.fullmatch(text, found[-1][1], start):
            found[-1][1] = end
        else:
            found.append([start, end])
    return found


def _parts(text: str, start: int, end: int, kind: str) -> Iterator[Span]:
    """An address holds what is known of it; anything else ends where a known value begins."""
    cuts = [] if kind == "address" else [m.span() for m in re.finditer(MASK, text[start:end])]
    for low, high in pairwise([0, *(at for cut in cuts for at in cut), end - start]):
        first, last = _trimmed(text, start + low, start + high)
        letter = last - first == 1 and text[first].isascii()
        if first < last and not letter:
            yield Span(first, last, kind)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without blanks, stops and masks at either end."""
    while trimmed := _EDGES.search(text[start:end]):
        if trimmed.start() == 0:
            start += trimmed.end()
        else:
            end = start + trimmed.start()
    return start, end
