"""What a test story and the bot's doings are compared by, as ``rasa test`` compares them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.events import Event
from intents.assistant import Synonym

COMPARED = ("start", "end", "entity", "value")
"""What of an entity counts."""


def words_of(said: Event) -> list[str]:
    """What a customer reads of a reply: its words and its buttons."""
    titles = [str(button["title"]) for button in said.data.get("buttons", [])]
    return [str(said.data.get("text", "")).strip(), *titles]


def same_action(decided: str, expected: str, full_name: str) -> bool:
    """Whether the action decided on is the one expected; a retrieval action by its full name."""
    return decided == expected or (
        "/" in expected and decided == expected.split("/")[0] and full_name == expected
    )


def as_compared(
    items: Iterable[Mapping[str, Any]], synonyms: Iterable[Synonym] = ()
) -> set[tuple[str, ...]]:
    """Entities as Rasa compares them: place, type and value, whoever found them.

    A value that is another word for one of ``synonyms`` is that: a story may mark words alone.
    """
    meant = {word.casefold(): one.value for one in synonyms for word in one.variants}

    def value(item: Mapping[str, Any], key: str) -> str:
        said = str(item.get(key))
        return meant.get(said.casefold(), said) if key == "value" else said

    return {tuple(value(item, key) for key in COMPARED) for item in items}


def in_words(items: Iterable[Mapping[str, Any]]) -> str:
    """Entities as people are told of them."""
    shown = [f"{item.get('entity')}={item.get('value')!r}" for item in items]
    return ", ".join(shown) or "none"
