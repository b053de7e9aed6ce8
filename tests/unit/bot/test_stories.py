"""Conversations of a Rasa project: digressions, switching forms, sessions, going back."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from bot.events import Event
from bot.live import Live
from bot.responder import retrieved
from bot.tracker import Tracker
from bot.understand import as_rasa_would
from intents.assistant import Assistant
from tests.support.trackers import Talk, assistant_of, entity, slot

BANK = """
intents: [greet, affirm, deny, pay, transfer, help, inform, back, restart]
entities: [amount, name, city]
slots:
  amount: {type: text, influence_conversation: false,
    mappings: [{type: from_entity, entity: amount}]}
  name: {type: text, influence_conversation: false,
    mappings: [{type: from_text, conditions: [{active_loop: send_form, requested_slot: name}]}]}
  origin: {type: text, influence_conversation: false,
    mappings: [{type: from_entity, entity: city, role: from}]}
  place: {type: text, influence_conversation: false,
    mappings: [{type: from_entity, entity: city}]}
  why: {type: text, influence_conversation: false,
    mappings: [{type: from_trigger_intent, intent: pay, value: bill,
      conditions: [{active_loop: pay_form}]}]}
  next_form: {type: text, mappings: [{type: custom}]}
forms:
  pay_form: {required_slots: [amount, why]}
  send_form: {required_slots: [name]}
actions: [action_paid, action_sent, action_switch, action_stay, validate_pay_form]
responses:
  utter_hello: [{text: Hello}]
  utter_help: [{text: Help}]
  utter_ask_amount: [{text: How much?}]
  utter_ask_name: [{text: To whom?}]
rules:
  - rule: hello
    steps: [{intent: greet}, {action: utter_hello}]
  - rule: help
    steps: [{intent: help}, {action: utter_help}]
  - rule: pay
    condition: [{active_loop: null}]
    steps: [{intent: pay}, {action: pay_form}, {active_loop: pay_form}]
  - rule: paid
    condition: [{active_loop: pay_form}]
    steps: [{action: pay_form}, {active_loop: null}, {action: action_paid}]
  - rule: send
    condition: [{active_loop: null}]
    steps: [{intent: transfer}, {action: send_form}, {active_loop: send_form}]
  - rule: sent
    condition: [{active_loop: send_form}]
    steps: [{action: send_form}, {active_loop: null}, {action: action_sent}]
stories:
  - story: switch, no
    steps:
      - intent: pay
      - action: pay_form
      - active_loop: pay_form
      - intent: transfer
      - action: action_switch
      - slot_was_set: [{next_form: send_form}]
      - intent: deny
      - action: action_stay
      - slot_was_set: [{next_form: null}]
      - action: pay_form
      - active_loop: pay_form
  - story: switch, yes
    steps:
      - intent: pay
      - action: pay_form
      - active_loop: pay_form
      - intent: transfer
      - action: action_switch
      - slot_was_set: [{next_form: send_form}]
      - intent: affirm
      - action: send_form
      - active_loop: send_form
