"""Messages that give values and ask nothing, and what is meant for a person who is waited for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.bare_values import recipient
from bot.ellipsis import values_alone
from bot.events import Event
from bot.tracker import ABANDON, Tracker
from bot.waiting import for_person
from intents.assistant import Assistant
from intents.reading.folder import read_assistant

DOMAIN = """version: "3.1"
intents: [status, broken, human, move]
entities: [number, street]
slots:
  number: {type: text, mappings: [{type: from_entity, entity: number}]}
  street: {type: text, mappings: [{type: from_entity, entity: street}]}
forms:
  status_form: {required_slots: [number]}
  move_form: {required_slots: [number, street]}
rules:
  - rule: move
    steps: [{intent: move}, {action: move_form}, {active_loop: move_form}]
  - rule: status
    steps: [{intent: status}, {action: status_form}, {active_loop: status_form}]
responses:
  utter_broken: [{text: "Sorry!", buttons: [{title: A person, payload: /human}]}]
  utter_status: [{text: "Late.", buttons: [{title: A person, payload: /human}]}]
  utter_both:
  - text: "Sorry!"
    buttons: [{title: Status, payload: "/status{}"}, {title: A person, payload: /human}]
  utter_plain: [{text: "Sorry!"}]
  utter_form_stuck: [{text: "No?", buttons: [{title: A person, payload: /human}]}]
