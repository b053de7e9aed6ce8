"""The words of a message as places in it, for leaving them out one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.segmenter import cut

_LATIN = re.compile(r"[^\W_]+(?:['’.@-][^\W_]+)*")
_CJK = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")

Span = tuple[int, int]


def pieces(text: str, most: int = 24) -> list[Span]:
    """Places (start, end) of the words of ``text``, in order.

    Chinese is cut by the segmenter. Where there are more than ``most`` words, neighbours are taken
    together, so that no part of the message is left out.
    """
    found = list(_words(text))
    size = -(-len(found) // most)
    if size > 1:
        found = [
            (group[0][0], group[-1][1])
            for group in (found[i : i + size] for i in range(0, len(found), size))
        ]
    return found


def without(text: str, span: Span) -> str:
    """``text`` with a piece left out and no double blank where it was."""
    before, after = text[: span[0]], text[span[1] :]
    if before.endswith(" ") and after.startswith(" "):
        after = after[1:]
    return (before + after).strip()


def _words(text: str) -> Iterator[Span]:
    at = 0
    for run in _CJK.finditer(text):
        yield from _latin(text, at, run.start())
        yield from _chinese(run.group(), run.start())
        at = run.end()
    yield from _latin(text, at, len(text))


def _latin(text: str, start: int, end: int) -> Iterator[Span]:
    for word in _LATIN.finditer(text, start, end):
        yield word.span()


def _chinese(run: str, start: int) -> Iterator[Span]:
    for word in cut(run):
        yield start, start + len(word)
        start += len(word)
