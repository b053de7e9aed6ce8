"""Reads a reply: its words, its exact items and its values, and whether the sources have them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.checking.claims import Token, read_claims
from models.checking.findings import Finding
from models.checking.items import Item, matches, read_items
from models.checking.sources import Ground, Known, loose


@dataclass(frozen=True)
class Read:
    """The output as the checker reads it."""

    text: str
    items: tuple[Item, ...]
    tokens: tuple[Token, ...]


def read_reply(text: str, own: Ground) -> tuple[Read, list[Finding]]:
    """Find the values that count letter by letter, then all other items."""
    spans: list[tuple[int, int]] = []
    lost = []
    masked = text
    there: set[str] = set()
    for name, value in sorted(own.texts.items(), key=lambda pair: -len(pair[1])):
        places = _places(masked, value)
        if loose(value) in there:
            continue
        if places:
            there.add(loose(value))
        elif value.strip():
            if not _stands(text, value):
                lost.append(Finding("lost value", name))
            continue
        spans += places
        for start, end in places:
            masked = masked[:start] + "\x00" * (end - start) + masked[end:]
    items = [
        *read_items(masked),
        *(Item("value", (loose(text[a:b]), 0), a, b, text[a:b]) for a, b in spans),
    ]
    items.sort(key=lambda item: item.start)
    tokens = read_claims(text, [(item.start, item.end) for item in items])
    return Read(text, tuple(items), tuple(tokens)), lost


def _places(text: str, value: str) -> list[tuple[int, int]]:
    """Where ``value`` stands, blanks and case apart, and not inside another word."""
    words = value.split()
    if not words:
        return []
    pattern = r"\s*".join(re.escape(word) for word in words)
    short = len(value.strip()) <= 3
    left = r"(?<![A-Za-z0-9])" if short and words[0][0].isascii() else ""
    right = r"(?![A-Za-z0-9])" if words[-1][-1].isascii() and words[-1][-1].isalnum() else ""
    return [m.span() for m in re.finditer(left + pattern + right, text, re.IGNORECASE)]


def _stands(text: str, value: str) -> bool:
    """Whether the value is said in another writing of the same exact item."""
    wanted = read_items(value)
    if not wanted or any(item.kind not in ("code", "length", "email", "link") for item in wanted):
        return False
    whole = sum(item.end - item.start for item in wanted)
    found = read_items(text)
    return whole >= len(value.strip()) - 1 and all(
        any(matches(item, want) for item in found) for want in wanted
    )


def items(read: Read, own: Ground, facts: Sequence[Ground]) -> Iterator[Finding]:
    """Items that no source has, and items of the template that are gone."""
    known = [*own.known, *own.inside, *(k for ground_ in facts for k in ground_.known)]
    for item in read.items:
        if not any(matches(item, k.item) for k in known):
            yield Finding(item.kind, item.text)
    for k in own.known:
        if k.needed and not any(_says(item, k) for item in read.items):
            yield Finding("lost value" if k.name else "lost " + k.item.kind, k.name or k.item.text)


def _says(item: Item, known: Known) -> bool:
    return matches(item, known.item) or (
        known.item.kind == "number" and item.key[-1] == known.item.key[-1]
    )
