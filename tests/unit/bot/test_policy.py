"""What happens next, by rules, forms, clarification and the fallback."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.events import Event
from bot.policy import CLARIFY, FALLBACK, LISTEN, MAX_ASKED, RETRIEVE, SCREEN
from bot.tracker import ABANDON, HANDOFF
from intents.assistant import Assistant
from intents.settings import IntentSettings
from tests.support.trackers import Talk, assistant_of, entity, slot

SHOP = """
intents: [greet, order_status, return_start, shipping_cost, human, affirm, deny, stop, inform,
  restart, chain, points, complaint]
entities: [order_id, phone_tail, reason]
slots:
  order_id: {type: text, mappings: [{type: from_entity, entity: order_id}]}
  phone_tail:
    type: text
    mappings:
      - {type: from_entity, entity: phone_tail, conditions: [{active_loop: status_form}]}
  reason:
    type: text
    mappings:
      - {type: from_entity, entity: reason}
      - {type: from_text, conditions: [{active_loop: return_form, requested_slot: reason}]}
  signed_in: {type: bool, mappings: [{type: custom}]}
forms:
  status_form: {required_slots: [order_id, phone_tail]}
  return_form:
    required_slots: [order_id, reason]
    ignored_intents: [greet]
actions: [action_status, action_return, action_points, action_chain, action_next]
responses:
  utter_ask_order_id: [{text: Which order?}]
  utter_ask_phone_tail: [{text: Last four digits?}]
  utter_ask_reason: [{text: Why?}]
  utter_greet: [{text: Hello}]
  utter_done: [{text: Done}]
  utter_points_in: [{text: You have some}]
  utter_points_out: [{text: Sign in}]
  utter_complaint: [{text: Sorry}]
rules:
  - rule: greeting
    steps: [{intent: greet}, {action: utter_greet}]
  - rule: status
    steps: [{intent: order_status}, {action: status_form}, {active_loop: status_form}]
  - rule: status, submit
    condition: [{active_loop: status_form}]
    steps:
      - action: status_form
      - active_loop: null
      - slot_was_set: [{requested_slot: null}]
      - action: action_status
      - action: utter_done
  - rule: return
    steps: [{intent: return_start}, {action: return_form}, {active_loop: return_form}]
  - rule: return, submit
    condition: [{active_loop: return_form}]
    steps: [{action: return_form}, {active_loop: null}, {action: action_return}]
  - rule: person
    steps: [{intent: human}, {action: action_handoff}]
  - rule: complaint
    steps: [{intent: complaint}, {action: utter_complaint}, {action: action_handoff}]
  - rule: restart
    steps: [{intent: restart}, {action: action_restart}]
  - rule: chain
    steps: [{intent: chain}, {action: action_chain}]
  - rule: points, signed in
    condition: [{slot_was_set: [{signed_in: true}]}]
    steps: [{intent: points}, {action: utter_points_in}]
  - rule: points
    steps: [{intent: points}, {action: utter_points_out}]
