"""How long a fine-tune lasts, by the number of lines; without torch, so that it can be foretold."""

from __future__ import annotations

import numpy as np

DEEP = 1000
"""Lines with their values marked from which on all layers of an encoder are trained."""

READINGS = 48_000
"""Lines that a fine-tune of all layers reads in all its epochs together, where there are many."""


def default_epochs(lines: int, deep: bool = False) -> int:
    """Epochs by the number of lines: 10 up to a thousand, 6 for ten thousand, 5 for more.

    :param deep: all layers are trained, a step costs twice as much: then never many more than
        ``READINGS`` readings, three epochs at least.
    """
    usual = int(np.clip(round(10 - 4 * np.log10(max(1, lines) / 1000)), 5, 10))
    return int(np.clip(round(READINGS / max(1, lines)), 3, usual)) if deep else usual


def deep_epochs(epochs: int) -> int:
    """Of the epochs of a fine-tune of all layers, those in which the lower half learns too: it
    settles first, and from then on its states are computed once."""
    return -(-epochs // 2)
