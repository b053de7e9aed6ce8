"""Stories that quote instead of naming an intent or an action (Rasa's end-to-end stories).

A quotation of the customer stands in a story where an intent stands in others. A message is one of
the quotations if it says the same, or nearly so by its vector; it keeps its own intent beside that,
for rules and for stories that know intents. What the bot is quoted to say is an action as well: the
response that has these words, else the words themselves.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from intents.assistant import Assistant, Step
from intents.reading.marks import parse_marks
from models.arrays import FloatArray

NEAR = 0.93
"""Cosine from which a message says what a story quotes.

Of the packaged encoders the same in other words has 0.94 to 0.98, strangers have 0.70 to 0.79, and
sentences that differ in the one word that counts up to 0.92.
"""

MOST = 2_000
"""Quotations that are known."""


def quoted(text: str) -> str:
    """How a quotation stands where an intent would; no intent's name looks like it."""
    return f"“{plain_words(text)}”"


def plain_words(text: str) -> str:
    """The words without the marks of entities."""
    return parse_marks(text)[0]


def quotations(assistant: Assistant) -> tuple[str, ...]:
    """What the stories and rules quote, once each."""
    steps = (step for rule in (*assistant.stories, *assistant.rules) for step in rule.steps)
    said = (plain_words(str(step.value)) for step in _flat(steps) if step.kind == "user")
    return tuple(dict.fromkeys(text for text in said if text.strip()))[:MOST]


def uttered(assistant: Assistant) -> dict[str, str]:
    """What the bot is quoted to say, with the action that says it.

    A response with these words where there is one, else the words, which are then said as they are.
    """
    responses = {
        variation.text.strip(): name
        for name, variations in reversed(assistant.responses.items())
        for variation in variations
        if variation.text is not None
    }
    steps = (step for rule in (*assistant.stories, *assistant.rules) for step in rule.steps)
    said = (str(step.value).strip() for step in _flat(steps) if step.kind == "bot")
    return {words: responses.get(words, words) for words in said if words}


def _flat(steps: Iterator[Step] | Sequence[Step]) -> Iterator[Step]:
    for step in steps:
        if step.kind == "or":
            yield from _flat(step.value)
        else:
            yield step


@dataclass(frozen=True)
class Quotations:
    """The quotations of an assistant, with their vectors (n, d) of length one."""

    texts: tuple[str, ...]
    vectors: FloatArray

    @classmethod
    def of(
        cls, assistant: Assistant, embed: Callable[[Sequence[str]], FloatArray]
    ) -> Quotations | None:
        """Read an assistant's; None where it has none."""
        texts = quotations(assistant)
        if not texts:
            return None
        vectors = embed(texts)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return cls(texts, vectors / np.maximum(lengths, 1e-9))

    def meant(self, text: str, vector: FloatArray) -> str | None:
        """Return the quotation that ``text`` is, or is near by its vector (d,), else None.

        As :func:`quoted` writes it.
        """
        same = _bare(text)
        for known in self.texts:
            if _bare(known) == same:
                return quoted(known)
        length = float(np.linalg.norm(vector))
        if length == 0.0:
            return None
        nearness = self.vectors @ (vector / length)
        best = int(np.argmax(nearness))
        return quoted(self.texts[best]) if nearness[best] >= NEAR else None


def _bare(text: str) -> str:
    """The letters and digits alone, which is what makes two sentences the same."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum())
