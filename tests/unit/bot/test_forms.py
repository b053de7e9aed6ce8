"""Forms against what an action server may answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.events import Event
from bot.forms import asking_action
from bot.tracker import ABANDON, Tracker
from intents.assistant import Assistant
from tests.support.trackers import Talk, assistant_of, entity, slot

DOMAIN = """
intents: [order, inform, shipping]
entities: [number, tail]
slots:
  number: {type: text, mappings: [{type: from_entity, entity: number}]}
  tail: {type: text, mappings: [{type: from_entity, entity: tail}]}
  extra: {type: text, mappings: [{type: custom}]}
forms:
  order_form: {required_slots: [number, tail]}
actions: [validate_order_form, action_order, action_ask_tail]
responses:
  utter_ask_number: [{text: Which?}]
  utter_ask_tail: [{text: Tail?}]
  utter_ask_extra: [{text: Extra?}]
  utter_down: [{text: Down}]
rules:
  - rule: begin
    steps: [{intent: order}, {action: order_form}, {active_loop: order_form}]
  - rule: submit
    condition: [{active_loop: order_form}]
    steps: [{action: order_form}, {active_loop: null}, {action: action_order}]
"""
NUMBER, TAIL = entity("number", "HL1"), entity("tail", "5521")


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return assistant_of(tmp_path_factory.mktemp("forms"), DOMAIN)


def _accepts(_: Tracker) -> list[Event]:
    return []


def test_validated_form_submits(assistant: Assistant) -> None:
    talk = Talk(assistant, validate_order_form=_accepts)
    assert talk.say("order") == ["order_form", "validate_order_form", "utter_ask_number"]
    said = talk.say("inform", NUMBER)
    assert said == ["order_form", "validate_order_form", "action_ask_tail"]
    assert talk.say("inform", TAIL) == ["order_form", "validate_order_form", "action_order"]


def test_value_set_to_null_is_asked_for_again(assistant: Assistant) -> None:
    def refuse(_: Tracker) -> list[Event]:
        return [Event("bot", {"text": "There is no such order"}), slot("number", None)]

    talk = Talk(assistant, validate_order_form=_accepts)
    talk.say("order")
    talk.remote["validate_order_form"] = refuse
    did = talk.say("inform", NUMBER)
    assert did[:2] == ["order_form", "validate_order_form"]
    assert did[-1] == "utter_ask_number"
    assert talk.tracker.slots["number"] is None
    assert talk.tracker.active_loop == "order_form"


def test_answer_refused_twice_lets_go_of_the_form_and_offers_a_person(tmp_path: Path) -> None:
    words = (
        "  utter_down: [{text: Down}]\n  utter_form_abandoned: [{text: Shall I get a person?}]\n"
    )
    assistant = assistant_of(tmp_path, DOMAIN.replace("  utter_down: [{text: Down}]\n", words))

    def refuse(_: Tracker) -> list[Event]:
        return [Event("bot", {"text": "There is no such order"}), slot("number", None)]

    talk = Talk(assistant, validate_order_form=_accepts)
    talk.say("order")
    talk.remote["validate_order_form"] = refuse
    assert talk.say("inform", NUMBER)[-1] == "utter_ask_number"
    assert talk.say("inform", NUMBER)[-1] == ABANDON
    assert talk.tracker.active_loop is None
    assert "action_order" not in talk.called


def test_what_the_checks_keep_of_an_answer_is_progress(tmp_path: Path) -> None:
    words = (
        "  utter_down: [{text: Down}]\n  utter_form_abandoned: [{text: Shall I get a person?}]\n"
    )
    domain = DOMAIN.replace("  utter_down: [{text: Down}]\n", words)
    domain = domain.replace(
        "slots:\n", "slots:\n  part: {type: text, mappings: [{type: custom}]}\n", 1
    )
    given = iter(("company", "Acme Ltd", "Acme Ltd"))

    def half(_: Tracker) -> list[Event]:
        return [slot("part", next(given)), slot("number", None)]

    talk = Talk(assistant_of(tmp_path, domain), validate_order_form=_accepts)
    talk.say("order")
    talk.remote["validate_order_form"] = half
    assert talk.say("inform", NUMBER)[-1] == "utter_ask_number"
    assert talk.say("inform", NUMBER)[-1] == "utter_ask_number"
    assert talk.say("inform", NUMBER)[-1] == ABANDON


def test_assistant_without_words_for_it_asks_for_ever_as_rasa_does(assistant: Assistant) -> None:
    def refuse(_: Tracker) -> list[Event]:
        return [Event("bot", {"text": "There is no such order"}), slot("number", None)]

    talk = Talk(assistant, validate_order_form=_accepts)
    talk.say("order")
    talk.remote["validate_order_form"] = refuse
    for _ in range(4):
        assert talk.say("inform", NUMBER)[-1] == "utter_ask_number"


def test_server_may_correct_a_value(assistant: Assistant) -> None:
    talk = Talk(assistant, validate_order_form=lambda _: [slot("number", "HL0001")])
    talk.say("order", NUMBER)
    assert talk.tracker.slots["number"] == "HL0001"
    assert talk.tracker.requested_slot == "tail"


def test_server_may_say_which_slot_comes_next(assistant: Assistant) -> None:
    talk = Talk(assistant, validate_order_form=lambda _: [slot("requested_slot", "extra")])
    assert talk.say("order", NUMBER)[-1] == "utter_ask_extra"
    assert talk.tracker.requested_slot == "extra"


def test_server_may_say_that_nothing_more_is_needed(assistant: Assistant) -> None:
    talk = Talk(assistant, validate_order_form=lambda _: [slot("requested_slot", None)])
    assert talk.say("order", NUMBER)[-1] == "action_order"
    assert talk.tracker.active_loop is None


def test_server_that_repeats_the_question_does_not_swallow_a_digression(
    assistant: Assistant,
) -> None:
    talk = Talk(assistant, validate_order_form=lambda t: [slot("requested_slot", "number")])
    talk.say("order")
    assert "action_retrieve_answer" in talk.say("shipping")
    assert talk.called[-1] == "utter_ask_number"


def test_server_may_fill_a_slot_that_was_not_said(assistant: Assistant) -> None:
    talk = Talk(assistant, validate_order_form=lambda _: [slot("tail", "known")])
    assert talk.say("order", NUMBER)[-1] == "action_order"


def test_server_may_end_the_form(assistant: Assistant) -> None:
    ended = [Event("bot", {"text": "Locked"}), Event("active_loop", {"name": None})]
    talk = Talk(assistant, validate_order_form=lambda _: [*ended, slot("number", None)])
    did = talk.say("order", NUMBER)
    assert not [name for name in did if name.startswith(("utter_ask", "action_ask"))]
    assert talk.tracker.active_loop is None
    assert talk.tracker.requested_slot is None


def test_form_is_left_without_another_question_when_the_server_is_down(
    assistant: Assistant,
) -> None:
    def down(_: Tracker) -> list[Event]:
        return [
            Event("active_loop", {"name": None}),
            Event("bot", {"text": "Down"}),
            Event("followup", {"name": "action_listen"}),
        ]

    talk = Talk(assistant, validate_order_form=down)
    assert talk.say("order", NUMBER) == ["order_form", "validate_order_form"]
    assert talk.tracker.active_loop is None
    assert talk.tracker.requested_slot is None
    talk.remote["validate_order_form"] = _accepts
    assert talk.say("order")[-1] == "action_ask_tail"


def test_asking_that_fails_leaves_the_form(assistant: Assistant) -> None:
    down = [Event("active_loop", {"name": None}), Event("followup", {"name": "action_listen"})]
    talk = Talk(assistant, validate_order_form=_accepts, action_ask_tail=lambda _: down)
    assert talk.say("order", NUMBER)[-1] == "action_ask_tail"
    assert talk.tracker.active_loop is None


@pytest.mark.parametrize(
    ("declared", "wanted"),
    [
        ("utter_ask_number", "utter_ask_number"),
        ("action_ask_number", "action_ask_number"),
        ("utter_ask_order_form_number", "utter_ask_order_form_number"),
        ("action_ask_order_form_number", "action_ask_order_form_number"),
        ("utter_other", "utter_ask_number"),
    ],
)
def test_question_is_found_under_rasas_names(tmp_path: Path, declared: str, wanted: str) -> None:
    order = ["utter_ask_number", "action_ask_number"]
    order += ["utter_ask_order_form_number", "action_ask_order_form_number"]
    names = order[: order.index(declared) + 1] if declared in order else [declared]
    actions = [name for name in names if name.startswith("action")]
    responses = "".join(f"  {n}: [{{text: x}}]\n" for n in names if n.startswith("utter"))
    assistant = assistant_of(tmp_path, f"intents: [a]\nactions: {actions}\nresponses:\n{responses}")
    assert asking_action("order_form", "number", assistant) == wanted


ASIDE = """
intents: [order, stock, price, cancel, move, deny]
entities: [number, tail, product, address]
slots:
  number: {type: text, mappings: [{type: from_entity, entity: number}]}
  tail: {type: text, mappings: [{type: from_entity, entity: tail}]}
  product: {type: text, mappings: [{type: from_entity, entity: product}]}
  address: {type: text, mappings: [{type: from_entity, entity: address}]}
