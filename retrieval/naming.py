"""Places, products and dates that a text names: what an answer to one question is about.

A question about Lhasa that an agent answered stands near every question about shipping. Its answer
is for those who name Lhasa, so that for others a general answer has to come first. The same holds
for an answer that speaks of Lhasa alone, whatever the question was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

_WIDE = re.compile(r"[㐀-鿿]")
Group = tuple[str, ...]
"""The wordings of one thing, such as ``("grey", "gray", "灰色")``, in lower case."""


class Names:
    """Finds the things that texts name, out of a list of them."""

    def __init__(self, groups: Iterable[Iterable[str]]) -> None:
        self._group: dict[str, Group] = {}
        for wordings in groups:
            group = tuple(sorted({word.strip().casefold() for word in wordings} - {""}))
            for word in group:
                self._group.setdefault(word, group)
        longest_first = sorted((w for w in self._group if len(w) > 1), key=len, reverse=True)
        found = "|".join(map(_bounded, longest_first))
        self._pattern = re.compile(found) if found else None

    def found(self, text: str) -> frozenset[Group]:
        """The things that ``text`` names; of wordings in each other the longest counts."""
        if self._pattern is None:
            return frozenset()
        return frozenset(self._group[m.group()] for m in self._pattern.finditer(text.casefold()))

    def in_all(self, texts: Sequence[str]) -> tuple[Group, ...]:
        """The things that each of ``texts`` names; none where there are no texts."""
        common: frozenset[Group] = frozenset()
        for number, text in enumerate(texts):
            common = common & self.found(text) if number else self.found(text)
            if not common:
                break
        return tuple(sorted(common))

    def about(self, questions: Sequence[str], text: str) -> tuple[Group, ...]:
        """What an answer is about: the things that each of its questions names, or else the one
        thing that its own ``text`` names.

        Asked "and to Xining?", an agent answers for Qinghai.
        """
        asked = self.in_all(questions)
        spoken = () if asked else tuple(self.found(text))
        return spoken if len(spoken) == 1 else asked


def names_any(text: str, groups: Iterable[Group]) -> bool:
    """Whether ``text`` names one of ``groups`` by any of its wordings."""
    expression = _any_of(tuple(groups))
    return expression is not None and expression.search(text.casefold()) is not None


@lru_cache(maxsize=4096)
def _any_of(groups: tuple[Group, ...]) -> re.Pattern[str] | None:
    """One expression for all wordings of ``groups``; None where there are none."""
    words = "|".join(_bounded(word) for group in groups for word in group)
    return re.compile(words) if words else None


def _bounded(word: str) -> str:
    """``word`` as an expression: a word of its own, but for Chinese, which has no blanks."""
    if _WIDE.search(word):
        return re.escape(word)
    return rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])"
