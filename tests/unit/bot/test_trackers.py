"""Trackers that a process keeps, and turns that come between."""

from __future__ import annotations

from typing import cast

import pytest

from bot.record.record import Accepted, Record, Taken, Taker
from bot.sessions import Sessions
from bot.tracker import Tracker
from bot.trackers import Kept, Trackers
from tests.support.records import SUMMARY, talk

pytestmark = pytest.mark.anyio


def accepted(record: Record, conversation: str, text: str, after: int) -> Taken:
    found: Accepted = record.accept(
        conversation, text, {"text": text}, None, Taker("w1", 30.0, None, after)
    )
    assert found.taken is not None
    return found.taken


async def test_tracker_is_used_again_unless_a_turn_has_come_between(record: Record) -> None:
    trackers = Trackers(record, cast("Sessions", None))
    conversation = talk(record).id
    first = accepted(record, conversation, "one", 0)
    tracker = await trackers.of(Kept(), first, {"size": None})
    assert tracker.last_seq == 1
    await trackers.keep(tracker, 0, first.cipher)

    kept = await trackers.kept(conversation)
    assert kept == Kept(1, tracker)
    record.finish(first.claim, 0, [], SUMMARY)
    second = accepted(record, conversation, "two", kept.seq)
    assert [event.data["text"] for event in second.events] == ["two"]
    assert await trackers.of(kept, second, {}) is tracker
    assert tracker.last_seq == 2
    await trackers.keep(tracker, 1, second.cipher)

    # what was kept has lived through "two" by now, and must not do so again
    record.finish(second.claim, 0, [], SUMMARY)
    third = accepted(record, conversation, "three", kept.seq)
    anew = await trackers.of(kept, third, {})
    assert anew is not tracker
    assert anew.last_seq == 3
    assert (
        anew.snapshot()
        == Tracker.fold(conversation, record.events(conversation), {}, "en").snapshot()
    )
    # or it was given up, whatever it says of itself
    record.finish(third.claim, 0, [], SUMMARY)
    fourth = accepted(record, conversation, "four", 3)
    assert await trackers.of(Kept(3, anew), fourth, {}) is not anew