forms:
  order_form: {required_slots: [number, tail]}
  stock_form: {required_slots: [product]}
  cancel_form: {required_slots: [number]}
  move_form: {required_slots: [number, address]}
actions: [action_order, action_stock, action_cancel, action_move]
responses:
  utter_ask_number: [{text: Which?}]
  utter_ask_tail: [{text: Tail?}]
  utter_ask_product: [{text: What?}]
  utter_ask_address: [{text: Where to?}]
rules:
  - rule: move
    steps: [{intent: move}, {action: move_form}, {active_loop: move_form}]
  - rule: move, do
    condition: [{active_loop: move_form}]
    steps: [{action: move_form}, {active_loop: null}, {action: action_move}]
  - rule: order
    steps: [{intent: order}, {action: order_form}, {active_loop: order_form}]
  - rule: order, do
    condition: [{active_loop: order_form}]
    steps: [{action: order_form}, {active_loop: null}, {action: action_order}]
  - rule: stock
    steps: [{intent: stock}, {action: stock_form}, {active_loop: stock_form}]
  - rule: stock, do
    condition: [{active_loop: stock_form}]
    steps: [{action: stock_form}, {active_loop: null}, {action: action_stock}]
  - rule: cancel
    steps: [{intent: cancel}, {action: cancel_form}, {active_loop: cancel_form}]
  - rule: cancel, do
    condition: [{active_loop: cancel_form}]
    steps: [{action: cancel_form}, {active_loop: null}, {action: action_cancel}]
