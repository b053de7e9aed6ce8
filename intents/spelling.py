"""Slips of the keyboard are mended before the encoder reads a message.

A word that nobody knows (neither the training lines nor an English dictionary) and that is one
slip away from one that is known is read as that one: a letter dropped, added, exchanged or
swapped (Damerau, 1964), looked up in SymSpell's index of deletions. What training lines say comes
before what the dictionary says. The message itself stays as it was written: offsets lead back to
it. Numbers, codes, names in capitals and words with other letters are left alone. Chinese words are
mended by their sound (:mod:`intents.homophones`). A message all in capitals is read in small
letters: encoders know few shouted words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from symspellpy import SymSpell, Verbosity  # type: ignore[import-untyped]

from intents.homophones import Homophones
from models.arrays import IntArray
from models.encoders.english import counted

SUGGESTED = 8_000
"""Most frequent dictionary words that a slip may be read as; the others are known, no more."""

_SHORT = 3
_NEGATED = re.compile(r"(?:do|ca|wo|did|does|is|are|was|were|has|have|had|could|would|should)nt")
_WITHOUT_APOSTROPHE = re.compile(
    r"im|ive|id|ill|(?:you|we|they)(?:re|ve|ll)|(?:he|she|it|that|what|who|there|here|where|how|let)s"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_PLAIN = re.compile(r"[a-z]+(?:'[a-z]+)?")
_SHOUTED = re.compile(r"(?<![A-Za-z0-9])[A-Z]+(?:['’][A-Z]+)?(?![A-Za-z0-9])")
"""A word in capitals; codes with digits are none."""
_TAIL = re.compile(r"'(?:s|m|re|ve|d|ll|t)$")


@dataclass(frozen=True)
class Mended:
    """A text as the encoder reads it.

    ``changes`` has a row (start, end, start as written, end as written) for each word that was
    read otherwise, in order.
    """

    text: str
    changes: tuple[tuple[int, int, int, int], ...] = ()

    def as_written(self, offsets: IntArray) -> IntArray:
        """Offsets (m, 2) into ``text`` as offsets into what was written; half a mended word leads
        to the whole word."""
        if not self.changes:
            return offsets
        result = offsets.copy()
        for row, (start, end) in enumerate(offsets.tolist()):
            result[row] = self._origin(start, False), self._origin(end, True)
        return result

    def _origin(self, place: int, is_end: bool) -> int:
        shift = 0
        for start, end, old_start, old_end in self.changes:
            if place <= start if is_end else place < start:
                break
            if place <= end if is_end else place < end:
                return old_end if is_end else old_start
            shift = old_end - end
        return place + shift


class Speller:
    """Knows words, and reads slips as the nearest of them."""

    def __init__(self, counts: Mapping[str, int], chinese: Homophones | None = None) -> None:
        """:param counts: words of the training lines, lower case, and how often each occurs."""
        self.counts = dict(counts)
        self._trained = _index(self.counts.items())
        self._chinese = chinese or Homophones(())

    @classmethod
    def of(cls, texts: Iterable[str], vocabulary: Iterable[str] = ()) -> Speller:
        """Learn the words of training ``texts`` and of a ``vocabulary`` (lookups, synonyms)."""
        lines, names = list(texts), list(vocabulary)
        words = (_lower(found.group()) for text in lines for found in _WORD.finditer(text))
        counts = Counter(word for word in words if _PLAIN.fullmatch(word))
        counts.update(_lower(found.group()) for n in names for found in _WORD.finditer(n))
        return cls(counts, Homophones(lines, names))

    def mend(self, text: str) -> Mended:
        """Read the slips in ``text`` as the words that were meant."""
        shouted = text.isupper()
        if shouted and len(_WORD.findall(text)) > 1:  # one word alone may be a name or a code
            text = _SHOUTED.sub(lambda word: word.group().lower(), text)
        slips = sorted([*self._latin_slips(text, shouted), *self._chinese.slips(text)])
        parts: list[str] = []
        changes: list[tuple[int, int, int, int]] = []
        done = length = 0
        for start, end, meant in slips:
            parts += [text[done:start], meant]
            length += start - done
            changes.append((length, length + len(meant), start, end))
            length += len(meant)
            done = end
        parts.append(text[done:])
        return Mended("".join(parts), tuple(changes)) if changes else Mended(text)

    def _latin_slips(self, text: str, shouted: bool) -> Iterator[tuple[int, int, str]]:
        for match in _WORD.finditer(text):
            meant = self._meant(match.group(), shouted or not text[: match.start()].strip())
            if meant is not None:
                yield match.start(), match.end(), meant

    def _meant(self, written: str, may_be_capital: bool) -> str | None:
        """What a word was meant to be; None where it is left alone."""
        word = _lower(written)
        if not _PLAIN.fullmatch(word) or len(word) < _SHORT:
            return None
        if written != word and not may_be_capital:
            return None
        if self._is_known(word):
            return None
        found = _nearest(self._trained, word, True) or _nearest(_dictionary()[0], word, False)
        return found or self._split(word)

    def _is_known(self, word: str) -> bool:
        bare = _TAIL.sub("", word)
        if word in self.counts or bare in self.counts or bare in _dictionary()[1]:
            return True
        return bool(_WITHOUT_APOSTROPHE.fullmatch(word) or _NEGATED.fullmatch(word))

    def _split(self, word: str) -> str | None:
        """Two words of the training lines that were written as one."""
        cuts = [(word[:i], word[i:]) for i in range(2, len(word) - 1)]
        fit = [pair for pair in cuts if pair[0] in self.counts and pair[1] in self.counts]
        if not fit:
            return None
        return " ".join(max(fit, key=lambda pair: min(self.counts[half] for half in pair)))


def remapped(mended: Sequence[Mended], offsets: Sequence[IntArray]) -> list[IntArray]:
    """Token offsets (m, 2) of each text as offsets into what was written."""
    return [one.as_written(found) for one, found in zip(mended, offsets, strict=True)]


def _nearest(index: SymSpell, word: str, trained: bool) -> str | None:
    found = index.lookup(word, Verbosity.ALL, max_edit_distance=1)
    fit = [item for item in found if _is_likely(word, item.term, trained)]
    return max(((item.count, str(item.term)) for item in fit), default=(0, None))[1]


def _is_likely(written: str, meant: str, trained: bool) -> bool:
    """Whether a slip may turn ``meant`` into ``written``.

    First letters are seldom missed, a plural is no slip, and short words are often names.
    """
    if written.rstrip("s") == meant.rstrip("s"):
        return False
    swapped = sorted(written) == sorted(meant)
    if len(written) <= _SHORT:
        return swapped or (trained and len(meant) > len(written))
    return meant[0] == written[0] or swapped or trained


def _lower(word: str) -> str:
    return word.lower().replace("’", "'")


def _index(counted: Iterable[tuple[str, int]]) -> SymSpell:
    index = SymSpell(max_dictionary_edit_distance=1, prefix_length=7)
    for word, count in counted:
        index.create_dictionary_entry(word, count)
    return index


@cache
def _dictionary() -> tuple[SymSpell, frozenset[str]]:
    """The package's English words: an index of the most frequent ones, and all as a set."""
    frequent = ((word, count) for word, count in counted()[:SUGGESTED] if len(word) > _SHORT)
    # Rare short entries are abbreviations, as often a slip as a word.
    known = (w for place, (w, _) in enumerate(counted()) if len(w) > _SHORT or place < SUGGESTED)
    return _index(frequent), frozenset(known)
