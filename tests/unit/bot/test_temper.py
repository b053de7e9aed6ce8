"""Moods over a conversation: who gets a person, what is acknowledged, who stands where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot import temper
from bot.escalations import reason_of
from bot.events import Event
from bot.policy import RETRIEVE, decide
from bot.record.desk import _standing
from bot.tracker import HANDOFF, Tracker
from intents.assistant import Assistant
from intents.dialogue.policy import Dialogue
from tests.support.trackers import assistant_of

SHOP = """
intents: [delay, stock]
responses:
  utter_upset: [{text: Sorry}]
  utter_delay: [{text: On its way}]
"""


@pytest.fixture
def shop(tmp_path: Path) -> Assistant:
    return assistant_of(tmp_path, SHOP)


class Said:
    """A conversation told message by message."""

    def __init__(self) -> None:
        self.tracker = Tracker.fresh("c1", {}, "en")
        self.seq = 0

    def say(self, intent: str | None, sentiment: str = "neutral", urgency: str = "normal",
            decision: str = "accept", sure: float = 0.9) -> Tracker:  # fmt: skip
        parse: dict[str, Any] = {
            "intent": {"name": intent, "confidence": 0.9},
            "decision": decision,
            "sentiment": {"label": sentiment, "confidence": sure},
            "urgency": {"label": urgency, "confidence": sure},
        }
        self.seq += 2
        data = {"of": self.seq, "text": "words", "parse": parse, "language": "en"}
        self.tracker.apply(Event("understood", data, seq=self.seq))
        return self.tracker


def test_upset_about_the_same_thing_again_gets_a_person(shop: Assistant) -> None:
    said = Said()
    assert decide(said.say("delay", "negative"), Dialogue.of(shop)).action == RETRIEVE
    assert decide(said.say("stock", "negative"), Dialogue.of(shop)).action == RETRIEVE
    assert decide(said.say("delay", "neutral"), Dialogue.of(shop)).action == RETRIEVE
    found = decide(said.say("delay", "negative"), Dialogue.of(shop))
    assert (found.action, found.policy) == (HANDOFF, "upset")
    assert "delay" in found.reason


def test_pressed_and_not_understood_gets_a_person(shop: Assistant) -> None:
    said = Said()
    assert decide(said.say("delay", urgency="high"), Dialogue.of(shop)).action == RETRIEVE
    found = decide(said.say("nlu_fallback", urgency="high", decision="reject"), Dialogue.of(shop))
    assert (found.action, found.policy) == (HANDOFF, "urgent")


def test_moods_that_are_not_sure_change_nothing(shop: Assistant) -> None:
    said = Said()
    for _ in range(3):
        assert decide(said.say("delay", "negative", sure=0.5), Dialogue.of(shop)).action == RETRIEVE
    assert temper.mood_now(said.tracker) is None


def test_who_waits_for_a_person_is_not_handed_over_again(shop: Assistant) -> None:
    said = Said()
    said.say("delay", "negative")
    said.say("delay", "negative")
    said.tracker.apply(Event("handoff", {"online": False}))
    assert decide(said.say("delay", "negative"), Dialogue.of(shop)).action == RETRIEVE


def test_reason_names_the_mood_that_was_the_reason() -> None:
    said = Said()
    said.say("delay", "negative")
    assert reason_of(said.tracker) == "delay"
    said.tracker.apply(Event("action", {"name": HANDOFF, "policy": "upset"}))
    assert reason_of(said.tracker) == "upset"
    said.say("stock")
    said.tracker.apply(Event("action", {"name": HANDOFF, "policy": "rule"}))
    assert reason_of(said.tracker) == "stock"


def test_anger_is_acknowledged_once(shop: Assistant) -> None:
    said = Said()
    said.say("delay", "negative")
    assert temper.acknowledges("action_status", "rule", said.tracker, shop)
    data = {"text": "Sorry", "template": "utter_upset"}
    said.tracker.apply(Event("bot", data))
    said.say("stock", "negative")
    assert not temper.acknowledges("action_status", "rule", said.tracker, shop)
    assert Tracker.restore(said.tracker.snapshot()).soothed


@pytest.mark.parametrize(
    ("action", "policy"),
    [("utter_delay", "rule"), (RETRIEVE, "retrieval"), (HANDOFF, "rule"), (HANDOFF, "upset")],
)
def test_written_words_choose_their_own_tone(action: str, policy: str, shop: Assistant) -> None:
    said = Said()
    said.say("delay", "negative")
    assert not temper.acknowledges(action, policy, said.tracker, shop)


def test_assistants_without_the_words_stay_as_they_are(tmp_path: Path) -> None:
    said = Said()
    said.say("delay", "negative")
    domain = "intents: [delay]\nresponses:\n  utter_delay: [{text: Soon}]\n"
    bare = assistant_of(tmp_path, domain)
    assert not temper.acknowledges("action_status", "rule", said.tracker, bare)


def test_urgency_lasts_for_three_messages() -> None:
    said = Said()
    assert temper.urgency_now(said.say("delay", urgency="high")) == "high"
    assert temper.urgency_now(said.say("delay")) == "high"
    assert temper.urgency_now(said.say("delay")) == "high"
    assert temper.urgency_now(said.say("delay")) == "normal"
    assert temper.urgency_now(said.say("stock", urgency="low")) == "low"


def test_urgent_ones_stand_ahead_but_pass_nobody_for_ever() -> None:
    old: dict[str, Any] = {"created_at": 0.0, "urgency": "normal", "name": "old"}
    new = {"created_at": 600.0, "urgency": "high", "name": "new"}
    late = {"created_at": 1000.0, "urgency": "high", "name": "late"}
    idle = {"created_at": 100.0, "urgency": "low", "name": "idle"}
    before = {"created_at": 300.0, "urgency": None, "name": "before"}
    queue: list[dict[str, Any]] = sorted([old, new, late, idle, before], key=_standing)
    assert [item["name"] for item in queue] == ["new", "old", "late", "before", "idle"]
