"""Readings of messages that many customers send word for word.

Greetings, thanks and the shop's frequent questions come again and again, and a release reads the
same words in the same way. Only what is short and tells nothing of a person is kept, in memory
alone; what depends on the moment ("tomorrow") or holds several requests is read anew.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from weakref import WeakKeyDictionary

from intents.parse import Parse
from intents.understanding import Understanding

LONGEST = 80
"""Characters of a text that is kept."""
MOST = 1000
"""Texts that are kept of a release."""


class Familiar:
    """What releases made of recent messages; the least recently used go first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._read: WeakKeyDictionary[Understanding, OrderedDict[tuple[str, str | None], Parse]]
        self._read = WeakKeyDictionary()

    def recall(self, understanding: Understanding, text: str, asked: str | None) -> Parse | None:
        """The parse of ``text`` by this release while the slot ``asked`` was requested."""
        known = self._read.get(understanding)
        if known is None or (parse := known.get((text, asked))) is None:
            return None
        known.move_to_end((text, asked))
        return parse

    def keep(
        self, understanding: Understanding, text: str, asked: str | None, parse: Parse
    ) -> None:
        """Note a parse, if it may be used again."""
        if not _impersonal(text) or not _timeless(parse):
            return
        known = self._read.setdefault(understanding, OrderedDict())
        # the vector is a row of its batch, which would stay in memory as a whole
        known[text, asked] = replace(parse, vector=parse.vector.copy())
        known.move_to_end((text, asked))
        if len(known) > self._most:
            known.popitem(last=False)


def _impersonal(text: str) -> bool:
    return len(text) <= LONGEST and "@" not in text and not any(map(str.isdigit, text))


def _timeless(parse: Parse) -> bool:
    return not parse.segments and all(found.resolved is None for found in parse.entities)
