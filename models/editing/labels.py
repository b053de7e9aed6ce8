"""What a neural editor is taught: for each word whether it goes, for each boundary what comes in.

Of a difference only what the editor could do itself is taught: a phrase of its vocabulary, a span
of the context, or a plain loss of words. What the agent looked up or worded anew is left as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.arrays import IntArray
from models.editing.edits import (
    Difference,
    Script,
    Word,
    differences,
    find_span,
    place_of,
    words_in,
)
from models.editing.phrases import Pair, Phrase, phrase_in, same_phrase

NONE, COPY, FIRST_PHRASE = 0, 1, 2
"""Classes of what comes in at a boundary; phrase p is ``FIRST_PHRASE + p``."""


@dataclass(frozen=True)
class Labels:
    """``drops`` (n,) 0 or 1, ``adds`` (n + 1,) classes, and by boundary the span copied there."""

    drops: IntArray
    adds: IntArray
    spans: dict[int, tuple[int, int]]


def labels_of(pair: Pair, phrases: Sequence[Phrase]) -> Labels:
    """The edits that bring a pair's template as near to its target as the editor can."""
    words, target = words_in(pair.template), words_in(pair.target)
    context = words_in(pair.context)
    drops = np.zeros(len(words), dtype=np.int64)
    adds = np.zeros(len(words) + 1, dtype=np.int64)
    spans: dict[int, tuple[int, int]] = {}
    for change in differences(words, target):
        added = change.c < change.d
        span = find_span(target[change.c : change.d], context) if added else None
        known = _phrase(change, words, target, pair.language, phrases) if added else None
        if known is not None:
            adds[change.a] = FIRST_PHRASE + known
        elif span is not None:
            adds[change.a], spans[change.a] = COPY, span
        if not added or known is not None or span is not None:
            drops[change.a : change.b] = 1
    allowed = Script.of(words, context, np.flatnonzero(drops).tolist(), {})
    drops[:] = 0
    drops[sorted(allowed.drops)] = 1
    return Labels(drops, adds, spans)


def _phrase(
    change: Difference,
    words: Sequence[Word],
    target: Sequence[Word],
    language: str,
    phrases: Sequence[Phrase],
) -> int | None:
    text = phrase_in(change, words, target)
    if text is None:
        return None
    place = place_of(change.a, len(words))
    for number, phrase in enumerate(phrases):
        if phrase.language == language and phrase.place == place and same_phrase(phrase.text, text):
            return number
    return None
