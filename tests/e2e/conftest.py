"""One browser and one service for all stories; a browser context for each person in them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e import serving, sites
from tests.e2e.serving import Service
from tests.e2e.sites import Site
from tests.e2e.visitors import FLAGS, PATIENCE_MS, Visitors, find_chromium, picturing

collect_ignore = [] if picturing() else ["test_pictures.py"]

# What is shared ends with this folder, not with the session: while Playwright runs, its event
# loop is the thread's running one, and other tests could not start theirs.


NO_BROWSER = "browser tests need Chromium: install it, or name it in FRONTDESK_CHROMIUM"
skipped = pytest.StashKey[int]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the stories; without a browser leave them out, except where nothing may be skipped."""
    here = Path(__file__).parent
    stories = [item for item in items if item.path.is_relative_to(here)]
    for item in stories:
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.weights)
    if find_chromium() is None and os.environ.get("CI") != "true":
        config.stash[skipped] = len(stories)
        config.hook.pytest_deselected(items=stories)
        items[:] = [item for item in items if item not in stories]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say once that there was no browser."""
    if count := config.stash.get(skipped, 0):
        terminalreporter.write_line(f"SKIPPED [{count}] tests/e2e: {NO_BROWSER}", yellow=True)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.fail(NO_BROWSER, pytrace=False)
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def prepared_home(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the shipped retail assistant; FRONTDESK_PREPARED_HOME names one to reuse."""
    if given := os.environ.get("FRONTDESK_PREPARED_HOME"):
        return Path(given)
    cache = os.environ.get("FRONTDESK_CACHE")
    return serving.prepared(Path(cache) if cache else tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="package")
def partner_site() -> Iterator[Site]:
    """A web site that may embed the widget."""
    with sites.serving() as site:
        yield site


@pytest.fixture(scope="package")
def stranger_site() -> Iterator[Site]:
    """A web site that may not."""
    with sites.serving() as site:
        yield site


@pytest.fixture(scope="package")
def service(prepared_home: Path, partner_site: Site) -> Iterator[Service]:
    """The service of most stories, with an administrator, an operator and two agents."""
    with serving.serving(prepared_home, origins=[partner_site.origin]) as running:
        running.administrator()
        running.colleague("mei", "Mei Lin", "agent")
        running.colleague("jonas", "Jonas", "agent")
        running.colleague("omar", "Omar", "operator")
        yield running


@pytest.fixture
def new_service(prepared_home: Path) -> Iterator[Service]:
    """A service on its first day: nobody has set it up, nobody is at the desk."""
    with serving.serving(prepared_home) as running:
        yield running


@pytest.fixture
def people(browser: Browser) -> Iterator[Visitors]:
    """The browsers of a story; an error in any of them that it does not expect fails it."""
    visitors = Visitors(browser)
    yield visitors
    visitors.close()
    assert visitors.unexpected() == []
