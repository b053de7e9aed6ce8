"""One scorer for what both understand of the held-out lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from intents.examples import Example

FALLBACK = "nlu_fallback"


def likeliest(parsed: dict[str, Any]) -> str | None:
    """The likeliest intent, whether or not it was sure enough: as ``rasa test nlu`` counts."""
    ranking = [item["name"] for item in parsed["intent_ranking"] if item["name"] != FALLBACK]
    return ranking[0] if ranking else None


def scores(wanted: Sequence[Example], parsed: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Accuracy of intents, and of entities precision, recall and F1 by exact span and type."""
    rows = list(zip(wanted, parsed, strict=True))
    right = sum(likeliest(given) == example.intent for example, given in rows)
    rejected = [r for r in rows if r[1]["intent"]["name"] == FALLBACK]
    marked = {entity.entity for example in wanted for entity in example.entities or ()}
    asked = {(n, e.start, e.end, e.entity) for n, x in enumerate(wanted) for e in x.entities or ()}
    found = {
        (n, e["start"], e["end"], e["entity"])
        for n, given in enumerate(parsed)
        for e in given["entities"]
        if e["entity"] in marked
    }
    both = len(asked & found)
    return {
        "lines": len(rows),
        "intent_accuracy": round(right / len(rows), 4),
        "rejected": len(rejected),
        "rejected_though_right": sum(likeliest(p) == e.intent for e, p in rejected),
        "entities": len(asked),
        "entity_precision": round(both / len(found), 4) if found else None,
        "entity_recall": round(both / len(asked), 4) if asked else None,
        "entity_f1": round(2 * both / (len(asked) + len(found)), 4) if asked else None,
    }
