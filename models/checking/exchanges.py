"""Words that came in the place of others: *some* for *all*, *will be* for *was*, 必须 for 可以.

A rewording has many ways to say the same, but hardly ever says it by the other word of such a pair.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("exchanges.txt")
_WORD = re.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)*")
_HAN = re.compile(r"[㐀-䶿一-鿿]+")


@dataclass(frozen=True)
class Exchange:
    """``new`` instead of ``old`` changes what ``kind`` names."""

    kind: str
    old: str
    new: str

    def made(self, source: str, reply: str) -> bool:
        """Whether ``reply`` has the new where ``source`` has the old; texts as :func:`plain`."""
        return (
            self.old in source
            and self.new in reply
            and (self.old not in reply or self.old in self.new)
            and (self.new not in source or self.new in self.old)
            and source.count(self.old) + reply.count(self.new)
            > reply.count(self.old) + source.count(self.new)
        )


@cache
def exchanges(chinese: bool) -> tuple[Exchange, ...]:
    """The shipped pairs of one language."""
    found = read_exchanges(_FILE.read_text(encoding="utf-8"))
    return tuple(one for one in found if bool(_HAN.search(one.old + one.new)) is chinese)


def read_exchanges(text: str) -> Iterator[Exchange]:
    """Read the format that the shipped file explains."""
    for line in text.splitlines():
        if ":" not in line or line.startswith("#"):
            continue
        kind, rule = (part.strip() for part in line.split(":", 1))
        both = "<>" in rule
        first, second = (plain(part) for part in rule.split("<>" if both else ">", 1))
        yield Exchange(kind, first, second)
        if both:
            yield Exchange(kind, second, first)


def plain(text: str) -> str:
    """English words between blanks, and behind them runs of Chinese."""
    words = _WORD.findall(text.lower().replace("’", "'"))
    runs = "|".join(_HAN.findall(text))
    return f" {' '.join(words)} {runs}" if words else runs


def exchanged(source: str, reply: str) -> Iterator[tuple[str, str]]:
    """Kinds of what was exchanged, with the words."""
    known, said = plain(source), plain(reply)
    for one in exchanges(bool(_HAN.search(source))):
        if one.made(known, said):
            yield one.kind, f"{one.old.strip()} > {one.new.strip()}"
