"""Staff asks why a turn was understood as it was."""

from __future__ import annotations

import shutil

import pytest

from tests.integration.bot.conftest import World
from tests.integration.bot.test_swap import ASKED, NEW
from tests.support.timing import within

pytestmark = pytest.mark.weights


@within(90)
async def test_a_turn_is_explained_by_the_release_that_answered_it(world: World) -> None:
    async with (
        world.serving() as app,
        await app.administrator() as admin,
        await app.staffer("agent", "ana") as agent,
    ):
        customer = await app.customer()
        said = await customer.say(ASKED)
        first = (await admin.get("studio/intents")).json()["release"]
        path = f"desk/turns/{said['turn']}/why"
        assert (await app.http.get(f"/api/v1/{path}")).status_code == 401
        before = (await agent.get(path)).json()
        assert (before["release"], before["missing"]) == (first, None)
        assert before["text"] == ASKED
        reply = before["replies"][0]
        assert reply["text"] == said["text"]
        assert reply["generator"] == "template-filler"
        assert reply["provenance"]["checked"] == {"passed": True, "literal": True, "findings": []}
        why = before["why"]
        assert why["release"] == first
        assert 1 <= len(why["nearest"]) <= 5
        assert {word["text"] for word in why["words"]} >= {"gift", "wrap"}
        assert why["threshold"]["name"] in {"accept_at", "reject_at", "least_known"}

        assert (await admin.send("studio/intents", NEW)).status_code == 201
        assert (await agent.get(path)).json() == before
        again = (await agent.get(f"desk/turns/{(await customer.say(ASKED))['turn']}/why")).json()
        assert again["release"] != first
        assert again["why"]["intent"] == "gift_wrap"

        shutil.rmtree(world.home / "releases" / first)
        app.service.whys._former = None
        gone = (await agent.get(path)).json()
        assert (gone["missing"], gone["why"]) == ("release_gone", None)
        assert gone["text"] == ASKED


@within(60)
async def test_a_message_that_the_conversation_gave_its_meaning_says_so(world: World) -> None:
    async with world.serving() as app, await app.administrator() as admin:
        customer = await app.customer()
        await customer.say("when are you open")
        asked = await customer.say("and saturdays")
        answer = (await admin.get(f"desk/turns/{asked['turn']}/why")).json()
        assert answer["read_as"] == "opening_hours"
        clear = await customer.say("how much is shipping")
        assert (await admin.get(f"desk/turns/{clear['turn']}/why")).json()["read_as"] is None


@within(60)
async def test_what_needs_no_understanding_says_so(world: World) -> None:
    async with world.serving() as app, await app.administrator() as admin:
        customer = await app.customer()
        asked = await customer.say("zebra quantum violin harpsichord")
        why = (await admin.get(f"desk/turns/{asked['turn']}/why")).json()["why"]
        assert why["decision"] == "reject"
        assert why["spoke"] == why["signs"][0]["name"]
        payload = asked["buttons"][0]["payload"]
        await customer.post("person", payload=payload)
        pressed = await customer.until(
            lambda e: e["role"] == "customer" and e["seq"] > asked["seq"], 0
        )
        await customer.until(lambda e: e["role"] in ("bot", "system"), pressed["seq"])
        found = (await admin.get(f"desk/turns/{pressed['turn']}/why")).json()
        assert (found["missing"], found["why"]) == ("button", None)
        shrug = await customer.say("?!…")
        found = (await admin.get(f"desk/turns/{shrug['turn']}/why")).json()
        assert found["missing"] == "screened"
        assert (await admin.get("desk/turns/nobody/why")).status_code == 404


@within(60)
async def test_a_tried_message_is_explained_when_asked_for(world: World) -> None:
    async with world.serving() as app, await app.administrator() as admin:
        plain = (await admin.send("studio/parse", {"text": "how much is shipping"})).json()
        assert "why" not in plain
        body = {"text": "how much is shipping", "why": True}
        why = (await admin.send("studio/parse", body)).json()["why"]
        assert why["intent"] == plain["parse"]["intent_ranking"][0]["name"]
