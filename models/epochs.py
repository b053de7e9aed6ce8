"""How long a fine-tune lasts, by how much there is to read; without torch, so that it can be
foretold."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

DEEP = 1000
"""Lines with their values marked from which on all layers of an encoder are trained."""

READ_DEEP, READ = 950_000, 1_500_000
"""Tokens that a fine-tune of all layers, or of the upper half, reads in all its epochs together
where there are many: some ten minutes with six layers."""

LINES = 28_000
"""Lines that are read in all epochs together, however long they are: 900 steps."""

LONG = 64
"""Tokens beyond which a line is a report of a case rather than a request. A fine-tune reads no more
of each where lines have more in the mean: whole, they would cost hours. Heads are fitted to whole
texts all the same."""

MOST_SEARCHED = 3000
"""Marked lines beyond which a tagger's number of epochs on frozen states is not looked for."""


def estimated_tokens(text: str, language: str) -> int:
    """About how many tokens a text has: 4.3 characters each in English, 1.4 in Chinese."""
    return 2 + round(len(text) / (4.3 if language == "en" else 1.4))


def default_epochs(lines: int, tokens: int = 0, deep: bool = False) -> int:
    """Epochs: 10 up to a thousand lines, 6 for ten thousand; fewer where there is much to read.

    :param tokens: of all lines together.
    :param deep: whether all layers are trained.
    """
    usual = int(np.clip(round(10 - 4 * np.log10(max(1, lines) / 1000)), 5, 10))
    bound = round((READ_DEEP if deep else READ) / max(1, tokens))
    return min(usual, max(bound, math.ceil(LINES / max(1, lines))))


def read_of_each(lengths: Sequence[int], deep: bool) -> int | None:
    """How many tokens of each line a fine-tune reads; None for all of them.

    :param lengths: tokens of each line.
    :param deep: whether all layers are trained, for which values anywhere in a line count.
    """
    return LONG if not deep and sum(lengths) > LONG * len(lengths) else None


def deep_epochs(epochs: int) -> int:
    """Of the epochs of a fine-tune of all layers, those in which the lower half learns too: it
    settles first, and from then on its states are computed once."""
    return -(-epochs // 2)


def tagger_epochs(lines: int) -> int:
    """Epochs of a tagger on the frozen states of many lines."""
    return int(np.clip(round(24_000 / max(1, lines)), 6, 12))
