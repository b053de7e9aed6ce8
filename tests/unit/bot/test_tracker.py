from __future__ import annotations

import json
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from bot.events import Event
from bot.tracker import MAX_EVENTS, Tracker, with_listening

INITIAL = {"order_id": None, "count": 0, "requested_slot": None}
NAMES = st.sampled_from(["order_id", "count", "requested_slot", "extra"])
FORMS = st.sampled_from([None, "order_form", "return_form"])
ACTIONS = st.sampled_from(["order_form", "return_form", "action_x", "utter_y", "action_listen"])
PLAIN = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8)
TIMES = st.floats(0, 2e9, allow_nan=False)


def _understood(of: int, intent: str | None, decision: str, language: str) -> dict[str, Any]:
    parse = {
        "intent": {"name": intent, "confidence": 0.5},
        "entities": [],
        "decision": decision,
        "options": ["a", "b"],
    }
    return {"of": of, "text": "词 words", "parse": parse, "language": language, "metadata": {}}


EVENTS = st.one_of(
    st.builds(
        lambda *given: Event("understood", _understood(*given)),
        st.integers(1, 99),
        st.sampled_from([None, "greet", "order_status"]),
        st.sampled_from(["accept", "clarify", "reject", "screened"]),
        st.sampled_from(["en", "zh"]),
    ),
    st.builds(lambda n, v: Event("slot", {"name": n, "value": v}), NAMES, PLAIN),
    st.builds(lambda n: Event("active_loop", {"name": n}), FORMS),
    st.builds(
        lambda n, p: Event("action", {"name": n, "policy": p}),
        ACTIONS,
        st.sampled_from(["rule", "fallback"]),
    ),
    st.builds(lambda n: Event("action_execution_rejected", {"name": n}), ACTIONS),
    st.builds(lambda n: Event("followup", {"name": n}), ACTIONS),
    st.builds(lambda t: Event("bot", {"text": t, "options": ["a"]}), st.text(max_size=9)),
    st.builds(
        lambda o: Event("owner", {"owner": o, "agent": None, "epoch": 1}),
        st.sampled_from(["bot", "agent", "none"]),
    ),
    st.sampled_from(
        [
            Event(kind, {"text": "x", "reason": "asked"})
            for kind in (
                "user",
                "restart",
                "session_started",
                "reset_slots",
                "pause",
                "resume",
                "handoff",
                "notice",
                "contact",
                "agent_message",
                "reminder",
            )
        ]
    ),
)


def _numbered(events: list[Event]) -> list[Event]:
    return [
        Event(e.kind, e.data, e.turn, e.id, at=float(n), seq=n) for n, e in enumerate(events, 1)
    ]


@given(st.lists(EVENTS, max_size=40), st.integers(0, 40))
def test_fold_of_the_log_is_what_was_lived_through(events: list[Event], snapped: int) -> None:
    log = _numbered(events)
    lived = Tracker.fresh("c1", INITIAL, "en")
    for number, event in enumerate(log):
        if number == snapped:
            lived = Tracker.restore(orjson.loads(orjson.dumps(lived.snapshot())))
        lived.apply(event)
    assert Tracker.fold("c1", log, INITIAL, "en") == lived
    assert lived.last_seq == len(log)


@given(st.lists(EVENTS, max_size=25))
def test_snapshot_round_trip(events: list[Event]) -> None:
    tracker = Tracker.fold("c1", _numbered(events), INITIAL, "en")
    assert Tracker.restore(json.loads(json.dumps(tracker.snapshot()))) == tracker


@given(st.lists(EVENTS, max_size=25))
def test_rasas_view_is_json_with_rasas_keys(events: list[Event]) -> None:
    view = Tracker.fold("c1", _numbered(events), INITIAL, "en").as_rasa()
    assert json.loads(json.dumps(view)) == view
    assert set(view) == {
        "sender_id",
        "slots",
        "latest_message",
        "latest_event_time",
        "followup_action",
        "paused",
        "events",
        "latest_input_channel",
        "active_loop",
        "latest_action",
        "latest_action_name",
    }
    assert all({"event", "timestamp"} <= set(event) for event in view["events"])


