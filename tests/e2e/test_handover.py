"""A person takes over from the bot, and gives back to it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.faces import Desk, Widget, conversation_of
from tests.e2e.serving import ADMIN, Service
from tests.e2e.visitors import Visitors
from tests.support.files import png

COUNT_BELLS = """
  window.bells = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...given) {
    window.bells += 1;
    start.apply(this, given);
  };
"""


def leave(page: Page) -> None:
    """Look at another tab, as Playwright otherwise has all pages believe that they are seen."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    page.context.new_page().bring_to_front()
    page.wait_for_function("!document.hasFocus()")


def test_bot_then_person_then_bot(service: Service, people: Visitors) -> None:
    mei = people.staff(service, "mei")
    mei.add_init_script(COUNT_BELLS)
    desk = Desk(mei, service.url)
    desk.page.get_by_test_id("brand").press("Shift")
    leave(desk.page)

    widget = Widget.on_shop(people.someone(), service.url)
    assert "¥99" in widget.ask("How much is delivery?")
    widget.ask("I want to talk to a person")
    expect(widget.panel.locator("[data-notice=handoff_requested]")).to_be_visible()
    customer = conversation_of(widget.page)

    expect(desk.page).to_have_title("(1) Desk · Frontdesk")
    desk.page.wait_for_function("window.bells > 0")
    desk.page.bring_to_front()
    expect(desk.page).to_have_title("Desk · Frontdesk")
    expect(desk.item(customer)).to_contain_text("Asked for a person")
    expect(desk.item(customer)).to_contain_text("How much is delivery?")

    desk.take(customer)
    expect(widget.panel).to_have_attribute("data-owner", "agent")
    expect(widget.page.get_by_test_id("status")).to_have_text("Mei Lin is here for you")
    expect(widget.panel.locator("[data-notice=agent_joined]")).to_be_visible()
    understood = desk.messages("customer").first.get_by_test_id("understood")
    expect(understood).to_have_attribute("data-intent", "shipping_cost")

    sent = {"name": "../mug.html", "mimeType": "text/html", "buffer": png(40, 30)}
    widget.page.get_by_test_id("file").set_input_files(sent)
    expect(widget.panel.get_by_test_id("message-sent-file")).to_have_text("mug.png")
    shown = desk.messages("customer").last.get_by_test_id("sent-image")
    expect(shown).to_be_visible()
    expect(shown).to_have_js_property("naturalWidth", 40)  # shown before it is loaded
    expect(shown).to_have_js_property("naturalHeight", 30)
    with desk.page.expect_download() as kept:
        desk.messages("customer").last.get_by_test_id("sent-file").click()
    assert kept.value.suggested_filename == "mug.png"

    widget.composer.press_sequentially("Is it free for two mugs?")
    expect(desk.page.get_by_test_id("typing")).to_be_visible()
    said_by_bot = widget.texts("bot")
    widget.composer.press("Enter")
    expect(desk.messages("customer").last).to_contain_text("Is it free for two mugs?")
    desk.reply("Two mugs are ¥78, so delivery is ¥8. With a third it is free.")
    expect(widget.messages("agent").last).to_contain_text("With a third it is free.")
    assert widget.texts("bot") == said_by_bot

    desk.hand_back()
    expect(widget.panel).to_have_attribute("data-owner", "bot")
    expect(widget.panel.locator("[data-notice=agent_left]")).to_be_visible()
    assert "¥99" in widget.ask("How much is delivery?")
    expect(desk.item(customer)).to_have_count(0)


def test_only_one_agent_takes_over(service: Service, people: Visitors) -> None:
    desks = [Desk(people.staff(service, name), service.url) for name in ("mei", "jonas")]
    widget = Widget.on_shop(people.someone(), service.url)
    widget.page.get_by_test_id("menu").click()
    widget.page.get_by_test_id("menu-person").click()
    expect(widget.panel.locator("[data-notice=handoff_requested]")).to_be_visible()
    customer = conversation_of(widget.page)

    desks[1].item(customer).click()
    expect(desks[1].page.get_by_test_id("take")).to_be_enabled()
    desks[0].take(customer)
    expect(desks[1].page.get_by_test_id("take")).to_be_disabled()
    expect(desks[1].page.get_by_test_id("not-mine")).to_have_text("Mei Lin has this conversation.")
    expect(desks[1].page.get_by_test_id("group-others")).to_contain_text("Mei Lin")
    desks[0].hand_back()


def test_with_nobody_at_the_desk_a_contact_is_left(new_service: Service, people: Visitors) -> None:
    new_service.administrator()
    widget = Widget.on_shop(people.someone(), new_service.url)
    answer = widget.ask("I want to talk to a person")
    assert "leave your phone number or e-mail" in answer

    expect(widget.contact_form).to_be_visible()
    contact = widget.page.get_by_test_id("contact-value")
    expect(contact).to_be_focused()
    contact.fill("tomorrow")
    contact.press("Enter")
    expect(widget.page.get_by_test_id("contact-problem")).not_to_be_empty()
    contact.fill("emma@example.com")
    widget.page.get_by_test_id("contact-name").fill("Emma")
    widget.page.get_by_test_id("contact-note").fill("My duvet is late")
    widget.page.get_by_test_id("contact-send").click()
    expect(widget.panel.locator("[data-notice=contact_saved]")).to_be_visible()
    expect(widget.contact_form).to_be_hidden()
    assert "¥99" in widget.ask("How much is delivery?")

    desk = Desk(people.staff(new_service, ADMIN), new_service.url)
    desk.item(conversation_of(widget.page)).click()
    expect(desk.page.get_by_test_id("contact")).to_have_text("Emma · emma@example.com")
    expect(desk.page.get_by_test_id("about")).to_contain_text("My duvet is late")
