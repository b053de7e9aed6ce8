from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slots import coerce, initial_slots
from intents.assistant import Assistant, Slot
from tests.support.trackers import Talk, assistant_of, entity

DOMAIN = """
intents: [inform, affirm, deny, greet, order, other]
entities: [order_id, city, size]
slots:
  order_id:
    type: text
    mappings: [{type: from_entity, entity: order_id}]
  origin:
    type: text
    mappings: [{type: from_entity, entity: city, role: from}]
  target:
    type: text
    mappings: [{type: from_entity, entity: city, role: to}]
  second:
    type: text
    mappings: [{type: from_entity, entity: size, group: "2"}]
  only_order:
    type: text
    mappings: [{type: from_entity, entity: order_id, intent: order}]
  not_greet:
    type: text
    mappings: [{type: from_entity, entity: order_id, not_intent: [greet]}]
  confirm:
    type: bool
    mappings:
      - {type: from_intent, intent: affirm, value: true}
      - {type: from_intent, intent: deny, value: false}
  note:
    type: text
    mappings:
      - type: from_text
        conditions: [{active_loop: order_form, requested_slot: note}]
  bare:
    type: text
    mappings: [{type: from_text}]
  kind:
    type: categorical
    values: [Small, large]
    mappings: [{type: from_entity, entity: size}]
  topic:
    type: text
    mappings: [{type: from_trigger_intent, intent: order, value: ordering}]
  custom:
    type: any
    mappings: [{type: custom}]
  amount:
    type: float
    initial_value: 1.5
    mappings: [{type: from_entity, entity: size}]
forms:
  order_form: {required_slots: [order_id, topic, confirm, note]}
responses:
  utter_ask_order_id: [{text: Which?}]
  utter_ask_confirm: [{text: Sure?}]
  utter_ask_note: [{text: Note?}]
rules:
  - rule: begin
    steps: [{intent: order}, {action: order_form}, {active_loop: order_form}]
"""


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    return assistant_of(tmp_path / "a", DOMAIN)


def _slots(assistant: Assistant, intent: str, *entities: dict[str, Any], **more: Any) -> Any:
    talk = Talk(assistant)
    talk.say(intent, *entities, **more)
    return talk.tracker.slots


def test_entity_fills_its_slot(assistant: Assistant) -> None:
    assert _slots(assistant, "inform", entity("order_id", "HL1"))["order_id"] == "HL1"
    assert _slots(assistant, "inform", entity("city", "x"))["order_id"] is None


def test_roles_and_groups_tell_entities_apart(assistant: Assistant) -> None:
    found = _slots(
        assistant, "inform", entity("city", "A", role="from"), entity("city", "B", role="to")
    )
    assert (found["origin"], found["target"]) == ("A", "B")
    assert _slots(assistant, "inform", entity("size", "M", group="2"))["second"] == "M"
    assert _slots(assistant, "inform", entity("size", "M"))["second"] is None


def test_intents_allow_and_forbid_a_mapping(assistant: Assistant) -> None:
    number = entity("order_id", "HL1")
    assert _slots(assistant, "inform", number)["only_order"] is None
    assert _slots(assistant, "order", number)["only_order"] == "HL1"
    assert _slots(assistant, "inform", number)["not_greet"] == "HL1"
    assert _slots(assistant, "greet", number)["not_greet"] is None


def test_trigger_intent_fills_a_slot_of_the_form_it_starts(assistant: Assistant) -> None:
    assert _slots(assistant, "order")["topic"] == "ordering"
    assert _slots(assistant, "other")["topic"] is None


def test_text_and_intent_answer_only_the_question_asked(assistant: Assistant) -> None:
    talk = Talk(assistant)
    talk.say("affirm", text="yes")
    assert (talk.tracker.slots["confirm"], talk.tracker.slots["note"]) == (None, None)
    assert talk.tracker.slots["bare"] is None
    talk.say("order", entity("order_id", "HL1"))
    assert talk.tracker.requested_slot == "confirm"
    talk.say("deny", text="no")
    assert talk.tracker.slots["confirm"] is False
    assert talk.tracker.requested_slot == "note"
    talk.say("other", text="  leave it at the door  ")
    assert talk.tracker.slots["note"] == "leave it at the door"


def test_custom_slot_is_the_action_servers(assistant: Assistant) -> None:
    assert _slots(assistant, "inform", entity("custom", 1))["custom"] is None


def test_values_take_the_type_of_their_slot(assistant: Assistant) -> None:
    assert _slots(assistant, "inform", entity("size", "SMALL"))["kind"] == "Small"
    assert _slots(assistant, "inform", entity("size", "huge"))["kind"] is None
    assert _slots(assistant, "inform", entity("size", "2.5"))["amount"] == 2.5


def test_value_that_does_not_fit_leaves_the_slot(assistant: Assistant) -> None:
    assert _slots(assistant, "inform", entity("size", "big"))["amount"] == 1.5


def test_initial_values(assistant: Assistant) -> None:
    found = initial_slots(assistant)
    assert found["amount"] == 1.5
    assert found["order_id"] is None


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [
        ("text", "x", "x"),
        ("any", {"a": 1}, {"a": 1}),
        ("list", "x", ["x"]),
        ("list", ["x", "y"], ["x", "y"]),
        ("bool", True, True),
        ("bool", "Yes", True),
        ("bool", "false", False),
        ("bool", "perhaps", None),
        ("float", "3", 3.0),
        ("float", None, None),
        ("float", [1], None),
    ],
)
def test_coerce(kind: str, value: Any, wanted: Any) -> None:
    assert coerce(Slot("s", kind), value) == wanted


@given(st.text() | st.floats() | st.integers() | st.none())
def test_number_is_finite_or_none(value: Any) -> None:
    found = coerce(Slot("s", "float"), value)
    assert found is None or math.isfinite(found)
