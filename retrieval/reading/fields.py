"""Fields of a helpdesk's JSON, read with what is missing or odd taken as absent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retrieval.conversation import Conversation, Outcome, Turn
from retrieval.reading.items import LONGEST_TEXT, guess_language
from retrieval.reading.markup import plain
from retrieval.reading.times import parse_time


def text(data: Any, *keys: str) -> str:
    """The first of ``keys`` that holds a text, without markup; empty where none does."""
    found = next((d for d in (_get(data, key) for key in keys) if isinstance(d, str) and d), "")
    return plain(found)[:LONGEST_TEXT]


def number(data: Any, key: str) -> str | None:
    """A number or text that identifies something, as text."""
    value = _get(data, key)
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        return None
    return str(value)


def objects(data: Any, key: str) -> list[Mapping[str, Any]]:
    """The objects of a list; of an object with numbers as keys, its values."""
    value = _get(data, key)
    if isinstance(value, dict):
        value = list(value.values())
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def inner(data: Any, *keys: str) -> Mapping[str, Any]:
    """The object under a path of keys; empty where there is none."""
    for key in keys:
        data = _get(data, key)
    return data if isinstance(data, dict) else {}


def rating(value: Any) -> int | None:
    """1 to 5 of a number, or of the words that helpdesks use."""
    words = {"good": 5, "great": 5, "ok": 3, "okay": 3, "bad": 1, "terrible": 1, "awful": 1}
    if isinstance(value, str):
        return words.get(value.lower())
    return value if isinstance(value, int) and value in (1, 2, 3, 4, 5) else None


def conversation(
    kind: str,
    number: str | None,
    turns: list[Turn],
    *,
    channel: str | None,
    agents: list[str],
    customer: str | None,
    outcome: Outcome | None,
    rating: int | None,
) -> Conversation:
    """A conversation of the helpdesk ``kind``, its turns in the order of their times.

    :raises ValueError: no number, or nobody says anything.
    """
    if number is None:
        raise ValueError(f"a {kind} conversation without an id")
    if not turns:
        raise ValueError("no message of a customer or an agent")
    if all(turn.at for turn in turns):
        turns = sorted(turns, key=lambda turn: turn.at.timestamp() if turn.at else 0.0)
    return Conversation(
        id=f"{kind}-{number}",
        language=guess_language(tuple(turns)),
        turns=tuple(turns),
        channel=channel,
        started=turns[0].at,
        agent="; ".join(dict.fromkeys(agents)) or None,
        outcome=outcome,
        rating=rating,
        customer=customer,
    )


def time_of(data: Any, *keys: str) -> Any:
    """The time under the first of ``keys`` that holds one."""
    return next((t for t in (parse_time(_get(data, key)) for key in keys) if t), None)


def _get(data: Any, key: str) -> Any:
    return data.get(key) if isinstance(data, dict) else None
