"""Ordinary lines: the retail pack's examples and past conversations, names and numbers masked.

A hand-labelled line holds something personal far more often than a line of a log does; a detector
that saw such lines alone would find it everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from intents.reading.folder import read_examples
from retrieval.conversation import Conversation
from retrieval.reading.formats import find_logs
from retrieval.redaction.han_tagger import HanTagger
from retrieval.redaction.redactor import Redactor, Rules
from retrieval.redaction.spans import View, placeholders
from retrieval.redaction.word_signs import may_name

PACK = Path(__file__).parents[2] / "intents" / "packs" / "retail"
HELD_OUT = 8
"""One conversation of so many is kept for measuring."""


def rules() -> Rules:
    """The retail shop's own."""
    return Rules.read(PACK / "templates" / "redaction.json")


def conversations(*, held_out: bool) -> Iterator[Conversation]:
    """The pack's past conversations as they were written, of one part or of the other."""
    for file in find_logs([PACK / "logs"]):
        for number, item in enumerate(file.read()):
            if isinstance(item, Conversation) and (number % HELD_OUT == 0) is held_out:
                yield item


def ordinary(plain: Redactor, han: HanTagger) -> Iterator[str]:
    """Texts as the learned detector sees them, but for those in which a list knows a name."""
    told = Redactor(rules())
    seen: dict[str, None] = {}
    for conversation in conversations(held_out=False):
        for turn in told.redact_conversation(conversation).turns:
            seen.setdefault(View(turn.text, placeholders(turn.text)).text)
    for example in read_examples([PACK / "data"]):
        if not plain.redact(example.text)[1]:
            seen.setdefault(View(example.text, []).text)
    return (text for text in seen if text.strip() and not may_name(text, han))