def test_what_goes_without_saying_is_told_to_rasas_tools() -> None:
    said = {"of": 1, "text": "hi", "parse": {"intent": {"name": "greet"}, "entities": []}}
    began = [Event("session_started"), Event("understood", said)]
    view = _of(*began).as_rasa()
    told = [event.get("name", event["event"]) for event in view["events"]]
    assert told == ["action_session_start", "session_started", "action_listen", "user"]
    assert view["latest_action_name"] == "action_listen"
    acted = _of(*began, Event("action", {"name": "utter_greet"}))
    assert acted.as_rasa()["latest_action"] == {"action_name": "utter_greet"}
    at_rest = with_listening(acted.events, at_rest=True)
    assert [event["name"] for event in at_rest[-2:]] == ["utter_greet", "action_listen"]
    assert with_listening(at_rest[:-1]) == at_rest[:-1]  # told already
    assert with_listening([], at_rest=True) == []


@given(st.lists(EVENTS, max_size=25))
def test_fold_leaves_the_log_and_the_initial_slots_alone(events: list[Event]) -> None:
    log = _numbered(events)
    before = json.dumps([event.data for event in log])
    Tracker.fold("c1", log, INITIAL, "en")
    assert json.dumps([event.data for event in log]) == before
    assert INITIAL == {"order_id": None, "count": 0, "requested_slot": None}


def _of(*events: Event) -> Tracker:
    return Tracker.fold("c1", _numbered(list(events)), INITIAL, "en")


def test_restart_forgets_all_but_the_language_and_the_number() -> None:
    tracker = _of(
        Event("understood", _understood(1, "greet", "accept", "zh")),
        Event("slot", {"name": "order_id", "value": "HL1"}),
        Event("active_loop", {"name": "order_form"}),
        Event("restart"),
    )
    assert tracker.slots == INITIAL
    assert (tracker.active_loop, tracker.trail, tracker.language) == (None, [], "zh")
    assert tracker.last_seq == 4


def test_handing_over_ends_a_form() -> None:
    tracker = _of(
        Event("active_loop", {"name": "order_form"}),
        Event("slot", {"name": "requested_slot", "value": "order_id"}),
        Event("handoff", {"reason": "asked"}),
    )
    assert tracker.active_loop is None
    assert tracker.requested_slot is None
    assert tracker.waiting_for_person
    assert not _of(Event("handoff", {}), Event("owner", {"owner": "bot"})).waiting_for_person


def test_fallbacks_are_counted_until_something_is_understood() -> None:
    fallback = Event("action", {"name": "action_default_fallback", "policy": "fallback"})
    rejected = Event("understood", _understood(1, None, "reject", "en"))
    accepted = Event("understood", _understood(1, "greet", "accept", "en"))
    assert _of(rejected, fallback, rejected, fallback).fallbacks == 2
    assert _of(rejected, fallback, accepted).fallbacks == 0


def test_same_question_is_counted_and_another_one_is_not() -> None:
    ask = Event("slot", {"name": "requested_slot", "value": "order_id"})
    other = Event("slot", {"name": "requested_slot", "value": "count"})
    assert _of(ask, ask).asked == ("order_id", 2)
    assert _of(ask, ask, other).asked == ("count", 1)
    assert _of(ask, ask, Event("active_loop", {"name": None})).asked == ("", 0)


def test_long_conversation_keeps_its_latest_events() -> None:
    slots = [Event("slot", {"name": "count", "value": n}) for n in range(MAX_EVENTS + 50)]
    tracker = _of(*slots)
    assert len(tracker.events) == MAX_EVENTS
    assert tracker.events[-1]["value"] == MAX_EVENTS + 49


def test_action_server_sees_the_message_with_its_metadata() -> None:
    data = {**_understood(7, "greet", "accept", "zh"), "metadata": {"customer_id": "C1"}}
    view = _of(Event("understood", data)).as_rasa()
    assert view["latest_message"]["text"] == "词 words"
    assert view["latest_message"]["intent"]["name"] == "greet"
    assert view["latest_message"]["metadata"] == {"customer_id": "C1"}
    assert view["events"][-1]["event"] == "user"
