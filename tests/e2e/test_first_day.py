"""The first administrator, the rights of roles, and no password that works by default."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.faces import Desk
from tests.e2e.serving import SETUP_CODE, Service
from tests.e2e.visitors import Visitors
from tests.support.service import PASSWORD


def fill(page: Page, **fields: str) -> None:
    """Fill a sign-in form in and send it."""
    for name, value in fields.items():
        page.get_by_test_id(name).fill(value)
    page.get_by_test_id("auth-submit").click()


def status(context: BrowserContext, url: str, path: str) -> int:
    return context.request.get(f"{url}/api/v1/{path}").status


def test_set_up_then_colleagues(new_service: Service, people: Visitors) -> None:
    people.expect_errors("status of 40[013]")
    url = new_service.url
    administrator = people.someone()
    for path in ("desk", "studio"):
        page = administrator.new_page()
        page.goto(f"{url}/{path}")
        expect(page.get_by_test_id("setup-form")).to_be_visible()
    for username, password in (("admin", "admin"), ("ada", PASSWORD), ("frontdesk", "frontdesk")):
        login = {"username": username, "password": password}
        assert administrator.request.post(f"{url}/api/v1/auth/login", data=login).status == 401

    account = {"username": "ada", "display_name": "Ada", "password": PASSWORD}
    fill(page, setup_code="000000", **account)
    expect(page.get_by_test_id("auth-problem")).not_to_be_empty()
    fill(page, setup_code=SETUP_CODE, **{**account, "password": "short"})
    expect(page.get_by_test_id("auth-problem")).to_contain_text("10")
    fill(page, setup_code=SETUP_CODE, **account)
    expect(page.get_by_test_id("who")).to_have_text("Ada")
    expect(page.get_by_test_id("intents")).to_be_visible()

    page.get_by_test_id("tab-team").click()
    for field, value in (("username", "mei"), ("display_name", "Mei Lin"), ("password", PASSWORD)):
        page.get_by_test_id(f"user-{field}").fill(value)
    page.get_by_test_id("user-role").select_option("agent")
    page.get_by_test_id("user-add").click()
    expect(page.get_by_test_id("user-added")).to_contain_text("Mei Lin")
    expect(page.get_by_test_id("person")).to_have_count(2)
    mei = page.locator("[data-username=mei]")
    people.accept("Switch the account of Mei Lin off?")
    mei.get_by_test_id("person-switch").click()
    expect(mei).to_have_class("off")
    mei.get_by_test_id("person-switch").click()
    expect(mei).not_to_have_class("off")
    page.get_by_test_id("sign-out").click()
    expect(page.get_by_test_id("login-form")).to_be_visible()
    assert status(administrator, url, "studio/intents") == 401

    agent = people.someone()
    page = agent.new_page()
    page.goto(f"{url}/studio")
    fill(page, username="mei", password="not the password")
    expect(page.get_by_test_id("auth-problem")).to_have_text("User name or password is not right.")
    fill(page, username="mei", password=PASSWORD)
    expect(page.get_by_test_id("no-right")).to_be_visible()
    expect(page.get_by_test_id("intents")).to_have_count(0)
    for path in ("studio/intents", "studio/turns", "auth/users"):
        assert status(agent, url, path) == 403
    desk = Desk(agent, url)
    expect(desk.page.get_by_test_id("to-studio")).to_have_count(0)
    expect(desk.page.get_by_test_id("online")).to_have_text("1 at the desk")


@pytest.mark.parametrize("face", ["desk", "studio"])
def test_nothing_is_shown_before_signing_in(service: Service, people: Visitors, face: str) -> None:
    context = people.someone()
    page = context.new_page()
    page.goto(f"{service.url}/{face}")
    expect(page.get_by_test_id("login-form")).to_be_visible()
    expect(page.get_by_test_id("queue")).to_have_count(0)
    for path in ("desk/queue", "studio/intents", "studio/turns", "auth/users"):
        assert status(context, service.url, path) == 401
