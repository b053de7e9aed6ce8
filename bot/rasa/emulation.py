"""Parse results in the shapes of other services, as Rasa's ``emulation_mode`` gives them.

Sources: Wit's GET /message, LUIS' endpoint API v3 predict, Dialogflow ES' detectIntent.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping
from typing import Any


def as_wit(parse: Mapping[str, Any]) -> dict[str, Any]:
    """``{text, intents, entities: {"entity:role": [...]}}``."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for entity in parse["entities"]:
        name, start, end = entity["entity"], entity["start"], entity["end"]
        role = entity.get("role") or name
        found[f"{name}:{role}"].append(
            {
                "confidence": entity.get("confidence_entity", 1.0),
                "name": name,
                "value": entity["value"],
                "body": parse["text"][start:end],
                "start": start,
                "end": end,
                "role": role,
                "entities": [],
            }
        )
    return {"text": parse["text"], "intents": [parse["intent"]], "entities": found}


def as_luis(parse: Mapping[str, Any]) -> dict[str, Any]:
    """``{query, prediction: {topIntent, intents, entities}}``; values of one name are a list."""
    entities: dict[str, Any] = {"$instance": {}}
    for entity in parse["entities"]:
        name = entity.get("role") or entity["entity"]
        entities.setdefault(name, []).append(entity["value"])
        entities["$instance"].setdefault(name, []).append(
            {
                "role": entity.get("role"),
                "type": entity["entity"],
                "text": entity["value"],
                "startIndex": entity["start"],
                "length": entity["end"] - entity["start"],
                "score": entity.get("confidence_entity"),
                "modelType": entity.get("extractor"),
            }
        )
    ranking = parse["intent_ranking"] or [parse["intent"]]
    prediction = {
        "normalizedQuery": parse["text"],
        "topIntent": parse["intent"]["name"],
        "intents": {item["name"]: {"score": item["confidence"]} for item in ranking},
        "entities": entities,
    }
    return {"query": parse["text"], "prediction": prediction}


def as_dialogflow(parse: Mapping[str, Any]) -> dict[str, Any]:
    """``{responseId, queryResult}``."""
    parameters: dict[str, list[Any]] = defaultdict(list)
    for entity in parse["entities"]:
        parameters[entity["entity"]].append(entity["value"])
    intent = parse["intent"]
    result = {
        "queryText": parse["text"],
        "action": intent["name"],
        "parameters": parameters,
        "fulfillmentText": "",
        "fulfillmentMessages": [],
        "outputContexts": [],
        "intent": {"name": intent["name"], "displayName": intent["name"]},
        "intentDetectionConfidence": intent["confidence"],
    }
    return {"responseId": str(uuid.uuid4()), "queryResult": result}


EMULATIONS = {"WIT": as_wit, "LUIS": as_luis, "DIALOGFLOW": as_dialogflow}
