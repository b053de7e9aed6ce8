"""A neural editor trained on past logs by the command edits the replies of the running service."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bot.cli import build_parser, function_at
from tests.integration.bot.conftest import World
from tests.support.timing import within

pytestmark = pytest.mark.weights
HOURS, HOURS_ZH = "We are here from nine to six every day.", "我们每天九点到六点营业。"
COST, COST_ZH = "Shipping costs 8 yuan, and nothing from 99 yuan.", "运费8元，满99元包邮。"
ASKED = {
    "en": (
        "when are you open",
        "how much is shipping",
        "your hours please",
        "what does delivery cost",
    ),
    "zh": ("几点营业", "运费多少钱", "你们什么时候开门", "寄过来要多少邮费"),
}
SAID = {"en": (HOURS, COST), "zh": (HOURS_ZH, COST_ZH)}
OPENING = {"en": "Hello! ", "zh": "亲~"}


def past(number: int) -> dict[str, object]:
    """A conversation whose agent greets once, with the first answer."""
    language = ("en", "zh")[number % 2]
    asked, said = ASKED[language], SAID[language]
    which = number // 2 % 4
    first, second = asked[which], asked[(which + 1) % 4]
    return {
        "id": f"{language}-{number}",
        "language": language,
        "turns": [
            {"role": "customer", "text": first},
            {"role": "agent", "text": OPENING[language] + said[which % 2]},
            {"role": "customer", "text": second},
            {"role": "agent", "text": said[(which + 1) % 2]},
        ],
    }


@within(180)
async def test_the_editor_greets_as_agents_did_and_says_what_it_did(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "old.jsonl"
    lines = [json.dumps(past(number), ensure_ascii=False) for number in range(64)]
    log.write_text("\n".join(lines), encoding="utf-8")
    command = ["editor", "--logs", str(log), "--home", str(world.home), "--json"]
    given = build_parser().parse_args(command)
    assert await asyncio.to_thread(function_at(given.run), given) == 0
    made = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert sorted(made["phrases"]) == ["Hello!", "亲~"]
    assert made["adds"] is not None
    assert (world.home / "current").resolve().name == made["release"]

    async with (
        world.serving(generator="editor") as app,
        await app.administrator() as admin,
    ):
        for language, answer in (("en", HOURS), ("zh", HOURS_ZH)):
            customer = await app.customer(language=language)
            opened = await customer.say(ASKED[language][0])
            assert opened["text"] == OPENING[language] + answer
            why = (await admin.get(f"desk/turns/{opened['turn']}/why")).json()["replies"][0]
            assert why["generator"] == "editor"
            assert why["provenance"]["edits"] == [
                {"operation": "add", "text": OPENING[language].strip(), "at": 0}
            ]
            assert why["provenance"]["checked"]["passed"]
            later = await customer.say(ASKED[language][1])
            assert not later["text"].startswith(OPENING[language])
    async with world.serving() as app:
        customer = await app.customer(language="en")
        assert (await customer.say(ASKED["en"][0]))["text"] == HOURS
