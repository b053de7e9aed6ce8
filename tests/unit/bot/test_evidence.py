"""What the conversation says about a message that was not clear by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.events import Event
from bot.evidence import decided, form_of, in_turn
from bot.tracker import Tracker
from intents.assistant import Assistant
from intents.reading.folder import read_assistant
from intents.settings import IntentSettings

DOMAIN = """version: "3.1"
intents: [status, track, cancel, bill, fee, affirm, deny, greet]
entities: [number, company, thing]
slots:
  number: {type: text, mappings: [{type: from_entity, entity: number}]}
  sure: {type: bool, mappings: [{type: custom}]}
  title:
    type: text
    mappings: [{type: from_text, conditions: [{active_loop: bill_form, requested_slot: title}]}]
forms:
  status_form: {required_slots: [number]}
  cancel_form: {required_slots: [number, sure], ignored_intents: [fee, greet]}
  bill_form: {required_slots: [number, title]}
rules:
  - rule: status
    steps: [{intent: status}, {action: status_form}, {active_loop: status_form}]
  - rule: cancel
    steps: [{intent: cancel}, {action: cancel_form}, {active_loop: cancel_form}]
"""
SETTINGS = """
patterns:
  number: {patterns: ['HL[0-9]+']}
handoff_intents: [bill]
intents:
  track: {covers: [fee]}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder: Path = tmp_path_factory.mktemp("shop")
    (folder / "domain.yml").write_text(DOMAIN, encoding="utf-8")
    (folder / "frontdesk.yml").write_text(SETTINGS, encoding="utf-8")
    return read_assistant(folder, strict=False)


def parse(text: str, decision: str, *shares: tuple[str, float], **marks: str) -> dict[str, Any]:
    ranking = [{"name": name, "confidence": share} for name, share in shares]
    if decision == "reject":
        ranking.insert(0, {"name": "nlu_fallback", "confidence": 0.9})
    entities = [
        {"entity": kind, "value": words, "start": text.index(words),
         "end": text.index(words) + len(words)}
        for kind, words in marks.items()
    ]  # fmt: skip
    return {
        "text": text, "intent": ranking[0], "intent_ranking": ranking, "entities": entities,
        "decision": decision, "options": [name for name, _ in shares],
    }  # fmt: skip


def tracker(**slots: Any) -> Tracker:
    made = Tracker.fresh("c", {}, "en")
    made.slots.update(slots)
    return made


def inside(form: str, requested: str) -> Tracker:
    made = tracker()
    made.apply(Event("active_loop", {"name": form}))
    made.apply(Event("slot", {"name": "requested_slot", "value": requested}))
    return made


def test_a_number_that_only_one_form_asks_for_decides(shop: Assistant) -> None:
    read = parse("track HL1", "reject", ("track", 0.6), ("status", 0.3), number="HL1")
    found = decided(read, tracker(), shop)
    assert (found["intent"]["name"], found["decision"]) == ("status", "accept")
    assert "nlu_fallback" not in [item["name"] for item in found["intent_ranking"]]


def test_an_unlikely_reading_is_not_taken_for_its_number(shop: Assistant) -> None:
    read = parse("blah HL1", "reject", ("greet", 0.8), ("status", 0.1), number="HL1")
    assert decided(read, tracker(), shop) is read


def test_a_value_without_a_shape_of_its_own_decides_nothing(shop: Assistant) -> None:
    read = parse("blah Acme", "reject", ("status", 0.6), company="Acme")
    assert decided(read, tracker(), shop) is read


def test_what_was_spoken_of_decides_between_close_readings_only(shop: Assistant) -> None:
    close = parse("when then?", "clarify", ("status", 0.4), ("fee", 0.35))
    assert decided(close, tracker(number="HL1"), shop)["intent"]["name"] == "status"
    assert decided(close, tracker(), shop) is close
    unknown = parse("when then?", "reject", ("status", 0.4), ("fee", 0.35))
    assert decided(unknown, tracker(number="HL1"), shop) is unknown


