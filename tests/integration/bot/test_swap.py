"""An intent is added while turns are in flight."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.operating import renewal
from bot.operating.renewal_job import NOTE, renew
from tests.integration.bot.conftest import World
from tests.support.service import Customer
from tests.support.timing import eventually, within

pytestmark = pytest.mark.weights
NEW: dict[str, Any] = {
    "name": "gift_wrap",
    "description": "Gift wrapping",
    "examples": [
        "can you wrap it as a gift",
        "do you offer gift wrapping",
        "please put it in gift paper",
        "it is a present, can you wrap it",
        "gift box available?",
        "可以包装成礼物吗",
        "有礼品包装吗",
        "送人的，帮我包装一下",
        "能加个礼盒吗",
        "礼物包装怎么收费",
    ],
    "replies": {"en": "We wrap gifts for free.", "zh": "礼品包装免费。"},
}
ASKED = "could you gift wrap this for me"


@within(90)
async def test_added_intent_answers_the_next_message(world: World) -> None:
    async with world.serving() as app, await app.administrator() as admin:
        customer = await app.customer()
        before = (await admin.get("studio/intents")).json()
        assert "gift_wrap" not in [intent["name"] for intent in before["intents"]]
        made = await admin.send("studio/intents", NEW)
        assert made.status_code == 201, made.text
        assert made.json()["gate"]["passed"]
        assert made.json()["release"] != before["release"]
        assert (await customer.say(ASKED))["text"] == "We wrap gifts for free."
        assert (await customer.say("有礼品包装吗"))["text"] == "礼品包装免费。"
        assert (await customer.say("how much is shipping"))["text"].startswith("Shipping")
        after = (await admin.get("studio/intents")).json()
        [row] = [intent for intent in after["intents"] if intent["name"] == "gift_wrap"]
        assert row["examples"] == {"en": 5, "zh": 5}
        assert row["replies"] == NEW["replies"]
        assert (await admin.send("studio/intents", NEW)).status_code == 409
        releases = (await admin.get("studio/releases")).json()
        assert releases["current"] == made.json()["release"]
        tried = await admin.send("studio/parse", {"text": ASKED})
        assert tried.json()["parse"]["intent"]["name"] == "gift_wrap"
        assert tried.json()["reply"]["text"] == "We wrap gifts for free."
        back = await admin.send(f"studio/releases/{before['release']}/promote")
        assert back.status_code == 200
        assert (await customer.say(ASKED))["text"] != "We wrap gifts for free."


@within(120)
async def test_two_hundred_turns_in_flight_are_each_answered_by_one_release(
    world: World,
) -> None:
    async with (
        world.serving(messages_per_minute=10_000) as app,
        await app.administrator() as admin,
    ):
        before = (await admin.get("studio/intents")).json()["release"]
        customers = [await app.customer() for _ in range(20)]
        lines = ["hello", "运费多少", "when are you open", "谢谢", ASKED]
        swapped = asyncio.Event()

        async def talk(customer: Customer) -> None:
            for number in range(10):
                if number == 5:
                    await swapped.wait()
                answer = await customer.post(lines[number % 5], f"m{number}")
                assert answer.status_code == 202

        async def swap() -> Any:
            answer = await admin.send("studio/intents", NEW)
            swapped.set()
            return answer

        made, *_ = await asyncio.gather(swap(), *(talk(customer) for customer in customers))
        assert made.status_code == 201, made.text
        await eventually(lambda: app.service.record.open_turns() == [], 60)
        await app.service.turns.drain(30)
        used = set()
        for customer in customers:
            events = app.service.record.events(customer.id)
            asked = [e.turn for e in events if e.kind == "user"]
            replies = [e for e in events if e.kind == "bot"]
            assert [e.turn for e in replies] == asked
            used |= {e.data["release"] for e in replies}
            assert len(asked) == 10
        rows = app.service.record.recent_turns(500)
        assert len(rows) == 200
        assert {row["release"] for row in rows} == {before, made.json()["release"]}
        assert used == {before, made.json()["release"]}
        for row in rows:
            if row["release"] == before:
                assert row["intent"] != "gift_wrap"


def test_an_index_that_has_grown_is_built_anew_while_turns_are_answered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    @within(120)
    async def run() -> None:
        async with (
            world.serving(messages_per_minute=10_000) as app,
            await app.administrator() as admin,
        ):
            customer = await app.customer()
            releases, watched = app.service.releases, app.service.renewal
            made = (await admin.send("studio/intents", NEW)).json()["release"]
            assert releases.live.index.moved >= len(NEW["examples"])
            monkeypatch.setattr(renewal, "QUIET", 0.0)
            monkeypatch.setattr(renewal, "LEAST", 1)
            monkeypatch.setattr(renewal, "STALE", 0.01)
            looking = asyncio.create_task(watched.watch(0.02))
            while releases.live.release == made:
                assert (await customer.say(ASKED))["text"] == "We wrap gifts for free."
            looking.cancel()
            renewed = releases.store.get(releases.live.release)
            assert (renewed.facts.parent, renewed.facts.note) == (made, NOTE)
            assert releases.live.index.moved == 0
            assert not renewal.is_stale(releases.live.index)
            assert (await customer.say(ASKED))["text"] == "We wrap gifts for free."
            assert renew(app.service.home, made) is None
            assert releases.store.current_id() == renewed.id

    run()


@within(90)
async def test_words_of_a_reply_change_without_training(world: World) -> None:
    async with world.serving() as app, await app.administrator() as admin:
        customer = await app.customer()
        words = {"en": "Delivery is free this week.", "zh": "本周免运费。"}
        answer = await admin.send("studio/responses/utter_shipping_cost", words, "PUT")
        assert answer.status_code == 200, answer.text
        assert (await customer.say("how much is shipping"))["text"] == words["en"]
        assert (await customer.say("运费多少"))["text"] == words["zh"]
        nowhere = await admin.send("studio/responses/utter_nowhere", words, "PUT")
        assert nowhere.status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "9lives"},
        {"name": "a b"},
        {"name": "x" * 65},
        {"name": "gift_wrap\n"},
        {"examples": ["one", "two", "three", "four"]},
        {"examples": ["same"] * 9},
        {"examples": [" "] * 9, "description": ""},
        {"replies": {}},
        {"replies": {"en": " "}},
        {"replies": {"en": "To {nobody}"}},
        {"replies": {"en": "50 % {"}},
    ],
)
def test_intent_that_cannot_be_is_refused_and_changes_nothing(
    world: World, change: dict[str, Any]
) -> None:
    @within(60)
    async def run() -> None:
        async with world.serving() as app, await app.administrator() as admin:
            files = _files(world)
            before = (await admin.get("studio/releases")).json()
            answer = await admin.send("studio/intents", {**NEW, **change})
            assert answer.status_code in (400, 409), answer.text
            assert answer.json()["error"]["message"]
            assert (await admin.get("studio/releases")).json() == before
            assert _files(world) == files

    run()


def _files(world: World) -> dict[str, bytes]:
    folder = world.home / "assistant"
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix in (".yml", ".jsonl")
    }


@within(90)
async def test_intent_changes_and_goes(world: World) -> None:
    async with world.serving() as app, await app.administrator() as admin:
        customer = await app.customer()
        assert (await admin.send("studio/intents", NEW)).status_code == 201
        changed = {"replies": {"en": "Gift paper costs 5 yuan.", "zh": "礼品纸5元。"}}
        answer = await admin.send("studio/intents/gift_wrap", changed, "PUT")
        assert answer.status_code == 200, answer.text
        assert (await customer.say(ASKED))["text"] == "Gift paper costs 5 yuan."
        found = (await admin.get("studio/intents/gift_wrap")).json()
        assert [e["language"] for e in found["examples"]] == ["en"] * 5 + ["zh"] * 5
        gone = await admin.send("studio/intents/gift_wrap", None, "DELETE")
        assert gone.status_code == 200, gone.text
        assert (await admin.get("studio/intents/gift_wrap")).status_code == 404
        assert (await customer.say(ASKED))["text"] != "Gift paper costs 5 yuan."


@within(90)
async def test_other_workers_follow_the_new_release(world: World) -> None:
    async with world.serving() as first, world.serving() as second:
        async with await first.administrator() as admin:
            made = (await admin.send("studio/intents", NEW)).json()
        await eventually(lambda: second.service.releases.live.release == made["release"])
        customer = await second.customer()
        assert (await customer.say(ASKED))["text"] == "We wrap gifts for free."


@within(60)
async def test_turns_are_shown_with_what_was_understood(world: World) -> None:
    async with world.serving() as app, await app.administrator() as admin:
        customer = await app.customer()
        await customer.say("how much is shipping")
        [row] = (await admin.get("studio/turns", limit=5)).json()["turns"]
        assert row["text"] == "how much is shipping"
        assert row["intent"] == "shipping_cost"
        assert row["template"] == "utter_shipping_cost"
        assert row["reply"].startswith("Shipping costs")
        assert row["conversation_id"] == customer.id
        assert row["ms"] > 0
