from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events import Event
from bot.rasa.emulation import EMULATIONS, as_luis
from bot.rasa.evaluation import played, scores
from bot.rasa.events import (
    check_applies,
    entities_of,
    events_of,
    intent_text,
    stories,
    view,
    written_as_ours,
)
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
    shown = stories("talk", tracker.events)
    assert shown["stories"][0]["steps"] == [
        {"intent": "greet", "user": "hi"},
        {"action": "utter_greet"},
        {"slot_was_set": [{"size": "L"}]},
        {"active_loop": "order_form"},
    ]


def test_restart_hides_what_was_before_unless_all_is_asked_for() -> None:
    log = [Event("slot", {"name": "size", "value": "L"}), Event("restart")]
    tracker = Tracker.fold("c", log, {}, "en")
    assert view(tracker, "me", log, "AFTER_RESTART")["events"] == []
    assert [e["event"] for e in view(tracker, "me", log, "ALL")["events"]] == ["slot", "restart"]
    assert view(tracker, "me", log, "NONE")["events"] is None
    assert view(tracker, "me", log, "ALL")["sender_id"] == "me"


def test_applied_events_are_those_that_nothing_took_back() -> None:
    def said(text: str) -> dict[str, Any]:
        return {"event": "user", "text": text, "parse_data": {"intent": {"name": "greet"}}}

    log: list[Event] = []
    for event in (
        said("before"),
        {"event": "session_started"},
        said("hi"),
        {"event": "action", "name": "utter_greet"},
        {"event": "action", "name": "utter_more"},
        {"event": "undo"},
        said("no"),
        {"event": "action", "name": "utter_no"},
        {"event": "rewind"},
    ):
        log += written_as_ours(event, len(log) + 1)
    shown = view(Tracker.fold("c", log, {}, "en"), "me", log, "APPLIED")["events"]
    told = [e.get("text") or e.get("name") for e in shown]
    assert told == ["action_listen", "hi", "utter_greet", "action_listen"]


def test_a_story_is_of_one_session_and_marks_what_was_understood() -> None:
    def said(text: str, **entity: Any) -> dict[str, Any]:
        found = [{"entity": "size", **entity}] if entity else []
        parse = {"intent": {"name": "inform"}, "entities": found}
        return {"event": "user", "text": text, "parse_data": parse}

    tracker = folded(
        said("earlier"),
        {"event": "action", "name": "action_session_start"},
        {"event": "session_started"},
        {"event": "action", "name": "action_listen"},
        said("in large", start=3, end=8, value="L", role="to"),
        said("large", value="L"),
        said('/inform{"size": "L"}', start=0, end=5, value="L"),
    )
    every = stories("talk", tracker.events)["stories"]
    assert [one["story"] for one in every] == ["talk, story 1", "talk, story 2"]
    (latest,) = stories("talk", tracker.events, every=False)["stories"]
    assert (latest["story"], latest["steps"]) == ("talk", every[1]["steps"])
    marked = 'in [large]{"entity": "size", "role": "to", "value": "L"}'
    assert latest["steps"] == [
        {"intent": "inform", "user": marked},
        {"intent": "inform", "user": "large", "entities": [{"size": "L"}]},
        {"intent": "inform", "user": '/inform{"size": "L"}'},
    ]


def test_events_that_nobody_knows_are_refused_and_others_passed_over() -> None:
    with pytest.raises(BadRequest, match="'slots'"):
        events_of({"event": "slots", "name": "size"})
    assert written_as_ours(events_of({"event": "entities", "entities": []})[0], 1) == []


def test_entities_of_an_intent_keep_their_roles() -> None:
    cities = [
        {"entity": "city", "value": "Rome", "role": "from"},
        {"entity": "city", "value": "Oslo", "role": "to"},
    ]
    assert entities_of([*cities, {"entity": "city"}, "city"]) == cities
    assert entities_of({"size": "L"}) == [{"entity": "size", "value": "L"}]
    assert entities_of(None) == []
    assert (intent_text("go", []), intent_text("go", cities[1:])) == ("/go", '/go{"city":"Oslo"}')


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
    assert orjson.dumps([shown, stories("talk", shown["events"])])


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


def test_stories_that_name_no_action_are_judged_by_conversation() -> None:
    found = played({"decided": [], "stories": 4, "passed": 3, "failures": []})
    assert (found["accuracy"], found["f1"], found["actions"]) == (0.75, 0.75, [])
    assert found["report"]["conversation_accuracy"]["correct"] == 3
