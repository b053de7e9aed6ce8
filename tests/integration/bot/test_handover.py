"""From the bot to a person and back."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import orjson
import pytest

from bot.secrets import Signer, load_secret
from tests.integration.bot.conftest import World
from tests.support.processes import http, peer
from tests.support.service import API, Customer
from tests.support.timing import eventually, within

pytestmark = pytest.mark.weights


async def _owner(customer: Customer) -> str:
    return str((await customer.fetch())["owner"])


@within(90)
async def test_the_whole_story(world: World) -> None:
    async with world.serving() as app, await app.administrator() as admin:
        async with await app.staffer("agent", "ana") as ana, ana.desk() as desk:
            customer = await app.customer(language="zh")
            async with customer.stream() as stream:
                assert (await customer.say("运费多少"))["text"] == "运费8元，满99元包邮。"
                assert (await customer.say("转人工"))["text"] == "马上为您转接人工客服。"
                await desk.until(lambda f: f["type"] == "queue")
                [item] = (await ana.get("desk/queue")).json()["items"]
                assert item["conversation_id"] == customer.id
                assert (item["status"], item["reason"], item["language"]) == (
                    "waiting",
                    "asked",
                    "zh",
                )
                assert "运费多少" in item["summary"]
                assert await _owner(customer) == "none"

                await desk.send({"type": "watch", "conversation_id": customer.id})
                epoch = await ana.take(customer.id)
                joined = await customer.until(lambda e: e["notice"] == "agent_joined")
                assert joined["text"] == "Ana为您服务。"
                assert await _owner(customer) == "agent"

                await customer.post("你好，我的包裹呢？")
                heard = await desk.until(
                    lambda f: f["type"] == "event" and f["event"]["role"] == "customer"
                )
                assert heard["event"]["text"] == "你好，我的包裹呢？"
                await ana.send(f"desk/conversations/{customer.id}/typing", {"on": True})
                typing = await stream.until(lambda f: f["type"] == "typing" and f["who"] == "agent")
                assert typing["on"]
                answer = await ana.reply(customer.id, "马上帮您查。", epoch)
                assert answer.status_code == 202
                reply = await stream.event("agent")
                assert (reply["text"], reply["agent"]) == ("马上帮您查。", "Ana")
                first = answer.json()

                back = await ana.send(
                    f"desk/conversations/{customer.id}/handback", {"epoch": epoch}
                )
                assert back.status_code == 200
                await customer.until(lambda e: e["notice"] == "agent_left")
                assert await _owner(customer) == "bot"
                said = json.loads(answer.request.content)
                again = await ana.send(f"desk/conversations/{customer.id}/reply", said)
                assert (again.status_code, again.json()) == (202, {**first, "duplicate": True})
                assert (await customer.say("谢谢"))["text"] == "不客气，很高兴帮到您。"
                assert (await admin.get("desk/queue")).json()["items"] == []
        roles = [e["role"] for e in await customer.events()]
        assert "bot" not in roles[roles.index("agent") - 1 : roles.index("agent") + 1]


@within(60)
async def test_staff_sees_what_was_understood_and_customers_do_not(world: World) -> None:
    async with world.serving() as app, await app.administrator() as admin:
        customer = await app.customer()
        await customer.say("please cancel HL20418376")
        found = (await admin.get(f"desk/conversations/{customer.id}")).json()
        said, reply = found["events"]
        assert said["understood"]["intent"] == "cancel_order"
        assert said["understood"]["entities"][0]["value"] == "HL20418376"
        assert reply["template"] == "utter_order_cancelled"
        assert reply["release"]
        assert found["owner"] == "bot"
        shown = str(await customer.events())
        for inside in ("understood", "utter_order_cancelled", reply["release"], "cancel_order"):
            assert inside not in shown


@within(60)
async def test_of_two_agents_one_takes_and_the_other_is_told(world: World) -> None:
    async with (
        world.serving() as app,
        await app.staffer("agent", "ana") as ana,
        await app.staffer("agent", "ben") as ben,
        ana.desk(),
    ):
        customer = await app.customer()
        await customer.say("give me a human")
        path = f"desk/conversations/{customer.id}"
        epoch = (await ana.get(path)).json()["epoch"]
        answers = await asyncio.gather(
            ana.send(f"{path}/take", {"epoch": epoch}), ben.send(f"{path}/take", {"epoch": epoch})
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        winner, loser = (ana, ben) if answers[0].status_code == 200 else (ben, ana)
        held = int(epoch) + 1
        refused = await loser.reply(customer.id, "me too", held)
        assert refused.status_code == 409
        for action in ("take", "handback"):
            answer = await loser.send(f"{path}/{action}", {"epoch": held})
            assert answer.status_code == 409
            assert answer.json()["error"]["code"] == "conflict"
        assert (await winner.reply(customer.id, "hello", held)).status_code == 202
        stale = await winner.reply(customer.id, "hello", held - 1)
        assert stale.status_code == 409


@within(60)
async def test_agents_words_are_written_once(world: World) -> None:
    async with world.serving() as app, await app.staffer("agent", "ana") as ana:
        customer = await app.customer()
        epoch = await ana.take(customer.id)
        body = {"client_message_id": "a1", "text": "Hello", "epoch": epoch}
        path = f"desk/conversations/{customer.id}/reply"
        first, second = await ana.send(path, body), await ana.send(path, body)
        assert first.json()["seq"] == second.json()["seq"]
        assert (first.json()["duplicate"], second.json()["duplicate"]) == (False, True)
        assert [e["role"] for e in await customer.events()].count("agent") == 1
        for bad in ("", "\x00", "x" * 5000):
            assert (await ana.reply(customer.id, bad, epoch)).status_code in (400, 413)


@within(60)
async def test_bot_is_silent_while_a_person_has_the_conversation(world: World) -> None:
    async with world.serving() as app, await app.staffer("agent", "ana") as ana:
        customer = await app.customer()
        await ana.take(customer.id)
        for text in ("hello", "please cancel HL20418376"):
            await customer.post(text)
        assert (await ana.reply(customer.id, "I see", 1)).status_code == 202
        await app.service.turns.drain()
        assert "bot" not in [event["role"] for event in await customer.events()]
        assert world.ledger.calls == []


@within(60)
async def test_takeover_in_the_middle_of_a_turn_silences_the_bot(world: World) -> None:
    async with world.serving() as app, await app.staffer("agent", "ana") as ana:
        customer = await app.customer()
        world.ledger.hold("before")
        await customer.post("please cancel HL20418376")
        await eventually(lambda: len(world.ledger.calls) == 1)
        await customer.post("how much is shipping")
        epoch = await ana.take(customer.id)
        world.ledger.let_go()
        await eventually(lambda: app.service.record.open_turns() == [])
        await app.service.turns.drain()
        assert not [e for e in await customer.events() if e["role"] == "bot"]
        await ana.send(f"desk/conversations/{customer.id}/handback", {"epoch": epoch})
        assert (await customer.say("thank you"))["text"] == "You are welcome."


@within(60)
async def test_message_that_followed_the_handoff_is_not_answered_by_the_bot(world: World) -> None:
    async with (
        world.serving() as app,
        await app.staffer("agent", "ana") as ana,
        ana.desk(),
    ):
        customer = await app.customer()
        async with customer.stream() as stream:
            for number, text in enumerate(("give me a human", "how much is shipping")):
                frame = {"type": "message", "client_message_id": f"m{number}", "text": text}
                await stream.send(frame)
            await stream.event("bot")
        await eventually(lambda: app.service.record.open_turns() == [])
        await app.service.turns.drain()
        replies = [e["text"] for e in await customer.events() if e["role"] == "bot"]
        assert replies == ["A colleague takes over in a moment."]


@within(60)
async def test_takeover_lapses_when_the_agent_is_gone(world: World) -> None:
    options: dict[str, Any] = {"takeover_lapse": 1.5, "presence_ttl": 1.5}
    async with world.serving(**options) as app, await app.staffer("agent", "ana") as ana:
        customer = await app.customer()
        async with ana.desk() as desk:
            await customer.say("give me a human")
            await ana.take(customer.id)
            for _ in range(12):
                await desk.send({"type": "ping"})
                await asyncio.sleep(0.2)
            assert await _owner(customer) == "agent"
        left = await customer.until(lambda e: e["notice"] == "agent_left", seconds=15)
        assert left["text"] == "I am your assistant again."
        assert (await customer.say("thank you"))["text"] == "You are welcome."
        assert (await ana.reply(customer.id, "still here?", 2)).status_code == 409


@within(60)
async def test_wait_that_is_over_is_told_and_the_bot_goes_on(world: World) -> None:
    async with (
        world.serving(handoff_wait=1.5) as app,
        await app.staffer("agent", "ana") as ana,
        ana.desk(),
    ):
        customer = await app.customer()
        await customer.say("give me a human")
        assert await _owner(customer) == "none"
        told = await customer.until(lambda e: e["notice"] == "nobody_free", seconds=15)
        assert told["text"].startswith("Nobody is here right now")
        assert (await customer.say("thank you"))["text"] == "You are welcome."
        assert len((await ana.get("desk/queue")).json()["items"]) == 1
        again = await customer.say("give me a human")
        assert again["text"] == "A colleague takes over in a moment."
        assert await _owner(customer) == "none"
        await ana.take(customer.id)
        assert await _owner(customer) == "agent"


@within(60)
async def test_with_nobody_online_a_contact_is_asked_for(world: World) -> None:
    async with world.serving() as app, await app.administrator() as admin:
        customer = await app.customer()
        reply = await customer.say("give me a human")
        assert reply["text"].startswith("Nobody is here right now")
        assert await _owner(customer) == "bot"
        path = f"{API}/{customer.id}/contact"
        body = {"contact": "13800015521"}
        answer = await app.http.post(path, json=body, headers=customer.headers)
        assert answer.status_code == 201
        assert (await customer.say("thank you"))["text"] == "You are welcome."
        [item] = (await admin.get("desk/queue")).json()["items"]
        assert item["conversation_id"] == customer.id
        found = (await admin.get(f"desk/conversations/{customer.id}")).json()
        assert found["contact"]["contact"] == "13800015521"
        await admin.take(customer.id)
        assert await _owner(customer) == "agent"


@within(60)
async def test_a_contact_written_into_the_chat_reaches_the_desk(world: World) -> None:
    async with world.serving() as app, await app.administrator() as admin:
        customer = await app.customer()
        await customer.say("give me a human")
        reply = await customer.say("call me, 13800015521")
        assert reply["text"].startswith("Thank you")
        told = await customer.until(lambda e: e["notice"] == "contact_saved")
        assert told["text"] == "13800015521"
        [item] = (await admin.get("desk/queue")).json()["items"]
        found = (await admin.get(f"desk/conversations/{customer.id}")).json()
        assert item["conversation_id"] == customer.id
        assert found["contact"] == {
            "contact": "13800015521",
            "name": None,
            "note": "call me, 13800015521",
        }


@within(60)
async def test_person_is_asked_for_by_the_button_beside_the_chat(world: World) -> None:
    async with (
        world.serving() as app,
        await app.staffer("agent", "ana") as ana,
        ana.desk() as desk,
    ):
        customer = await app.customer()
        await customer.say("cancel my order")
        path = f"{API}/{customer.id}/handoff"
        for _ in range(2):
            answer = await app.http.post(path, json={}, headers=customer.headers)
            assert (answer.status_code, answer.json()["online"]) == (202, True)
        await desk.until(lambda f: f["type"] == "queue")
        [item] = (await ana.get("desk/queue")).json()["items"]
        assert item["status"] == "waiting"
        notices = [e["notice"] for e in await customer.events() if e["notice"]]
        assert notices == ["handoff_requested"]
        epoch = await ana.take(customer.id)
        await ana.send(f"desk/conversations/{customer.id}/handback", {"epoch": epoch})
        assert (await customer.say("HL20418376"))["role"] == "bot"


@within(60)
async def test_what_was_said_while_waiting_is_answered_when_the_bot_is_back(world: World) -> None:
    async with (
        world.serving() as app,
        await app.staffer("agent", "ana") as ana,
        ana.desk(),
    ):
        customer = await app.customer()
        await customer.say("give me a human")
        epoch = await ana.take(customer.id)
        await ana.reply(customer.id, "Hello, I hand you back to the assistant.", epoch)
        await customer.post("good morning")
        asked = (await customer.post("how much is shipping")).json()["seq"]
        await ana.send(f"desk/conversations/{customer.id}/handback", {"epoch": epoch})
        reply = await customer.until(lambda e: e["role"] == "bot", asked)
        assert reply["text"].startswith("Shipping costs")
        await asyncio.sleep(0)
        await app.service.turns.drain()
        replies = [e for e in await customer.events(asked) if e["role"] == "bot"]
        assert len(replies) == 1


@within(60)
async def test_webhook_is_told_of_an_escalation_and_can_verify_it(world: World) -> None:
    async with peer(lambda _: http(200, b"")) as (url, seen):
        async with world.serving(escalation_webhook=url) as app:
            customer = await app.customer()
            await customer.say("give me a human")
            await eventually(lambda: len(seen) == 1)
        body = orjson.loads(seen[0])
        assert (body["event"], body["reason"]) == ("escalation.created", "asked")
        assert body["conversation_id"] == customer.id
        assert "human" not in seen[0].decode()


@within(60)
async def test_webhook_that_fails_is_tried_again_and_holds_nothing_up(world: World) -> None:
    answers = iter([http(500, b""), http(200, b"")])
    async with (
        peer(lambda _: next(answers)) as (url, seen),
        world.serving(escalation_webhook=url) as app,
    ):
        customer = await app.customer()
        began = time.monotonic()
        await customer.say("give me a human")
        assert time.monotonic() - began < 5
        await eventually(lambda: len(seen) == 2)
    assert seen[0] == seen[1]


def test_signature_of_the_webhook_is_over_its_body(world: World) -> None:
    signer = Signer(load_secret(world.home, None), "webhook")
    assert signer.verify('{"event":"x"}', signer.sign('{"event":"x"}'))
    assert not signer.verify('{"event":"y"}', signer.sign('{"event":"x"}'))


@within(60)
async def test_agents_words_come_with_the_next_answer_of_the_rest_channel(world: World) -> None:
    async with world.serving() as app:
        sender = "0123456789abcdef-h"

        async def rest(text: str) -> list[str]:
            body = {"sender": sender, "message": text}
            answer = await app.http.post("/webhooks/rest/webhook", json=body)
            return [item["text"] for item in answer.json()]

        assert await rest("hello") == ["Hello! What can I do for you?"]
        async with await app.administrator() as ada:
            conversation = app.service.record.by_external_id("rest", sender)
            assert conversation is not None
            epoch = await ada.take(conversation.id)
            assert (await ada.reply(conversation.id, "I am looking.", epoch)).is_success
            heard = await rest("are you there?")
            assert heard[-1] == "I am looking."
            assert await rest("thanks") == []