"""
NUMBER = entity("order_id", "HL20418376")
TAIL = entity("phone_tail", "5521")


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return assistant_of(tmp_path_factory.mktemp("shop"), SHOP)


@pytest.fixture
def talk(assistant: Assistant) -> Talk:
    return Talk(assistant)


# -- rules and answers ----------------------------------------------------------------------


def test_rule_answers_its_intent_and_stops(talk: Talk) -> None:
    assert talk.say("greet") == ["utter_greet"]
    assert talk.decisions[0].policy == "rule"
    assert "greeting" in talk.decisions[0].reason


def test_intent_without_a_rule_is_answered_by_retrieval(talk: Talk) -> None:
    assert talk.say("shipping_cost") == [RETRIEVE]
    assert talk.decisions[0].policy == "retrieval"
    assert "shipping_cost" in talk.decisions[0].reason


def test_rule_goes_on_through_all_its_steps(talk: Talk) -> None:
    assert talk.say("complaint") == ["utter_complaint", HANDOFF]


def test_rule_with_a_condition_goes_before_the_general_one(talk: Talk) -> None:
    assert talk.say("points") == ["utter_points_out"]
    talk.apply(slot("signed_in", True))
    assert talk.say("points") == ["utter_points_in"]


def test_same_question_twice_is_answered_twice(talk: Talk) -> None:
    assert talk.say("greet") == talk.say("greet") == ["utter_greet"]


def test_handoff(talk: Talk) -> None:
    assert talk.say("human") == [HANDOFF]


def test_after_a_restart_the_bot_listens(assistant: Assistant) -> None:
    talk = Talk(assistant, action_restart=lambda _: [Event("restart"), Event("session_started")])
    talk.say("order_status")
    assert talk.say("restart") == ["action_restart"]
    assert talk.tracker.active_loop is None
    assert talk.say("greet") == ["utter_greet"]


def test_action_may_name_what_follows(assistant: Assistant) -> None:
    talk = Talk(
        assistant,
        action_chain=lambda _: [Event("followup", {"name": "action_next"})],
        action_next=lambda _: [Event("followup", {"name": "utter_done"})],
    )
    assert talk.say("chain") == ["action_chain", "action_next", "utter_done"]
    assert [d.policy for d in talk.decisions] == ["rule", "followup", "followup", "rule"]


def test_action_may_end_the_turn(assistant: Assistant) -> None:
    talk = Talk(assistant, utter_complaint=lambda _: [Event("followup", {"name": LISTEN})])
    assert talk.say("complaint") == ["utter_complaint"]
    assert talk.say("greet") == ["utter_greet"]


# -- what was not understood ----------------------------------------------------------------


def test_close_intents_are_asked_about(talk: Talk) -> None:
    did = talk.say("greet", decision="clarify", options=["hours", "return_start"])
    assert did == [CLARIFY]
    assert talk.decisions[0].reason == "close together: hours, return_start"


def test_rejected_message_gets_the_fallback(talk: Talk) -> None:
    assert talk.say("nlu_fallback", decision="reject") == [FALLBACK]
    assert talk.tracker.fallbacks == 1


def test_message_without_words_is_screened(talk: Talk) -> None:
    assert talk.say(None, decision="screened") == [SCREEN]


def test_answer_to_the_clarification_goes_on(talk: Talk) -> None:
    talk.say("greet", decision="clarify", options=["hours", "return_start"])
    assert talk.say("return_start") == ["return_form", "utter_ask_order_id"]


# -- forms ----------------------------------------------------------------------------------


def test_form_asks_for_one_slot_after_the_other_and_submits(talk: Talk) -> None:
    assert talk.say("order_status") == ["status_form", "utter_ask_order_id"]
    assert talk.say("inform", NUMBER) == ["status_form", "utter_ask_phone_tail"]
    assert talk.say("inform", TAIL) == ["status_form", "action_status", "utter_done"]
    assert talk.tracker.active_loop is None
    assert talk.tracker.requested_slot is None
    assert talk.say("greet") == ["utter_greet"]


def test_form_does_not_ask_for_what_was_said_with_the_request(talk: Talk) -> None:
    assert talk.say("order_status", NUMBER) == ["status_form", "utter_ask_phone_tail"]


def test_form_whose_slots_are_all_known_submits_at_once(talk: Talk) -> None:
    talk.say("inform", NUMBER, entity("reason", "too small"))
    assert talk.say("return_start") == ["return_form", "action_return"]
    assert talk.tracker.active_loop is None


def test_form_filled_in_one_go_submits_at_once(talk: Talk) -> None:
    said = talk.say("return_start", NUMBER, entity("reason", "too small"))
    assert said == ["return_form", "action_return"]


def test_second_form_begins_after_the_first(talk: Talk) -> None:
    talk.say("order_status", NUMBER)
    talk.say("inform", TAIL)
    assert talk.say("return_start") == ["return_form", "utter_ask_reason"]
    assert talk.say("inform", text="it is torn") == ["return_form", "action_return"]
    assert talk.tracker.slots["reason"] == "it is torn"


def test_digression_is_answered_and_the_question_asked_again(talk: Talk) -> None:
    talk.say("order_status")
    did = talk.say("shipping_cost")
    assert did == ["status_form", RETRIEVE, "status_form", "utter_ask_order_id"]
    assert talk.tracker.active_loop == "status_form"
    assert talk.say("inform", NUMBER) == ["status_form", "utter_ask_phone_tail"]


def test_digression_by_a_rule_returns_too(talk: Talk) -> None:
    talk.say("order_status")
    did = talk.say("greet")
    assert did == ["status_form", "utter_greet", "status_form", "utter_ask_order_id"]


def test_ignored_intent_goes_past_the_form(talk: Talk) -> None:
    talk.say("return_start")
    assert talk.say("greet")[0] == "utter_greet"
    assert talk.tracker.active_loop == "return_form"


def test_customer_who_asks_for_a_person_in_a_form_gets_one(assistant: Assistant) -> None:
    talk = Talk(assistant, action_handoff=lambda _: [Event("handoff", {"reason": "asked"})])
    talk.say("order_status")
    assert talk.say("human") == ["status_form", HANDOFF]
    assert talk.tracker.active_loop is None


@pytest.mark.parametrize("intent", ["deny", "stop"])
def test_no_leaves_the_form(talk: Talk, intent: str) -> None:
    talk.say("order_status")
    assert talk.say(intent) == ["status_form", ABANDON]
    assert talk.tracker.active_loop is None
    assert talk.say("greet") == ["utter_greet"]


def test_what_withdraws_a_request_leaves_its_form_alone(assistant: Assistant) -> None:
    own = {"back_again": IntentSettings(calls_off=("return_start",))}
    settings = replace(assistant.settings, intents=own)
    talk = Talk(replace(assistant, settings=settings))
    talk.say("return_start")
    assert talk.say("back_again", decision="reject")[-1] != ABANDON
    assert talk.say("back_again") == ["return_form", ABANDON]
    talk.say("order_status")
    assert ABANDON not in talk.say("back_again")


@pytest.mark.parametrize("decision", ["reject", "clarify", "screened"])
def test_question_is_asked_twice_and_then_let_go(talk: Talk, decision: str) -> None:
    talk.say("order_status")
    for _ in range(MAX_ASKED - 1):
        did = talk.say("nlu_fallback", decision=decision, options=["greet", "stop"])
        assert did == ["status_form", "status_form", "utter_ask_order_id"]
    assert talk.say("nlu_fallback", decision=decision) == ["status_form", ABANDON]
    assert talk.tracker.active_loop is None


def test_form_that_a_new_release_no_longer_has_is_left(talk: Talk) -> None:
    talk.apply(Event("active_loop", {"name": "old_form"}))
    talk.remote["action_deactivate_loop"] = lambda _: [Event("active_loop", {"name": None})]
    assert talk.say("greet")[0] == "action_deactivate_loop"
    assert talk.say("greet") == ["utter_greet"]


def test_other_request_inside_a_form_changes_to_its_form(talk: Talk) -> None:
    talk.say("order_status")
    did = talk.say("return_start")
    assert did == ["status_form", "return_form", "utter_ask_order_id"]
    assert talk.tracker.active_loop == "return_form"
    assert talk.say("inform", NUMBER) == ["return_form", "utter_ask_reason"]


def test_same_request_again_inside_its_form_asks_again(talk: Talk) -> None:
    talk.say("order_status")
    assert talk.say("order_status")[-1] == "utter_ask_order_id"
    assert talk.tracker.active_loop == "status_form"


def test_same_request_for_the_third_time_gets_a_person_offered(talk: Talk) -> None:
    for _ in range(2):
        assert talk.say("order_status")[-1] == "utter_ask_order_id"
    assert ABANDON in talk.say("order_status")
    assert talk.tracker.active_loop is None


def test_who_waits_for_a_person_calls_for_them(talk: Talk) -> None:
    assert talk.say("greet") == ["utter_greet"]
    talk.say("human")
    assert talk.say("greet", text="hello?") == ["utter_greet"]  # no words for it
    talk.assistant.responses["utter_handoff_still_closed"] = ()  # type: ignore[index]
    assert talk.say("greet", text="hello?") == [HANDOFF]
    talk.apply(Event("handoff", {"reason": "contact", "online": False}))
    assert talk.say("greet", text="hello?") == ["utter_greet"]


def test_more_about_what_could_not_be_answered_is_not_asked_back_about(talk: Talk) -> None:
    talk.say("order_status")
    stuck = {"text": "No?", "template": "utter_form_stuck", "buttons": []}
    talk.apply(Event("bot", stuck))
    unclear = {"decision": "clarify", "options": ["hours", "points"]}
    talk.tracker.apply(Event("active_loop", {"name": None}))
    assert talk.say("hours", **unclear) == [FALLBACK]
    assert talk.say("hours", **unclear) == [CLARIFY]


def test_manners_are_not_offered_beside_one_request(talk: Talk) -> None:
    assert talk.say("hours", decision="clarify", options=["deny", "hours", "greet"]) == [FALLBACK]


def test_slot_said_while_another_is_asked_for_counts(talk: Talk) -> None:
    talk.say("order_status")
    assert talk.say("inform", TAIL) == ["status_form", "utter_ask_order_id"]
    assert talk.say("inform", NUMBER) == ["status_form", "action_status", "utter_done"]


# -- corrections ----------------------------------------------------------------------------

ONCE_MORE = ["status_form", "action_status", "utter_done"]


@pytest.fixture
def done(talk: Talk) -> Talk:
    """Somebody whose order status has just been told."""
    assert talk.say("order_status", NUMBER)[0] == "status_form"
    assert talk.say("inform", TAIL)[0] == "status_form"
    assert talk.tracker.active_loop is None
    return talk


def test_value_given_anew_has_the_last_form_done_once_more(done: Talk) -> None:
    other = entity("order_id", "HL20417752")
    assert done.say("deny", other, text="no, HL20417752") == ONCE_MORE
    first = done.decisions[0]
    assert (first.policy, first.reason) == (
        "correction",
        "status_form again: the customer meant order_id",
    )
    assert done.tracker.slots["order_id"] == "HL20417752"


@pytest.mark.parametrize("text", ["no, the other one", "不对，是另一个"])
def test_other_one_is_a_correction_without_a_value(done: Talk, text: str) -> None:
    done.say("deny", text=text)
    assert done.decisions[0].policy == "correction"
    assert done.decisions[0].reason.endswith("another one")


def test_not_understood_with_a_value_of_the_form_is_a_correction(done: Talk) -> None:
    done.say(None, entity("order_id", "HL1"), text="HL1", decision="reject")
    assert done.decisions[0].policy == "correction"


@pytest.mark.parametrize(
    ("intent", "given", "text"),
    [
        ("deny", (), "no thanks"),  # nothing else is meant
        ("deny", (entity("reason", "too big"),), "too big"),  # not the form's
        ("return_start", (entity("order_id", "HL1"),), "return HL1"),  # a request of its own
        ("price", (), "what does the other one cost"),  # a question of its own
    ],
)
def test_what_is_no_correction(
    done: Talk, intent: str, given: tuple[dict[str, object], ...], text: str
) -> None:
    done.say(intent, *given, text=text)
    assert done.decisions[0].policy != "correction"


@pytest.mark.parametrize(("share", "corrects"), [(0.9, True), (0.99, False)])
def test_a_value_that_is_not_the_forms_corrects_nothing_where_the_request_is_clear(
    done: Talk, share: float, corrects: bool
) -> None:
    black = {**entity("reason", "black"), "start": 8, "end": 13}
    done.say("price", black, text="the one black", confidence=share)
    assert (done.decisions[0].policy == "correction") is corrects


def test_nothing_is_corrected_before_a_form_or_while_a_person_is_awaited(
    talk: Talk, assistant: Assistant
) -> None:
    talk.say("deny", NUMBER, text="no, the other one")
    assert talk.decisions[0].policy != "correction"
    waiting = Talk(assistant)
    waiting.say("order_status", NUMBER)
    waiting.say("inform", TAIL)
    waiting.say("human")
    waiting.say("deny", NUMBER, text="no, the other one")
    assert waiting.decisions[0].policy != "correction"


def more_told(folder: Path) -> Talk:
    said = "utter_more_told: [{text: I see}]\n  utter_done:"
    return Talk(assistant_of(folder, SHOP.replace("utter_done:", said)))


def test_more_about_what_was_just_answered_is_not_answered_the_same(
    assistant: Assistant, tmp_path: Path
) -> None:
    more = {"continues": "shipping_cost", "text": "washed at 40"}
    talk = more_told(tmp_path)

    def answered(**how: str) -> list[str]:
        did = talk.say("shipping_cost", **how)
        talk.apply(Event("bot", {"text": "10", "template": did[0]}))
        return did

    assert answered() == [RETRIEVE]
    assert answered(**more) == ["utter_more_told"]
    assert answered(**{**more, "text": "so what now?"}) == [RETRIEVE]
    assert answered(text="washed at 40") == [RETRIEVE]  # a request of its own
    talk.say("greet")
    assert answered(**more) == [RETRIEVE]  # not what was just answered
    talk = Talk(assistant)
    answered()
    assert answered(**more) == [RETRIEVE]  # there are no words for it


def test_a_warning_is_said_again(tmp_path: Path) -> None:
    talk = more_told(tmp_path)
    own = {"shipping_cost": IntentSettings(repeats=True)}
    settings = replace(talk.assistant.settings, intents=own)
    talk = Talk(replace(talk.assistant, settings=settings))
    talk.say("shipping_cost")
    talk.apply(Event("bot", {"text": "10", "template": RETRIEVE}))
    more = {"continues": "shipping_cost", "text": "washed at 40"}
    assert talk.say("shipping_cost", **more) == [RETRIEVE]
