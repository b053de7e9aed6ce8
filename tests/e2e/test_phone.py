"""Every page on a phone: nothing is wider than the screen, in either language."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.faces import Desk, Studio, Widget, conversation_of, overflow
from tests.e2e.serving import Service
from tests.e2e.visitors import PHONE, Visitors

WORDS = {
    "en": ("en-GB", "I want to cancel my order", "I want to talk to a person"),
    "zh": ("zh-CN", "我要取消订单", "转人工"),
}


def fits(page: Page) -> None:
    assert overflow(page) == 0, f"{page.url} is {overflow(page)} px too wide"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_is_too_wide(service: Service, people: Visitors, language: str) -> None:
    locale, cancel, person = WORDS[language]
    phone: dict[str, Any] = {"size": PHONE, "locale": locale}
    desk = Desk(people.staff(service, "jonas", **phone), service.url)
    fits(desk.page)

    page = people.someone(**phone).new_page()
    page.goto(f"{service.url}/?lang={language}")
    expect(page.get_by_test_id("product")).to_have_count(16)
    fits(page)
    widget = Widget(page)
    widget.open()
    fits(page)
    widget.ask(cancel)
    widget.ask(person)
    fits(page)
    box = widget.panel.bounding_box()
    assert box is not None
    assert box["width"] == PHONE[0]

    desk.take(conversation_of(page))
    desk.reply("Hello 您好 " + "https://example.com/" + "long-" * 30)
    fits(desk.page)
    desk.page.get_by_test_id("back").click()
    expect(desk.page.get_by_test_id("queue")).to_be_visible()
    expect(widget.messages("agent")).to_have_count(1)
    fits(page)
    desk.mine.first.click()
    desk.hand_back()

    studio = Studio(people.staff(service, "omar", **phone), service.url)
    fits(studio.page)
    studio.page.get_by_test_id("intent").first.click()
    expect(studio.page.get_by_test_id("intent-page")).to_be_visible()
    fits(studio.page)
    studio.page.get_by_test_id("back").click()
    studio.page.get_by_test_id("add-intent").click()
    expect(studio.page.get_by_test_id("new-intent")).to_be_visible()
    fits(studio.page)
    studio.go("try")
    studio.understand(cancel)
    fits(studio.page)
    for tab, rows in (("turns", "turn"), ("releases", "release-row")):
        studio.go(tab)
        expect(studio.page.get_by_test_id(rows).first).to_be_visible()
        fits(studio.page)
