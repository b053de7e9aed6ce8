"""Widgets written for Rasa, unmodified, in a real browser against two workers.

``FRONTDESK_WIDGETS`` names a folder with what there is of

- ``chat-widget``: a checkout of RasaHQ/chat-widget, built (``npm ci && npm run build``)
- ``rasa-webchat``: botfront/rasa-webchat as published (``npm pack rasa-webchat``) or built
- ``Chatbot-Widget``: a checkout of JiteshGaikwad/Chatbot-Widget
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import signal
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.support import tiny
from tests.support.installation import Installation, installed

ASKED = "Which order is it? Please give me its number."
HELLO = "Hello! What can I do for you?"
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
"""A picture of one pixel."""

FORGET = {"event": "slot", "name": "order_id", "value": None, "timestamp": None}
ORDER = "please cancel HL20418376"


def part(name: str, *inside: str) -> Path:
    """A part of a widget; skips the test where it is not there."""
    given = os.environ.get("FRONTDESK_WIDGETS")
    if not given:
        pytest.skip("FRONTDESK_WIDGETS names no folder with widgets")
    path = Path(given, name, *inside)
    if not path.exists():
        pytest.skip(f"{path} is not there: see tests/e2e/test_rasa_widgets.py")
    return path


@dataclass
class World:
    """A running installation, and what its action answers."""

    base: str
    installation: Installation
    responses: list[dict[str, Any]] = field(default_factory=list)

    def interrupt(self) -> None:
        """Kill both workers: every connection breaks."""
        for worker in self.installation.children("bot.worker"):
            os.kill(worker, signal.SIGKILL)


@contextlib.contextmanager
def server(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve in a thread; yields the origin."""
    running = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_port}"
    finally:
        running.shutdown()
        thread.join()
        running.server_close()


