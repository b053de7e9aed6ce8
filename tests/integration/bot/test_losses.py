"""Redis or the action server gone: the service says so, goes on, and comes back alone."""

from __future__ import annotations

import os
import signal
import time
import zlib

import orjson
import pytest

from tests.integration.bot.conftest import World
from tests.support.processes import HANG, http, peer
from tests.support.timing import eventually, within

pytestmark = pytest.mark.weights
DOWN = "That does not work at the moment. Shall I get a colleague?"


def _kill_redis(world: World) -> None:
    assert world.redis.pid is not None
    os.kill(world.redis.pid, signal.SIGKILL)
    while world.redis.running:
        time.sleep(0.005)


@within(60)
async def test_redis_killed_in_mid_conversation(world: World) -> None:
    async with world.serving() as app:
        customer = await app.customer()
        await customer.say("cancel my order")
        async with customer.stream() as stream:
            _kill_redis(world)
            reply = await customer.say("HL20418376")
            assert reply["text"] == "Order HL20418376 is cancelled."
            assert (await stream.event("bot"))["text"].startswith("Which order")
            assert (await stream.event("bot"))["text"].startswith("Order HL20418376")
            ready = await app.http.get("/readyz")
            assert ready.status_code == 200
            assert ready.json()["status"] == "degraded"
            assert ready.json()["parts"]["redis"] == "down"
            other = await app.customer()
            assert (await other.say("hello"))["text"].startswith("Hello")
            world.redis.start()

            async def well() -> bool:
                return (await app.ready())["status"] == "ok"

            await eventually(well)
            assert (await customer.say("thank you"))["text"] == "You are welcome."
            assert (await stream.event("bot"))["text"] == "You are welcome."
        assert world.ledger.cancelled == ["HL20418376"]


@within(60)
async def test_service_starts_without_redis(world: World) -> None:
    world.redis.stop()
    async with world.serving() as app:
        customer = await app.customer()
        assert (await customer.say("hello"))["text"].startswith("Hello")
        assert (await app.ready())["parts"]["redis"] == "down"
        world.redis.start()
        await eventually(app.service.sessions.ping)


@within(60)
async def test_emptied_redis_costs_nothing(world: World) -> None:
    async with world.serving() as app:
        customer = await app.customer()
        await customer.say("cancel my order")
        await app.service.sessions._redis.flushall()
        assert (await customer.say("HL20418376"))["text"] == "Order HL20418376 is cancelled."


@within(60)
async def test_unreadable_snapshot_is_folded_anew(world: World) -> None:
    async with world.serving() as app:
        customer = await app.customer()
        await customer.say("cancel my order")
        here = app.service.turns._trackers._here
        for broken in ({}, {"seq": 1}, {"seq": "x", "locked": ""}, {"seq": 2, "locked": "bm90"}):
            here.clear()
            await app.service.sessions.save_snapshot(customer.id, broken)
            await customer.say("thank you")
        here.clear()
        await app.service.sessions.save_snapshot(customer.id, {"seq": None})
        assert (await customer.say("HL20418376"))["text"] == "Order HL20418376 is cancelled."


@within(60)
async def test_action_server_down(world: World) -> None:
    async with world.serving(actions_url="unix:/nowhere/actions.sock") as app:
        customer = await app.customer()
        began = time.monotonic()
        reply = await customer.say("please cancel HL20418376")
        assert time.monotonic() - began < 10
        assert reply["text"] == DOWN
        assert [button["title"] for button in reply["buttons"]] == ["Talk to a person"]
        assert (await app.ready())["parts"]["actions"] == "down"
        assert (await customer.say("how much is shipping"))["text"].startswith("Shipping")


@within(60)
async def test_no_action_server_at_all(world: World) -> None:
    async with world.serving(actions_url=None) as app:
        customer = await app.customer()
        assert (await customer.say("please cancel HL20418376"))["text"] == DOWN


@within(60)
async def test_action_server_that_hangs_ends_within_ten_seconds(world: World) -> None:
    async with world.serving() as app:
        customer = await app.customer()
        world.ledger.hold("before")
        began = time.monotonic()
        reply = await customer.say("please cancel HL20418376", seconds=12)
        assert time.monotonic() - began < 10
        assert reply["text"] == DOWN
        world.ledger.let_go()
        [pressed] = reply["buttons"]
        offered = await customer.say(pressed["title"], payload=pressed["payload"])
        assert offered["text"].startswith("Nobody is here")


@within(60)
async def test_messages_that_queue_behind_a_hanging_action_end_within_ten_seconds(
    world: World,
) -> None:
    async with world.serving() as app:
        customer = await app.customer()
        world.ledger.hold("before")
        began = time.monotonic()
        for number in range(2):
            await customer.post("please cancel HL20418376", f"m{number}")
        seqs = [e["seq"] for e in await customer.events() if e["role"] == "customer"]
        for turn in {e["turn"] for e in await customer.events(seqs[0] - 1)}:
            await customer.until(lambda e, t=turn: e["role"] == "bot" and e["turn"] == t, 0, 12)
        assert time.monotonic() - began < 11


