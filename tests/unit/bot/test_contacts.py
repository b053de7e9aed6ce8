"""A contact that is left in the chat."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.contacts import SAVED, contact_given, contact_in, left_contact
from bot.events import Event
from bot.tracker import Tracker
from intents.assistant import Assistant

SHOP = cast(
    Assistant,
    SimpleNamespace(responses={SAVED: ()}, settings=SimpleNamespace(handoff_intents=["human"])),
)


def waiting() -> Tracker:
    tracker = Tracker.fresh("c", {}, "en")
    tracker.apply(Event("handoff", {"reason": "asked", "online": False}))
    return tracker


def parse(text: str, intent: str = "nlu_fallback", decision: str = "reject") -> dict[str, Any]:
    return {"text": text, "intent": {"name": intent}, "decision": decision, "entities": []}


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("my email is jo@quaymail.example", "jo@quaymail.example"),
        ("13812345678 打这个", "13812345678"),
        ("mail jo@quaymail.example or call 138 1234 5678", "jo@quaymail.example, 138 1234 5678"),
        ("HL20418376", None),
        ("5521", None),
        ("call me", None),
    ],
)
def test_numbers_and_addresses_are_found(text: str, contact: str | None) -> None:
    assert contact_in(text) == contact


def test_who_waits_for_a_person_says_how_to_be_reached() -> None:
    left = left_contact(parse("it's jo@quaymail.example"), waiting(), SHOP)
    assert left is not None
    assert left["repair"] == "contact"
    assert left_contact(parse("thanks, jo@quaymail.example", "thanks", "accept"), waiting(), SHOP)


def test_other_messages_with_an_address_are_what_they_ask() -> None:
    change = parse("change my email to jo@quaymail.example", "account_change", "accept")
    assert left_contact(change, waiting(), SHOP) is None
    nobody = Tracker.fresh("c", {}, "en")
    assert left_contact(parse("it's jo@quaymail.example"), nobody, SHOP) is None
    assert left_contact(parse("nobody there?"), waiting(), SHOP) is None
    wordless = cast(Assistant, SimpleNamespace(responses={}, settings=SHOP.settings))
    assert left_contact(parse("it's jo@quaymail.example"), waiting(), wordless) is None


def test_what_was_given_before_a_person_is_called_counts() -> None:
    tracker = Tracker.fresh("c", {}, "en")
    alone = {**parse("13812345678"), "repair": "unasked"}
    tracker.apply(Event("understood", {"of": 1, "text": "13812345678", "parse": alone}))
    calls = parse("a person please", "human", "accept")
    tracker.apply(Event("understood", {"of": 2, "text": "a person please", "parse": calls}))
    assert contact_given(tracker) == "13812345678"


def test_a_number_in_the_call_for_a_person_counts_and_one_told_for_something_else_does_not() -> (
    None
):
    tracker = Tracker.fresh("c", {}, "en")
    other = parse("my friend has 13911112222", "chitchat", "accept")
    tracker.apply(Event("understood", {"of": 1, "text": other["text"], "parse": other}))
    assert contact_given(Tracker.fresh("c", {}, "en")) is None
    calls = parse("ring me on 13812345678", "human", "accept")
    tracker.apply(Event("understood", {"of": 2, "text": calls["text"], "parse": calls}))
    assert contact_given(tracker) == "13812345678"
