"""Rules as Rasa means them: only at the start, or without waiting for the customer."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.events import Event
from bot.policy import RETRIEVE
from intents.assistant import Assistant
from tests.support.trackers import Talk, assistant_of, entity, request

DOMAIN = """
intents: [greet, order_status, buy, hours]
entities: [order_id]
slots:
  order_id: {type: text, mappings: [{type: from_entity, entity: order_id}]}
forms:
  status_form: {required_slots: [order_id], ignored_intents: [greet]}
actions: [action_status, action_upsell, action_offer]
responses:
  utter_welcome: [{text: Welcome}]
  utter_greet: [{text: Hello again}]
  utter_thanks: [{text: Thanks}]
  utter_ask_order_id: [{text: Which order?}]
rules:
  - rule: first greeting
    conversation_start: true
    steps: [{intent: greet}, {action: utter_welcome}]
  - rule: later greetings
    steps: [{intent: greet}, {action: utter_greet}]
  - rule: only at the start
    conversation_start: true
    steps: [{intent: hours}, {action: utter_welcome}]
  - rule: buying, thanks
    wait_for_user_input: false
    steps: [{intent: buy}, {action: utter_thanks}]
  - rule: buying, more
    steps: [{intent: buy}, {action: utter_thanks}, {action: action_upsell}]
  - rule: status
    steps: [{intent: order_status}, {action: status_form}, {active_loop: status_form}]
  - rule: status, submit
    condition: [{active_loop: status_form}]
    steps: [{action: status_form}, {active_loop: null}, {action: action_status}]
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return assistant_of(tmp_path_factory.mktemp("shop"), DOMAIN)


@pytest.fixture
def talk(assistant: Assistant) -> Talk:
    return Talk(assistant)


def test_rule_of_the_start_applies_to_the_first_message_alone(talk: Talk) -> None:
    talk.apply(Event("session_started"))
    assert talk.say("greet") == ["utter_welcome"]
    assert talk.say("greet") == ["utter_greet"]
    assert talk.say("hours") == [RETRIEVE]


def test_rule_of_the_start_does_not_apply_later(talk: Talk) -> None:
    talk.say("order_status")
    talk.say(None, entity("order_id", "HL1"))
    assert talk.say("greet") == ["utter_greet"]


@pytest.mark.parametrize("again", ["restart", "session_started"])
def test_new_session_starts_anew(talk: Talk, again: str) -> None:
    talk.say("greet")
    talk.apply(Event(again))  # type: ignore[arg-type]
    assert talk.say("greet") == ["utter_welcome"]


def test_requests_of_the_first_message_all_stand_at_the_start(talk: Talk) -> None:
    assert talk.say_several(request("hours"), request("greet")) == ["utter_welcome"] * 2


def test_rule_that_does_not_wait_leaves_the_next_step_to_another(talk: Talk) -> None:
    assert talk.say("buy") == ["utter_thanks", "action_upsell"]


def test_rule_that_does_not_wait_ends_where_nothing_follows(tmp_path: Path) -> None:
    alone = DOMAIN.replace("rule: buying, more", "rule: other").replace(
        "[{intent: buy}, {action: utter_thanks}, {action: action_upsell}]",
        "[{intent: hours}, {action: utter_thanks}]",
    )
    assert Talk(assistant_of(tmp_path, alone)).say("buy") == ["utter_thanks"]


def test_form_goes_on_after_a_rule_that_does_not_wait(tmp_path: Path) -> None:
    within = DOMAIN.replace(
        "  - rule: later greetings\n    steps",
        "  - rule: later greetings\n    wait_for_user_input: false\n    steps",
    )
    talk = Talk(assistant_of(tmp_path, within))
    talk.say("order_status")
    done = talk.say("greet")
    assert done[0] == "utter_greet"
    assert talk.tracker.active_loop == "status_form"
