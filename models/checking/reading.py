"""Reads a reply: its words, its exact items and its values, and whether the sources have them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from models.checking.claims import Token, read_claims
from models.checking.findings import Finding
from models.checking.items import Item, matches, read_items
from models.checking.sources import Ground, Known, loose

_ORDINALS = (
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh"),
    *("eighth", "ninth", "tenth"),
)
_HALF = re.compile(r"\bhalf\b|一半|半价|半额|半数", re.IGNORECASE)
_COUNTED = re.compile(r"\b(?:the|these|those|all|both|your|out of(?: the)?)\s$", re.IGNORECASE)
"""Before a count of things that were named: *the two vouchers*."""


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
    days = [(item.start, item.end) for item in read_items(text) if item.kind == "date"]
    for name, value in sorted(own.texts.items(), key=lambda pair: -len(pair[1])):
        places = _places(masked, value)
        if loose(value) in there:
            continue
        if places:
            there.add(loose(value))
            # A month that is a value stays a part of the dates around it.
            places = [
                p
                for p in places
                if not any(a <= p[0] and p[1] <= b and (a, b) != p for a, b in days)
            ]
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
    half = any(_HALF.search(source.text) for source in (own, *facts))
    for item in read.items:
        counted = item.kind == "number" and item.small and _COUNTED.search(read.text[: item.start])
        if counted or (half and item.kind == "percent" and item.key[0] == 50):
            continue
        if not any(matches(item, k.item) for k in known):
            yield Finding(item.kind, item.text)
    for k in own.known:
        if k.needed and not any(_says(item, k) for item in read.items):
            if k.item.kind == "number" and _in_words(k.item.key[-1], read.text):
                continue
            yield Finding("lost value" if k.name else "lost " + k.item.kind, k.name or k.item.text)


def _in_words(value: object, text: str) -> bool:
    """Whether a small number is said as an article or an ordinal: *a guest*, *fourth*."""
    place = int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else 0
    if not 0 < place <= len(_ORDINALS):
        return False
    words = [_ORDINALS[place - 1], *(("one", "single", "an?", "一", "首") if place == 1 else ())]
    if place < 10:
        words.append("第" + "一二三四五六七八九"[place - 1])
    return any(
        re.search(rf"\b{word}\b" if word[0].isascii() else word, text, re.IGNORECASE)
        for word in words
    )


def _says(item: Item, known: Known) -> bool:
    return matches(item, known.item) or (
        known.item.kind == "number" and item.key[-1] == known.item.key[-1]
    )
