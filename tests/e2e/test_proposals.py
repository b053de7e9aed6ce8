"""Past conversations become an answer: mined, reviewed, accepted, said to the next customer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.e2e.faces import Studio, Widget
from tests.e2e.serving import Service
from tests.e2e.visitors import Visitors
from tests.support.processes import ROOT

ANSWER = "Our gift paper is recycled kraft paper, and the ribbon is cotton."
ASKED = (
    "what is the gift wrapping paper made of?",
    "is the gift wrap paper recycled paper?",
    "which paper do you use for gift wrapping",
)
SPONSORS = (
    "would you sponsor our football team?",
    "can your company sponsor a school football team?",
    "we look for a sponsor for our football club, is that you?",
    "does your firm sponsor sports teams?",
    "sponsoring a youth football team, are you interested?",
)


def talk(number: int, asked: str, said: str, **more: Any) -> str:
    """One past conversation, in which the agent names a customer."""
    turns = [
        {"role": "customer", "text": f"{asked} I'm Ana Bell, 138 0001 55{number:02}"},
        {"role": "agent", "text": f"Hello Ana! {said}"},
        {"role": "customer", "text": "great, thanks"},
    ]
    row = {"id": f"old-{number}", "language": "en", "outcome": "resolved", "rating": 5, **more}
    return json.dumps({**row, "turns": turns}) + "\n"


def mined(service: Service, folder: Path) -> dict[str, Any]:
    """Run ``frontdesk mine`` on a few conversations, as an operator does in a terminal."""
    log = folder / "old-chats.jsonl"
    lines = [talk(n, text, ANSWER) for n, text in enumerate(ASKED)]
    lines.append(talk(20, "how much is gift wrap?", "Ask me on WhatsApp, I wrap it for less."))
    lines += [
        talk(n, text, "We give shirts to two teams a year.") for n, text in enumerate(SPONSORS, 30)
    ]
    log.write_text("".join(lines), encoding="utf-8")
    command = [sys.executable, "-m", "bot", "mine", "--logs", str(log), "--json"]
    command += ["--home", str(service.home)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=300)
    summary: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return summary


def test_an_accepted_answer_is_what_the_next_customer_gets(
    new_service: Service, people: Visitors, tmp_path: Path
) -> None:
    service = new_service
    service.administrator()
    service.colleague("omar", "Omar", "operator")
    widget = Widget.on_shop(people.someone(), service.url)
    assert ANSWER not in widget.ask("is the gift wrap paper recycled?")
    assert mined(service, tmp_path)["proposed"] >= 2

    studio = Studio(people.staff(service, "omar"), service.url)
    studio.go("proposals")
    rows = studio.page.get_by_test_id("proposal")
    assert "WhatsApp" not in " ".join(rows.all_inner_texts())
    good = rows.filter(has_text="recycled kraft")
    good.get_by_role("button").first.click()
    sheet = studio.page.get_by_test_id("sheet")
    expect(sheet.get_by_test_id("log-lines")).to_contain_text("Hello {customer_name}!")
    expect(sheet).not_to_contain_text("Ana")
    expect(sheet.get_by_test_id("asked").locator(".place", has_text="phone").first).to_be_visible()
    expect(sheet.get_by_test_id("proposal-intent")).to_have_value("gift_wrap")
    edited = f"{ANSWER} No plastic."
    sheet.get_by_test_id("proposal-edit").fill(edited)
    sheet.get_by_test_id("accept").click()
    expect(studio.page.get_by_test_id("settled")).to_contain_text("Live in")
    expect(good).to_have_count(0)
    assert widget.ask("is the gift wrap paper recycled?") == edited

    studio.page.get_by_test_id("filter-flags").select_option("suspicious")
    bad = rows.filter(has_text="WhatsApp")
    bad.get_by_role("button").first.click()
    expect(sheet.get_by_test_id("accept")).to_be_disabled()
    sheet.get_by_test_id("reject").click()
    expect(bad).to_have_count(0)
    assert mined(service, tmp_path)["decided_before"] == 2

    studio.page.get_by_test_id("segment-gaps").click()
    gap = studio.page.get_by_test_id("gap").filter(has_text="sponsor")
    gap.get_by_test_id("make-intent").click()
    studio.page.get_by_test_id("name").fill("sponsoring")
    lines = studio.page.get_by_test_id("examples")
    assert "Ana" not in lines.input_value()
    assert "customer name" not in lines.input_value()
    lines.fill("\n".join((*lines.input_value().splitlines(), SPONSORS[-1], "shirts for our team?")))
    studio.publish()
    assert "two teams a year" in widget.ask("would you sponsor our football team?")
    studio.page.goto(f"{service.url}/studio#/gaps")
    expect(studio.page.get_by_test_id("page-gaps")).to_be_visible()
    expect(gap).to_have_count(0)