"""
CONFIG = """
pipeline: [{name: WhitespaceTokenizer}]
policies: [{name: RulePolicy, core_fallback_threshold: 0.4}, {name: AugmentedMemoizationPolicy}]
"""


@pytest.fixture
def bank(tmp_path: Path) -> Assistant:
    (tmp_path / "config.yml").write_text(CONFIG, encoding="utf-8")
    return assistant_of(tmp_path, BANK)


def _checked(tracker: Tracker) -> list[Event]:
    """What a validator answers that accepts whatever the customer gave."""
    return []


@pytest.fixture
def talk(bank: Assistant) -> Talk:
    return Talk(
        bank,
        validate_pay_form=_checked,
        action_switch=lambda _: [slot("next_form", "send_form")],
        action_stay=lambda _: [slot("next_form", None)],
        action_back=lambda _: [Event("rewind"), Event("rewind")],
        action_restart=lambda _: [Event("restart"), Event("session_started")],
        action_default_fallback=lambda _: [Event("rewind")],
    )


def test_mapping_of_the_trigger_fills_its_slot_as_the_form_begins(talk: Talk) -> None:
    assert talk.say("pay") == ["pay_form", "validate_pay_form", "utter_ask_amount"]
    assert talk.tracker.slots["why"] == "bill"


def test_question_inside_a_form_is_answered_and_the_form_asks_again(talk: Talk) -> None:
    talk.say("pay")
    called = ["pay_form", "validate_pay_form", "utter_help", "pay_form", "utter_ask_amount"]
    assert talk.say("help") == called
    done = ["pay_form", "validate_pay_form", "action_paid"]
    assert talk.say("inform", entity("amount", "5")) == done
    assert talk.tracker.active_loop is None


def test_form_that_declined_waits_for_the_answer_to_another_question(talk: Talk) -> None:
    talk.say("pay")
    assert talk.say("transfer") == ["pay_form", "validate_pay_form", "action_switch"]
    assert talk.tracker.loop_rejected
    # "no" is the answer to the switch, not to the form
    assert talk.say("deny") == ["action_stay", "pay_form", "utter_ask_amount"]
    assert talk.decisions[0].policy == "story"
    assert not talk.tracker.loop_rejected


def test_switching_starts_the_other_form(talk: Talk) -> None:
    talk.say("pay")
    talk.say("transfer")
    assert talk.say("affirm") == ["send_form", "utter_ask_name"]
    assert talk.tracker.active_loop == "send_form"
    assert talk.say("inform", text="Ann") == ["send_form", "action_sent"]


def test_what_nothing_is_written_for_gets_the_core_fallback_and_is_forgotten(talk: Talk) -> None:
    talk.say("pay")
    before = len(talk.tracker.history.moments)
    assert talk.say("deny") == ["pay_form", "validate_pay_form", "action_default_fallback"]
    assert len(talk.tracker.history.moments) == before
    assert talk.say("inform", entity("amount", "5"))[-1] == "action_paid"


def test_going_back_takes_slots_and_form_back(talk: Talk) -> None:
    talk.say("greet")
    talk.say("pay", entity("name", "x"))
    assert talk.tracker.active_loop == "pay_form"
    assert talk.say("back") == ["action_back"]
    assert talk.tracker.active_loop is None
    assert talk.tracker.slots["why"] is None


def test_entity_with_a_role_fills_the_slot_of_that_role_alone(talk: Talk) -> None:
    talk.say("help", entity("city", "Rome", role="from"), entity("city", "Oslo"))
    assert (talk.tracker.slots["origin"], talk.tracker.slots["place"]) == ("Rome", "Oslo")


def test_new_session_forgets_form_and_slots_unless_they_are_carried_over(talk: Talk) -> None:
    talk.say("pay", entity("amount", "7"))
    talk.tracker.slots["amount"] = "7"
    talk.apply(Event("session_started"))
    assert (talk.tracker.slots["amount"], talk.tracker.active_loop) == ("7", None)
    talk.apply(Event("session_started", {"carry_over": False}))
    assert talk.tracker.slots["amount"] is None


def test_decision_says_what_the_others_said(talk: Talk) -> None:
    talk.say("help")
    first = talk.decisions[0]
    assert (first.policy, first.reason) == ("rule", "rule “help”")
    assert first.others == ()


def test_thousands_of_events_leave_a_short_history(talk: Talk) -> None:
    for _ in range(250):
        talk.apply(slot("amount", "1"))
        talk.say("greet")
    assert len(talk.log) >= 1_250
    assert len(talk.tracker.history.moments) <= 60
    assert talk.say("pay")[0] == "pay_form"


def test_retrieval_intent_stands_under_its_first_name(tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text(CONFIG, encoding="utf-8")
    domain = """
