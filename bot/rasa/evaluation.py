"""Rasa's evaluation of intents and entities: per-class figures, averages, predictions.

Entities count by exact span and type, in characters; Rasa's own figures count tokens, which depend
on a tokeniser.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from intents.examples import Example
from intents.parse import Parse


def evaluated(examples: Sequence[Example], parses: Sequence[Parse]) -> dict[str, Any]:
    """What ``POST /model/test/intents`` answers.

    The likeliest intent counts, as in Rasa, whether or not it was sure enough for an answer.
    """
    predictions = [
        {"text": example.text, "intent": example.intent, **_likeliest(parse)}
        for example, parse in zip(examples, parses, strict=True)
    ]
    pairs = [(str(item["intent"]), str(item["predicted"])) for item in predictions]
    return {
        "intent_evaluation": {
            **scores(pairs),
            "predictions": predictions,
            "errors": _errors(pairs),
        },
        "entity_evaluation": {"frontdesk": scores(_spans(examples, parses))},
        "response_selection_evaluation": None,
    }


def played(summary: Mapping[str, Any]) -> dict[str, Any]:
    """What ``POST /model/test/stories`` answers, of what ``frontdesk test`` says.

    Figures are those of the actions that stories name; by conversation where they name none.
    """
    actions, total = summary["decided"], summary["stories"]
    found = scores([(one["action"], one["predicted"]) for one in actions])
    share = summary["passed"] / total
    known = sum(one["policy"] in ("rule", "story") for one in actions)
    conversations = {
        "accuracy": share,
        "correct": summary["passed"],
        "with_warnings": 0,
        "total": total,
    }
    return {
        "report": {**found["report"], "conversation_accuracy": conversations},
        "accuracy": found["accuracy"] if actions else share,
        "precision": found["precision"] if actions else share,
        "f1": found["f1_score"] if actions else share,
        "actions": actions,
        "in_training_data_fraction": known / len(actions) if actions else 0.0,
        "failures": summary["failures"],
        "is_end_to_end_evaluation": True,
    }


def _likeliest(parse: Parse) -> dict[str, Any]:
    name, confidence = parse.ranking[0] if parse.ranking else (None, 0.0)
    return {"predicted": name, "confidence": round(confidence, 6)}


def scores(pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Figures of (wanted, given) pairs: ``report``, and averages weighted by how often a class is
    wanted. A class that is empty on one side stands for nothing wanted, or nothing given."""
    wanted = Counter(w for w, _ in pairs if w)
    given = Counter(g for _, g in pairs if g)
    right = Counter(w for w, g in pairs if w and w == g)
    report: dict[str, Any] = {
        name: _class(name, wanted, given, right, pairs) for name in sorted({*wanted, *given})
    }
    classes = list(report.values())
    total = sum(wanted.values())
    accuracy = sum(right.values()) / len(pairs) if pairs else 0.0
    weighted = _average(classes, [item["support"] for item in classes])
    report["accuracy"] = accuracy
    report["macro avg"] = {**_average(classes, [1] * len(classes)), "support": total}
    report["weighted avg"] = {**weighted, "support": total}
    return {
        "report": report,
        "accuracy": accuracy,
        "precision": weighted["precision"],
        "f1_score": weighted["f1-score"],
    }


def _class(
    name: str,
    wanted: Counter[str],
    given: Counter[str],
    right: Counter[str],
    pairs: Sequence[tuple[str, str]],
) -> dict[str, Any]:
    precision = right[name] / given[name] if given[name] else 0.0
    recall = right[name] / wanted[name] if wanted[name] else 0.0
    both = precision + recall
    confused = Counter(g for w, g in pairs if w == name and g and g != name)
    return {
        "precision": precision,
        "recall": recall,
        "f1-score": 2 * precision * recall / both if both else 0.0,
        "support": wanted[name],
        "confused_with": dict(confused.most_common(3)),
    }


def _average(classes: Sequence[dict[str, Any]], weights: Sequence[int]) -> dict[str, float]:
    total = sum(weights)
    return {
        key: sum(item[key] * w for item, w in zip(classes, weights, strict=True)) / total
        if total
        else 0.0
        for key in ("precision", "recall", "f1-score")
    }


def _errors(pairs: Sequence[tuple[str, str]]) -> int:
    return sum(w != g for w, g in pairs)


def _spans(examples: Sequence[Example], parses: Sequence[Parse]) -> list[tuple[str, str]]:
    """(wanted, given) types of every span on either side; lines nobody looked at are left out."""
    found: list[tuple[str, str]] = []
    for example, parse in zip(examples, parses, strict=True):
        if example.entities is None:
            continue
        wanted = {(e.start, e.end): e.entity for e in example.entities}
        given = {(e["start"], e["end"]): e["entity"] for e in parse.as_rasa()["entities"]}
        places = sorted({*wanted, *given})
        found += [(wanted.get(place, ""), given.get(place, "")) for place in places]
    return found