@within(60)
async def test_action_server_slow_once_is_not_slow_for_ever(world: World) -> None:
    def answer(body: bytes) -> bytes:
        asked = orjson.loads(zlib.decompress(body))["tracker"]["latest_message"]["text"]
        cancelled = b'{"events": [], "responses": [{"text": "Cancelled."}]}'
        return HANG if "HL20418376" in asked else http(200, cancelled)

    async with (
        peer(answer) as (url, seen),
        world.serving(actions_url=url, action_timeout=2.0) as app,
    ):
        customer = await app.customer()
        assert (await customer.say("please cancel HL20418376"))["text"] == DOWN
        assert (await customer.say("please cancel HL20417752"))["text"] == "Cancelled."
        assert len(seen) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"garbage",
        b'{"responses": [{"response": "utter_nowhere"}]}',
        b'{"responses": [{"text": "<b>hello</b>"}]}',
        b'{"responses": [{"text": "to {nobody}"}]}',
        b'{"events": [{"event": "slot"}]}',
        b'{"events": [{"event": "followup", "name": "action_nowhere"}]}',
    ],
)
def test_action_that_answers_nonsense_leaves_nobody_in_silence(world: World, body: bytes) -> None:
    @within(40)
    async def run() -> None:
        async with (
            peer(lambda _: http(200, body)) as (url, _),
            world.serving(actions_url=url) as app,
        ):
            customer = await app.customer()
            reply = await customer.say("please cancel HL20418376")
            assert reply["text"] == DOWN
            [button] = reply["buttons"]
            pressed = await customer.say(button["title"], payload=button["payload"])
            assert pressed["text"].startswith("Nobody is here")
            assert (await customer.say("hello"))["text"].startswith("Hello")

    run()


@within(40)
async def test_message_that_cannot_be_understood_at_all_leaves_nobody_in_silence(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world.serving() as app:
        customer = await app.customer(language="zh")

        def broken(*_: object, **__: object) -> None:
            raise RuntimeError("broken")

        with monkeypatch.context() as patch:
            patch.setattr(app.service.releases.live.understanding, "parse_beside", broken)
            reply = await customer.say("运费多少")
            assert reply["text"] == "系统暂时有问题，需要转人工吗？"
            assert [button["title"] for button in reply["buttons"]] == ["转人工"]
        assert (await customer.say("运费多少"))["text"].startswith("运费8元")


@within(40)
async def test_customers_and_agents_see_what_an_action_sends_besides_words(world: World) -> None:
    sent = [
        {"image": "https://shop.example/map.png", "buttons": [{"title": "Yes", "payload": "/x"}]},
        {"text": "Your invoice", "attachment": "https://shop.example/i.pdf"},
        {"custom": {"map": 1}},
        {"image": "javascript:alert(1)"},
    ]
    async with (
        peer(lambda _: http(200, orjson.dumps({"responses": sent}))) as (url, _),
        world.serving(actions_url=url) as app,
        await app.administrator() as admin,
    ):
        customer = await app.customer()
        await customer.say("please cancel HL20418376")
        seen = [e for e in await customer.events() if e["role"] == "bot"]
        assert [(e["text"], e["image"], e["custom"]) for e in seen] == [
            ("", "https://shop.example/map.png", None),
            ("Your invoice", None, None),
            ("", None, {"map": 1}),
            ("", None, None),
        ]
        assert [button["title"] for button in seen[0]["buttons"]] == ["Yes"]
        assert seen[1]["attachment"] == {
            "type": "file",
            "url": "https://shop.example/i.pdf",
            "title": "i.pdf",
        }
        staff = (await admin.get(f"desk/conversations/{customer.id}")).json()
        again = [e for e in staff["events"] if e["role"] == "bot"]
        assert [e["image"] for e in again] == [e["image"] for e in seen]
        assert {known["name"] for known in staff["known"]} == {"order_id"}


@within(40)
async def test_action_may_send_something_else_than_words(world: World) -> None:
    body = b'{"responses": [{"custom": {"map": 1}}, {"text": "Here."}]}'
    async with (
        peer(lambda _: http(200, body)) as (url, _),
        world.serving(actions_url=url) as app,
    ):
        message = {"sender": "0123456789abcdef", "message": "please cancel HL20418376"}
        answer = await app.http.post("/webhooks/rest/webhook", json=message)
        shown = [{k: v for k, v in item.items() if k != "recipient_id"} for item in answer.json()]
        assert shown == [{"custom": {"map": 1}}, {"text": "Here."}]
