"""Reminders: when they are due, which of them are still wanted, and that a restart keeps them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.events import Event, public_view
from bot.record.record import Record
from bot.record.reminders import moment_of
from bot.reminders import still_wanted
from tests.support.records import SUMMARY, claim_of, talk


def _reminder(seconds: float = -1, **more: Any) -> Event:
    due = datetime.now(UTC) + timedelta(seconds=seconds)
    data = {"name": "water", "intent": "EXTERNAL_dry", "date_time": due.isoformat(), **more}
    return Event("reminder", data)


def _written(record: Record, *events: Event) -> str:
    conversation = talk(record).id
    accepted = record.accept(conversation, "m1", {"text": "remind me"})
    claim = claim_of(record, str(accepted.turn), "w1", 30.0)
    assert claim is not None
    record.finish(claim, 0, list(events), SUMMARY)
    return conversation


def test_due_reminders_are_kept_until_they_are_dropped(record: Record) -> None:
    conversation = _written(record, _reminder(-1), _reminder(3600, name="later"))
    [(of, seq)] = record.due_reminders()
    assert of == conversation
    assert record.events(conversation, seq - 1)[0].data["name"] == "water"
    assert record.drop_reminder(of, seq)
    assert not record.drop_reminder(of, seq)
    assert record.due_reminders() == []


@pytest.mark.parametrize(
    ("later", "wanted"),
    [
        ([], True),
        ([Event("cancel_reminder", {"name": "water"})], False),
        ([Event("cancel_reminder", {"name": "other"})], True),
        ([Event("cancel_reminder", {"intent": "EXTERNAL_dry"})], False),
        ([Event("cancel_reminder", {"name": None, "intent": None})], False),
        ([_reminder(60)], False),
        ([_reminder(60, name="another")], True),
        ([Event("user", {"text": "hi"})], False),
        ([Event("user", {"text": "/x", "external": True})], True),
        ([Event("bot", {"text": "hi"})], True),
        ([Event("restart")], False),
    ],
)
def test_what_comes_later_decides_whether_it_is_still_wanted(
    later: list[Event], wanted: bool
) -> None:
    assert still_wanted([_reminder(), *later]) is wanted


def test_reminder_that_survives_messages(record: Record) -> None:
    kept = _reminder(kill_on_user_msg=False)
    assert still_wanted([kept, Event("user", {"text": "hi"})])
    assert not still_wanted([Event("reminder", {"name": "x"})])


def test_time_without_a_zone_is_the_servers_and_nonsense_is_now() -> None:
    naive = datetime.now() + timedelta(hours=1)
    assert moment_of(Event("reminder", {"date_time": naive.isoformat()})) == pytest.approx(
        time.time() + 3600, abs=5
    )
    event = Event("reminder", {"date_time": "soon"})
    assert moment_of(event) == event.at


def test_message_that_nobody_wrote_is_shown_to_nobody() -> None:
    assert public_view(Event("user", {"text": "/EXTERNAL_dry", "external": True})) is None
