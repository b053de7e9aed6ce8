"""The widget on other people's pages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.faces import Widget
from tests.e2e.serving import Service
from tests.e2e.sites import Site
from tests.e2e.visitors import Visitors


@pytest.mark.parametrize(
    ("language", "question", "answer"),
    [("en", "How much is delivery?", "¥99"), ("zh-CN", "买多少钱可以包邮？", "99元")],
)
def test_one_script_tag_on_an_allowed_site(
    service: Service,
    people: Visitors,
    partner_site: Site,
    language: str,
    question: str,
    answer: str,
) -> None:
    partner_site.embeds, partner_site.language = service.url, language
    page = people.someone().new_page()
    page.goto(partner_site.origin)
    widget = Widget(page)
    widget.open()
    expect(widget.panel).to_have_accessible_name("Tea help")
    assert answer in widget.ask(question).replace(" ", "")
    widget.expect_link("live")

    page.reload()
    widget.open()
    expect(widget.messages("bot")).to_have_count(1)


def test_a_site_that_is_not_allowed_is_refused(
    service: Service, people: Visitors, partner_site: Site, stranger_site: Site
) -> None:
    people.expect_errors("CORS policy|ERR_FAILED|403|WebSocket connection to")
    stranger_site.embeds = service.url
    page = people.someone().new_page()
    page.goto(stranger_site.origin)
    widget = Widget(page)
    widget.open()
    with page.expect_event("requestfailed") as refused:
        widget.composer.fill("How much is delivery?")
        widget.composer.press("Enter")
    assert refused.value.url == f"{service.url}/api/v1/conversations"
    assert page.evaluate("Object.keys(localStorage)") == []
    expect(widget.messages("customer")).not_to_have_attribute("data-state", "confirmed")

    stream = service.url.replace("http", "ws", 1) + "/api/v1/conversations/any/stream"
    opened = """(url) => new Promise((resolve) => {
      const socket = new WebSocket(url);
      socket.onopen = () => resolve('opened');
      socket.onerror = () => resolve('refused');
    })"""
    assert page.evaluate(opened, stream) == "refused"
    desk = service.url.replace("http", "ws", 1) + "/api/v1/desk/stream"
    assert page.evaluate(opened, desk) == "refused"
