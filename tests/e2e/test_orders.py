"""Orders are shown and changed for their owner alone."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.faces import Widget
from tests.e2e.serving import Service
from tests.e2e.visitors import Visitors

EMMAS = "HL20418420"
PRIYAS = "HL20418101"
CHENS = "HL20418610"


def test_a_signed_in_customer_cancels_an_order(service: Service, people: Visitors) -> None:
    widget = Widget.on_shop(people.someone(), service.url)
    widget.sign_in("C1002")
    question = widget.ask("I want to cancel my order")
    assert EMMAS in question
    assert "Pebble desk lamp" in question
    expect(widget.quick_replies).to_have_text(["Yes, cancel it", "No, keep it"])
    answer = widget.press("Yes, cancel it")
    assert EMMAS in answer
    assert "cancelled" in answer

    again = widget.ask(f"What is the status of order {EMMAS}?")
    assert "cancelled" in again


def test_a_visitor_gives_number_and_phone_tail(service: Service, people: Visitors) -> None:
    widget = Widget.on_shop(people.someone(), service.url)
    assert "order number" in widget.ask("I want to cancel my order")
    assert "last four digits" in widget.ask(PRIYAS)
    question = widget.ask("9930")
    assert PRIYAS in question
    assert "Linen bed set" in question
    widget.press("No, keep it")
    expect(widget.quick_replies).to_have_count(0)


def test_five_wrong_tries_lock_an_order(service: Service, people: Visitors) -> None:
    widget = Widget.on_shop(people.someone(), service.url)
    widget.ask("I want to cancel my order")
    for first, second in (("1111", "2222"), ("3333", "4444")):
        assert "last four digits" in widget.ask(CHENS)
        assert "can't find an order" in widget.ask(first)
        assert "can't find an order" in widget.ask(second)
    widget.ask(CHENS)
    assert "locked" in widget.ask("5555")
    expect(widget.quick_replies).to_have_text(["Talk to a person"])

    another = Widget.on_shop(people.someone(), service.url)
    another.ask("I want to cancel my order")
    assert "locked" in another.ask(CHENS)
    assert "Gust" not in another.ask("1187")

    owner = Widget.on_shop(people.someone(), service.url)
    owner.sign_in("C1005")
    assert "Gust" in owner.ask("I want to cancel my order")
