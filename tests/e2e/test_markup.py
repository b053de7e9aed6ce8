"""Whatever people write is shown as text."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.faces import Desk, Studio, Widget, conversation_of, overflow
from tests.e2e.serving import Service
from tests.e2e.visitors import PHONE, Visitors

MARKUP = '<img src=x onerror="alert(1)"><script>alert(2)</script><b>Where</b> is my order?'
AGENTS = '<svg onload="alert(3)"></svg> [click](javascript:alert(4)) &lt;b&gt; {order_id}'
ARABIC = "مرحبا، أين طلبي؟ 123 ABC"
EMOJI = "👩🏽‍🚀🎉🇨🇳👨‍👩‍👧‍👦"
LONG = "x" * 1500 + " " + "长" * 1500
LINK = "See https://example.com/a?b=<script>alert(5)</script> for more"


def only_text(element: Locator) -> None:
    """See that an element holds nothing but words, marks and links."""
    assert element.locator(":scope *:not(a, mark, .words)").count() == 0


def direction(element: Locator) -> str:
    found: str = element.evaluate("(at) => getComputedStyle(at).direction")
    return found


@pytest.mark.parametrize("size", [(1280, 800), PHONE], ids=["desktop", "phone"])
def test_messages_are_text_everywhere(
    service: Service, people: Visitors, size: tuple[int, int]
) -> None:
    agent = people.staff(service, "mei", size=size)
    desk = Desk(agent, service.url)
    widget = Widget.on_shop(people.someone(size=size), service.url)
    for text in (MARKUP, ARABIC, EMOJI, LONG):
        widget.ask(text)
    widget.page.get_by_test_id("menu").click()
    widget.page.get_by_test_id("menu-person").click()
    desk.take(conversation_of(widget.page))
    for text in (AGENTS, ARABIC, LINK):
        desk.reply(text)
    expect(widget.messages("agent")).to_have_count(3)

    for face in (widget, desk):
        said = face.messages("customer").get_by_test_id("message-text")
        expect(said).to_have_text([MARKUP, ARABIC, EMOJI, LONG])
        told = face.messages("agent").get_by_test_id("message-text")
        expect(told).to_have_text([AGENTS, ARABIC, LINK])
        for bubble in [*said.all(), *told.all()]:
            only_text(bubble)
        assert [direction(bubble) for bubble in told.all()] == ["ltr", "rtl", "ltr"]
        link = told.last.get_by_role("link")
        expect(link).to_have_attribute("href", "https://example.com/a?b=")
        assert "noopener" in (link.get_attribute("rel") or "")
        assert overflow(face.page) == 0
        for bubble in said.all():
            assert bubble.evaluate("(at) => at.scrollWidth - at.clientWidth") == 0
    desk.hand_back()

    studio = Studio(people.staff(service, "omar", size=size), service.url)
    studio.go("turns")
    for text in (MARKUP, ARABIC):
        shown = studio.page.get_by_test_id("turn-text").get_by_text(text, exact=True).first
        expect(shown).to_be_visible()
        only_text(shown)
    assert overflow(studio.page) == 0
    studio.go("try")
    studio.understand(MARKUP)
    only_text(studio.page.get_by_test_id("parsed-text"))


def test_replies_with_markup_are_shown_as_text_in_the_studio(
    service: Service, people: Visitors
) -> None:
    studio = Studio(people.staff(service, "omar"), service.url)
    lines = [f"{MARKUP} {number}" for number in range(5)]
    studio.draft("odd_markup", AGENTS, lines, {"en": MARKUP})
    expect(studio.page.get_by_test_id("examples")).to_have_value("\n".join(lines))
    answer = studio.page.request.get(f"{service.url}/api/v1/studio/intents")
    assert "odd_markup" not in json.dumps(answer.json())
