"""Past logs teach which answer follows, by the command, and the release with it serves."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from bot.cli import build_parser, function_at
from bot.home import Home
from bot.operating.review import ReviewQueue
from retrieval.mining.proposals import Proposal
from retrieval.next_template import FILE
from retrieval.templates import LogRef, Template, template_id
from tests.integration.bot.conftest import World
from tests.support.timing import within

pytestmark = pytest.mark.weights
ASKED = "how much is shipping"
MEMBER, GUEST = "You have been a member since May.", "There is no account of yours yet."
FREE, PAID = "Shipping is free for members all year.", "For guests shipping is eight yuan."


def proposal(text: str, asked: str) -> Proposal:
    identifier = template_id("utter_shipping_cost", "en", text)
    return Proposal(
        Template(
            identifier, "utter_shipping_cost", "en", text, ("shipping_cost",), (asked,), "mined",
            (LogRef("old", 1, text),), quality=0.8, status="proposed",
        )
    )  # fmt: skip


def past(number: int) -> dict[str, object]:
    said = (MEMBER, FREE) if number % 2 else (GUEST, PAID)
    texts = (f"it is me, number {number}", said[0], ASKED, said[1])
    turns = [{"role": ("customer", "agent")[at % 2], "text": text} for at, text in enumerate(texts)]
    return {"id": f"past-{number}", "language": "en", "turns": turns}


def alike(number: int) -> dict[str, object]:
    """A conversation whose answer the question alone tells."""
    asked = "is shipping free for members all year"
    turns = [{"role": "customer", "text": asked}, {"role": "agent", "text": FREE}]
    return {"id": f"alike-{number}", "language": "en", "turns": turns}


@within(180)
async def test_what_follows_is_learned_where_the_search_cannot_tell(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = {MEMBER: "it is me", GUEST: "it is me", FREE: ASKED, PAID: ASKED}
    queue = ReviewQueue(Home(world.home))
    queue.offer([proposal(text, question) for text, question in asked.items()], [])
    decided = tmp_path / "decided.jsonl"
    rows = [{**one.as_json(), "status": "live"} for one in queue.proposals()]
    decided.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    log = tmp_path / "old.jsonl"
    log.write_text("".join(json.dumps(past(n)) + "\n" for n in range(64)), encoding="utf-8")

    async def command(*arguments: str) -> dict[str, Any]:
        given = build_parser().parse_args([*arguments, "--home", str(world.home), "--json"])
        assert await asyncio.to_thread(function_at(given.run), given) == 0
        made: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
        return made

    assert (await command("review", "take", str(decided)))["accepted"] == 4
    made = await command("next", "--logs", str(log))
    assert (made["labelled"], made["judged"]) == (128, 128)
    assert made["first_with_network"] > made["first_alone"] + 0.2
    assert made["weight"] > 0
    assert (world.home / "current").resolve().name == made["release"]
    async with world.serving() as app:
        live = app.service.releases.live
        assert live.next_template is not None
        assert live.next_template.weight == made["weight"]
        customer = await app.customer(language="en")
        first, then = await customer.say(ASKED), await customer.say(ASKED)
        assert {first["text"], then["text"]} & {FREE, PAID}

    one = tmp_path / "one.jsonl"
    one.write_text(json.dumps(past(0)) + "\n", encoding="utf-8")
    again = await command("next", "--logs", str(one))
    assert (again["release"], again["weight"]) == (None, 0)
    log.write_text("".join(json.dumps(alike(n)) + "\n" for n in range(64)), encoding="utf-8")
    gone = await command("next", "--logs", str(log))
    assert gone["weight"] == 0
    assert (world.home / "current").resolve().name == gone["release"]
    assert not (world.home / "current" / FILE).exists()
