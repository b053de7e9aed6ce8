"""A reply beside its sources as two plain texts, as a reader of pairs wants them."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from models.checking.items import matches, read_items
from models.checking.sources import Sources, folded, ground

PIECE = re.compile(r"[A-Za-z0-9'’.:/@-]*[A-Za-z0-9]|\S")
"""A word or a number; of Chinese, a character."""
_ALIKE = ("date", "time", "money", "percent", "length")


def plain_pair(output: str, sources: Sources) -> tuple[str, str]:
    """Source and reply: values in place, facts behind, and exact items of both written alike."""
    source = " ".join([ground(sources).text, *map(folded, sources.facts)])
    reply = folded(output)
    known = read_items(source)
    for item in reversed(read_items(reply)):
        same = next((k for k in known if k.kind == item.kind and matches(item, k)), None)
        if same is not None and item.kind in _ALIKE:
            reply = reply[: item.start] + same.text + reply[item.end :]
    return source, reply


def likeness(source: str, reply: str) -> float:
    """The share of words, in order, that two texts have in common: 0 to 1."""
    first, second = ([word.lower() for word in PIECE.findall(t)] for t in (source, reply))
    return SequenceMatcher(None, first, second, autojunk=False).ratio()