"""
NOTED = "  utter_noted: [{text: Noted.}]\n"
SETTINGS = "patterns:\n  number: {patterns: ['HL[0-9]+']}\nhandoff_intents: [human]\n"
NUMBER = {"entity": "number", "value": "HL1", "start": 0, "end": 3}
VALUES = {"text": "HL1 5521", "intent": {"name": "status"}, "entities": [NUMBER],
          "decision": "reject", "intent_ranking": [], "options": []}  # fmt: skip


def assistant(folder: Path, more: str = "") -> Assistant:
    (folder / "domain.yml").write_text(DOMAIN + more, encoding="utf-8")
    (folder / "frontdesk.yml").write_text(SETTINGS, encoding="utf-8")
    return read_assistant(folder, strict=False)


@pytest.fixture
def shop(tmp_path: Path) -> Assistant:
    return assistant(tmp_path)


def answered(intent: str, template: str, decision: str = "accept") -> Tracker:
    tracker = Tracker.fresh("c", {}, "en")
    read = {"text": "it leaks", "intent": {"name": intent}, "decision": decision, "entities": []}
    tracker.apply(Event("understood", {"of": 1, "text": "it leaks", "parse": read}))
    tracker.apply(Event("bot", {"text": "Sorry!", "template": template, "buttons": []}))
    return tracker


def said(text: str, *entities: dict[str, Any]) -> dict[str, Any]:
    return {**VALUES, "text": text, "entities": list(entities)}


def test_values_alone_ask_nothing() -> None:
    assert values_alone("HL1 5521", [NUMBER])
    assert values_alone("订单尾号5521", [])
    assert not values_alone("cancel HL1", [{**NUMBER, "start": 7, "end": 10}])
    assert not values_alone("ok", [])


def test_after_an_answer_that_offers_a_person_they_are_for_the_person(shop: Assistant) -> None:
    found = recipient(VALUES, answered("broken", "utter_broken"), shop)
    assert found is not None
    assert (found["intent"]["name"], found["decision"]) == ("human", "accept")


def test_where_a_form_that_wants_them_is_offered_beside_a_person_it_asks(shop: Assistant) -> None:
    found = recipient(VALUES, answered("broken", "utter_both"), shop)
    assert found is not None
    assert (found["decision"], found["options"]) == ("clarify", ["status", "human"])


@pytest.mark.parametrize(
    "tracker",
    [
        answered("broken", "utter_plain"),  # nobody was offered
        answered("status", "utter_status"),  # the bot itself can do something with them
        answered("broken", "utter_broken", "reject"),  # nothing was understood
    ],
)
def test_otherwise_they_stay_what_they_are(tracker: Tracker, shop: Assistant) -> None:
    assert recipient(VALUES, tracker, shop) is None


def test_a_question_calls_nobody(shop: Assistant) -> None:
    asks = said("HL1: how long will that take?", NUMBER)
    assert recipient(asks, answered("broken", "utter_broken"), shop) is None


def test_digits_that_are_no_known_value_call_nobody(shop: Assistant) -> None:
    assert recipient(said("5521"), answered("broken", "utter_broken"), shop) is None


def test_who_could_not_answer_and_gives_it_after_all_goes_on(shop: Assistant) -> None:
    tracker = answered("status", "utter_status")
    tracker.apply(Event("action", {"name": ABANDON}))
    tracker.apply(Event("bot", {"text": "No?", "template": "utter_form_stuck", "buttons": []}))
    found = recipient(VALUES, tracker, shop)
    assert found is not None
    assert found["intent"]["name"] == "status"


def test_where_the_bot_has_asked_which_is_meant_it_is_what_asks_for_them(shop: Assistant) -> None:
    tracker = answered("broken", "utter_clarify", "clarify")
    tracker.options = ["broken", "status"]
    found = recipient(VALUES, tracker, shop)
    assert found is not None
    assert (found["decision"], found["intent"]["name"]) == ("accept", "status")


def test_where_none_of_those_asks_for_them_a_person_is_one_more_and_then_the_one(
    shop: Assistant,
) -> None:
    tracker = answered("broken", "utter_clarify", "clarify")
    tracker.options = ["broken", "praise"]
    again = recipient(VALUES, tracker, shop)
    assert again is not None
    assert (again["decision"], again["options"]) == ("clarify", ["broken", "praise", "human"])
    tracker.options = again["options"]
    found = recipient(VALUES, tracker, shop)
    assert found is not None
    assert (found["decision"], found["intent"]["name"]) == ("accept", "human")


def test_what_is_ruled_out_for_a_value_asks_nothing_either(shop: Assistant) -> None:
    tracker = answered("broken", "utter_clarify", "clarify")
    tracker.options = ["broken", "praise"]
    lamp, kettle = (
        {"entity": "product", "value": word, "start": start, "end": start + len(word)}
        for word, start in (("lamp", 4), ("kettle", 10))
    )
    denied = {**said("not lamp, kettle", kettle), "ruled_out": [lamp]}
    found = recipient({**denied, "decision": "accept"}, tracker, shop)
    assert found is not None
    assert found["decision"] == "clarify"


def test_a_number_that_nothing_asks_for_is_asked_about(tmp_path: Path) -> None:
    rung = {"entity": "phone", "value": "13812345678", "start": 0, "end": 11}
    asks = assistant(tmp_path, "  utter_contact_unasked: [{text: 'What for?'}]\n")
    nothing = answered("broken", "utter_plain")
    asks.settings.patterns["phone"] = asks.settings.patterns["number"]
    found = recipient(said("13812345678", rung), nothing, asks)
    assert found is not None
    assert found["repair"] == "unasked"
    assert recipient(VALUES, nothing, asks) is None


def test_more_about_the_form_that_ended_with_a_person_is_noted(tmp_path: Path) -> None:
    noted = assistant(tmp_path, NOTED)
    tracker = answered("move", "utter_plain")
    tracker.apply(Event("active_loop", {"name": "move_form"}))
    tracker.apply(Event("active_loop", {"name": None}))
    tracker.apply(Event("handoff", {"reason": "move", "online": False}))
    more = {**said("to the office"), "intent": {"name": "move"}, "decision": "accept"}
    found = for_person(more, tracker, noted)
    assert found is not None
    assert found["repair"] == "noted"
    other = {**more, **said("move HL2", {**NUMBER, "value": "HL2", "start": 5, "end": 8})}
    assert for_person({**other, "decision": "accept"}, tracker, noted) is None


def test_values_alone_are_no_manners(shop: Assistant) -> None:
    bye = {**said("phone ends 8846"), "intent": {"name": "goodbye", "confidence": 0.8}}
    found = recipient({**bye, "decision": "accept"}, answered("broken", "utter_plain"), shop)
    assert found is not None
    assert (found["intent"]["name"], found["decision"]) == ("nlu_fallback", "reject")


def test_what_one_form_alone_asks_for_is_for_that_form(shop: Assistant) -> None:
    street = {"entity": "street", "value": "Elm Road 3", "start": 0, "end": 10}
    ranking = [{"name": "nlu_fallback", "confidence": 0.9}, {"name": "move", "confidence": 0.9}]
    given = {**said("Elm Road 3", street), "intent_ranking": ranking}
    found = recipient(given, answered("status", "utter_plain"), shop)
    assert found is not None
    assert (found["intent"]["name"], found["decision"]) == ("move", "accept")
    other = {**given, "intent_ranking": [{"name": "status", "confidence": 0.9}]}
    assert recipient(other, answered("status", "utter_plain"), shop) is None
    cut = {**given, "text": "B, Elm Road 3", "entities": [{**street, "start": 3, "end": 13}]}
    assert recipient(cut, answered("status", "utter_plain"), shop) is not None
    more = {**given, "text": "Elm Road 3 is where I live"}
    assert recipient(more, answered("status", "utter_plain"), shop) is None


def test_what_goes_on_about_what_a_person_was_fetched_for_is_noted(tmp_path: Path) -> None:
    folder = assistant(tmp_path, NOTED)
    tracker = answered("broken", "utter_broken")
    tracker.apply(Event("handoff", {"reason": "broken", "online": False}))
    more = {**said("he was rude"), "intent": {"name": "broken"}, "decision": "accept"}
    settings = replace(folder.settings, handoff_intents=("human", "broken"))
    both = replace(folder, settings=settings)
    going_on = {**more, "continues": {"intent": "broken"}}
    found = for_person(going_on, tracker, both)
    assert found is not None
    assert found["repair"] == "noted"
    assert for_person(more, tracker, folder) is not None  # about the same, whoever sees to it
    between = {**more, "decision": "clarify", "options": ["human", "broken"]}
    assert for_person(between, tracker, folder) is not None
    other = {**more, "intent": {"name": "lost"}}
    assert for_person(other, tracker, both) is None
    tracker.person_for = []
    assert for_person(more, tracker, both) is None
    assert for_person(going_on, answered("broken", "utter_broken"), both) is None


def test_while_a_person_is_waited_for_they_are_noted(tmp_path: Path, shop: Assistant) -> None:
    tracker = answered("broken", "utter_broken")
    tracker.apply(Event("handoff", {}))
    wordy = assistant(tmp_path, NOTED)
    found = for_person(said("5521"), tracker, wordy)
    assert found is not None
    assert found["repair"] == "noted"
    assert for_person(said("5521"), tracker, shop) is None  # no words for it


def test_inside_a_form_they_answer_it(shop: Assistant) -> None:
    tracker = answered("broken", "utter_broken")
    tracker.apply(Event("active_loop", {"name": "status_form"}))
    assert recipient(VALUES, tracker, shop) is None


def test_a_question_while_a_person_is_waited_for_is_told_that_nobody_has_come(
    tmp_path: Path,
) -> None:
    noted = assistant(tmp_path, NOTED)
    tracker = answered("broken", "utter_broken")
    tracker.apply(Event("handoff", {"reason": "broken", "online": False}))
    asks = {**said("when do I hear from you?"), "intent": {"name": "broken"}, "decision": "accept"}
    found = for_person(asks, tracker, noted)
    assert found is not None
    assert found["repair"] == "waits"
    tracker.latest_action = "action_handoff"  # has just been told
    again = for_person(asks, tracker, noted)
    assert again is not None
    assert again["repair"] == "noted"


def test_what_is_not_understood_is_noted_for_the_person(tmp_path: Path) -> None:
    noted = assistant(tmp_path, NOTED)
    tracker = answered("broken", "utter_broken")
    unclear = said("the left one only")
    assert for_person(unclear, tracker, noted) is None
    tracker.apply(Event("handoff", {"reason": "broken", "online": False}))
    found = for_person(unclear, tracker, noted)
    assert found is not None
    assert found["repair"] == "noted"
