"""One seeded typing mistake a line: letters swapped, dropped, doubled, or a neighbour key hit."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from intents.examples import Example

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _neighbours() -> dict[str, str]:
    """Keys to the left and right of each letter, and those above and below."""
    near: dict[str, str] = {}
    for y, row in enumerate(_ROWS):
        for x, letter in enumerate(row):
            around = row[max(x - 1, 0) : x] + row[x + 1 : x + 2]
            for other in (y - 1, y + 1):
                if 0 <= other < len(_ROWS):
                    around += _ROWS[other][x : x + 1]
            near[letter] = around
    return near


NEAR = _neighbours()


def with_typo(text: str, shuffle: random.Random) -> str:
    """``text`` with one mistake in a random word of two letters or more; else as it is."""
    places = [
        i for i in range(len(text) - 1) if text[i].lower() in NEAR and text[i + 1].lower() in NEAR
    ]
    if not places:
        return text
    at = shuffle.choice(places)
    kind = shuffle.choice(("swap", "drop", "double", "neighbour"))
    if kind == "swap" and text[at] != text[at + 1]:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == "drop":
        return text[:at] + text[at + 1 :]
    if kind == "neighbour":
        key = shuffle.choice(NEAR[text[at].lower()])
        return text[:at] + (key.upper() if text[at].isupper() else key) + text[at + 1 :]
    return text[:at] + text[at] + text[at:]


def mistyped(examples: Sequence[Example], seed: int = 0) -> list[Example]:
    """Every line with one mistake; marked values are dropped, as their places move."""
    shuffle = random.Random(seed)
    return [replace(e, text=with_typo(e.text, shuffle), entities=None) for e in examples]
