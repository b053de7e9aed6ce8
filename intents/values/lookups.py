"""The values of a lookup, found in a text wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

_HAN = re.compile(r"[\u3400-\u9fff]")
_KEY = 3
"""Signs at a value's beginning that it is kept under; shorter ones under all that they have."""


@dataclass(frozen=True)
class Dictionary:
    """Values by how they begin; values of a single sign are too ambiguous to look up.

    A text is compared with those alone that stand in it, as :func:`folded`: an expression for
    hundreds of thousands of values takes half a minute to compile and a tenth of a second to ask.
    """

    by_beginning: Mapping[str, tuple[tuple[str, str], ...]]
    """The folded beginning to folded values, each with the value as listed."""

    @classmethod
    def of(cls, values: Iterable[str]) -> Dictionary | None:
        """From values as listed; None where there is nothing to look up."""
        found: dict[str, list[tuple[str, str]]] = {}
        for value in {v.strip() for v in values}:
            if len(value) >= (2 if _HAN.search(value) else 3):
                plain = folded(value)
                found.setdefault(plain[:_KEY], []).append((plain, value))
        return cls({key: tuple(sorted(same)) for key, same in found.items()}) if found else None

    def find(self, text: str, plain: str) -> Iterator[re.Match[str]]:
        """Where values stand in ``text``, which is ``plain`` when folded; longer ones first."""
        here = {
            value
            for at in range(len(plain))
            for size in (_KEY, _KEY - 1)
            for word, value in self.by_beginning.get(plain[at : at + size], ())
            if plain.startswith(word, at)
        }
        return expression(here).finditer(text) if here else iter(())


def expression(values: Iterable[str]) -> re.Pattern[str]:
    """What finds ``values`` in any case; those of letters stand alone."""
    ordered = sorted(values, key=lambda value: (-len(value), value))
    parts = (
        re.escape(value)
        if _HAN.search(value)
        else rf"(?<![A-Za-z0-9]){re.escape(value)}(?![A-Za-z0-9])"
        for value in ordered
    )
    return re.compile("|".join(parts), re.IGNORECASE)


def folded(text: str) -> str:
    """``text`` sign by sign in a form that is the same wherever an expression sees the same."""
    plain = text.casefold()
    if len(plain) != len(text):
        plain = "".join(sign.casefold()[0] for sign in text)
    return plain.replace("ı", "i")
