"""Training and test lines, and the language they are in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from models.script import written

OUT_OF_SCOPE = "out_of_scope"
"""The label of lines that none of the assistant's intents covers."""

SENTIMENTS = ("negative", "neutral", "positive")
URGENCIES = ("low", "normal", "high")


@dataclass(frozen=True)
class Entity:
    """A marked value: characters ``start`` to ``end`` of a line.

    ``value`` is the canonical form, which may differ from the characters themselves.
    """

    start: int
    end: int
    entity: str
    value: str
    role: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class Example:
    """One labelled line.

    ``entities`` is ``()`` where somebody looked and found none, ``None`` where nobody looked;
    ``requested_slots`` are the slots that the bot had asked for when the line was written;
    ``metadata`` is what the file says of the line beyond that, kept to be written again.
    """

    text: str
    intent: str | None = None
    entities: tuple[Entity, ...] | None = None
    sentiment: str | None = None
    language: str = "en"
    file: str = ""
    line: int = 0
    requested_slots: tuple[str, ...] = ()
    urgency: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def place(self) -> str:
        """``file:line`` of the line, for messages."""
        return f"{self.file}:{self.line}" if self.file else "(no file)"


def language_of(text: str) -> str:
    """The language of one line by its script: ``en``, ``zh``, or ``mul`` for a mixture.

    Codes, addresses of mail and numbers say nothing about a language and are left out.
    """
    han, latin = written(text)
    if not han:
        return "en"
    # A foreign word or brand inside a Chinese sentence does not make it a mixture.
    return "mul" if latin >= 2 and latin * 2 > han else "zh"


def language_of_set(languages: Iterable[str], rare: float = 0.02) -> str:
    """The language of a whole set: ``mul`` when more than ``rare`` of it is in another one."""
    counts = Counter(languages)
    total = sum(counts.values())
    if not total:
        return "en"
    english, chinese = counts["en"], counts["zh"]
    if counts["mul"] > rare * total or min(english, chinese) > rare * total:
        return "mul"
    return "zh" if chinese > english else "en"


def merge_examples(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """Join lines that say the same about one text; return what is kept and what was dropped.

    A text that comes twice with one intent is kept once, with the annotations of both. The same
    text under two intents stays with both: which is right is for a person to say. So does an answer
    to several questions, as "4" to how many and to at what time.
    """
    kept: dict[tuple[object, ...], Example] = {}
    dropped: list[Example] = []
    for example in examples:
        key = (
            example.text.casefold().strip(),
            example.intent,
            example.sentiment,
            example.urgency,
            frozenset(example.requested_slots),
        )
        first = kept.get(key)
        if first is None:
            kept[key] = example
            continue
        dropped.append(example)
        if first.entities is None and example.entities is not None:
            kept[key] = replace(first, text=example.text, entities=example.entities)
    return list(kept.values()), dropped
