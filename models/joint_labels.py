"""Values that are two things at once: "in an hour" is a date and a time.

A unit has one tag, so that labels which stand on the same characters often enough become one label
together. It is taken apart again where spans are read off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

Marked = tuple[int, int, str]
_BETWEEN = "\n"
LEAST = 5
"""Values that carry the same labels together, from which on these can be learned as one."""


def labels_of(lines: Iterable[Sequence[Marked]]) -> list[str]:
    """The labels of all lines' spans, sorted, with those that are two things at once."""
    single: set[str] = set()
    together: Counter[str] = Counter()
    for spans in lines:
        single.update(label for _, _, label in spans)
        together.update(label for _, _, label in _merged(spans) if _BETWEEN in label)
    return sorted(single | {label for label, count in together.items() if count >= LEAST})


def joined(spans: Sequence[Marked], labels: Sequence[str]) -> list[Marked]:
    """The spans with one label for each stretch where ``labels`` has it, in the order of starts,
    the longest first."""
    known = set(labels)
    found: list[Marked] = []
    merged = {(start, end): label for start, end, label in _merged(spans)}
    for place, group in groupby(sorted(spans, key=lambda s: (s[0], -s[1])), key=lambda s: s[:2]):
        label = merged[place]
        found += [(*place, label)] if label in known else list(group)
    return found


def apart(label: str) -> list[str]:
    """The labels that one of :func:`labels_of` stands for."""
    return label.split(_BETWEEN)


def _merged(spans: Sequence[Marked]) -> list[Marked]:
    places: dict[tuple[int, int], set[str]] = {}
    for start, end, label in spans:
        places.setdefault((start, end), set()).add(label)
    return [(*place, _BETWEEN.join(sorted(labels))) for place, labels in places.items()]
