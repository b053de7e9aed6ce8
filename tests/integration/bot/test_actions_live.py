"""What actions bring about in a running service: reminders, and words that stream."""

from __future__ import annotations

import asyncio
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc.aio
import orjson
import pytest
from rasa_sdk.grpc_py import action_webhook_pb2 as proto
from rasa_sdk.grpc_py.action_webhook_pb2_grpc import (
    ActionServiceServicer,
    add_ActionServiceServicer_to_server,
)

from bot.events import Event
from tests.integration.bot.conftest import World
from tests.support.processes import http, peer
from tests.support.timing import eventually, within

pytestmark = pytest.mark.weights


def _reminder(name: str, intent: str, seconds: float, **more: Any) -> dict[str, Any]:
    due = datetime.now(UTC) + timedelta(seconds=seconds)
    return {
        "event": "reminder",
        "timestamp": None,
        "name": name,
        "intent": intent,
        "date_time": due.isoformat(),
        "kill_on_user_msg": False,
        **more,
    }


@within(60)
async def test_reminder_is_sent_by_the_scheduler_once_and_only_what_comes_of_it_is_seen(
    world: World,
) -> None:
    def answer(_: bytes) -> bytes:
        soon = 1.0
        events = [
            _reminder("price", "shipping_cost", soon),
            _reminder("hours", "opening_hours", soon, kill_on_user_msg=True),
            _reminder("twice", "human", soon),
            {"event": "cancel_reminder", "timestamp": None, "name": "twice"},
        ]
        body = {"events": events, "responses": [{"text": "I shall remind you."}]}
        return http(200, orjson.dumps(body))

    options = {"rasa_token": "a token that nobody guesses"}
    async with peer(answer) as (url, _), world.serving(actions_url=url, **options) as app:
        customer = await app.customer(language="en")
        said = await customer.say("please cancel HL20418376")
        assert said["text"] == "I shall remind you."
        await customer.say("thank you so much")  # ends the one that a message ends
        due = await customer.until(lambda e: "8 yuan" in e["text"], said["seq"], 15)
        assert due["role"] == "bot"

        async def all_gone() -> bool:
            return not await app.service.record.run(app.service.record.due_reminders)

        await eventually(all_gone)
        await asyncio.sleep(1.5)  # another look of the scheduler
        seen = await customer.events(said["seq"])
        assert sum("8 yuan" in e["text"] for e in seen) == 1
        assert not any("nine to six" in e["text"] or "Nobody" in e["text"] for e in seen)
        assert not any(e["text"].startswith("/") for e in seen)

        # by Rasa's API, and only where its side effects are wanted
        for wanted, intent in (("false", "thanks"), ("true", "opening_hours")):
            query = {"token": options["rasa_token"], "execute_side_effects": wanted}
            path = f"/conversations/{customer.id}/tracker/events"
            event = _reminder("by API", intent, 0.2)
            assert (await app.http.post(path, params=query, json=event)).status_code == 200
        last = seen[-1]["seq"]
        due = await customer.until(lambda e: e["role"] == "bot", last, 15)
        assert "nine to six" in due["text"]


class _Streams(ActionServiceServicer):
    """Cancels an order, word by word."""

    async def WebhookStream(self, request: Any, context: Any) -> Any:
        for text in ("Your order ", "is cancelled."):
            yield proto.WebhookStreamEvent(chunk=proto.Chunk(response_id="r", text=text))
            await asyncio.sleep(0.3)
        final = proto.WebhookResponse()
        final.events.add().update({"event": "slot", "name": "order_id", "value": None})
        yield proto.WebhookStreamEvent(final_result=final)


@within(60)
async def test_words_of_an_action_are_shown_while_they_come(world: World) -> None:
    server = grpc.aio.server()
    add_ActionServiceServicer_to_server(_Streams(), server)
    port = server.add_insecure_port("localhost:0")
    await server.start()
    async with world.serving(actions_url=f"grpc://localhost:{port}") as app:
        customer = await app.customer(language="en")
        async with customer.stream() as stream:
            await customer.post("please cancel HL20418376")
            event = await stream.event("bot")
            assert event["text"] == "Your order is cancelled."
            partial = [f["text"] for f in stream.seen if f["type"] == "partial"]
            assert partial == ["Your order ", "Your order is cancelled."]
            last = await stream.until(lambda f: f["type"] == "partial" and f["text"] == "")
            assert last["turn"] == event["turn"]
        log = app.service.record.events(customer.id)
        assert [e.data["value"] for e in log if e.kind == "slot"][-1] is None
    await server.stop(None)


@within(90)
async def test_conversation_of_ten_thousand_events_goes_on_with_what_counts(world: World) -> None:
    """Its action is given the latest events alone, and the log is as it was."""
    body = http(200, orjson.dumps({"responses": [{"text": "Done."}]}))
    async with peer(lambda _: body) as (url, seen), world.serving(actions_url=url) as app:
        customer = await app.customer(language="en")
        await customer.say("hello")
        record = app.service.record
        for _ in range(20):
            many = [Event("slot", {"name": "order_id", "value": f"HL{i}"}) for i in range(250)]
            many += [Event("bot", {"text": "…", "buttons": []}) for _ in range(250)]
            await record.run(record.append, customer.id, many)
        said = await customer.say("please cancel HL20418376", 30)
        assert said["text"] == "Done."
        assert said["seq"] > 10_000
        tracker = orjson.loads(zlib.decompress(seen[-1]))["tracker"]
        kept = [event for event in tracker["events"] if event.get("name") != "action_listen"]
        assert len(kept) == 400
        assert tracker["slots"]["order_id"] == "HL20418376"
        log = await record.run(record.events, customer.id)
        assert [event.seq for event in log] == list(range(1, len(log) + 1))
