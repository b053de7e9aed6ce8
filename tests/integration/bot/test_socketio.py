from __future__ import annotations

import asyncio

import jwt
import pytest
from structlog.testing import capture_logs
from websockets.exceptions import InvalidStatus

from bot.embedded_redis import EmbeddedRedis
from tests.integration.bot.conftest import World
from tests.support.service import App
from tests.support.socketio import SEPARATOR, Socket, by_polling, by_websocket, upgraded
from tests.support.timing import eventually, within

LONG = "0123456789abcdef-socket"
GREETING = {"text": "Hello! What can I do for you?"}


@within(60)
async def test_customer_talks_by_either_transport_in_the_shapes_of_rasas_widgets(
    world: World,
) -> None:
    async with world.serving() as app:
        assert (await app.http.get("/webhooks/socketio/")).json() == {"status": "ok"}
        for transport in (by_websocket, by_polling):
            async with transport(app.base) as socket:
                session = await socket.session()
                assert len(session) > 16
                assert await socket.say("hello", session) == GREETING
                offered = await socket.say("what is the weather on mars", session)
                assert set(offered) == {"text", "quick_replies"}
                [reply] = offered["quick_replies"]
                assert (reply["content_type"], reply["title"]) == ("text", "Talk to a person")
                pressed = await socket.say(reply["payload"], session)
                assert pressed["text"].startswith("Nobody is here")
        async with by_polling(app.base, upgrade=True) as socket:
            assert await socket.session(LONG) == LONG
            assert await socket.say("hello", LONG) == GREETING


@within(60)
async def test_session_is_kept_over_a_reconnect_and_is_told_what_it_missed(world: World) -> None:
    async with world.serving() as app:
        async with by_websocket(app.base) as socket:
            await socket.session(LONG)
            await socket.say("cancel my order", LONG)
        conversation = app.service.record.by_external_id("socketio", LONG)
        assert conversation is not None
        # said while the page is away
        await app.service.inbox.post(conversation, "HL20418376", client_message_id="away")

        async def answered() -> bool:
            return not app.service.record.open_turns() and len(world.ledger.cancelled) == 1

        await eventually(answered)
        async with by_websocket(app.base) as socket:
            assert await socket.session(LONG) == LONG
            [missed] = await socket.until(lambda: socket.said)
            assert missed == {"text": "Order HL20418376 is cancelled."}
            assert await socket.say("hello", LONG) == GREETING
            assert len(socket.said) == 2
        # who counts gets everything again, with numbers
        async with by_websocket(app.base) as socket:
            await socket.session(LONG, after=0)
            await socket.until(lambda: len(socket.said) == 3)
            numbers = [item["metadata"]["seq"] for item in socket.said]
            assert numbers == sorted(set(numbers))
            again = await socket.session(LONG, after=0)
            assert again == LONG


@within(60)
async def test_same_message_twice_is_acknowledged_twice_and_answered_once(world: World) -> None:
    async with world.serving() as app, by_websocket(app.base) as socket:
        session = await socket.session(LONG)
        body = {"message": "hello", "session_id": session, "message_id": "m1"}
        first = await socket.emit("user_uttered", body, ack=True)
        second = await socket.emit(
            "user_uttered",
            {"message": "hello", "session_id": session, "metadata": '{"message_id": "m1"}'},
            ack=True,
        )
        assert (first["duplicate"], second["duplicate"]) == (False, True)
        assert first["seq"] == second["seq"]
        await socket.until(lambda: socket.said)
        await socket.say("thank you", session)
        assert [item["text"] for item in socket.said] == [GREETING["text"], "You are welcome."]


@within(60)
async def test_guessed_session_does_not_open_anothers_conversation(world: World) -> None:
    async with world.serving(trusted_proxies=("127.0.0.1",)) as app:
        victim = {"x-forwarded-for": "198.51.100.1"}
        stranger = {"x-forwarded-for": "198.51.100.2"}
        async with by_websocket(app.base, **victim) as socket:
            assert await socket.session("bob") == "bob"
            await socket.say("cancel my order", "bob")
        async with by_websocket(app.base, **stranger) as socket:
            assert await socket.session("bob", after=0) == "bob"
            assert "cancelled" not in str(await socket.say("HL20418376", "bob"))
            assert not any("Which order" in str(item) for item in socket.said)


