"""A catalogue is published, asked in a conversation, and shown to agents with its path."""

from __future__ import annotations

import argparse

import pytest

from bot.commands import knowledge as commands_knowledge
from tests.integration.bot.conftest import World
from tests.support.timing import within
from tests.unit.retrieval.knowledge.catalogue import CASES, written

pytestmark = pytest.mark.weights


def publish(world: World) -> None:
    given = argparse.Namespace(home=world.home, json=False)
    assert commands_knowledge.publish(given) == 0


@within(90)
async def test_customers_ask_the_catalogue(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    written(world.home / "assistant" / "knowledge")
    publish(world)
    async with world.serving() as app, await app.staffer("agent", "ana") as agent:
        customer = await app.customer(language="en")
        reply = await customer.say("does the shell case for the X200 come in red?")
        assert reply["text"] == "yes, Shell case"
        assert (await customer.say("and in blue?"))["text"] == "no, Shell case: black and red"
        assert (await customer.say("how much is shipping"))["text"].startswith("Shipping costs")
        detail = (await agent.get(f"desk/conversations/{customer.id}")).json()
        shown = [event for event in detail["events"] if event["role"] == "bot"]
        assert [event["template"] for event in shown] == [
            "graph:colour/yes", "graph:colour/no", "utter_shipping_cost",
        ]  # fmt: skip
        assert shown[0]["provenance"]["path"] == [
            {"from": "Shell case", "by": "fits", "to": "Comet X200"},
            {"from": "Shell case", "by": "colours", "to": "red"},
        ]
        written(world.home / "assistant" / "knowledge", cases_csv=CASES.replace("red|", "blue|"))
        publish(world)
        await app.service.releases.follow()
        assert (await customer.say("does the shell case come in blue"))["text"] == "yes, Shell case"
    model = (world.home / "current").resolve()
    asked = argparse.Namespace(model=model, question=["how much is the X200"], json=False)
    capsys.readouterr()
    assert commands_knowledge.ask(asked) == 0
    assert capsys.readouterr().out.startswith("Comet X200: ¥2,999\n")
