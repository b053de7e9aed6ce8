from __future__ import annotations

from typing import get_args

import pytest

from bot.events import PUBLIC_KINDS, Event, Kind, desk_view, new_id, public_view

VIEW = {
    "seq",
    "id",
    "at",
    "type",
    "role",
    "text",
    "language",
    "buttons",
    "image",
    "attachment",
    "custom",
    "file",
    "agent",
    "notice",
    "client_message_id",
    "online",
    "turn",
}


@pytest.mark.parametrize("kind", get_args(Kind))
def test_customers_see_public_kinds_only(kind: Kind) -> None:
    event = Event(kind, {"text": "x", "notice": "agent_left", "reason": "r", "parse": {}}, seq=3)
    view = public_view(event)
    if kind not in PUBLIC_KINDS:
        assert view is None
        return
    assert view is not None
    assert set(view) == VIEW
    assert view["seq"] == 3
    assert view["type"] == ("notice" if kind == "notice" else "message")


def test_customers_do_not_see_where_a_reply_came_from() -> None:
    reply = Event("bot", {"text": "Hello", "template": "utter_greet", "release": "r1"}, "t1")
    view = public_view(reply)
    assert view is not None
    assert (view["role"], view["turn"], view["text"]) == ("bot", "t1", "Hello")
    assert "template" not in view
    assert "r1" not in str(view)


@pytest.mark.parametrize("online", [True, False])
def test_customers_are_told_whether_somebody_is_at_the_desk(online: bool) -> None:
    view = public_view(Event("notice", {"notice": "handoff_requested", "online": online}))
    assert view is not None
    assert view["online"] is online


def test_customers_do_not_see_payload_or_channel_of_their_message() -> None:
    view = public_view(Event("user", {"text": "Yes", "payload": "/affirm", "channel": "widget"}))
    assert view is not None
    assert "/affirm" not in str(view)


def test_staff_sees_what_was_understood_and_where_a_reply_came_from() -> None:
    said = desk_view(Event("user", {"text": "hi"}, seq=1), {1: {"intent": "greet"}}, {})
    assert said is not None
    assert said["understood"] == {"intent": "greet"}
    reply = Event("bot", {"text": "Hello", "template": "utter_greet", "release": "r1"})
    view = desk_view(reply, {}, {})
    assert view is not None
    assert (view["template"], view["release"]) == ("utter_greet", "r1")
    assert desk_view(Event("slot", {"name": "a", "value": 1}), {}, {}) is None


def test_times_are_utc_and_ids_cannot_be_guessed() -> None:
    assert Event("bot", {"text": ""}, at=0.0).iso == "1970-01-01T00:00:00.000+00:00"
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(item) >= 27 for item in ids)
