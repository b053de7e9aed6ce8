"""Several requests in one message: who comes first, what waits, and that nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy import CLARIFY, FALLBACK, RETRIEVE
from bot.slots import initial_slots
from bot.tracker import HANDOFF, Tracker
from intents.assistant import Assistant
from tests.support.trackers import Talk, assistant_of, entity, request, slot

SHOP = """
intents: [greet, order_status, return_start, shipping_cost, hours, human, deny]
entities: [order_id, reason]
slots:
  order_id: {type: text, mappings: [{type: from_entity, entity: order_id}]}
  reason:
    type: text
    mappings:
      - {type: from_text, conditions: [{active_loop: return_form, requested_slot: reason}]}
forms:
  status_form: {required_slots: [order_id]}
  return_form: {required_slots: [reason]}
actions: [action_status, action_return]
responses:
  utter_ask_order_id: [{text: Which order?}]
  utter_ask_reason: [{text: Why?}]
rules:
  - rule: status
    steps: [{intent: order_status}, {action: status_form}, {active_loop: status_form}]
  - rule: status, submit
    condition: [{active_loop: status_form}]
    steps: [{action: status_form}, {active_loop: null}, {action: action_status}]
  - rule: return
    steps: [{intent: return_start}, {action: return_form}, {active_loop: return_form}]
  - rule: return, submit
    condition: [{active_loop: return_form}]
    steps: [{action: return_form}, {active_loop: null}, {action: action_return}]
  - rule: person
    steps: [{intent: human}, {action: action_handoff}]
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("shop")
    (folder / "frontdesk.yml").write_text("handoff_intents: [human]\n", encoding="utf-8")
    return assistant_of(folder, SHOP)


@pytest.fixture
def talk(shop: Assistant) -> Talk:
    return Talk(shop, action_status=lambda _: [slot("order_id", None)])


def test_two_questions_are_answered_in_their_order(talk: Talk) -> None:
    assert talk.say_several(request("hours"), request("shipping_cost")) == [RETRIEVE, RETRIEVE]
    heard = [e["text"] for e in talk.tracker.events if e["event"] == "user"]
    assert heard == ["hours", "shipping_cost"]
    assert talk.tracker.pending == []


def test_question_is_answered_before_a_form_asks(talk: Talk) -> None:
    done = talk.say_several(request("order_status"), request("shipping_cost"))
    assert done == [RETRIEVE, "status_form", "utter_ask_order_id"]
    assert talk.tracker.active_loop == "status_form"


def test_form_that_has_all_it_needs_keeps_its_place(talk: Talk) -> None:
    given_ = entity("order_id", "HL1")
    done = talk.say_several(request("order_status", given_), request("shipping_cost"))
    assert done == ["status_form", "action_status", RETRIEVE]


def test_second_form_waits_for_the_first_and_is_taken_up_after_it(talk: Talk) -> None:
    done = talk.say_several(request("order_status"), request("return_start"))
    assert done == ["status_form", "utter_ask_order_id"]
    assert [item["text"] for item in talk.tracker.pending] == ["return_start"]
    done = talk.say(None, entity("order_id", "HL1"))
    assert done == ["status_form", "action_status", "return_form", "utter_ask_reason"]
    assert talk.tracker.pending == []
    assert talk.say(None, text="too small") == ["return_form", "action_return"]


def test_what_waits_survives_a_digression(talk: Talk) -> None:
    talk.say_several(request("order_status"), request("return_start"))
    assert RETRIEVE in talk.say("shipping_cost")
    assert len(talk.tracker.pending) == 1


def test_abandoned_form_makes_room_for_what_waits(talk: Talk) -> None:
    talk.say_several(request("order_status"), request("return_start"))
    assert talk.say("deny")[-2:] == ["return_form", "utter_ask_reason"]


def test_unclear_request_is_asked_about_last(talk: Talk) -> None:
    done = talk.say_several(
        request("greet", decision="clarify"), request("hours"), request("shipping_cost")
    )
    assert done == [RETRIEVE, RETRIEVE, CLARIFY]


def test_request_that_was_not_understood_is_told(talk: Talk) -> None:
    done = talk.say_several(request("nlu_fallback", decision="reject"), request("hours"))
    assert done == [RETRIEVE, FALLBACK]


def test_question_back_waits_for_its_answer_before_the_next_one(talk: Talk) -> None:
    unclear = request("greet", decision="clarify")
    done = talk.say_several(unclear, request("hours"), request("points", decision="clarify"))
    assert done == [RETRIEVE, CLARIFY]
    assert talk.say("shipping_cost") == [RETRIEVE, CLARIFY]


def test_person_is_fetched_after_the_answers_and_reads_the_rest(talk: Talk) -> None:
    done = talk.say_several(request("human"), request("hours"), request("return_start"))
    assert done == [RETRIEVE, "return_form", "utter_ask_reason"]
    assert talk.say(None, text="too small")[-1] == HANDOFF
    assert talk.tracker.pending == []


def test_value_that_answers_a_form_may_bring_a_question_along(talk: Talk) -> None:
    talk.say("order_status")
    value = request("nlu_fallback", entity("order_id", "HL1"), decision="reject", text="HL1")
    done = talk.say_several(value, request("shipping_cost"))
    assert done == ["status_form", "action_status", RETRIEVE]


def test_new_message_is_never_left_unanswered_because_something_waits(talk: Talk) -> None:
    talk.say_several(request("greet", decision="clarify"), request("hours"))
    done = talk.say_several(request("shipping_cost"), request("hours"))
    assert done == [RETRIEVE, RETRIEVE]


_request = st.builds(
    request,
    st.sampled_from(["order_status", "return_start", "shipping_cost", "hours", "human"]),
    decision=st.sampled_from(["accept", "clarify", "reject"]),
)
_message = st.lists(_request, min_size=2, max_size=3)


@given(messages=st.lists(_message | st.sampled_from(["deny", "hours", "HL1"]), max_size=5))
def test_log_folds_to_the_tracker_that_lived_it_and_nothing_is_lost(
    shop: Assistant, messages: list[list[dict[str, object]] | str]
) -> None:
    talk = Talk(shop)
    asked = 0
    for message in messages:
        if message == "HL1":
            talk.say(None, entity("order_id", "HL1"))
        elif isinstance(message, str):
            talk.say(message)
        else:
            asked += len(message)
            talk.say_several(*message)
    folded = Tracker.fold("c1", talk.log, initial_slots(shop), "en")
    assert folded == talk.tracker
    assert Tracker.restore(folded.snapshot()) == talk.tracker
    taken = sum(event.kind == "segment" for event in talk.log)
    handed = any(event.kind == "handoff" for event in talk.log)
    assert taken + len(talk.tracker.pending) == asked or handed


def test_copy_does_not_share_what_waits(shop: Assistant, tmp_path: Path) -> None:
    talk = Talk(shop)
    talk.say_several(request("order_status"), request("return_start"))
    copied = talk.tracker.copy()
    copied.pending.clear()
    assert talk.tracker.pending
