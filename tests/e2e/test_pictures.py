"""The pictures of the documentation: ``FRONTDESK_SCREENSHOTS=1 pytest tests/e2e``.

They are drawn by a service of their own, so that nothing of other stories is in them.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e import serving
from tests.e2e.faces import Desk, Studio, Widget, conversation_of
from tests.e2e.serving import ADMIN, Service
from tests.e2e.test_report import explained, made
from tests.e2e.visitors import PHONE, Visitors, picture
from tests.support.processes import ROOT

WIDE = (1440, 900)
TALL = (1280, 1040)
SMALLER = (1080, 760)
EXAMPLES = (
    "are you hiring",
    "do you have any job openings",
    "i'd like to work for you",
    "where can I send my job application?",
    "looking for a part time job in your shop",
    "你们还招人吗",
    "想来你们店上班",
)
REPLIES = {
    "en": "Yes: our Shanghai shop is looking for two people. Leave your application there.",
    "zh": "上海门店正在招两位同事，欢迎到店投递简历。",
}


@pytest.fixture(scope="module")
def shown(prepared_home: Path) -> Iterator[Service]:
    """A service with a team and nobody's conversations."""
    with serving.serving(prepared_home) as running:
        running.administrator()
        running.colleague("mei", "Mei Lin", "agent")
        yield running


def test_shop_and_widget(shown: Service, people: Visitors) -> None:
    emma = Widget.on_shop(people.someone(size=WIDE), shown.url)
    emma.sign_in("C1002")
    emma.ask("Is the blue Drift Pro in stock?")
    emma.ask("I want to cancel my order")
    picture(emma.page, "widget-en")

    yue = Widget.on_shop(people.someone(size=WIDE, locale="zh-CN"), shown.url, "zh")
    yue.sign_in("C1001")
    yue.ask("蓝色的漂流Pro有货吗？")
    yue.ask("我要取消订单")
    picture(yue.page, "widget-zh")

    phone = Widget.on_shop(people.someone(size=PHONE, locale="zh-CN"), shown.url, "zh")
    phone.ask("运费怎么算？")
    phone.ask("收到的杯子碎了")
    picture(phone.page, "widget-phone-zh")


def test_desk(shown: Service, people: Visitors) -> None:
    desk = Desk(people.staff(shown, "mei"), shown.url)
    tom = Widget.on_shop(people.someone(), shown.url)
    tom.ask("can I send opened earphones back?")
    tom.ask("I want to talk to a person")
    chen = Widget.on_shop(people.someone(locale="zh-CN"), shown.url, "zh")
    chen.sign_in("C1005")
    chen.ask("太差劲了，我要投诉")

    emma = Widget.on_shop(people.someone(), shown.url)
    emma.sign_in("C1002")
    emma.ask("Where is my order HL20417810? It should have been here two days ago")
    emma.ask("This is taking forever, let me talk to a person")
    desk.take(conversation_of(emma.page))
    desk.reply("Hello Emma, I have just called the depot in Wuhan: your duvet leaves tonight.")
    emma.send("Oh good, thank you! Will it be here by Friday?")
    expect(desk.messages("customer").last).to_contain_text("by Friday")
    expect(desk.page.get_by_test_id("typing")).to_be_hidden()
    picture(desk.page, "desk")

    phone = Desk(people.staff(shown, "mei", size=PHONE), shown.url)
    picture(phone.page, "desk-phone-queue")
    phone.item(conversation_of(emma.page)).click()
    expect(phone.messages("customer").last).to_contain_text("by Friday")
    picture(phone.page, "desk-phone")


def test_studio(shown: Service, people: Visitors) -> None:
    studio = Studio(people.staff(shown, ADMIN, size=TALL), shown.url)
    picture(studio.page, "studio-intents")
    studio.draft("job_openings", "Wants to work here", EXAMPLES, REPLIES)
    studio.page.evaluate("scrollTo(0, 0)")
    picture(studio.page, "studio-add")
    studio.publish()
    studio.page.get_by_test_id("try-now").click()
    studio.understand("The duvet in HL20417810 is late, when will it reach Chengdu?")
    picture(studio.page, "studio-try")
    studio.go("turns")
    expect(studio.page.get_by_test_id("turn").first).to_be_visible()
    picture(studio.page, "studio-turns")


def test_proposals(shown: Service, people: Visitors) -> None:
    logs = ROOT / "intents" / "packs" / "retail" / "logs"
    command = [sys.executable, "-m", "bot", "mine", "--home", str(shown.home), "--logs", str(logs)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=1200)
    studio = Studio(people.staff(shown, ADMIN, size=TALL), shown.url)
    studio.go("proposals")
    rows = studio.page.get_by_test_id("proposal")
    rows.nth(1).get_by_role("button").first.click()
    expect(studio.page.get_by_test_id("sheet")).to_be_visible()
    picture(studio.page, "studio-proposals")
    studio.page.get_by_test_id("segment-gaps").click()
    expect(studio.page.get_by_test_id("gap").first).to_be_visible()
    picture(studio.page, "studio-gaps")
    phone = Studio(people.staff(shown, ADMIN, size=PHONE, locale="zh-CN"), shown.url)
    phone.go("proposals")
    phone.page.get_by_test_id("filter-language").select_option("zh")
    card = phone.page.get_by_test_id("proposal").first
    card.get_by_role("button").first.click()
    card.evaluate("card => scrollTo(0, card.offsetTop - 120)")
    picture(phone.page, "studio-proposals-phone-zh")


def test_report_and_explanation(shown: Service, people: Visitors) -> None:
    widget = Widget.on_shop(people.someone(), shown.url)
    widget.ask("The duvet I ordered last week is late, when will it reach Chengdu?")
    studio = Studio(people.staff(shown, ADMIN, size=SMALLER), shown.url)
    studio.go("turns")
    turn = studio.page.get_by_test_id("turn").filter(has_text="The duvet").first
    explained(turn)
    turn.scroll_into_view_if_needed()
    picture(studio.page, "studio-why")
    made(studio)
    picture(studio.page, "report-en")
    phone = people.staff(shown, ADMIN, size=PHONE, locale="zh-CN").new_page()
    phone.goto(f"{shown.url}/api/v1/studio/reports/current/page?language=zh#confidence")
    expect(phone.locator("#confidence figure svg").first).to_be_visible()
    picture(phone, "report-phone-zh")
