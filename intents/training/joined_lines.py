"""Texts that the splitter learns from: single lines, and lines joined as people join them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from intents.examples import language_of
from intents.requests.segments import SOCIAL, Span, bounds, cuts

LINES = 250
"""Single lines, and as many joined ones, that the fit looks at."""

_JOINTS = {
    "en": (
        *[" and "] * 6, *[", and "] * 2, *[". "] * 4, *["? "] * 2, *[", "] * 3, ". Also, ",
        ", also ", " also ", " and also ", "; ", ". And ", ", plus ", ". By the way, ", " btw ",
        ", then ", " then ", ". Another thing: ", ". But ", "\n", "! ", ", oh and ", ". Second, ",
    ),
    "zh": (
        *["，"] * 9, *["。"] * 3, *["？"] * 2, *[" "] * 2, "，另外", "，还有", "。还有",
        "，顺便问下", "，顺便", "；", "，然后", "，再", "，对了", "。另外", "，而且",
        "！", "\n", "，以及", "。同时", "？还有",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """A text to learn from: the parts it was joined of (one for a single line)."""

    text: str
    parts: tuple[Span, ...]
    label: str


def single_lines(
    lines: Sequence[tuple[str, str]], rng: np.random.Generator
) -> tuple[list[Source], int]:
    """Single lines that could be cut, and among how many lines they were found."""
    found: list[Source] = []
    among = 0
    for i in rng.permutation(len(lines)):
        text, label = lines[i]
        among += 1
        if cuts(text):
            found.append(Source(text, (bounds(text),), label))
        if len(found) == LINES:
            break
    return found, among


def joined_lines(lines: Sequence[tuple[str, str]], rng: np.random.Generator) -> list[Source]:
    """Lines of different intents in one text, as people join them."""
    pools: dict[str, list[tuple[str, str]]] = {"en": [], "zh": []}
    for text, label in lines:
        if label not in SOCIAL:
            pools["zh" if language_of(text) != "en" else "en"].append((text, label))
    total = sum(len(pool) for pool in pools.values())
    found = []
    for language, pool in pools.items():
        # who asks for several things says each in few words
        chance = np.array([1 / (4 + len(text)) for text, _ in pool])
        for _ in range(round(LINES * len(pool) / max(total, 1))):
            count = min(2 + int(rng.random() < 0.15), len(pool))
            picked = rng.choice(len(pool), count, replace=False, p=chance / chance.sum())
            chosen = [pool[i] for i in picked]
            if len({label for _, label in chosen}) == len(chosen) > 1:
                found.append(_join([text for text, _ in chosen], language, rng))
    return found


def _join(lines: Sequence[str], language: str, rng: np.random.Generator) -> Source:
    text, parts = "", []
    for number, line in enumerate(lines):
        plain = line.strip()
        if number + 1 < len(lines):
            plain = plain.rstrip(" .。!！,，;；") or plain
            joint = str(rng.choice(_JOINTS[language]))
            asked = plain.endswith(("?", "？"))
            joint = joint.lstrip("？?.。，,;；! ！") if asked else joint
            joint = " " + joint.lstrip() if asked and language == "en" else joint
        else:
            joint = ""
        if number and language == "en" and rng.random() < 0.7:
            plain = plain[:1].lower() + plain[1:] if not plain[:2].isupper() else plain
        parts.append((len(text), len(text) + len(plain)))
        text += plain + joint
    return Source(text, tuple(parts), "")
