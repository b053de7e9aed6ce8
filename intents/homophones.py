"""Chinese words that were written with characters of the same sound.

Input methods offer characters by their sound, so that a slip gives 退获 for 退货. Characters that
neither the training lines nor a dictionary know as a word, and that sound like a word of the
training lines with which they share a character, are read as that word where this is likelier than
what was written: a noisy channel (Shannon, 1948; Kernighan, Church and Gale, 1990) whose words and
single characters are counted in the training lines.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from models.pinyin import sound
from models.segmenter import dictionary_words

LEAST = 3
"""Times that a word must stand in the training lines."""

_SLIP = math.log(1e-3)
"""How likely a word is written with characters of the same sound."""

_FUNCTION = frozenset(
    "的地得了着过吗呢吧啊呀哦嘛哈嗯哎喂我你他她它您咱们这那哪谁啥不没别勿未一二三四五六七八九十百千万两几半多少"
    "上下里外前后左右中内间旁在从到向往对给把被让叫用以为和跟与及或而但因所如若虽则且并也都就才还又再很太最更真挺只仅"
    "能会可要想该肯敢是有去来说年月日号点时分元块毛大小个件条双张次每各某另嘞咯啦噢诶哟亲好"
)
"""Characters that are words of their own beside any other."""

_LONGEST = 4
_FEW = 5000
"""Of so many words and more, one that is not there is as rare as it looks."""

_HAN = re.compile(r"[\u4e00-\u9fff]+")


class Homophones:
    """Knows the Chinese words of training lines by their sound."""

    def __init__(self, texts: Iterable[str], vocabulary: Iterable[str] = ()) -> None:
        """:param vocabulary: names that are no slips, whatever they sound like."""
        runs = Counter(run for text in texts for run in _HAN.findall(text))
        counts: Counter[str] = Counter()
        for run, times in runs.items():
            for word in _words(run):
                counts[word] += times
        self._counts, self._total = counts, counts.total()
        self._unseen = math.log(0.5 / max(self._total, _FEW))
        self._seen = {part for run in runs for part in _parts(run)}
        self._seen.update(p for name in vocabulary for r in _HAN.findall(name) for p in _parts(r))
        self._by_sound: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for word, times in counts.items():
            if 2 <= len(word) <= _LONGEST and times >= LEAST:
                self._by_sound[sound(word)].append(word)

    def slips(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where a slip begins and ends, and the word that was meant; in order, none within
        another."""
        if not self._by_sound:
            return
        for run in _HAN.finditer(text):
            words = dictionary_words(run.group())
            at, place = run.start(), 0
            while place < len(words):
                found = self._longest(words, place)
                if found:
                    yield at, at + len(found), found
                    place += len(found)  # each is a single character
                    at += len(found)
                else:
                    at += len(words[place])
                    place += 1

    def _longest(self, words: Sequence[str], place: int) -> str | None:
        """The word that the single characters from ``place`` on were meant to be."""
        single = 0
        while place + single < len(words) and len(words[place + single]) == 1:
            single += 1
        for length in range(min(single, _LONGEST), 1, -1):
            written = "".join(words[place : place + length])
            if written not in self._seen and (meant := self._meant(written)):
                return meant
        return None

    def _meant(self, written: str) -> str | None:
        if not _FUNCTION.isdisjoint(written):
            return None
        alike = [w for w in self._by_sound.get(sound(written), ()) if set(w) & set(written)]
        if not alike:
            return None
        meant = max(alike, key=self._counts.__getitem__)
        as_written = sum(self._likely(char) for char in written)
        return meant if self._likely(meant) + _SLIP > as_written else None

    def _likely(self, word: str) -> float:
        times = self._counts.get(word, 0)
        return math.log(times / self._total) if times else self._unseen


@lru_cache(maxsize=32_768)
def _words(run: str) -> tuple[str, ...]:
    """The words of a training line, which each release reads anew."""
    return tuple(dictionary_words(run))


def _parts(run: str) -> Iterator[str]:
    """All stretches of two to four characters."""
    for length in range(2, _LONGEST + 1):
        for start in range(len(run) - length + 1):
            yield run[start : start + length]
