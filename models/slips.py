"""Slips of the keyboard, made on purpose: training lines as hurried customers would type them."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy.random import Generator

_SHORTEST = 5


def with_slip(text: str, random: Generator) -> str:
    """``text`` with one letter swapped with the next, dropped, doubled or exchanged.

    First and last characters stay, and so do texts of fewer than five characters.
    """
    if len(text) < _SHORTEST:
        return text
    place = int(random.integers(1, len(text) - 2))
    here, following, rest = text[place], text[place + 1], text[place + 2 :]
    kind = int(random.integers(0, 4))
    if kind == 0:
        changed = following + here
    elif kind == 1:
        changed = following
    elif kind == 2:
        changed = here + here + following
    else:
        changed = string.ascii_lowercase[int(random.integers(0, 26))] + following
    return text[:place] + changed + rest
