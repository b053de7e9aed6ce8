"""What agents see of a customer: a label they can speak of, and the values that they gave."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from intents.assistant import Assistant, Slot

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No 0 and O, no 1 and I, which are mistaken for each other when read aloud."""


def short_name(conversation: str) -> str:
    """A stable code of four characters for somebody without an account, such as ``7F3K``.

    It names, and opens nothing: it cannot be turned back into the conversation's id.
    """
    digest = hashlib.sha256(b"name\n" + conversation.encode()).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:4])


def customer_view(conversation: str, customer_id: str | None) -> dict[str, Any]:
    """``label`` and whether it is an account's name; visitors are told apart by a code."""
    return {"label": customer_id or short_name(conversation), "signed_in": customer_id is not None}


def known_values(assistant: Assistant, slots: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The filled slots that mean something to people: ``{name, title, value}``.

    A slot with a title does; one without only if customers fill it.
    """
    titles = assistant.settings.slots
    return [
        {"name": name, "title": dict(titles.get(name, {})), "value": value}
        for name, value in slots.items()
        if isinstance(value, str | int | float)
        and not isinstance(value, bool)
        and (name in titles or _from_customers(assistant.slots.get(name)))
    ]


def _from_customers(slot: Slot | None) -> bool:
    return slot is not None and any(mapping.type != "custom" for mapping in slot.mappings)