"""


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return assistant_of(tmp_path_factory.mktemp("several"), ASIDE)


def test_form_comes_back_as_it_stood_after_a_form_about_something_else(several: Assistant) -> None:
    talk = Talk(several)
    talk.say("order", NUMBER)
    assert talk.say("stock") == ["order_form", "stock_form", "utter_ask_product"]
    done = talk.say("stock", entity("product", "mug"))
    assert done == ["stock_form", "action_stock", "order_form", "utter_ask_tail"]
    assert talk.tracker.slots["number"] == "HL1"
    assert talk.tracker.suspended == {}
    assert talk.say("order", TAIL) == ["order_form", "action_order"]


def test_form_that_needs_what_is_asked_for_takes_over(several: Assistant) -> None:
    talk = Talk(several)
    talk.say("order")
    assert talk.say("cancel") == ["order_form", "cancel_form", "utter_ask_number"]
    assert talk.say("cancel", NUMBER) == ["cancel_form", "action_cancel"]
    assert talk.tracker.active_loop is None


def test_form_about_the_same_thing_that_is_answered_at_once_is_a_question_aside(
    several: Assistant,
) -> None:
    talk = Talk(several)
    talk.say("order", NUMBER)
    done = talk.say("cancel")
    assert done[-3:] == ["action_cancel", "order_form", "utter_ask_tail"]
    assert talk.tracker.slots["number"] == "HL1"
    assert talk.say("order", TAIL) == ["order_form", "action_order"]


def test_form_about_the_same_thing_with_a_question_of_its_own_takes_over(
    several: Assistant,
) -> None:
    talk = Talk(several)
    talk.say("order", NUMBER)
    assert talk.say("move") == ["order_form", "move_form", "utter_ask_address"]
    assert talk.tracker.suspended == {}
    assert talk.say("move", entity("address", "Pier 1")) == ["move_form", "action_move"]
    assert talk.tracker.active_loop is None


def test_who_lets_go_of_the_one_is_not_asked_for_the_other(several: Assistant) -> None:
    talk = Talk(several)
    talk.say("order", NUMBER)
    talk.say("stock")
    assert talk.say("deny", text="never mind") == [ABANDON]
    assert talk.tracker.suspended == {}


def test_a_form_put_aside_is_kept_over_a_rebuild_of_the_tracker(several: Assistant) -> None:
    talk = Talk(several)
    talk.say("order", NUMBER)
    talk.say("stock")
    again = Tracker.fold("c1", talk.log, talk.tracker.initial_slots, "en")
    assert again.suspended == talk.tracker.suspended
    assert again.suspended["form"] == "order_form"


def test_what_was_just_done_is_taken_up_again_where_it_is_to_be_undone(several: Assistant) -> None:
    talk = Talk(several)
    talk.say("cancel", NUMBER)
    assert talk.say("order", text="no, I changed my mind")[0] == "cancel_form"
    assert talk.decisions[0].policy == "correction"
    talk.say("price", text="what is the price")
    assert talk.say("price", text="I changed my mind")[0] != "cancel_form"
