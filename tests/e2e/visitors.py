"""People at browsers: each has a context of their own, and every error that it meets is kept."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page

from tests.e2e.serving import Service
from tests.support.processes import ROOT

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = (1280, 800)
PHONE = (390, 844)
PATIENCE_MS = 15_000
PICTURES = ROOT / "docs" / "images"


def find_chromium() -> str | None:
    """Return the browser to test in: the one that CHROMIUM names, else one on the path."""
    given = os.environ.get("FRONTDESK_CHROMIUM") or os.environ.get("CHROMIUM")
    names = (given,) if given else ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


class Visitors:
    """Opens browsers for the people of one test, and knows what went wrong in them."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._expected: list[re.Pattern[str]] = []
        self._accepted: list[str] = []
        self._contexts: list[BrowserContext] = []
        self.met: list[str] = []

    def someone(
        self, *, size: tuple[int, int] = DESKTOP, locale: str = "en-GB", **options: Any
    ) -> BrowserContext:
        """Open a browser that has been nowhere yet."""
        width, height = size
        phone = size == PHONE
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            locale=locale,
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            has_touch=phone,
            is_mobile=phone,
            device_scale_factor=(2 if phone else 1.5) if picturing() else 1,
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.met.append(f"uncaught: {error.error}"))
        context.on("dialog", self._dialog)
        self._contexts.append(context)
        return context

    def staff(self, service: Service, username: str, **options: Any) -> BrowserContext:
        """Open the browser of somebody who is signed in."""
        context = self.someone(**options)
        for name, value in service.cookies(username).items():
            context.add_cookies([{"name": name, "value": value, "url": service.url}])
        return context

    def expect_errors(self, pattern: str) -> None:
        """Take console errors that match for part of the story."""
        self._expected.append(re.compile(pattern))

    def unexpected(self) -> list[str]:
        """Return every error that no test expected."""
        return [met for met in self.met if not any(p.search(met) for p in self._expected)]

    def close(self) -> None:
        """Close all browsers."""
        for context in self._contexts:
            context.close()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "assert"):
            self.met.append(f"{message.text} ({message.location.get('url', '')})")

    def accept(self, question: str) -> None:
        """Say yes from now on where a page asks ``question``."""
        self._accepted.append(question)

    def _dialog(self, dialog: Dialog) -> None:
        if any(question in dialog.message for question in self._accepted):
            dialog.accept()
            return
        self.met.append(f"dialog: {dialog.type} {dialog.message}")
        dialog.dismiss()


def picturing() -> bool:
    """Whether the pictures of the documentation are to be made anew."""
    return os.environ.get("FRONTDESK_SCREENSHOTS") == "1"


def picture(page: Page, name: str) -> None:
    """Save what a page shows for the documentation; ordinary runs leave the tree as it is."""
    if not picturing():
        return
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.evaluate("document.fonts.ready")
    page.mouse.move(0, 0)
    page.screenshot(path=_path(name), animations="disabled", caret="hide")


def _path(name: str) -> Path:
    return PICTURES / f"{name}.png"
