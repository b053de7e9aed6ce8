"""The chat itself: what is kept, how it is worked, in which language, and over a bad line."""

from __future__ import annotations

from collections import Counter

from playwright.sync_api import Page, expect

from tests.e2e.faces import Widget
from tests.e2e.serving import Service
from tests.e2e.visitors import Visitors


def focused(page: Page) -> str | None:
    """Return the test id of what has the focus, also inside the widget."""
    found: str | None = page.evaluate(
        """() => {
          let at = document.activeElement;
          while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
          return at?.dataset?.testid ?? null;
        }"""
    )
    return found


def tab_to(page: Page, testid: str, key: str = "Tab", limit: int = 80) -> None:
    """Go on by keyboard until a control has the focus."""
    for _ in range(limit):
        if focused(page) == testid:
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} does not lead to {testid}")


def test_a_reload_shows_every_message_once(service: Service, people: Visitors) -> None:
    context = people.someone()
    widget = Widget.on_shop(context, service.url)
    widget.ask("How much is delivery?")
    widget.ask("Thank you!")
    said = [widget.texts(role) for role in ("customer", "bot")]
    assert max(Counter(said[0]).values()) == 1

    widget.page.reload()
    expect(widget.panel).to_be_hidden()
    widget.open()
    expect(widget.messages("bot")).to_have_count(len(said[1]))
    assert [widget.texts(role) for role in ("customer", "bot")] == said
    other = Widget.on_shop(context, service.url)
    expect(other.messages("bot")).to_have_count(len(said[1]))

    widget.ask("Which payment methods do you take?")
    expect(other.messages("customer")).to_have_count(3)
    expect(other.messages("bot")).to_have_count(widget.messages("bot").count())
    assert other.texts("customer") == widget.texts("customer")


def test_all_of_it_by_keyboard(service: Service, people: Visitors) -> None:
    page = people.someone().new_page()
    page.goto(f"{service.url}/?lang=en")
    widget = Widget(page)
    expect(widget.launcher).to_have_accessible_name("Open chat")
    tab_to(page, "launcher", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(widget.panel).to_be_visible()
    expect(widget.composer).to_be_focused()

    expect(widget.log).to_have_role("log")
    expect(widget.log).to_have_accessible_name("Conversation")
    expect(widget.log).to_have_attribute("aria-live", "polite")
    expect(widget.log).to_have_attribute("aria-relevant", "additions")
    page.keyboard.type("I want to cancel my order HL20418101")
    page.keyboard.press("Enter")
    expect(widget.log.locator('[data-role="bot"]')).to_have_count(1)
    expect(widget.composer).to_be_focused()
    widget.ask("9930")

    tab_to(page, "quick-reply", "Shift+Tab")
    keep = widget.quick_replies.filter(has_text="No, keep it")
    expect(keep).to_be_focused()
    page.keyboard.press("Enter")
    expect(widget.messages("customer").last).to_contain_text("No, keep it")
    expect(widget.messages("bot")).to_have_count(3)
    expect(widget.quick_replies).to_have_count(0)
    expect(widget.composer).to_be_focused()

    tab_to(page, "menu", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("menu-person")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("menu-list")).to_be_hidden()
    expect(page.get_by_test_id("menu")).to_be_focused()
    page.keyboard.press("Escape")
    expect(widget.panel).to_be_hidden()
    expect(widget.launcher).to_be_focused()


def test_chinese_on_a_chinese_page_until_english_is_chosen(
    service: Service, people: Visitors
) -> None:
    widget = Widget.on_shop(people.someone(locale="zh-CN"), service.url, "zh")
    expect(widget.panel).to_have_accessible_name("港湾里")
    expect(widget.composer).to_have_attribute("placeholder", "请输入消息…")
    assert "99元" in widget.ask("买多少钱可以包邮？").replace(" ", "")

    widget.page.get_by_test_id("menu").click()
    widget.page.get_by_test_id("menu-language").click()
    expect(widget.composer).to_have_attribute("placeholder", "Write a message…")
    expect(widget.panel).to_have_accessible_name("Harbour Lane")
    expect(widget.messages("bot")).to_have_count(1)
    assert "¥99" in widget.ask("How much is delivery?")

    widget.page.reload()
    widget.open()
    expect(widget.composer).to_have_attribute("placeholder", "Write a message…")


def test_a_message_written_offline_arrives_once(service: Service, people: Visitors) -> None:
    people.expect_errors("ERR_INTERNET_DISCONNECTED|WebSocket connection to")
    context = people.someone()
    widget = Widget.on_shop(context, service.url)
    widget.ask("How much is delivery?")
    widget.expect_link("live")

    context.set_offline(True)
    widget.composer.fill("Which payment methods do you take?")
    widget.composer.press("Enter")
    message = widget.messages("customer").last
    expect(message).to_have_attribute("data-state", "sending")
    expect(widget.page.get_by_test_id("strip")).to_contain_text("No connection")
    context.set_offline(False)

    expect(message).to_have_attribute("data-state", "confirmed")
    expect(widget.messages("bot")).to_have_count(2)
    widget.expect_link("live")
    widget.ask("Thank you!")
    asked = ["How much is delivery?", "Which payment methods do you take?", "Thank you!"]
    assert widget.texts("customer") == asked
    widget.page.reload()
    widget.open()
    expect(widget.messages("customer")).to_have_count(3)
    assert widget.texts("customer") == asked
    expect(widget.messages("bot")).to_have_count(3)
