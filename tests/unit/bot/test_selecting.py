"""What actions read of a response selector."""

from __future__ import annotations

from bot.rasa.selecting import selectors
from intents.pipeline import Component, Pipeline

RANKING = [
    {"name": "faq/price", "confidence": 0.6},
    {"name": "chat/hi", "confidence": 0.2},
    {"name": "faq/hours", "confidence": 0.15},
    {"name": "buy", "confidence": 0.05},
]
INTENTS = [item["name"] for item in RANKING]
RESPONSES = {"utter_faq/price": [{"text": "Ten."}]}


def test_one_selector_ranks_the_questions_of_all() -> None:
    found = selectors(RANKING, INTENTS, RESPONSES, Pipeline())
    assert (set(found), found["all_retrieval_intents"]) == (
        {"all_retrieval_intents", "default"},
        ["chat", "faq"],
    )
    best = found["default"]["response"]
    assert (best["intent_response_key"], best["responses"]) == ("faq/price", [{"text": "Ten."}])
    assert best["utter_action"] == "utter_faq/price"
    asked = found["default"]["ranking"]
    assert [one["intent_response_key"] for one in asked] == ["faq/price", "chat/hi", "faq/hours"]
    assert round(sum(one["confidence"] for one in asked), 9) == 1.0


def test_a_selector_of_one_intent_stands_under_its_name() -> None:
    component = Component("ResponseSelector", {"retrieval_intent": "faq"})
    found = selectors(RANKING, INTENTS, RESPONSES, Pipeline(components=(component,)))
    assert set(found) == {"all_retrieval_intents", "faq"}
    assert round(found["faq"]["response"]["confidence"], 2) == 0.8
    assert len(found["faq"]["ranking"]) == 2


def test_where_nothing_is_asked_nothing_is_selected() -> None:
    found = selectors(RANKING[3:], INTENTS, RESPONSES, Pipeline())
    assert found["default"]["response"]["intent_response_key"] is None
    assert selectors(RANKING, ["buy"], {}, Pipeline()) == {"all_retrieval_intents": []}
