from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events import Event
from bot.rasa.emulation import EMULATIONS, as_luis
from bot.rasa.evaluation import scores
from bot.rasa.events import check_applies, events_of, story, view, written_as_ours
from bot.tracker import Tracker
from models.errors import BadRequest

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
KINDS = ["user", "bot", "slot", "action", "restart", "followup", "active_loop", "form", "pause"]


def folded(*events: dict[str, Any]) -> Tracker:
    log: list[Event] = []
    for event in events:
        log += written_as_ours(event, len(log) + 1)
    return Tracker.fold("c", log, {"size": None}, "en")


def test_events_from_outside_make_the_tracker_that_they_describe() -> None:
    tracker = folded(
        {"event": "user", "text": "hi", "parse_data": {"intent": {"name": "greet"}}},
        {"event": "action", "name": "utter_greet", "policy": "RulePolicy", "confidence": 1.0},
        {"event": "bot", "text": "Hello", "data": {"image": "https://x.example/a.png"}},
        {"event": "slot", "name": "size", "value": "L"},
        {"event": "active_loop", "name": "order_form"},
    )
    assert tracker.message.intent == "greet"
    assert (tracker.slots["size"], tracker.active_loop) == ("L", "order_form")
    shown = story("talk", tracker.events)
    assert shown["stories"][0]["steps"] == [
        {"intent": "greet", "user": "hi"},
        {"action": "utter_greet"},
        {"slot_was_set": [{"size": "L"}]},
        {"active_loop": "order_form"},
    ]


def test_restart_hides_what_was_before_unless_all_is_asked_for() -> None:
    log = [Event("slot", {"name": "size", "value": "L"}), Event("restart")]
    tracker = Tracker.fold("c", log, {}, "en")
    assert "slot" not in [e["event"] for e in view(tracker, "me", log, "AFTER_RESTART")["events"]]
    assert [e["event"] for e in view(tracker, "me", log, "ALL")["events"]] == ["slot"]
    assert view(tracker, "me", log, "NONE")["events"] is None
    assert view(tracker, "me", log, "ALL")["sender_id"] == "me"


@given(JSON)
def test_bodies_of_anything_are_events_or_refused(body: Any) -> None:
    try:
        found = events_of(body)
    except BadRequest:
        return
    assert all(isinstance(event["event"], str) for event in found)


@given(
    st.lists(
        st.builds(
            lambda kind, more: {**more, "event": kind},
            st.sampled_from(KINDS),
            st.dictionaries(
                st.sampled_from(["text", "name", "value", "parse_data", "metadata", "data"]), JSON
            ),
        ),
        max_size=5,
    )
)
def test_events_of_anything_are_refused_or_can_be_shown(events: list[dict[str, Any]]) -> None:
    log: list[Event] = []
    for event in events:
        log += written_as_ours(event, len(log) + 1)
    try:
        check_applies(Tracker.fresh("c", {}, "en"), log)
    except BadRequest:
        return
    shown = view(Tracker.fold("c", log, {}, "en"), "me", log, "ALL")
    assert orjson.dumps([shown, story("talk", shown["events"])])


def test_values_of_one_name_are_a_list_in_other_shapes() -> None:
    def entity(value: str, start: int) -> dict[str, Any]:
        return {"entity": "city", "value": value, "start": start, "end": start + 4}

    parse = {
        "text": "Rome Oslo",
        "intent": {"name": "fly", "confidence": 0.9},
        "intent_ranking": [],
        "entities": [entity("Rome", 0), entity("Oslo", 5)],
    }
    assert as_luis(parse)["prediction"]["entities"]["city"] == ["Rome", "Oslo"]
    assert as_luis(parse)["prediction"]["intents"] == {"fly": {"score": 0.9}}
    assert [e["body"] for e in EMULATIONS["WIT"](parse)["entities"]["city:city"]] == [
        "Rome",
        "Oslo",
    ]
    flow = EMULATIONS["DIALOGFLOW"](parse)["queryResult"]
    assert flow["parameters"] == {"city": ["Rome", "Oslo"]}


def test_scores_are_those_of_the_definition() -> None:
    found = scores([("a", "a"), ("a", "b"), ("b", "b"), ("c", "")])
    assert found["accuracy"] == 0.5
    assert found["report"]["a"] == {
        "precision": 1.0,
        "recall": 0.5,
        "f1-score": pytest.approx(2 / 3),
        "support": 2,
        "confused_with": {"b": 1},
    }
    assert found["report"]["c"]["recall"] == 0.0
    assert found["precision"] == pytest.approx((2 * 1.0 + 1 * 0.5 + 0) / 4)
    assert scores([])["accuracy"] == 0.0
