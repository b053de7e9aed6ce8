"""Mined proposals: reviewed over the API and by file while customers are served."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from bot.cli import build_parser, function_at
from bot.home import Home
from bot.operating.review import ReviewQueue
from retrieval.mining.proposals import Gap, Proposal
from retrieval.templates import LogRef, Template, template_id
from tests.integration.bot.conftest import World
from tests.support.timing import eventually, within

pytestmark = pytest.mark.weights
ASKED = "how much is shipping to the moon base"
ANSWER = "Shipping to the moon base costs a thousand yuan and takes a year."
STATED = "Shipping to the moon base is done by rocket, once a year, in May."


def proposal(text: str, asked: str = ASKED, **more: Any) -> Proposal:
    template = Template(
        id=template_id("utter_shipping_cost", "en", text),
        name="utter_shipping_cost",
        language="en",
        text=text,
        intents=more.pop("intents", ("shipping_cost",)),
        questions=(asked,),
        source="mined",
        provenance=(LogRef("old-1", 1, text),),
        quality=0.8,
        status="proposed",
        flags=more.pop("flags", ()),
    )
    return Proposal(template, **more)


GAP = Gap("gap-1", "uncovered", "jobs", "en", ("are you hiring", "any jobs", "jobs?"), 7)


@within(120)
async def test_a_proposal_serves_when_it_is_accepted_and_goes_with_its_release(
    world: World,
) -> None:
    good = proposal(ANSWER, group="g")
    other = proposal("To the moon base it is a thousand yuan.", group="g")
    bad = proposal("Write me on WhatsApp for the moon base.", flags=("contact",))
    holes = proposal("It costs {amount} to the moon base.")
    ReviewQueue(Home(world.home)).offer([good, other, bad, holes], [GAP])
    async with world.serving() as app, await app.administrator() as admin:
        customer = await app.customer()
        assert (await customer.say(ASKED))["text"] != ANSWER
        before = (await admin.get("studio/intents")).json()["release"]
        page = (await admin.get("studio/proposals", limit=2, language="en")).json()
        assert (page["waiting"], page["gaps"], page["total"]) == (4, 1, 3)
        assert page["proposals"][0]["others"][0]["id"] == other.id
        found = (await admin.get("studio/proposals", flags="suspicious")).json()["proposals"]
        assert [p["id"] for p in found] == [bad.id]
        assert (await admin.get("studio/proposals", query="thousand year")).json()["total"] == 1

        for wrong, body in ((bad, {}), (holes, {}), (good, {"intents": ["nowhere"]})):
            refused = await admin.send(f"studio/proposals/{wrong.id}/accept", body)
            assert refused.status_code == 400, refused.text
        assert (await admin.send("studio/proposals/nothing/accept", {})).status_code == 404
        made = await admin.send(f"studio/proposals/{good.id}/accept", {"merge": [other.id]})
        assert made.status_code == 201, made.text
        assert (await customer.say(ASKED))["text"] == ANSWER
        left = (await admin.get("studio/proposals")).json()["proposals"]
        assert {p["id"] for p in left} == {bad.id, holes.id}

        gone = await admin.send("studio/proposals/reject", {"ids": [bad.id]})
        assert gone.json() == {"rejected": 1}
        assert (await admin.send("studio/gaps/gap-1/made")).json() == {"made": "gap-1"}
        assert (await admin.get("studio/gaps")).json() == {"gaps": []}
        back = await admin.send(f"studio/releases/{before}/promote")
        assert back.status_code == 200
        assert (await customer.say(ASKED))["text"] != ANSWER
        again = await admin.send(f"studio/releases/{made.json()['release']}/promote")
        assert again.status_code == 200
        assert (await customer.say(ASKED))["text"] == ANSWER
        kept = (world.home / "assistant" / "templates" / "accepted.jsonl").read_text()
        assert ANSWER in kept


def run(*arguments: str) -> int:
    given: argparse.Namespace = build_parser().parse_args(arguments)
    return function_at(given.run)(given)


@within(120)
async def test_decisions_by_file_and_the_mode_that_takes_clean_ones(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import asyncio

    log = tmp_path / "old.jsonl"
    said = {
        "en": STATED,
        "bad": "Shipping to the moon base is cheaper at www.moon-ship.example today.",
    }
    rows = [
        {
            "id": f"old-{name}",
            "language": "en",
            "outcome": "resolved",
            "rating": 5,
            "turns": [
                {"role": "customer", "text": ASKED},
                {"role": "agent", "text": text},
                {"role": "customer", "text": "great, thanks"},
            ],
        }
        for name, text in said.items()
    ]
    log.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    home = ("--home", str(world.home))

    async def command(*arguments: str) -> dict[str, Any]:
        capsys.readouterr()
        assert await asyncio.to_thread(run, *arguments) == 0
        summary: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
        return summary

    async with world.serving() as app:
        customer = await app.customer()
        done = await command("mine", "--logs", str(log), *home, "--accept-clean", "--json")
        assert (done["conversations"], done["proposed"], done["accepted"]) == (2, 2, 1)

        async def serves() -> bool:
            return bool(app.service.releases.live.release == done["release"])

        await eventually(serves)
        assert (await customer.say(ASKED))["text"] == STATED
        capsys.readouterr()
        assert await asyncio.to_thread(run, "review", "list", *home) == 0
        (waiting,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert "link" in waiting["flags"]
        decided = tmp_path / "decided.jsonl"
        decided.write_text(json.dumps({**waiting, "status": "rejected"}), encoding="utf-8")
        taken = await command("review", "take", str(decided), *home, "--json")
        assert taken == {"accepted": 0, "rejected": 1}
        again = await command("mine", "--logs", str(log), *home, "--json")
        assert (again["proposed"], again["decided_before"]) == (0, 2)
