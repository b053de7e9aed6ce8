"""Operators read what a release gets wrong; they and agents ask why it understood as it did."""

from __future__ import annotations

from playwright.sync_api import FrameLocator, Locator, expect

from tests.e2e.faces import Desk, Studio, Widget, conversation_of, overflow
from tests.e2e.serving import Service
from tests.e2e.visitors import PHONE, Visitors

MAKING_MS = 300_000
SMALL = (360, 780)


def made(studio: Studio) -> FrameLocator:
    """Go to the report, have it made if nobody has yet, and return its frame."""
    studio.go("report")
    start, running, failed, frame = (
        studio.page.get_by_test_id(f"report-{name}")
        for name in ("start", "running", "failed", "frame")
    )
    expect(start.or_(running).or_(frame)).to_be_visible()
    if start.is_visible():
        start.click()
        expect(running).to_be_visible()
    expect(frame.or_(failed)).to_be_visible(timeout=MAKING_MS)
    expect(frame).to_be_visible()
    return studio.page.frame_locator("[data-testid=report-frame]")


def test_an_operator_reads_the_report(service: Service, people: Visitors) -> None:
    studio = Studio(people.staff(service, "omar"), service.url)
    report = made(studio)
    expect(report.locator("h1")).to_contain_text("Report on release")
    expect(report.locator("#advice h2")).to_be_visible()
    expect(report.locator("figure svg")).to_have_count(3)
    assert studio.page.locator("iframe").evaluate(
        "f => f.contentDocument.documentElement.scrollHeight <= f.clientHeight + 1"
    )

    studio.page.get_by_test_id("language").click()
    expect(report.locator("h1")).to_contain_text("的报告")
    studio.page.get_by_test_id("language").click()

    with studio.page.context.expect_page() as opened:
        studio.page.get_by_test_id("report-open").click()
    alone = opened.value
    expect(alone.locator("#intents tbody tr").first).to_be_visible()
    rows = alone.locator("#intents tbody tr")
    alone.locator("label[for=sort-name]").click()
    tops = rows.evaluate_all("all => all.map(r => [r.getBoundingClientRect().top, r.innerText])")
    names = [text.split()[0] for _, text in sorted(tops)]
    assert names == sorted(names)
    alone.locator("#confidence summary").first.click()
    expect(alone.locator("#confidence table").first).to_be_visible()


def test_the_report_fits_a_phone(service: Service, people: Visitors) -> None:
    made(Studio(people.staff(service, "omar"), service.url))
    phone = people.staff(service, "omar", size=SMALL, java_script_enabled=False).new_page()
    for language in ("en", "zh"):
        phone.goto(f"{service.url}/api/v1/studio/reports/current/page?language={language}")
        expect(phone.locator("#look h2")).to_be_visible()
        assert phone.locator("main").bounding_box()["width"] <= SMALL[0]  # type: ignore[index]
        for box in phone.locator("section").all():
            found = box.bounding_box()
            assert found is not None
            assert found["x"] + found["width"] <= SMALL[0]


def test_why_a_turn_was_understood_so(service: Service, people: Visitors) -> None:
    question = "How long is the warranty on headphones?"
    widget = Widget.on_shop(people.someone(), service.url)
    widget.ask(question)
    studio = Studio(people.staff(service, "omar"), service.url)
    studio.go("turns")
    turn = studio.page.get_by_test_id("turn").filter(has_text=question).first
    expect(turn.get_by_test_id("why-body")).to_have_count(0)
    explained(turn)
    expect(turn.locator("[data-testid=why-word][data-level='3']").first).to_be_visible()

    studio.go("try")
    studio.understand("保修期多久？")
    parse = studio.page.get_by_test_id("parse")
    explained(parse)
    expect(parse.get_by_test_id("why-nearest")).to_have_count(5)


def test_an_agent_asks_why(service: Service, people: Visitors) -> None:
    desk = Desk(people.staff(service, "mei", size=PHONE), service.url)
    widget = Widget.on_shop(people.someone(), service.url)
    widget.ask("my parcel is three days late")
    widget.ask("I want to talk to a person")
    conversation = conversation_of(widget.page)
    desk.item(conversation).click()
    message = desk.messages("customer").first
    explained(message)
    assert overflow(desk.page) == 0


def explained(place: Locator) -> None:
    """Open the explanation and see what it rests on."""
    place.get_by_test_id("why").locator("summary").click()
    body = place.get_by_test_id("why-body")
    expect(body).to_be_visible()
    expect(body.get_by_test_id("why-verdict")).not_to_be_empty()
    expect(body.get_by_test_id("why-words")).to_be_visible()
    expect(body.get_by_test_id("why-nearest").first).to_be_visible()
