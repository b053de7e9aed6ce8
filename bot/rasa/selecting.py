"""What Rasa's response selectors say of a message: actions and clients read it from its parse.

Shape: ``rasa/nlu/selectors/response_selector.py`` of Rasa 3.6. Each question of a retrieval intent
(``faq/ask_price``) is an intent of its own here, so that their ranking is the selector's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from intents.pipeline import Pipeline


def selectors(
    ranking: Iterable[Mapping[str, Any]],
    intents: Iterable[str],
    responses: Mapping[str, Any],
    pipeline: Pipeline,
) -> dict[str, Any]:
    """``response_selector`` of a parse: by retrieval intent, or as ``default`` for all of them.

    :param ranking: intents by confidence, questions of retrieval intents by their full names.
    :param intents: those that have training lines, likewise.
    :param responses: the domain's, by name, as plain data.
    """
    groups = sorted({name.partition("/")[0] for name in intents if "/" in name})
    found: dict[str, Any] = {"all_retrieval_intents": groups}
    asked = [item for item in ranking if "/" in str(item["name"])]
    for component in pipeline.components:
        if groups and component.name == "ResponseSelector":
            group = component.options.get("retrieval_intent")
            own = [item for item in asked if not group or str(item["name"]).startswith(f"{group}/")]
            found[str(group or "default")] = _selected(own, responses)
    if groups and len(found) == 1:
        found["default"] = _selected(asked, responses)
    return found


def _selected(asked: list[Mapping[str, Any]], responses: Mapping[str, Any]) -> dict[str, Any]:
    total = sum(float(item["confidence"]) for item in asked) or 1.0
    ranking = [
        {"intent_response_key": item["name"], "confidence": float(item["confidence"]) / total}
        for item in asked
    ]
    best = ranking[0] if ranking else {"intent_response_key": None, "confidence": 0.0}
    action = f"utter_{best['intent_response_key']}"
    said = {"responses": responses.get(action), "utter_action": action}
    return {"response": {**said, **best}, "ranking": ranking}