def test_letting_go_where_a_yes_is_awaited_is_a_no(shop: Assistant) -> None:
    read = parse("oh, never mind", "clarify", ("greet", 0.5), ("deny", 0.4))
    found = decided(read, inside("cancel_form", "sure"), shop)
    assert (found["intent"]["name"], found["decision"]) == ("deny", "accept")


def test_a_question_aside_of_the_form_is_not_asked_back_about(shop: Assistant) -> None:
    form = inside("cancel_form", "sure")
    read = parse("is there a fee?", "clarify", ("fee", 0.6), ("bill", 0.3))
    assert decided(read, form, shop)["intent"]["name"] == "fee"
    manners = parse("hm", "clarify", ("greet", 0.6), ("bill", 0.3))
    assert decided(manners, form, shop) is manners


def test_manners_alone_are_answered_inside_a_form_and_a_guess_calls_nobody(shop: Assistant) -> None:
    form = inside("cancel_form", "number")
    small_talk = parse("hot today", "clarify", ("greet", 0.6), ("thanks", 0.3))
    assert decided(small_talk, form, shop)["intent"]["name"] == "greet"
    unsure = parse("hot today", "clarify", ("greet", 0.4), ("thanks", 0.35))
    assert decided(unsure, form, shop) is unsure
    no = parse("hot today", "clarify", ("deny", 0.6), ("greet", 0.3))
    assert decided(no, form, shop) is no
    person = replace(shop, settings=replace(shop.settings, handoff_intents=("status",)))
    guess = parse("cannot find it", "clarify", ("status", 0.45), ("deny", 0.4))
    assert decided(guess, form, person) is guess


def test_a_request_with_its_own_number_leaves_the_form_and_a_correction_does_not(
    shop: Assistant,
) -> None:
    form = inside("bill_form", "title")
    asks = parse("and where is order HL2 by now?", "accept", ("status", 0.9), number="HL2")
    assert decided(asks, form, shop)["aside"]
    corrects = parse("sorry, it's HL2", "accept", ("status", 0.9), number="HL2")
    assert decided(corrects, form, shop) is corrects
    answers = inside("bill_form", "number")
    assert decided(asks, answers, shop) is asks


def test_forms_are_found_by_the_rule_that_begins_them(shop: Assistant) -> None:
    assert form_of("cancel", shop) == "cancel_form"
    assert form_of("greet", shop) is None


def test_manners_beside_a_request_are_not_asked_back_about(shop: Assistant) -> None:
    read = parse("hi, where is it", "clarify", ("track", 0.5), ("greet", 0.43), ("bill", 0.04))
    assert decided(read, tracker(), shop)["intent"]["name"] == "track"
    both = parse("where is it", "clarify", ("track", 0.5), ("bill", 0.43))
    assert decided(both, tracker(), shop) is both


def test_a_close_question_that_begins_another_form_is_that_one(shop: Assistant) -> None:
    form = inside("cancel_form", "number")
    read = parse("is it there?", "clarify", ("status", 0.6), ("bill", 0.3))
    assert decided(read, form, shop)["intent"]["name"] == "status"
    own = parse("is it there?", "clarify", ("status", 0.6), ("cancel", 0.3))
    assert decided(own, form, shop) is own


def after(intent: str, *, value: str | None = None) -> Tracker:
    """A conversation in which ``intent`` was asked for, naming ``value``."""
    asked = parse("about the lamp", "accept", (intent, 0.9))
    asked["entities"] = [{"entity": "product", "value": value, "start": 10, "end": 14}] * bool(
        value
    )
    tracker = Tracker.fresh("c", {}, "en")
    tracker.apply(
        Event(
            "understood", {"of": 1, "text": asked["text"], "language": "en", "parse": asked}, seq=1
        )
    )
    return tracker


def test_a_question_without_a_subject_is_about_what_was_just_spoken_of(shop: Assistant) -> None:
    bare = parse("how much is it?", "accept", ("fee", 0.8))
    read = decided(bare, after("track"), shop)
    assert read["intent"]["name"] == "track"
    assert "track" in read["decided"]
    assert decided(bare, after("status"), shop) == bare  # status covers nothing
    own = parse("how much is the delivery?", "accept", ("fee", 0.8))
    assert decided(own, after("track"), shop) == own
    lost = parse("and when is that", "reject", ("greet", 0.4))
    assert decided(lost, after("track"), shop)["intent"]["name"] == "track"


