"""Misspelt names: a slip of the hand in Latin letters, of the ear or the eye in Chinese.

Latin words are compared by edits (optimal string alignment), Chinese ones by their sound (pypinyin;
what accents do not tell apart counts as one) or by one character that differs. Words of an English
dictionary, and words that mean something here, are no slips.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate

from models.pinyin import sound

LEAST_LETTERS = 5
LEAST_HEARD = 3
"""Chinese names of fewer characters are not looked for by their sound."""

LEAST_SEEN = 5
"""Chinese names of fewer characters are not looked for with one character that differs."""

Key = tuple[str, ...]


class Slips:
    """Looks for names near what stands in a text."""

    def __init__(self, names: Collection[Key], known: Collection[str]) -> None:
        self._names, self._known = frozenset(names), frozenset(known)

    def find(self, units: Sequence[str], left: Iterable[int]) -> Iterator[tuple[int, int, Key]]:
        """Place, length and name of slips that take in one of the units ``left`` over."""
        wanted = frozenset(left)
        yield from self._misspelt(units, wanted)
        yield from self._misheard(units, wanted)

    def _misspelt(
        self, units: Sequence[str], wanted: frozenset[int]
    ) -> Iterator[tuple[int, int, Key]]:
        mended = list(units)
        changed = set()
        for at in wanted:
            word = units[at]
            if len(word) >= LEAST_LETTERS and word.isascii() and word.isalpha():
                near = self._nearest(word)
                if near is not None and f"\n{word}\n" not in _english():
                    mended[at] = near
                    changed.add(at)
        for start in range(len(units)) if changed else ():
            for length in range(1, self._longest + 1):
                key = tuple(mended[start : start + length])
                touched = changed & set(range(start, start + length))
                if touched and len(key) == length and key in self._names:
                    yield start, length, key

    def _nearest(self, word: str) -> str | None:
        from rapidfuzz.distance import OSA

        allowed = 2 if len(word) >= 8 else 1
        found: dict[int, set[str]] = {}
        for name in self._latin.get(word[0], ()):
            if abs(len(name) - len(word)) <= allowed:
                edits = OSA.distance(word, name, score_cutoff=allowed)
                if edits <= allowed:
                    found.setdefault(edits, set()).add(name)
        best = found[min(found)] if found else set()
        return next(iter(best)) if len(best) == 1 else None

    def _misheard(
        self, units: Sequence[str], wanted: frozenset[int]
    ) -> Iterator[tuple[int, int, Key]]:
        han = ["㐀" <= unit <= "鿿" for unit in units]
        if not any(han[at] for at in wanted):
            return
        # how many of each stand before a place: a window is judged by two subtractions
        others = [0, *accumulate(not is_han for is_han in han)]
        asked = [0, *accumulate(at in wanted for at in range(len(units)))]
        heard = sound([unit if is_han else " " for unit, is_han in zip(units, han, strict=True)])
        for length in self._lengths:
            for start in range(len(units) - length + 1):
                end = start + length
                if others[end] > others[start] or asked[end] == asked[start]:
                    continue
                window = tuple(units[start:end])
                name = self._by_sound.get(heard[start:end])
                name = name or self._by_sight(window)
                if name is not None and name != window:
                    yield start, length, name

    def _by_sight(self, window: Key) -> Key | None:
        if len(window) < LEAST_SEEN:
            return None
        near = {
            name
            for at in range(len(window))
            for name in self._with_gap.get((*window[:at], "", *window[at + 1 :]), ())
        }
        return next(iter(near)) if len(near) == 1 else None

    @cached_property
    def _latin(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, set[str]] = {}
        for name in self._names:
            for unit in name:
                if len(unit) >= LEAST_LETTERS and unit.isascii() and unit.isalpha():
                    found.setdefault(unit[0], set()).add(unit)
        return {letter: tuple(sorted(many)) for letter, many in found.items()}

    @cached_property
    def _longest(self) -> int:
        return min(max(map(len, self._names), default=1), 8)

    @cached_property
    def _chinese(self) -> tuple[Key, ...]:
        return tuple(
            name
            for name in sorted(self._names)
            if len(name) >= LEAST_HEARD and all("㐀" <= unit <= "鿿" for unit in name)
        )

    @cached_property
    def _lengths(self) -> tuple[int, ...]:
        return tuple(sorted({len(name) for name in self._chinese}))

    @cached_property
    def _by_sound(self) -> Mapping[Key, Key]:
        """Names by their sound; those that sound alike are left out."""
        found: dict[Key, set[Key]] = {}
        for name in self._chinese:
            found.setdefault(sound(name), set()).add(name)
        return {heard: next(iter(many)) for heard, many in found.items() if len(many) == 1}

    @cached_property
    def _with_gap(self) -> Mapping[Key, tuple[Key, ...]]:
        """Names of some length by what is left with one character taken out of its place."""
        found: dict[Key, list[Key]] = {}
        for name in self._chinese:
            if len(name) >= LEAST_SEEN:
                for at in range(len(name)):
                    found.setdefault((*name[:at], "", *name[at + 1 :]), []).append(name)
        return {gap: tuple(many) for gap, many in found.items()}


@lru_cache(maxsize=1)
def _english() -> str:
    """The words of an English dictionary, one a line."""
    from models.encoders.english import words

    return "\n" + "\n".join(words()) + "\n"
