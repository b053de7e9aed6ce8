"""Whether a reply is its template word for word, with each value in its own place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from models.checking.items import Item, matches, read_items
from models.checking.numerals import DIGITS, number
from models.checking.sources import Sources, Stated, exact, folded, pieces, seen

Piece = tuple[str, str]
_MOST_PARTS = 12
_WINDOW = 64
_DIGITS = re.compile(r"-?(?:" + DIGITS + ")")
_GAP = re.compile(r",?\s*(?:at\s+)?")


def as_written(output: str, sources: Sources) -> bool:
    """Whether ``output`` is the template, read piece by piece: no word more, less or other.

    Parts of the template may be there or not; a value must be what is known, in any written form
    of its type.
    """
    whole = pieces(sources.template)
    opened, closed = whole.count(("part", "[[")), whole.count(("part", "]]"))
    if opened != closed or opened > _MOST_PARTS:
        return False
    return _Walk(output, sources).reaches(0, whole)


class _Walk:
    def __init__(self, output: str, sources: Sources) -> None:
        self._output = output
        self._folded = folded(output)
        self._sources = sources

    def reaches(self, at: int, rest: Sequence[Piece]) -> bool:
        """Whether the pieces that are left are the output from ``at`` on."""
        for place, (kind, piece) in enumerate(rest):
            if kind == "part":
                inner, after = _part(rest[place + 1 :])
                return any(self.reaches(at, [*side, *after]) for side in (*inner, ()))
            end = self._literal(at, piece) if kind == "text" else self._value(at, piece)
            if end is None:
                return False
            at = end
        return at == len(self._output)

    def _literal(self, at: int, piece: str) -> int | None:
        return at + len(piece) if self._output.startswith(piece, at) else None

    def _value(self, at: int, name: str) -> int | None:
        """Where the value ends that begins here, if it is the one that is known."""
        stated = self._sources.values.get(name)
        if stated is None:
            return None
        read = exact(stated)
        if read is None:
            shown = seen(str(stated.value))
            return self._literal(at, shown) if shown.strip() else None
        known = Item(*read, 0, 0, "")
        if known.kind == "number":
            return self._number(at, known)
        end = self._item(at, known)
        if end is None or stated.type != "datetime":
            return end
        return self._clock(end, stated)

    def _number(self, at: int, known: Item) -> int | None:
        digits = _DIGITS.match(self._folded, at)
        if digits is None or number(digits.group()) != known.key[-1]:
            return None
        return digits.end()

    def _item(self, at: int, known: Item) -> int | None:
        for item in read_items(self._folded[at : at + _WINDOW]):
            if item.start == 0 and matches(item, known):
                return at + item.end
        return None

    def _clock(self, at: int, stated: Stated) -> int | None:
        """The time that follows a day."""
        moment = datetime.fromisoformat(str(stated.value))
        known = Item("time", (moment.hour * 60 + moment.minute, 0), 0, 0, "")
        gap = _GAP.match(self._folded, at)
        return self._item(gap.end() if gap else at, known)


def _part(rest: Sequence[Piece]) -> tuple[list[list[Piece]], Sequence[Piece]]:
    """The sides of the part that begins here, and what follows it."""
    end = rest.index(("part", "]]"))
    sides: list[list[Piece]] = [[]]
    for kind, piece in rest[:end]:
        if kind == "bar":
            sides.append([])
        else:
            sides[-1].append((kind, piece))
    trimmed = [side for raw in sides for side in (raw, _trimmed(raw))]
    return trimmed, rest[end + 1 :]


def _trimmed(side: list[Piece]) -> list[Piece]:
    """A side without the blanks beside its bar."""
    trimmed = list(side)
    if trimmed and trimmed[-1][0] == "text":
        trimmed[-1] = ("text", trimmed[-1][1].removesuffix(" "))
    if trimmed and trimmed[0][0] == "text":
        trimmed[0] = ("text", trimmed[0][1].removeprefix(" "))
    return trimmed
