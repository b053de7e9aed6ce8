"""What the marks of training lines say beyond the tagger: values and synonyms by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable

from intents.assistant import Assistant
from intents.examples import Example


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
