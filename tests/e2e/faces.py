"""What people do and see in the widget, at the desk and in the studio."""

from __future__ import annotations

import re
from collections.abc import Sequence

from playwright.sync_api import BrowserContext, Locator, Page, expect


class Widget:
    """The chat on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.launcher = page.get_by_test_id("launcher")
        self.panel = page.get_by_test_id("panel")
        self.log = page.get_by_test_id("log")
        self.composer = page.get_by_test_id("composer")
        self.quick_replies = page.get_by_test_id("quick-reply")
        self.contact_form = page.get_by_test_id("contact-form")

    @classmethod
    def on_shop(cls, context: BrowserContext, url: str, language: str = "en") -> Widget:
        """Go to the demo shop and open the chat."""
        page = context.new_page()
        page.goto(f"{url}/?lang={language}")
        widget = cls(page)
        widget.open()
        return widget

    def open(self) -> None:
        """Open the chat."""
        self.launcher.click()
        expect(self.panel).to_be_visible()

    def messages(self, role: str) -> Locator:
        """Messages of one side, in order."""
        return self.panel.locator(f'[data-testid=message][data-role="{role}"]')

    def texts(self, role: str) -> list[str]:
        """What one side has said."""
        return self.messages(role).get_by_test_id("message-text").all_inner_texts()

    def send(self, text: str) -> None:
        """Write a message and see it taken."""
        before = self.messages("customer").count()
        self.composer.fill(text)
        self.composer.press("Enter")
        expect(self.messages("customer")).to_have_count(before + 1)
        expect(self.messages("customer").last).to_have_attribute("data-state", "confirmed")

    def ask(self, text: str) -> str:
        """Write a message and return the bot's answer to it."""
        before = self.messages("bot").count()
        self.send(text)
        return self.answer(before)

    def press(self, title: str) -> str:
        """Press a quick reply and return the bot's answer to it."""
        before = self.messages("bot").count()
        self.quick_replies.filter(has_text=title).click()
        return self.answer(before)

    def answer(self, before: int) -> str:
        """Wait for the bot's answer after ``before`` messages of it; return all of it."""
        expect(self.messages("bot").nth(before)).to_be_visible()
        # a turn ends with the owner's move or silence: nothing streams and nothing is typed
        expect(self.panel.get_by_test_id("partial")).to_have_count(0)
        expect(self.panel.get_by_test_id("typing")).to_have_count(0)
        return "\n".join(self.texts("bot")[before:])

    def sign_in(self, customer: str) -> None:
        """Sign in to the demo shop."""
        self.page.get_by_test_id("sign-in").select_option(customer)
        expect(self.page.locator("frontdesk-chat")).to_have_attribute(
            "customer-token", re.compile(".+")
        )

    def expect_link(self, state: str) -> None:
        """Wait for a state of the connection."""
        expect(self.panel).to_have_attribute("data-link", state)


class Desk:
    """The agents' page."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.page = context.new_page()
        self.page.goto(f"{url}/desk")
        self.waiting = self.page.get_by_test_id("group-waiting").get_by_test_id("queue-item")
        self.mine = self.page.get_by_test_id("group-mine").get_by_test_id("queue-item")
        self.conversation = self.page.get_by_test_id("conversation")
        self.transcript = self.page.get_by_test_id("transcript")
        expect(self.page.get_by_test_id("queue")).to_be_visible()

    def item(self, conversation: str) -> Locator:
        """The queue's line of a conversation."""
        return self.page.locator(f'[data-testid=queue-item][data-conversation="{conversation}"]')

    def take(self, conversation: str) -> None:
        """Open a waiting conversation and take it over."""
        self.item(conversation).click()
        self.page.get_by_test_id("take").click()
        expect(self.conversation).to_have_attribute("data-owner", "agent")
        expect(self.page.get_by_test_id("reply")).to_be_visible()

    def reply(self, text: str) -> None:
        """Answer the customer."""
        field = self.page.get_by_test_id("reply")
        field.fill(text)
        field.press("Enter")
        expect(self.messages("agent").last.get_by_test_id("message-text")).to_have_text(text)
        expect(field).to_have_value("")

    def hand_back(self) -> None:
        """Let the assistant go on."""
        self.page.get_by_test_id("handback").click()
        expect(self.conversation).to_have_attribute("data-owner", "bot")

    def messages(self, role: str) -> Locator:
        """Messages of one side in the open conversation."""
        return self.transcript.locator(f'[data-testid=message][data-role="{role}"]')


class Studio:
    """The operators' page."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.page = context.new_page()
        self.page.goto(f"{url}/studio")
        expect(self.page.get_by_test_id("intents")).to_be_visible()

    def go(self, page: str) -> None:
        """Go to a page by its tab."""
        self.page.get_by_test_id(f"tab-{page}").click()
        expect(self.page.get_by_test_id(f"page-{page}")).to_be_visible()

    def draft(
        self, name: str, description: str, examples: Sequence[str], replies: dict[str, str]
    ) -> None:
        """Fill in the form of a new intent."""
        self.go("intents")
        self.page.get_by_test_id("add-intent").click()
        self.page.get_by_test_id("name").fill(name)
        self.page.get_by_test_id("description").fill(description)
        self.page.get_by_test_id("examples").fill("\n".join(examples))
        for language, text in replies.items():
            self.page.get_by_test_id(f"reply-{language}").fill(text)

    def publish(self) -> None:
        """Teach the drafted intent and see it live."""
        self.page.get_by_test_id("publish").click()
        expect(self.page.get_by_test_id("outcome")).to_be_visible()

    def understand(self, text: str) -> str:
        """Try a message; return the intent that it is taken for."""
        self.page.get_by_test_id("try-text").fill(text)
        self.page.get_by_test_id("try-button").click()
        expect(self.page.get_by_test_id("parsed-text")).to_have_text(text)
        return self.page.get_by_test_id("parse-intent").get_attribute("data-intent") or ""


def conversation_of(page: Page) -> str:
    """Return the id of the conversation that a visitor's browser keeps."""
    found: str = page.evaluate(
        """() => {
          const key = Object.keys(localStorage).filter((name) => name.startsWith('frontdesk:http'))
            .find((name) => !name.includes(':language-on-'));
          return JSON.parse(localStorage.getItem(key)).id;
        }"""
    )
    return found


def overflow(page: Page) -> int:
    """By how many pixels a page is wider than its window."""
    found: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return found
