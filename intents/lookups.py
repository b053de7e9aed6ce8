"""The values of a lookup, found in a text wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_HAN = re.compile(r"[\u3400-\u9fff]")
_PLAIN = re.compile(r"[\x00-\x7f\u2e80-\u9fff\uff00-\uff20]*")
"""Signs that have no other case than by ``str.lower``, or none at all."""


@dataclass(frozen=True)
class Dictionary:
    """One expression for all values; values of a single sign are too ambiguous to look up.

    ``words`` are the values in lower case: a text of plain signs that holds none of them holds no
    value, which is seen in a tenth of the time. None where some value is not plain itself.
    """

    expression: re.Pattern[str]
    words: tuple[str, ...] | None

    @classmethod
    def of(cls, values: Iterable[str]) -> Dictionary | None:
        """From values as listed; None where there is nothing to look up."""
        parts, words = [], []
        for value in sorted({v.strip() for v in values}, key=len, reverse=True):
            han = _HAN.search(value) is not None
            if len(value) >= (2 if han else 3):
                escaped = re.escape(value)
                parts.append(escaped if han else rf"(?<![A-Za-z0-9]){escaped}(?![A-Za-z0-9])")
                words.append(value.lower())
        plain = all(_PLAIN.fullmatch(word) for word in words)
        expression = re.compile("|".join(parts), re.IGNORECASE)
        return cls(expression, tuple(words) if plain else None) if parts else None

    def find(self, text: str, lower: str | None) -> Iterator[re.Match[str]]:
        """Where values stand in ``text``, as :func:`lowered` gives it in ``lower``."""
        if lower is None or self.words is None or any(word in lower for word in self.words):
            return self.expression.finditer(text)
        return iter(())


def lowered(text: str) -> str | None:
    """``text`` in lower case; None where that may not tell what an expression would find."""
    return text.lower() if _PLAIN.fullmatch(text) else None