intents: [faq]
responses:
  utter_faq/price: [{text: Ten}]
  utter_faq/hours: [{text: Always}]
rules:
  - rule: questions
    steps: [{intent: faq}, {action: utter_faq}]
"""
    assistant = assistant_of(tmp_path, domain)
    live = Live("r1", tmp_path, assistant, cast(Any, None), cast(Any, None))
    ranking = [{"name": "faq/hours", "confidence": 0.9}, {"name": "faq/price", "confidence": 0.1}]
    read = {"intent": ranking[0], "intent_ranking": ranking, "decision": "clarify", "options": []}
    parse = as_rasa_would(read, live)
    assert parse["decision"] == "accept"
    assert parse["intent"]["name"] == "faq"
    assert parse["intent"]["full_retrieval_intent_name"] == "faq/hours"
    assert parse["response_selector"]["all_retrieval_intents"] == []  # without lines, as in Rasa
    talk = Talk(assistant)
    assert talk.say("faq") == ["utter_faq"]
    talk.tracker.message.parse = parse
    assert retrieved("utter_faq", talk.tracker, assistant) == "utter_faq/hours"
    assert retrieved("utter_other", talk.tracker, assistant) == "utter_other"


FALLBACK = """
pipeline: [{name: DIETClassifier}, {name: FallbackClassifier, threshold: 0.4}]
policies: [{name: RulePolicy}]
"""
NUMBER = {"entity": "number", "value": 5, "start": 0, "end": 1}


@pytest.mark.parametrize(
    ("text", "best", "second", "entities", "decision"),
    [
        ("5", 0.6, 0.2, [NUMBER], "accept"),
        ("5", 0.35, 0.2, [NUMBER], "reject"),
        ("5", 0.5, 0.45, [NUMBER], "reject"),
        ("5 little ducks went out", 0.6, 0.2, [NUMBER], "reject"),
        ("quack", 0.6, 0.2, [], "reject"),
    ],
)
def test_values_alone_are_rejected_by_the_pipelines_thresholds_only(
    tmp_path: Path,
    text: str,
    best: float,
    second: float,
    entities: list[dict[str, Any]],
    decision: str,
) -> None:
    (tmp_path / "config.yml").write_text(FALLBACK, encoding="utf-8")
    assistant = assistant_of(tmp_path, "intents: [inform, deny]")
    live = Live("r1", tmp_path, assistant, cast(Any, None), cast(Any, None))
    ranking = [
        {"name": "nlu_fallback", "confidence": 0.8},
        {"name": "inform", "confidence": best},
        {"name": "deny", "confidence": second},
    ]
    read = {
        "text": text,
        "intent": ranking[0],
        "intent_ranking": ranking,
        "entities": entities,
        "decision": "reject",
        "options": [],
    }
    parse = as_rasa_would(read, live)
    assert parse["decision"] == decision
    assert parse["intent"]["name"] == ("inform" if decision == "accept" else "nlu_fallback")


QUOTING = """
intents: [greet, pay]
responses:
  utter_hello: [{text: Hello!}]
stories:
  - story: the bot is quoted
    steps:
      - intent: greet
      - bot: Hello!
      - intent: pay
      - bot: "I'm afraid we are closed today."
  - story: both at once
    steps:
      - user: where are you
      - bot: "I'm right here."
"""


def test_what_a_story_quotes_the_bot_to_say_is_an_action(tmp_path: Path) -> None:
    talk = Talk(assistant_of(tmp_path / "quoting", QUOTING))
    assert talk.say("greet") == ["utter_hello"]
    assert talk.say("pay") == ["I'm afraid we are closed today."]
    assert talk.decisions[0].policy == "story"
    assert talk.dialogue.uttered == {
        "Hello!": "utter_hello",
        "I'm afraid we are closed today.": "I'm afraid we are closed today.",
        "I'm right here.": "I'm right here.",
    }
