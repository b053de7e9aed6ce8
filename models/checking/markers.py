"""Closed classes: the small words of both languages that turn what a clause says."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from models.checking.lexicon import stems

_FILE = Path(__file__).with_name("markers.txt")
_HAN = re.compile(r"[㐀-䶿一-鿿]")


@dataclass(frozen=True)
class Markers:
    """Classes by the stems of English entries and by Chinese entries; and opposite words."""

    names: tuple[str, ...]
    english: dict[tuple[str, ...], frozenset[str]]
    chinese: dict[str, frozenset[str]]
    opposites: tuple[tuple[str, str], ...]

    def english_at(self, words: list[str], at: int) -> tuple[int, frozenset[str]]:
        """Length in words and classes of the longest entry that begins at ``at``."""
        for size in range(min(5, len(words) - at), 0, -1):
            found = self.english.get(tuple(words[at : at + size]))
            if found:
                return size, found
        return 1, frozenset()

    def chinese_at(self, run: str, at: int) -> tuple[int, frozenset[str]]:
        """Length in characters and classes of the longest entry that begins at ``at``."""
        for size in range(min(6, len(run) - at), 0, -1):
            found = self.chinese.get(run[at : at + size])
            if found:
                return size, found
        return 1, frozenset()


@cache
def markers() -> Markers:
    """The shipped classes."""
    return read_markers(_FILE.read_text(encoding="utf-8"))


def read_markers(text: str) -> Markers:
    """Read the format that the shipped file explains."""
    names: dict[str, None] = {}
    english: dict[tuple[str, ...], set[str]] = defaultdict(set)
    chinese: dict[str, set[str]] = defaultdict(set)
    opposites = []
    for line in text.splitlines():
        if "<>" in line:
            first, second = (_key(part.strip()) for part in line.split("<>"))
            opposites.append((first, second))
        elif "|" in line and not line.startswith("#"):
            name, phrases, words = (part.strip() for part in line.split("|"))
            names[name] = None
            for phrase in phrases.split(","):
                english[tuple(stems(phrase))].add(name)
            for word in words.split():
                chinese[word].add(name)
    return Markers(
        tuple(names),
        {key: frozenset(found) for key, found in english.items() if key},
        {key: frozenset(found) for key, found in chinese.items()},
        tuple(opposites),
    )


def _key(word: str) -> str:
    return word if _HAN.search(word) else " ".join(stems(word))


def classes(words: list[str], han: list[str]) -> Iterator[str]:
    """The classes that stand in stems of English and in runs of Chinese, one for each entry."""
    known = markers()
    at = 0
    while at < len(words):
        size, found = known.english_at(words, at)
        yield from found
        at += size
    for run in han:
        at = 0
        while at < len(run):
            size, found = known.chinese_at(run, at)
            yield from found
            at += size
