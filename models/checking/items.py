"""What can be read exactly in a text: dates, times, money, lengths of time, codes, addresses.

English and Chinese are read alike, in digits and in words, so that ``¥129``, ``129元`` and
``129 yuan`` are one item.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from models.checking.readers import READERS, Key


@dataclass(frozen=True)
class Item:
    """Something exact in ``text[start:end]``; equal keys of one kind mean the same.

    Kinds: ``link email date weekday time money percent length measure code number``.
    """

    kind: str
    key: Key
    start: int
    end: int
    text: str

    @property
    def small(self) -> bool:
        """Whether texts may leave it out: a mere *one*, or a count in words."""
        if self.kind == "length":
            return self.key[-1] == 1
        return self.kind == "number" and not self.text.isdigit()


def read_items(text: str) -> list[Item]:
    """Every item of ``text`` in order; no two overlap."""
    taken = bytearray(len(text))
    found: list[Item] = []
    for pattern, reader in READERS:
        for match in pattern.finditer(text):
            if any(taken[match.start() : match.end()]):
                continue
            for kind, key, start, end in reader(match):
                found.append(Item(kind, key, start, end, text[start:end]))
                taken[start:end] = b"\1" * (end - start)
    return sorted(found, key=lambda item: item.start)


def matches(said: Item, known: Item) -> bool:
    """Whether what was said is what is known: equal, or a date in fewer words."""
    if said.kind == known.kind == "date":
        return _same_day(said.key, known.key)
    if said.kind == "weekday" and known.kind == "date":
        return _weekday(known.key) == said.key[0]
    kinds = {said.kind, known.kind}
    if "number" in kinds and kinds <= {"number", "length", "measure"}:
        return said.key[-1] == known.key[-1]
    return said.kind == known.kind and said.key[:-1] == known.key[:-1]


def _same_day(said: Key, known: Key) -> bool:
    for a, b in zip(said[:3], known[:3], strict=True):
        if a is not None and b is not None and a != b:
            return False
    weekday = said[3]
    return said[2] is not None and (weekday is None or _weekday(known) in (None, weekday))


def _weekday(key: Key) -> int | None:
    year, month, day = key[:3]
    if not (isinstance(year, int) and isinstance(month, int) and isinstance(day, int)):
        return None
    try:
        return date(year, month, day).weekday()
    except ValueError:
        return None
