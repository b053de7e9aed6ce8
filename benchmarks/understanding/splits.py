"""Parts of sets that come without one: the same on every machine, by hashes of the texts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from intents.examples import OUT_OF_SCOPE, Entity, Example


def place(text: str, salt: str = "") -> int:
    """A number that is fixed by the text alone."""
    return int.from_bytes(hashlib.md5(f"{salt}\x1f{text}".encode()).digest()[:8], "big")


def fifth(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """Four fifths to train on, one fifth (md5 of the text, modulo 5, is 0) to measure on."""
    held = [place(e.text.casefold()) % 5 == 0 for e in examples]
    return (
        [e for e, apart in zip(examples, held, strict=True) if not apart],
        [e for e, apart in zip(examples, held, strict=True) if apart],
    )


def tenth(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """Every tenth line to measure on (lines 10, 20 …), the others to train on."""
    return [e for i, e in enumerate(examples, 1) if i % 10], list(examples[9::10])


def left_out_intents(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """A measured part that is partly out of scope, from a set with in-scope lines alone.

    Every third intent (in the order of md5 of its name) is left out of training, and its lines
    count as out of scope; of the other intents every fourth line is measured on.
    """
    names = sorted({str(e.intent) for e in examples}, key=lambda name: place(name))
    unknown = set(names[::3])
    train, measured = [], []
    for name in names:
        own = sorted((e for e in examples if e.intent == name), key=lambda e: place(e.text))
        if name in unknown:
            measured += [replace(e, intent=OUT_OF_SCOPE) for e in own]
        else:
            train += [e for i, e in enumerate(own, 1) if i % 4]
            measured += own[3::4]
    return train, measured


def sample(examples: Sequence[Example], lines: int) -> list[Example]:
    """``lines`` examples, those whose texts' md5 are the smallest."""
    return sorted(examples, key=lambda e: (place(e.text), e.text))[:lines]


def outermost(example: Example) -> Example:
    """Of values that lie within each other the longest alone, as a flat tagger can learn it."""
    kept: list[Entity] = []
    for entity in sorted(example.entities or (), key=lambda e: (e.start - e.end, e.start)):
        if all(entity.end <= other.start or entity.start >= other.end for other in kept):
            kept.append(entity)
    if example.entities is None:
        return example
    return replace(example, entities=tuple(sorted(kept, key=lambda e: e.start)))
