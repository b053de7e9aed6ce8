"""Several answers in one turn: what has been said a moment ago is not said again."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SENTENCE = re.compile(r".+?(?:[。！？!?\n]+|\.(?=\s)|$)\s*", re.DOTALL)


def sentences(text: str) -> list[str]:
    """The sentences of a text with their marks and blanks; together they are the text."""
    return _SENTENCE.findall(text)


def without_repeats(template: str, said: Iterable[str]) -> str:
    """A template without the sentences that texts of the same turn have said already.

    Sentences with values stay, and so does a template of which nothing would be left.
    """
    heard = {part.strip() for text in said for part in sentences(text)}
    if not heard or "[[" in template:
        return template
    kept = [part for part in sentences(template) if "{" in part or part.strip() not in heard]
    shorter = "".join(kept).rstrip()
    return shorter or template