def test_inside_a_form_it_is_about_the_question_that_was_just_left_aside(shop: Assistant) -> None:
    aside = replace(shop.forms["cancel_form"], ignored_intents=("track", "fee", "greet"))
    form = replace(shop, forms={**shop.forms, "cancel_form": aside})
    talk = after("track")
    talk.apply(Event("active_loop", {"name": "cancel_form"}))
    bare = parse("how much is it?", "accept", ("fee", 0.8))
    read = decided(bare, talk, form)
    assert (read["intent"]["name"], read["aside"]) == ("track", True)
    own = parse("how much is the delivery?", "accept", ("fee", 0.8))
    assert decided(own, talk, form)["intent"]["name"] == "fee"


def test_manners_that_ask_are_about_what_was_spoken_of_unless_they_are_clear(
    shop: Assistant,
) -> None:
    asks = parse("fine. how much is it then", "accept", ("greet", 0.7), ("fee", 0.2))
    assert decided(asks, after("track"), shop)["intent"]["name"] == "track"
    clear = parse("how are you?", "accept", ("greet", 0.99))
    assert decided(clear, after("track"), shop)["intent"]["name"] == "greet"


def test_right_after_a_question_aside_it_is_within_that_question(shop: Assistant) -> None:
    own = {**shop.settings.intents, "bill": IntentSettings(instead={"fee": "status"})}
    shop = replace(shop, settings=replace(shop.settings, intents=own))
    talk = after("bill")
    talk.apply(Event("active_loop", {"name": "cancel_form"}))
    asked = parse("what about the fee?", "accept", ("fee", 0.9))
    assert decided(asked, talk, shop)["intent"]["name"] == "status"


def test_a_short_question_is_what_it_is_within_the_request_before(shop: Assistant) -> None:
    own = {**shop.settings.intents, "cancel": IntentSettings(instead={"fee": "status"})}
    shop = replace(shop, settings=replace(shop.settings, intents=own))
    asked = parse("what about the fee?", "accept", ("fee", 0.9))
    assert decided(asked, after("cancel"), shop)["intent"]["name"] == "status"
    assert decided(asked, inside("cancel_form", "number"), shop)["intent"]["name"] == "status"
    assert decided(asked, after("bill"), shop)["intent"]["name"] == "fee"
    long = parse("what is the fee for a new order that I am about to make?", "accept", ("fee", 0.9))
    assert decided(long, after("cancel"), shop)["intent"]["name"] == "fee"
    other = parse("and what about deliveries?", "accept", ("track", 0.9))
    assert decided(other, after("cancel"), shop)["intent"]["name"] == "track"


def test_manners_with_the_value_that_was_asked_for_are_the_answer(shop: Assistant) -> None:
    form = inside("cancel_form", "number")
    read = decided(
        parse("alright, HL2 then, bye", "accept", ("greet", 0.9), number="HL2"), form, shop
    )
    assert read["chosen"]
    plain = parse("alright then, bye", "accept", ("greet", 0.9))
    assert "chosen" not in decided(plain, form, shop)


def test_who_says_that_it_is_a_bot_and_wants_something_gets_that(shop: Assistant) -> None:
    read = parse("you're a bot, aren't you, the bill please", "clarify", ("bot_challenge", 0.5),
                 ("bill", 0.4))  # fmt: skip
    assert decided(read, tracker(), shop)["intent"]["name"] == "bill"


def test_manners_are_not_offered_between_requests(shop: Assistant) -> None:
    read = parse("so thanks, when?", "clarify", ("greet", 0.2), ("track", 0.4), ("bill", 0.35))
    assert decided(read, tracker(), shop)["options"] == ["track", "bill"]


def test_one_request_behind_manners_is_taken_where_it_has_a_share(shop: Assistant) -> None:
    read = parse("so what now", "clarify", ("greet", 0.6), ("track", 0.2))
    assert decided(read, tracker(), shop)["intent"]["name"] == "track"
    less = parse("so what now", "clarify", ("greet", 0.7), ("track", 0.1))
    assert decided(less, tracker(), shop) is less


