"""A customer's conversation with the bot, from the first word on."""

from __future__ import annotations

import asyncio
import json
import time
import uuid

import pytest
from websockets.exceptions import ConnectionClosed

from bot.secrets import make_customer_token
from tests.integration.bot.conftest import World
from tests.support.service import API
from tests.support.timing import within

pytestmark = pytest.mark.weights


@within(60)
async def test_customer_asks_and_the_bot_answers_in_both_languages(world: World) -> None:
    async with world.serving() as app:
        english = await app.customer(language="en")
        reply = await english.say("how much is shipping")
        assert reply["text"] == "Shipping costs 8 yuan, and nothing from 99 yuan."
        assert reply["language"] == "en"
        chinese = await app.customer(language="zh")
        assert (await chinese.say("运费多少"))["text"] == "运费8元，满99元包邮。"
        assert (await english.say("几点营业"))["text"] == "我们每天九点到六点营业。"
        shown = [event["role"] for event in await english.events()]
        assert shown == ["customer", "bot", "customer", "bot"]


@within(60)
async def test_form_asks_and_the_action_acts(world: World) -> None:
    async with world.serving() as app:
        customer = await app.customer()
        asked = await customer.say("cancel my order")
        assert asked["text"] == "Which order is it? Please give me its number."
        between = await customer.say("how much is shipping")
        assert between["text"].startswith("Shipping costs")
        done = await customer.say("20418376")
        assert done["text"] == "Order 20418376 is cancelled."
        assert world.ledger.cancelled == ["20418376"]
        again = await customer.say("please cancel HL20417752")
        assert again["text"] == "Order HL20417752 is cancelled."
        assert world.ledger.cancelled == ["20418376", "HL20417752"]


@within(60)
async def test_what_is_not_understood_gets_a_person_offered(world: World) -> None:
    async with world.serving() as app:
        customer = await app.customer()
        reply = await customer.say("what is the weather on mars")
        assert reply["text"] == "I did not understand that. Shall I get a colleague?"
        [button] = reply["buttons"]
        pressed = await customer.say(button["title"], payload=button["payload"])
        assert pressed["text"].startswith("Nobody is here")


@within(60)
async def test_message_is_taken_once_over_http(world: World) -> None:
    async with world.serving() as app:
        customer = await app.customer()
        name = str(uuid.uuid4())
        answers = await asyncio.gather(*(customer.post("hello", name) for _ in range(5)))
        assert {answer.status_code for answer in answers} == {202}
        bodies = [answer.json() for answer in answers]
        assert [body["duplicate"] for body in bodies].count(False) == 1
        assert len({(body["seq"], body["event_id"]) for body in bodies}) == 1
        await customer.until(lambda event: event["role"] == "bot")
        later = await customer.post("hello", name)
        assert later.json()["duplicate"]
        await customer.say("thank you")
        assert [e["role"] for e in await customer.events()].count("customer") == 2


@within(60)
async def test_message_is_taken_once_over_the_stream(world: World) -> None:
    async with world.serving() as app:
        customer = await app.customer()
        frame = {"type": "message", "client_message_id": "m1", "text": "hello"}
        async with customer.stream() as first:
            await first.send(frame)
            accepted = await first.until(lambda f: f["type"] == "accepted")
            assert (accepted["client_message_id"], accepted["duplicate"]) == ("m1", False)
        async with customer.stream() as second:
            await second.send(frame)
            again = await second.until(lambda f: f["type"] == "accepted")
            assert (again["seq"], again["duplicate"]) == (accepted["seq"], True)
            await second.event("bot")
        assert (await customer.post("hello", "m1")).json()["duplicate"]
        assert [e["role"] for e in await customer.events()] == ["customer", "bot"]


@within(60)
async def test_stream_shows_typing_then_partial_text_then_the_reply(world: World) -> None:
    async with world.serving() as app:
        customer = await app.customer()
        async with customer.stream() as stream:
            await stream.send({"type": "message", "client_message_id": "m", "text": "thanks a lot"})
            await stream.send({"type": "message", "client_message_id": "n", "text": "运费多少"})
            await stream.event("bot")
            reply = await stream.event("bot")
            assert reply["text"] == "运费8元，满99元包邮。"
            partial = [f for f in stream.seen if f["type"] == "partial"]
            assert [f["text"] for f in partial if f["turn"] == reply["turn"]] == ["运费8元，"]
            typing = [f["on"] for f in stream.seen if f["type"] == "typing"]
            assert typing[:2] == [True, False]
            await stream.send({"type": "ping"})
            await stream.until(lambda f: f["type"] == "pong")


@within(60)
async def test_events_come_after_a_number(world: World) -> None:
    async with world.serving() as app:
        customer = await app.customer()
        await customer.say("hello")
        everything = await customer.fetch()
        first, second = everything["events"]
        assert everything["owner"] == "bot"
        assert [e["seq"] for e in await customer.events(first["seq"])] == [second["seq"]]
        end = await customer.fetch(everything["last_seq"])
        assert (end["events"], end["last_seq"]) == ([], everything["last_seq"])
        for bad in ("-1", "x", str(10**30)):
            answer = await app.http.get(
                f"{API}/{customer.id}/events", params={"after": bad}, headers=customer.headers
            )
            assert answer.status_code == 400
            assert answer.json()["error"]["code"] == "bad_request"