@pytest.fixture(scope="module")
def pages() -> Iterator[tuple[str, dict[str, Any]]]:
    """A site with files of a folder and a page: its origin, and what it serves."""
    site: dict[str, Any] = {"page": "", "folder": "/nonexistent"}

    class Site(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            picture = self.path.startswith("/pictures/")
            if not picture and self.path.split("?")[0] != "/test.html":
                self.directory = str(site["folder"])
                super().do_GET()
                return
            body = DOT if picture else str(site["page"]).encode()
            self.send_response(200)
            kind = "image/png" if picture else "text/html; charset=utf-8"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with server(Site) as origin:
        yield origin, site


@pytest.fixture(scope="module")
def world(
    pages: tuple[str, dict[str, Any]], browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    part(".")
    cache = os.environ.get("FRONTDESK_CACHE")
    kept = tiny.prepared(Path(cache) if cache else tmp_path_factory.mktemp("cache"))
    responses: list[dict[str, Any]] = []

    class Actions(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            told = {"events": [FORGET], "responses": responses}
            body = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    home = tiny.copied(kept, tmp_path_factory.mktemp("widgets") / "home")
    with (
        server(Actions) as actions,
        tempfile.TemporaryDirectory(prefix="fd-") as run,
        installed(
            home,
            Path(run),
            FRONTDESK_WORKERS="2",
            FRONTDESK_ORIGINS=json.dumps([pages[0]]),
            FRONTDESK_ACTIONS_URL=f"{actions}/webhook",
            FRONTDESK_OPEN_INTENTS='["greet", "restart"]',
            FRONTDESK_CONVERSATIONS_PER_MINUTE="5000",
        ) as installation,
    ):
        yield World(installation.base, installation, responses)


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(20_000)
    yield context
    context.close()


def shown(origin: str) -> list[dict[str, Any]]:
    """What every widget can show: words and a picture."""
    return [
        {"text": "First words.\n\nSecond words."},
        {"image": f"{origin}/pictures/picture.png"},
    ]


OFFERED = [{"text": "Which way?", "buttons": [{"title": "Talk to a person", "payload": "/human"}]}]


# -- chat-widget ----------------------------------------------------------------------------

CHAT_WIDGET = """<!doctype html><html><head>
<script type="module" src="/rasa-chatwidget/rasa-chatwidget.esm.js"></script></head><body>
<rasa-chatbot-widget server-url="{base}" sender-id="{sender}" auto-open="true" message-delay="10"
  {more}></rasa-chatbot-widget></body></html>"""


@pytest.mark.parametrize("way", ["rest", "socket.io"])
def test_chat_widget(
    world: World, pages: tuple[str, dict[str, Any]], visitor: BrowserContext, way: str
) -> None:
    origin, site = pages
    site["folder"] = part("chat-widget", "packages", "ui", "dist")
    more = 'rest-enabled="true"' if way == "rest" else ""
    sender = f"6f1f3a52-0f0a-4f86-a1d2-{way.replace('.', '')}"
    site["page"] = CHAT_WIDGET.format(base=world.base, sender=sender, more=more)
    page = visitor.new_page()
    page.goto(f"{origin}/test.html")
    said = page.locator("rasa-chatbot-widget")
    box = page.get_by_placeholder("Type your message here")

    def say(text: str) -> None:
        box.fill(text)
        box.press("Enter")
        for _ in range(30):
            if box.input_value() == "":
                return
            page.wait_for_timeout(1000)  # it sends nothing until it is connected again
            box.press("Enter")

    say("hello")
    expect(said).to_contain_text(HELLO)
    carousel = {
        "text": "Kettle",
        "image_url": f"{origin}/pictures/k.png",
        "link": f"{origin}/kettle",
    }
    world.responses[:] = [
        *shown(origin),
        {"custom": {"type": "carousel", "elements": [carousel]}},
        {"custom": {"type": "accordion", "elements": [{"title": "More", "text": "Inside."}]}},
    ]
    say(ORDER)
    expect(said).to_contain_text("First words.")
    expect(said).to_contain_text("Second words.")
    expect(page.locator(f"img[src='{origin}/pictures/picture.png']")).to_have_count(1)
    expect(said).to_contain_text("Kettle")
    expect(said).to_contain_text("More")
    world.responses[:] = OFFERED
    say(ORDER)
    page.get_by_text("Talk to a person").click()
    expect(said).to_contain_text("Nobody is here right now.")
    say("cancel my order")
    expect(said).to_contain_text(ASKED)
    world.responses[:] = [{"text": "Cancelled after all."}]
    world.interrupt()
    page.wait_for_timeout(3000)
    say("HL20417752")
    expect(said).to_contain_text("Cancelled after all.", timeout=40_000)
    page.reload()
    expect(said).to_contain_text("Cancelled after all.")


# -- rasa-webchat ---------------------------------------------------------------------------

WEBCHAT = """<!doctype html><html><body><div id="webchat"></div>
<script src="/index.js"></script><script>
WebChat.default({{socketUrl: "{base}", initPayload: "/greet", customData: {{language: "en"}},
  title: "Help", params: {{storage: "local"}}, customMessageDelay: () => 10}}, null);
</script></body></html>"""


def test_rasa_webchat(
    world: World, pages: tuple[str, dict[str, Any]], visitor: BrowserContext
) -> None:
    origin, site = pages
    site["folder"] = part("rasa-webchat", "lib")
    site["page"] = WEBCHAT.format(base=world.base)
    page = visitor.new_page()
    page.goto(f"{origin}/test.html")
    page.locator(".rw-launcher").click()
    said = page.locator(".rw-messages-container")
    expect(said).to_contain_text(HELLO)

    def say(text: str) -> None:
        box = page.locator(".rw-new-message")
        box.fill(text)
        box.press("Enter")

    cards = [
        {
            "title": "Kettle",
            "subtitle": "1.7 litres",
            "image_url": f"{origin}/pictures/kettle.png",
            "buttons": [{"title": "See it", "type": "web_url", "url": f"{origin}/kettle"}],
        }
    ]
    world.responses[:] = [*shown(origin), {"elements": cards}]
    say(ORDER)
    expect(said).to_contain_text("First words.")
    expect(said).to_contain_text("Second words.")
    expect(said.locator(f"img[src='{origin}/pictures/picture.png']")).to_have_count(1)
    expect(said).to_contain_text("Kettle")
    expect(said.locator(f"a[href='{origin}/kettle']")).to_contain_text("See it")
    world.responses[:] = OFFERED
    say(ORDER)
    page.get_by_text("Talk to a person").click()
    expect(said).to_contain_text("Nobody is here right now.")
    say("cancel my order")
    expect(said).to_contain_text(ASKED)
    world.responses[:] = [{"text": "Cancelled after all."}]
    world.interrupt()
    page.wait_for_timeout(3000)
    say("HL20417752")
    expect(said).to_contain_text("Cancelled after all.", timeout=40_000)
    # another page of the site: the same session, and no second greeting
    page.reload()
    expect(said).to_contain_text("Cancelled after all.")
    say("thank you")
    expect(said).to_contain_text("You are welcome.")
    expect(said.get_by_text(HELLO)).to_have_count(1)


# -- Chatbot-Widget -------------------------------------------------------------------------


def test_chatbot_widget(
    world: World, pages: tuple[str, dict[str, Any]], visitor: BrowserContext
) -> None:
    origin, site = pages
    site["folder"] = part("Chatbot-Widget", "index.html").parent
    page = visitor.new_page()
    _led_to(page, "http://localhost:5005", world.base)
    _offline(page, Path(site["folder"]))
    page.goto(f"{origin}/index.html")
    page.wait_for_timeout(5000)
    page.locator("#profile_div").click()
    said = page.locator("#chats")

    def say(text: str) -> None:
        page.locator("#userInput").fill(text)
        page.locator("#userInput").press("Enter")

    say("hello")
    expect(said).to_contain_text(HELLO)
    replies = [{"title": "Yes", "payload": "/human"}]
    world.responses[:] = [
        *shown(origin),
        {"custom": {"payload": "collapsible", "data": [{"title": "Open me", "description": "x"}]}},
    ]
    say(ORDER)
    expect(said).to_contain_text("Second words.")
    expect(said.locator(f"img[src='{origin}/pictures/picture.png']")).to_have_count(1)
    expect(said).to_contain_text("Open me")
    world.responses[:] = OFFERED
    say(ORDER)
    page.get_by_text("Talk to a person").click()
    expect(said).to_contain_text("Nobody is here right now.")
    card = {"image": f"{origin}/pictures/k.png", "title": "Kettle", "ratings": "4"}
    for payload, data in (("quickReplies", replies), ("cardsCarousel", [card])):
        world.responses[:] = [{"custom": {"payload": payload, "data": data}}]
        say(ORDER)
        expect(page.get_by_text("Yes" if payload == "quickReplies" else "Kettle")).to_have_count(1)
    say("cancel my order")
    expect(said).to_contain_text(ASKED)
    world.responses[:] = [{"text": "Cancelled after all."}]
    world.interrupt()
    page.wait_for_timeout(3000)
    say("HL20417752")
    expect(said).to_contain_text("Cancelled after all.", timeout=40_000)


def _offline(page: Page, folder: Path) -> None:
    """Fonts and icons from elsewhere are left out; jQuery is the copy that the widget brings."""
    jquery = (folder / "static" / "js" / "lib" / "jquery.min.js").read_text(encoding="utf-8")

    def answer(route: Route) -> None:
        if "jquery" in route.request.url:
            route.fulfill(body=jquery, content_type="text/javascript")
        else:
            route.abort()

    page.route(re.compile("^https:"), answer)


def _led_to(page: Page, address: str, base: str) -> None:
    """The widget's server address is a constant of its own: lead it to ours."""

    def lead(route: Route) -> None:
        route.continue_(url=route.request.url.replace(address, base))

    page.route(f"{address}/**", lead)
