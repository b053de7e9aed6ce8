"""Channels that are told by requests: Chatwoot's agent bot, callbacks, the signed webhook."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import orjson

from bot.delivery.outgoing import signed
from tests.integration.bot.conftest import World
from tests.support.farend import HANG, FarEnd, chatwoots_rules, serving, signed_with
from tests.support.service import App
from tests.support.timing import eventually, within

SECRET = "a webhook's own secret"


def event(number: int, content: str | None, **more: Any) -> dict[str, Any]:
    """A ``message_created`` as Chatwoot sends it."""
    body = {
        "event": "message_created",
        "id": number,
        "content": content,
        "content_type": "text",
        "content_attributes": {},
        "message_type": "incoming",
        "private": False,
        "created_at": "2026-03-02T09:04:24.551Z",
        "source_id": None,
        "sender": {"id": 5, "name": "Emma", "email": None, "phone_number": None},
        "account": {"id": 1, "name": "Shop"},
        "inbox": {"id": 2, "name": "Site"},
        "conversation": {"id": 77, "status": "pending", "inbox_id": 2, "labels": [], "meta": {}},
    }
    return {**body, **more}


def options(end: FarEnd) -> dict[str, Any]:
    return {"chatwoot_url": end.url, "chatwoot_token": "bot-token", "chatwoot_secret": SECRET}


async def tell(app: App, body: dict[str, Any]) -> str:
    """Post an event as Chatwoot does; it must be answered at once."""
    raw = orjson.dumps(body)
    headers = {k.replace("Frontdesk", "Chatwoot"): v for k, v in signed(SECRET, raw).items()}
    answer = await app.http.post("/webhooks/chatwoot", content=raw, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["status"])


@within(60)
async def test_customer_in_chatwoot_is_answered_and_handed_over(world: World) -> None:
    async with serving(chatwoots_rules) as chatwoot:
        async with world.serving(**options(chatwoot)) as app:
            assert await tell(app, event(1, "hello")) == "accepted"
            assert await tell(app, event(1, "hello")) == "duplicate"
            # answers of the bot, notes, and conversations that people have, are not for it
            mine = event(2, "hello", message_type="outgoing")
            others = {"id": 77, "status": "open"}
            for other in (
                mine,
                event(3, "hello", private=True),
                event(4, "hello", conversation=others),
                {**event(5, "hello"), "event": "conversation_resolved"},
            ):
                assert await tell(app, other) == "ignored"
            await eventually(lambda: len(chatwoot.bodies("/messages")) == 1)
            assert await tell(app, event(9, "what is the weather on mars")) == "accepted"
            # overtaken by a later one, with a file and no words
            assert (
                await tell(app, event(8, None, attachments=[{"file_type": "image"}])) == "accepted"
            )
            await eventually(lambda: len(chatwoot.bodies("/messages")) == 3)
            first, offered, wordless = chatwoot.bodies("/messages")
            assert first["content"].startswith("Hello")
            assert wordless["content"] == "Please write a few words."
            assert offered["content_type"] == "input_select"
            [item] = offered["content_attributes"]["items"]
            chosen = event(
                12,
                offered["content"],
                event="message_updated",
                content_type="input_select",
                message_type="outgoing",
                content_attributes={"submitted_values": [item]},
            )
            assert await tell(app, chosen) == "accepted"
            await eventually(lambda: chatwoot.bodies("/toggle_status") == [{"status": "open"}])
            assert chatwoot.bodies("/messages")[-1]["content"].startswith("A colleague takes over")
            assert {"typing_status": "on"} in chatwoot.bodies("/toggle_typing_status")
            # given back, it answers again; its people were Chatwoot's own
            assert await tell(app, event(13, "thank you")) == "accepted"
            await eventually(
                lambda: chatwoot.bodies("/messages")[-1]["content"] == "You are welcome."
            )
            assert app.service.record.queue() == []
            assert len(chatwoot.bodies("/messages")) == 5
        assert chatwoot.wrong == []


@within(90)
async def test_answers_survive_a_chatwoot_that_fails_and_a_worker_that_ends(world: World) -> None:
    async with serving(chatwoots_rules) as chatwoot:
        async with world.serving(worker="worker-0", **options(chatwoot)) as app:
            app.service.chatwoot.typing = _no_typing  # type: ignore[union-attr, method-assign]
            chatwoot.statuses = [503, 429]
            await tell(app, event(1, "hello"))
            await tell(app, event(2, "thank you"))
            await eventually(lambda: len(chatwoot.bodies("/messages")) == 2, 15)
            texts = [body["content"] for body in chatwoot.bodies("/messages")]
            assert texts == ["Hello! What can I do for you?", "You are welcome."]
            # what may have arrived is not said twice
            chatwoot.statuses = [500]
            await tell(app, event(3, "hello"))
            await tell(app, event(4, "thank you"))
            await eventually(lambda: len(chatwoot.bodies("/messages")) == 3, 15)
            assert chatwoot.bodies("/messages")[-1]["content"] == "You are welcome."
            # nothing is there at all, and the worker ends
            chatwoot.statuses = [503] * 50
            await tell(app, event(5, "hello"))
            await eventually(lambda: len(chatwoot.statuses) < 50)
        chatwoot.statuses = []
        async with world.serving(worker="worker-0", **options(chatwoot)):
            await eventually(lambda: len(chatwoot.bodies("/messages")) == 4, 20)
        assert chatwoot.wrong == []


async def _no_typing(recipient: str, on: bool) -> None:
    """Leave the scripted answers to the messages."""


@within(60)
async def test_acknowledgement_does_not_wait_for_a_chatwoot_that_hangs(world: World) -> None:
    async with serving(chatwoots_rules) as chatwoot, world.serving(**options(chatwoot)) as app:
        chatwoot.statuses = [HANG] * 20
        began = time.monotonic()
        for number in range(8):
            await tell(app, event(number, "hello"))
        # far less than one answer of Chatwoot would take
        assert time.monotonic() - began < 5.0


@within(60)
async def test_webhooks_without_a_right_signature_are_refused(world: World) -> None:
    async with world.serving() as app:
        for path in ("/webhooks/chatwoot", f"/webhooks/chatwoot/{SECRET}", "/webhooks/signed"):
            assert (await app.http.post(path, content=b"{}")).status_code == 404
    async with serving(chatwoots_rules) as chatwoot:
        given = {"webhook_secret": SECRET, **options(chatwoot)}
        async with world.serving(**given) as app:
            raw = orjson.dumps(event(1, "hello"))
            by_address = await app.http.post(f"/webhooks/chatwoot/{SECRET}", content=raw)
            assert by_address.json() == {"status": "accepted"}
            wrong = await app.http.post("/webhooks/chatwoot/guess", content=raw)
            assert wrong.status_code == 404
            old = signed(SECRET, raw, int(time.time()) - 400)
            ahead = signed(SECRET, raw, int(time.time()) + 400)
            for headers in (
                {},
                signed("another", raw),
                signed(SECRET, raw + b" "),
                old,
                ahead,
                {**signed(SECRET, raw), "X-Frontdesk-Timestamp": "now"},
            ):
                for path, name in (("chatwoot", "Chatwoot"), ("signed", "Frontdesk")):
                    given = {k.replace("Frontdesk", name): v for k, v in headers.items()}
                    answer = await app.http.post(f"/webhooks/{path}", content=raw, headers=given)
                    assert answer.status_code == 401
            for bad in (b"", b"[]", b"{}", b'{"id": 1, "sender": "x"}'):
                answer = await app.http.post(
                    "/webhooks/signed", content=bad, headers=signed(SECRET, bad)
                )
                assert answer.status_code == 400
            for bad in (
                event(2, "x", account=None),
                event(True, "x"),
                event(3, "x", account={"id": "../1"}),
            ):
                raw = orjson.dumps(bad)
                headers = {
                    k.replace("Frontdesk", "Chatwoot"): v for k, v in signed(SECRET, raw).items()
                }
                answer = await app.http.post("/webhooks/chatwoot", content=raw, headers=headers)
                assert answer.status_code == 400


@within(60)
async def test_signed_webhook_and_callback_take_messages_and_are_told_the_replies(
    world: World,
) -> None:
    async with serving(signed_with(SECRET)) as end:
        given = {"webhook_secret": SECRET, "webhook_url": f"{end.url}/hook"}
        async with world.serving(callback_url=f"{end.url}/callback", **given) as app:
            body = {"id": 1, "sender": "shop-12", "message": "hello", "metadata": {"page": "/a"}}
            raw = orjson.dumps(body)
            first = await app.http.post(
                "/webhooks/signed", content=raw, headers=signed(SECRET, raw)
            )
            again = await app.http.post(
                "/webhooks/signed", content=raw, headers=signed(SECRET, raw)
            )
            assert (first.status_code, again.json()["duplicate"]) == (202, True)
            intent = orjson.dumps({"id": 2, "sender": "shop-12", "message": "/human"})
            end.statuses = [500]  # a receiver that can tell repetitions is told again
            await app.http.post("/webhooks/signed", content=intent, headers=signed(SECRET, intent))
            await eventually(lambda: len(end.bodies("/hook")) == 3, 15)
            greeting, handing, handoff = end.bodies("/hook")
            assert greeting["messages"] == [{"text": "Hello! What can I do for you?"}]
            assert (greeting["recipient_id"], greeting["role"]) == ("shop-12", "bot")
            assert handing["messages"][0]["text"].startswith("Nobody is here")
            assert (handoff["type"], handoff["messages"]) == ("handoff", [])
            numbers = [item["seq"] for item in end.bodies("/hook")]
            assert numbers == sorted(set(numbers))
            keys = [h["x-frontdesk-delivery"] for path, _, h in end.calls if path == "/hook"]
            assert len(set(keys)) == 3

            assert (await app.http.get("/webhooks/callback/")).json() == {"status": "ok"}
            message = {"sender": "0123456789abcdef-g", "message": "thank you"}
            taken = await app.http.post("/webhooks/callback/webhook", json=message)
            assert taken.text == "success"
            await eventually(lambda: len(end.bodies("/callback")) == 1)
            assert end.bodies("/callback") == [
                {"recipient_id": message["sender"], "text": "You are welcome."}
            ]
            empty = {"sender": message["sender"], "message": " "}
            assert (
                await app.http.post("/webhooks/callback/webhook", json=empty)
            ).status_code == 400
        assert end.wrong == []
    await asyncio.sleep(0)


@within(60)
async def test_files_of_chatwoots_customers_come_into_the_record(world: World) -> None:
    picture, page = b"\x89PNG\r\n\x1a\n" + bytes(40), b"<html>hello</html>"
    async with serving(chatwoots_rules) as chatwoot, world.serving(**options(chatwoot)) as app:
        chatwoot.files = {"/blobs/a/fl%20ower.png".replace("%20", " "): "/disk/flower",
                          "/disk/flower": picture, "/blobs/b/page.png": page}  # fmt: skip
        # named by the address that browsers use, fetched from the one that is set up
        files = [
            {"file_type": "image", "data_url": f"https://chat.example.com/blobs/{name}"}
            for name in ("a/fl%20ower.png", "b/page.png", "c/gone.png")
        ]
        sent = event(21, "look at this", attachments=files)
        assert await tell(app, sent) == "accepted"
        assert await tell(app, sent) == "duplicate"
        await eventually(lambda: len(chatwoot.bodies("/messages")) == 3, 15)
        record = app.service.record
        known = record.by_external_id("chatwoot", "1/77")
        assert known is not None
        conversation = known.id
        events = record.events(conversation, 0, 100)
        said = [one for one in events if one.kind == "user"]
        assert [one.data["text"] for one in said] == ["look at this", "", ""]
        [attached] = [one for one in events if one.kind == "attached"]
        assert attached.data["of"] == said[0].seq
        assert attached.data["file"]["media_type"] == "image/png"
        assert attached.data["file"]["name"] == "fl ower.png"
        assert record.attachment(conversation, said[0].seq) == picture
        record.keep_attachment(conversation, said[0].seq, b"again")
        assert record.attachment(conversation, said[0].seq) == picture
        assert chatwoot.wrong == []