def test_what_cannot_be_read_stays_so_after_an_answer(shop: Assistant) -> None:
    nothing = parse("\U0001f916", "clarify", ("fee", 0.0)) | {
        "intent": {"name": None, "confidence": 0.0},
        "intent_ranking": [],
    }
    assert decided(nothing, after("track"), shop) == nothing


def test_the_same_thing_named_again_asks_the_same_again(shop: Assistant) -> None:
    again = parse("the lamp!!! three times now", "reject", ("track", 0.4), product="lamp")
    assert decided(again, after("track", value="lamp"), shop)["intent"]["name"] == "track"
    assert decided(again, after("track", value="kettle"), shop) == again


def test_a_message_about_the_talk_is_no_answer_to_the_form(shop: Assistant) -> None:
    tracker = Tracker.fresh("c", {}, "en")
    tracker.apply(Event("active_loop", {"name": "cancel_form"}))
    tracker.apply(Event("slot", {"name": "requested_slot", "value": "number"}))
    words = replace(shop, responses={"utter_explain_number": ()})
    asks = parse("why do you need that?", "reject", ("fee", 0.2))
    read = decided(asks, tracker, words)
    assert (read["repair"], read["aside"]) == ("explain", True)
    assert "repair" not in decided(asks, tracker, shop)


def test_who_lets_go_of_what_was_just_spoken_of_does_not_ask_for_it_again(shop: Assistant) -> None:
    off = parse("算了不查了", "reject", ("track", 0.8), ("deny", 0.1))
    off["intent"] = {"name": "track", "confidence": 0.8}
    assert decided(off, after("track"), shop)["intent"]["name"] == "deny"
    assert decided(off, tracker(), shop)["intent"]["name"] != "deny"


def test_a_yes_is_no_number(shop: Assistant) -> None:
    tracker = Tracker.fresh("c", {}, "en")
    tracker.apply(Event("active_loop", {"name": "cancel_form"}))
    tracker.apply(Event("slot", {"name": "requested_slot", "value": "number"}))
    yes = parse("yes, please do", "accept", ("affirm", 0.99))
    assert decided(yes, tracker, shop)["decision"] == "reject"
    tracker.apply(Event("slot", {"name": "requested_slot", "value": "sure"}))
    assert decided(yes, tracker, shop)["decision"] == "accept"


def test_a_bare_question_behind_another_request_is_about_that_one(shop: Assistant) -> None:
    def asked(text: str, *shares: tuple[str, float]) -> dict[str, Any]:
        return {"text": text, "parse": parse(text, "clarify", *shares)}

    first = {"text": "where is it", "parse": parse("where is it", "accept", ("track", 0.9))}
    much = asked("how much", ("status", 0.4), ("fee", 0.35))
    _, second = in_turn([first, much], shop)
    assert (second["parse"]["intent"]["name"], second["parse"]["decision"]) == ("fee", "accept")
    for other in (asked("the fee", ("fee", 0.4)), asked("how much", ("cancel", 0.4))):
        assert in_turn([first, other], shop)[1]["parse"]["decision"] == "clarify"


def test_a_clear_request_for_another_form_is_no_answer(shop: Assistant) -> None:
    tracker = Tracker.fresh("c", {}, "en")
    tracker.apply(Event("active_loop", {"name": "status_form"}))
    tracker.apply(Event("slot", {"name": "requested_slot", "value": "number"}))
    other = parse("cancel the lamp's", "accept", ("cancel", 0.98), thing="lamp")
    assert decided(other, tracker, shop)["aside"]
    unsure = parse("cancel the lamp's", "accept", ("cancel", 0.8), thing="lamp")
    values = parse("HL1 5521", "accept", ("cancel", 0.98), number="HL1")
    assert not any("aside" in decided(one, tracker, shop) for one in (unsure, values))
    tracker.apply(Event("active_loop", {"name": "bill_form"}))
    tracker.apply(Event("slot", {"name": "requested_slot", "value": "title"}))
    assert "aside" not in decided(other, tracker, shop)  # any words may be a title
