"""Lines with inline marks: ``ring [Jonas](name) on [0171 3920045](phone)``.

``other`` marks what may go or stay: a company, a user name, a voucher.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NUMBERS = (
    "phone", "email", "order", "invoice", "card", "bank", "id", "plate", "link", "code", "password",
)  # fmt: skip
WORDS = ("name", "address")
OTHER = "other"
LANGUAGES = ("en", "zh")
SETS = (
    "lines", "fresh", "hard", "unseen", "taught", "more",
    "couriers", "offices", "shops", "services", "further",
)  # fmt: skip
"""The files of lines: ``unseen`` by a writer who never saw the rules; ``taught`` and ``more`` for
training; the last five by eight writers who saw nothing of the product, each in other trades."""

KEPT = ("kept", "late", "last", "counters")
"""Lines of four further writers that no rule was mended on and no weights have read; ``counters``
in Chinese alone."""

_MARK = re.compile(rf"\[([^\]\n]+)\]\(({'|'.join((*NUMBERS, *WORDS, OTHER))})\)")


@dataclass(frozen=True)
class Mark:
    """``text[start:end]`` of a line is of ``kind``."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Line:
    """A plain text and what is personal in it; ``number`` counts from one in its file."""

    number: int
    text: str
    marks: tuple[Mark, ...]

    @property
    def part(self) -> str:
        """``test`` for each third line, ``dev`` for the others."""
        return "dev" if self.number % 3 else "test"


def parse(marked: str, number: int = 1) -> Line:
    """Read one marked line."""
    pieces: list[str] = []
    marks: list[Mark] = []
    at = length = 0
    for match in _MARK.finditer(marked):
        before, value = marked[at : match.start()], match.group(1)
        length += len(before)
        marks.append(Mark(length, length + len(value), match.group(2)))
        length += len(value)
        pieces += [before, value]
        at = match.end()
    return Line(number, "".join([*pieces, marked[at:]]), tuple(marks))


def read(language: str, name: str = "lines") -> Iterator[Line]:
    """All lines of a language in the set ``name``, of :data:`SETS` or :data:`KEPT`; none where its
    writer wrote in the other one alone."""
    path = Path(__file__).with_name(f"{name}.{language}.txt")
    if not path.exists():
        return
    for number, marked in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        yield parse(marked, number)