@within(60)
async def test_tokens_open_the_channel_and_bind_its_sessions(world: World) -> None:
    secret = "k" * 40
    async with world.serving(channel_jwt_secret=secret) as app:
        ada = jwt.encode({"sub": "ada"}, secret)
        eve = jwt.encode({"sub": "eve"}, secret)
        async with by_websocket(app.base) as socket:
            assert "token" in socket.refused["message"]
        forged = jwt.encode({"sub": "ada"}, "x" * 40)
        async with by_websocket(app.base, token=forged) as socket:
            assert socket.refused is not None
        async with by_websocket(app.base, token=ada) as socket:
            await socket.session(LONG)
            await socket.say("cancel my order", LONG)
        async with by_websocket(app.base, token=eve) as socket:
            await socket.session(LONG, after=0)
            assert "cancelled" not in str(await socket.say("HL20418376", LONG))
        async with by_polling(app.base, token=ada) as socket:
            await socket.session(LONG)
            assert "cancelled" in str(await socket.say("HL20418376", LONG))


@within(60)
async def test_old_clients_strangers_pages_and_garbage_are_refused(world: World) -> None:
    async with world.serving() as app:
        with capture_logs() as logs:
            for _ in range(3):
                old = await app.http.get("/socket.io/?EIO=3&transport=polling")
                assert old.status_code == 400
                assert old.json()["code"] == 5
                assert "Engine.IO 4" in old.json()["message"]
        assert [item["event"] for item in logs].count("socketio.old_client") == 1
        foreign = {"Origin": "https://evil.example"}
        answer = await app.http.get("/socket.io/?EIO=4&transport=polling", headers=foreign)
        assert answer.status_code == 403
        with pytest.raises(InvalidStatus):
            async with by_websocket(app.base, **foreign):
                pass
        for sid in ("worker-9~nothing", "../../etc~x", "nothing"):
            lost = await app.http.get(f"/socket.io/?EIO=4&transport=polling&sid={sid}")
            assert lost.status_code == 400
        async with by_websocket(app.base) as socket:
            for bad in (None, 5, [], {"message": 5}, {"message": " ", "session_id": LONG}):
                before = len(socket.said)
                await socket.emit("user_uttered", bad)
                await socket.until(lambda n=before: len(socket.said) > n)
                assert "message" in socket.said[-1]["text"]
            assert await socket.say("hello", LONG) == GREETING
            typed = await socket.say('/human{"order_id": "1"}', LONG)
            assert not typed["text"].startswith("Nobody is here")


@within(90)
async def test_polls_that_come_to_the_wrong_worker_reach_the_right_one(
    world: World, redis: EmbeddedRedis
) -> None:
    async with (
        world.serving(worker="worker-0") as first,
        world.serving(worker="worker-1") as second,
    ):
        await _cross(first, second)
        # one of them goes: its sessions are unknown, and the client connects anew
        query = {"EIO": "4", "transport": "polling", "sid": "worker-7~gone"}
        answer = await second.http.get("/socket.io/", params=query)
        assert (answer.status_code, answer.json()["code"]) == (400, 1)


async def _cross(first: App, second: App) -> None:
    """Shake hands with one worker and go on at the other, by both transports."""
    opened = await first.http.get("/socket.io/?EIO=4&transport=polling")
    query = {"EIO": "4", "transport": "polling", "sid": opened.text.split('"')[3]}
    assert query["sid"].startswith("worker-0~")

    async def post(packet: str) -> None:
        answer = await second.http.post("/socket.io/", params=query, content=packet)
        assert answer.text == "OK", answer.text

    socket = Socket(post, query["sid"])

    async def poll() -> None:
        while True:
            answer = await second.http.get("/socket.io/", params=query)
            assert answer.status_code == 200
            for packet in answer.text.split(SEPARATOR):
                if packet == "6":
                    return
                await socket.take(packet)

    task = asyncio.create_task(poll())
    try:
        await socket.join()
        assert await socket.session(LONG) == LONG
        assert await socket.say("hello", LONG) == GREETING
        async with upgraded(second.base, socket, task):
            assert (await socket.say("thank you", LONG))["text"] == "You are welcome."
        # both watch one conversation: what is said to one is heard by the other
        async with by_websocket(first.base) as here, by_websocket(second.base) as there:
            await here.session(LONG)
            await there.session(LONG)
            await here.say("hello", LONG)
            await there.until(lambda: GREETING in there.said)
    finally:
        task.cancel()
