"""Which wordings of a response may be said: conditions on slots, and the channel's own.

Source: rasa/core/nlg/response.py (3.6). A wording whose condition holds comes before those without
one, and one that is written for the channel before those for all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from retrieval.search.index import Hit


def fitting(hits: Sequence[Hit], slots: Mapping[str, Any]) -> list[Hit]:
    """The hits whose conditions hold, the most specific first; otherwise the order is kept."""
    held = [hit for hit in hits if all(_holds(one, slots) for one in hit.template.condition)]
    return sorted(held, key=lambda hit: (not hit.template.channels, not hit.template.condition))


def _holds(condition: Mapping[str, Any], slots: Mapping[str, Any]) -> bool:
    """A condition of another type than ``slot`` never holds: what it asks is not known."""
    if condition.get("type", "slot") != "slot":
        return False
    wanted, present = condition.get("value"), slots.get(str(condition.get("name")))
    return bool(wanted == present)
