"""What the marks of training lines say beyond the tagger: values and synonyms by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable

from intents.assistant import Assistant
from intents.examples import Example

CLOSING = ".,;:!?…。，、；：！？"
"""Signs that close a sentence or a part of one, and seldom belong to a value."""
_LETTERS = re.compile(r"(?<!\w)(?:[^\W\d]\.){2,}$")


def words_outside(example: Example) -> str:
    """A training line without its marked values."""
    text = example.text
    for entity in sorted(example.entities or (), key=lambda entity: -entity.start):
        text = text[: entity.start] + " " + text[entity.end :]
    return text


def marked_synonyms(assistant: Assistant) -> dict[str, str]:
    """Marks with a value of their own name synonyms, where a pipeline maps them (Rasa's does)."""
    if assistant.pipeline.find("EntitySynonymMapper") is None:
        return {}
    return {
        example.text[entity.start : entity.end].casefold(): entity.value
        for example in assistant.examples
        for entity in example.entities or ()
        if entity.value is not None and entity.value != example.text[entity.start : entity.end]
    }


def marked_values(examples: Iterable[Example]) -> dict[str, tuple[str, ...]]:
    """Values by entity type that training lines mark more often than they leave them unmarked.

    A value of two types is left out; of a name, written large, as many may be unmarked.
    """
    marked: dict[str, list[tuple[str, bool]]] = {}
    outside: list[str] = []
    for example in examples:
        outside.append(words_outside(example).casefold())
        for entity in example.entities or ():
            words = example.text[entity.start : entity.end]
            marked.setdefault(words.casefold(), []).append((entity.entity, words[:1].isupper()))
    rest = "\n".join(outside)
    found: dict[str, list[str]] = {}
    for words, marks in marked.items():
        free = len(re.findall(rf"(?<!\w){re.escape(words)}(?!\w)", rest))
        large = all(capital for _, capital in marks)
        if len({kind for kind, _ in marks}) == 1 and free < len(marks) + large:
            found.setdefault(marks[0][0], []).append(words)
    return {name: tuple(sorted(values)) for name, values in sorted(found.items())}


def closing_signs(examples: Iterable[Example]) -> dict[str, str]:
    """The signs of ``CLOSING`` that marks end with, by entity type; abbreviations show nothing."""
    found: dict[str, set[str]] = {}
    for example in examples:
        for entity in example.entities or ():
            words = example.text[entity.start : entity.end]
            if without_closing(words, "") != words:
                found.setdefault(entity.entity, set()).add(words[-1])
    return {name: "".join(sorted(signs)) for name, signs in sorted(found.items())}


def without_closing(words: str, own: str) -> str:
    """A value without signs at its end but those that its type's marks end with (``own``).

    The last point of an abbreviation in letters (``p.m.``) is its own. What consists of signs alone
    stays as it is.
    """
    strange = "".join(sign for sign in CLOSING if sign not in own)
    kept = words
    while kept[-1:] and kept[-1] in strange:
        if _LETTERS.search(kept):
            break
        kept = kept[:-1].rstrip()
    return kept or words
