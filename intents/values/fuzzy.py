"""Misspelt names: values of lookups and synonyms found within a slip of the hand or of the ear.

English words are compared by edits (optimal string alignment, by rapidfuzz), Chinese ones by their
sound (first readings of pypinyin; z/zh, n/ng and the like count as one, since input methods and
accents mix them up).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from models.pinyin import sound

LEAST_LETTERS = 6
"""Shorter English values are found in free text as they are written only: *while* is not white."""

LEAST_HAN = 3
"""Shorter Chinese values are found by their sound only while they are asked for."""

_HAN = re.compile(r"[\u3400-\u9fff]+")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9'’-]*")


@dataclass(frozen=True)
class Near:
    """Characters ``start`` to ``end`` that stand for the lookup value ``value``."""

    start: int
    end: int
    value: str


@dataclass(frozen=True)
class Names:
    """The values of one entity type, with what they may be mistaken for.

    ``values``: lower-case form to value as listed. ``known``: words that stand in training lines
    and therefore are no misspellings.
    """

    values: Mapping[str, str]
    known: frozenset[str] = field(default_factory=frozenset)

    def nearest(self, words: str) -> str | None:
        """The one value that ``words`` are a slip of, or the value itself; None if there is none.

        For words that are known to be of the type: four letters or two Chinese characters do.
        """
        plain = words.casefold().strip()
        if plain in self.values:
            return self.values[plain]
        if _HAN.fullmatch(plain):
            return self._by_sound.get(sound(plain)) if len(plain) > 1 else None
        return self._by_edits(plain) if len(plain) >= 4 and plain.isascii() else None

    def find(self, text: str, is_asked: bool = False) -> Iterator[Near]:
        """Slips in free text; exact occurrences are not given."""
        yield from self._misspelt(text)
        yield from self._misheard(text, 2 if is_asked else LEAST_HAN)

    def _misspelt(self, text: str) -> Iterator[Near]:
        if not self._longest:
            return
        words = _words(text)
        for first, (start, _) in enumerate(words):
            for _, end in words[first : first + self._longest]:
                window = text[start:end].casefold()
                if len(window) < LEAST_LETTERS - 1 or window in self.values:
                    continue
                if window in self.known or all(part in self.known for part in window.split()):
                    continue
                value = self._by_edits(window)
                if value is not None and len(value) >= LEAST_LETTERS:
                    yield Near(start, end, value)

    def _misheard(self, text: str, least: int) -> Iterator[Near]:
        if not self._by_sound or _HAN.search(text) is None:
            return
        lengths = {len(key) for key in self._by_sound if len(key) >= least}
        for run in _HAN.finditer(text):
            heard = sound(run[0])
            for length in lengths:
                for at in range(len(heard) - length + 1):
                    value = self._by_sound.get(heard[at : at + length])
                    start = run.start() + at
                    if value is not None and text[start : start + length] != value:
                        yield Near(start, start + length, value)

    @cached_property
    def _latin(self) -> dict[tuple[str, int], list[str]]:
        """Values in Latin letters by first letter and length."""
        found: dict[tuple[str, int], list[str]] = {}
        for name in self.values:
            if name.isascii() and len(name) >= 4 and name[0].isalpha():
                found.setdefault((name[0], len(name)), []).append(name)
        return found

    @cached_property
    def _longest(self) -> int:
        """Words of the longest value in Latin letters."""
        return max(
            (name.count(" ") + 1 for many in self._latin.values() for name in many), default=0
        )

    @cached_property
    def _by_sound(self) -> dict[tuple[str, ...], str]:
        """Values by their sound; those that sound alike are left out."""
        found: dict[tuple[str, ...], str] = {}
        alike: set[tuple[str, ...]] = set()
        for name, value in self.values.items():
            if _HAN.fullmatch(name) and len(name) > 1:
                key = sound(name)
                if found.setdefault(key, value) != value:
                    alike.add(key)
        return {key: value for key, value in found.items() if key not in alike}

    def _by_edits(self, plain: str) -> str | None:
        """The only value within one edit (two from nine letters on) that begins alike."""
        if len(plain) > 60 or (plain[0], len(plain)) not in self._within_reach:
            return None
        return _nearest(self._frozen, plain)

    @cached_property
    def _within_reach(self) -> frozenset[tuple[str, int]]:
        """First letters and lengths of words that a value may be near to."""
        near = ((letter, length + more) for letter, length in self._latin for more in range(-2, 3))
        return frozenset(near)

    @cached_property
    def _frozen(self) -> _Frozen:
        return _Frozen(self._latin, self.values)


@lru_cache(maxsize=64)
def _words(text: str) -> tuple[tuple[int, int], ...]:
    """The words of ``text``, which is asked for every type of entity in turn."""
    return tuple(found.span() for found in _WORD.finditer(text))


class _Frozen:
    """Values by first letter and length, hashable by identity, so that answers can be
    remembered."""

    def __init__(
        self, latin: Mapping[tuple[str, int], list[str]], values: Mapping[str, str]
    ) -> None:
        self.latin, self.values = latin, values


@lru_cache(maxsize=16384)
def _nearest(names: _Frozen, plain: str) -> str | None:
    from rapidfuzz.distance import OSA

    found: dict[int, set[str]] = {}
    for length in range(len(plain) - 2, len(plain) + 3):
        allowed = 2 if length >= 9 else 1
        if abs(length - len(plain)) > allowed:
            continue
        for name in names.latin.get((plain[0], length), ()):
            edits = OSA.distance(name, plain, score_cutoff=allowed)
            if edits <= allowed:
                found.setdefault(edits, set()).add(names.values[name])
    best = found[min(found)] if found else set()
    return next(iter(best)) if len(best) == 1 else None


def names_of(values: Iterable[str], known: Iterable[str] = ()) -> Names:
    """The names of one entity type."""
    listed = {value.strip().casefold(): value.strip() for value in values if value.strip()}
    return Names(listed, frozenset(known))


def known_words(values: Iterable[str], texts: Iterable[str]) -> tuple[str, ...]:
    """Words of ``texts`` that are near a value of a lookup without being one."""
    names = names_of(values)
    words = {word[0].casefold() for text in texts for word in _WORD.finditer(text)}
    near = (word for word in words if word not in names.values and names.nearest(word) is not None)
    return tuple(sorted(near))