@within(90)
async def test_reconnecting_customer_gets_each_event_once(world: World) -> None:
    """Forced disconnects at any moment, with a client that goes on after what it has seen."""
    async with world.serving(messages_per_minute=1000) as app:
        customer = await app.customer()
        seen: list[int] = []
        done = asyncio.Event()

        async def watch() -> None:
            cut = 0
            while not done.is_set():
                cut += 1
                async with customer.stream(after=seen[-1] if seen else 0) as stream:
                    with_end = time.monotonic() + 0.02 * (cut % 7)
                    while time.monotonic() < with_end or cut % 11 == 0:
                        try:
                            frame = await stream.next(0.05)
                        except TimeoutError:
                            break
                        if frame["type"] == "event":
                            seen.append(frame["event"]["seq"])

        watching = asyncio.create_task(watch())
        for number in range(12):
            await customer.say("hello" if number % 2 else "谢谢")
        done.set()
        await watching
        rest = [event["seq"] for event in await customer.events(seen[-1] if seen else 0)]
        assert seen + rest == [event["seq"] for event in await customer.events()]
        assert len(seen) == len(set(seen))


@within(60)
async def test_conversation_goes_on_after_a_restart_of_the_service(world: World) -> None:
    async with world.serving() as app:
        customer = await app.customer()
        await customer.say("cancel my order")
        before = await customer.events()
    async with world.serving() as app:
        again = type(customer)(app.http, app.base, customer.id, customer.token)
        assert await again.events() == before
        assert (await again.say("HL20418376"))["text"] == "Order HL20418376 is cancelled."


@within(60)
async def test_messages_sent_at_once_are_answered_in_their_order(world: World) -> None:
    async with world.serving() as app:
        customer = await app.customer()
        lines = ["hello", "运费多少", "when are you open", "谢谢", "is shipping free"]
        async with customer.stream() as stream:
            for number, text in enumerate(lines):
                frame = {"type": "message", "client_message_id": f"m{number}", "text": text}
                await stream.send(frame)
            for _ in lines:
                await stream.event("bot")
        events = await customer.events()
        turns = [event["turn"] for event in events if event["role"] == "customer"]
        assert [event["turn"] for event in events if event["role"] == "bot"] == turns
        assert [event["text"] for event in events if event["role"] == "customer"] == lines


@within(60)
async def test_signed_in_customer_is_known_to_the_desk_by_his_id(world: World) -> None:
    secret = "s" * 40
    async with world.serving(customer_jwt_secret=secret) as app:
        token = make_customer_token("C1001", secret)
        customer = await app.customer(customer_token=token)
        assert app.service.record.conversation(customer.id).customer_id == "C1001"
        answer = await app.http.post(API, json={"customer_token": token[:-3] + "abc"})
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "unauthenticated"


@within(60)
async def test_too_many_messages_are_slowed_down_and_may_be_sent_again(world: World) -> None:
    async with world.serving(messages_per_minute=2) as app:
        customer = await app.customer()
        answers = [await customer.post("hello", f"m{n}") for n in range(6)]
        codes = [answer.status_code for answer in answers]
        assert 429 in codes
        refused = answers[codes.index(429)].json()["error"]
        assert refused["code"] == "too_many_requests"
        assert refused["fix"]
        async with customer.stream() as stream:
            for number in range(3):
                frame = {"type": "message", "client_message_id": f"w{number}", "text": "hi"}
                await stream.send(frame)
            error = await stream.until(lambda f: f["type"] == "error")
            assert error["error"]["code"] == "too_many_requests"
            assert error["client_message_id"].startswith("w")


@within(60)
async def test_terminal_of_the_stream(world: World) -> None:
    """What is no frame is answered by an error and ends nothing."""
    async with world.serving() as app:
        customer = await app.customer()
        async with customer.stream() as stream:
            for bad in (
                "not json",
                "[]",
                b"\x00\xff binary",
                json.dumps({"type": "nonsense"}),
                json.dumps({"type": "message", "text": "no id"}),
                json.dumps({"type": "message", "client_message_id": "x", "text": 5}),
                json.dumps({"type": "message", "client_message_id": "x", "text": " "}),
                json.dumps({"type": "message", "client_message_id": "x", "text": "x" * 5000}),
                json.dumps({"type": "message", "client_message_id": "x" * 200, "text": "hi"}),
            ):
                await stream.connection.send(bad)
                error = await stream.until(lambda f: f["type"] == "error")
                assert error["error"]["code"] in ("bad_request", "too_large")
            await stream.send({"type": "typing", "on": True})
            await stream.send({"type": "message", "client_message_id": "ok", "text": "hello"})
            assert (await stream.event("bot"))["text"].startswith("Hello")
        async with customer.stream() as stream:
            await stream.connection.send("x" * 100_000)
            with pytest.raises(ConnectionClosed):
                await stream.until(lambda _: False)
        assert (await customer.say("thank you"))["text"] == "You are welcome."
