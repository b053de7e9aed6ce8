"""What a test story and the bot's doings are compared by, as ``rasa test`` compares them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any

from bot.events import Event
from bot.trials.files import TestStep
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


def says_loop(steps: Iterable[TestStep]) -> bool:
    """Whether a story says of a form before its next message whether it is active."""
    said = takewhile(lambda step: step.kind != "user", steps)
    return any(step.kind == "loop" for step in said)


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


def unmarked(
    found: Iterable[Mapping[str, Any]],
    wanted: Iterable[Mapping[str, Any]],
    dimensions: Sequence[str],
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """What was found, and what of it Duckling's ``dimensions`` read that a story has no mark for.

    Stories are written without Duckling's server as well, and Rasa leaves what it did not learn
    out of its evaluation of entities.
    """
    marked = {str(item["entity"]) for item in wanted}
    beyond = [
        item
        for item in found
        if item["entity"] in dimensions
        and item.get("extractor") == "pattern"
        and item["entity"] not in marked
    ]
    return [item for item in found if item not in beyond], beyond


def same_entities(
    found: Iterable[Mapping[str, Any]],
    wanted: Sequence[Mapping[str, Any]],
    synonyms: Iterable[Synonym] = (),
) -> bool:
    """Whether what was found is what a story wants; by type and value where it names no places."""
    meant = list(synonyms)
    if all("start" in item for item in wanted):
        return as_compared(found, meant) == as_compared(wanted, meant)
    named = {str(item["entity"]) for item in wanted if "value" not in item}

    def bare(item: Mapping[str, Any]) -> dict[str, Any]:
        keys = ("entity",) if str(item["entity"]) in named else ("entity", "value")
        return {key: item.get(key) for key in keys}

    return as_compared(map(bare, found), meant) == as_compared(map(bare, wanted), meant)


def in_words(items: Iterable[Mapping[str, Any]], text: str = "") -> str:
    """Entities as people are told of them, with their words of ``text`` where these are others."""

    def shown(item: Mapping[str, Any]) -> str:
        if "value" not in item:
            return str(item["entity"])
        words = text[item["start"] : item["end"]] if "start" in item else ""
        within = f" in {words!r}" if words and words != item["value"] else ""
        return f"{item['entity']}={item['value']!r}{within}"

    return ", ".join(map(shown, items)) or "none"
