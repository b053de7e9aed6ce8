"""An operator teaches the assistant something new while customers are talking to it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.faces import Studio, Widget
from tests.e2e.serving import Service
from tests.e2e.visitors import Visitors

QUESTION = "Are you hiring at the moment?"
EXAMPLES = (
    "are you hiring",
    "do you have any job openings",
    "i'd like to work for you",
    "where can I send my job application?",
    "looking for a part time job in your shop",
    "你们还招人吗",
    "想来你们店上班",
)
REPLY = "Yes: our Shanghai shop is looking for two people. Leave your application there."
REPLY_ZH = "上海门店正在招两位同事，欢迎投递简历。"


def test_a_new_intent_answers_the_next_message(service: Service, people: Visitors) -> None:
    widget = Widget.on_shop(people.someone(), service.url)
    connections: list[str] = []
    widget.page.on("websocket", lambda socket: connections.append(socket.url))
    assert REPLY not in widget.ask(QUESTION)
    widget.expect_link("live")
    connections.clear()

    studio = Studio(people.staff(service, "omar"), service.url)
    before = studio.page.get_by_test_id("release").inner_text()
    replies = {"en": REPLY, "zh": REPLY_ZH}
    studio.draft("job_openings", "Wants to work here", EXAMPLES, {})
    expect(studio.page.get_by_test_id("publish")).to_be_disabled()
    studio.draft("job_openings", "Wants to work here", EXAMPLES, replies)
    studio.publish()
    studio.page.get_by_test_id("try-now").click()
    expect(studio.page.get_by_test_id("parse-intent")).to_have_attribute(
        "data-intent", "job_openings"
    )
    expect(studio.page.get_by_test_id("would-reply")).to_have_text(REPLY)

    assert widget.ask(QUESTION) == REPLY
    assert widget.ask("请问你们招人吗") == REPLY_ZH
    assert connections == []

    studio.go("turns")
    turn = studio.page.get_by_test_id("turn").filter(has_text=QUESTION).first
    expect(turn).to_have_attribute("data-intent", "job_openings")
    studio.go("intents")
    assert studio.page.get_by_test_id("release").inner_text() != before
    row = studio.page.locator('[data-testid=intent][data-intent="job_openings"]')
    expect(row.get_by_test_id("count-en")).to_have_text("EN 5")
    expect(row.get_by_test_id("count-zh")).to_have_text("中文 2")


def test_a_changed_reply_is_said_at_once(service: Service, people: Visitors) -> None:
    widget = Widget.on_shop(people.someone(), service.url)
    widget.ask("Do you have gift wrapping?")
    studio = Studio(people.staff(service, "omar"), service.url)
    studio.page.get_by_test_id("search").fill("gift")
    studio.page.locator('[data-testid=intent][data-intent="gift_wrap"]').click()
    reply = "Wrapping with a hand-written card is ¥12 from today."
    studio.page.get_by_test_id("reply-en").fill(reply)
    studio.page.get_by_test_id("save-replies").click()
    expect(studio.page.get_by_test_id("saved")).to_be_visible()
    assert widget.ask("Do you have gift wrapping?") == reply


def test_too_few_or_odd_things_are_not_published(service: Service, people: Visitors) -> None:
    studio = Studio(people.staff(service, "omar"), service.url)
    publish = studio.page.get_by_test_id("publish")
    studio.draft("shipping_cost", "", EXAMPLES, {"en": REPLY})
    expect(studio.page.get_by_text("There is an intent of this name already.")).to_be_visible()
    studio.draft("1st", "", EXAMPLES, {"en": REPLY})
    expect(publish).to_be_disabled()
    studio.draft("jobs_again", "", [*EXAMPLES[:4], EXAMPLES[0]], {"en": REPLY})
    expect(studio.page.get_by_test_id("example-count")).to_have_text("4 of at least 5")
    expect(publish).to_be_disabled()
