"""Sentences with placeholders, as lines with values: ``book {city} [please] (now|today)``."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

MOST = 4
"""Most lines that are made of one sentence."""

Span = tuple[int, int, str]
_PLACE = re.compile(r"\{([^{}]+)\}")
_OPTION = re.compile(r"\[([^\[\]]*)\]")
_CHOICE = re.compile(r"\(([^()]*\|[^()]*)\)")


def expand(
    sentence: str, values_of: Callable[[str], Sequence[str]]
) -> list[tuple[str, list[Span]]]:
    """Lines out of a sentence of LUIS: optional parts in brackets, alternatives in parentheses.

    Empty where a placeholder has no value.
    """
    forms = [sentence]
    while any(_OPTION.search(form) or _CHOICE.search(form) for form in forms):
        forms = [new for form in forms for new in _opened(form)][: 4 * MOST]
    lines: list[tuple[str, list[Span]]] = []
    for turn, form in enumerate(dict.fromkeys(" ".join(form.split()) for form in forms)):
        lines += fill(form, values_of, turn)[:1] if turn else fill(form, values_of)[:2]
        if len(lines) >= MOST:
            break
    return lines[:MOST]


def fill(
    sentence: str, values_of: Callable[[str], Sequence[str]], turn: int = 0
) -> list[tuple[str, list[Span]]]:
    """Lines out of a sentence with ``{name}`` in it, each with other values, and their spans."""
    names = _PLACE.findall(sentence)
    lists = {name: list(values_of(name.partition(":")[0])) for name in names}
    if not all(lists.values()):
        return []
    count = min(MOST, max((len(values) for values in lists.values()), default=1))
    return [_filled(sentence, lists, turn + index) for index in range(count)]


def _filled(sentence: str, lists: dict[str, list[str]], index: int) -> tuple[str, list[Span]]:
    parts: list[str] = []
    spans: list[Span] = []
    length = position = 0
    for number, found in enumerate(_PLACE.finditer(sentence)):
        values = lists[found[1]]
        value = values[(index + number) % len(values)]
        before = sentence[position : found.start()]
        start = length + len(before)
        spans.append((start, start + len(value), found[1]))
        parts += [before, value]
        length, position = start + len(value), found.end()
    return "".join([*parts, sentence[position:]]), spans


def _opened(form: str) -> list[str]:
    option, choice = _OPTION.search(form), _CHOICE.search(form)
    found = option or choice
    if found is None:
        return [form]
    inside = [found[1], ""] if option else found[1].split("|")
    return [form[: found.start()] + part + form[found.end() :] for part in inside]
