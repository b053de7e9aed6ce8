"""Acknowledged turns whose worker died, and several workers on one record."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.integration.bot.conftest import World
from tests.support.records import claim_of
from tests.support.service import App, Customer
from tests.support.timing import eventually, within

pytestmark = pytest.mark.weights


def _accept(app: App, customer: Customer, text: str) -> str:
    """A message that a worker acknowledged and did no more about."""
    data = {"text": text, "channel": "widget"}
    accepted = app.service.record.accept(customer.id, text, data)
    assert accepted.turn is not None
    return accepted.turn


@within(60)
async def test_turn_of_a_dead_worker_is_taken_up(world: World) -> None:
    async with world.serving() as app:
        customer = await app.customer()
        turn = _accept(app, customer, "how much is shipping")
        began = time.monotonic()
        assert claim_of(app.service.record, turn, "dead", 2.0) is not None
        reply = await customer.until(lambda e: e["role"] == "bot")
        assert reply["text"].startswith("Shipping costs")
        assert time.monotonic() - began < 10


@within(60)
async def test_message_behind_a_dead_workers_turn_is_answered_after_it(world: World) -> None:
    async with world.serving() as app:
        customer = await app.customer()
        turn = _accept(app, customer, "how much is shipping")
        assert claim_of(app.service.record, turn, "dead", 2.0) is not None
        began = time.monotonic()
        reply = await customer.say("when are you open")
        assert time.monotonic() - began < 10
        assert reply["text"].startswith("Shipping costs")
        await customer.until(lambda e: e["text"].startswith("We are here"))


@within(60)
async def test_worker_that_starts_again_takes_its_own_turns_up_at_once(world: World) -> None:
    async with world.serving() as app:
        customer = await app.customer()
    async with world.serving(worker="worker-0", turn_lease=60) as app:
        record = app.service.record
        again = Customer(app.http, app.base, customer.id, customer.token)
        turn = _accept(app, again, "hello")
        if claim_of(record, turn, "worker-0", 60.0) is not None:
            record.release_worker("worker-0")
        await again.until(lambda e: e["role"] == "bot")


@within(60)
async def test_recorded_step_is_not_run_again(world: World) -> None:
    async with world.serving() as app:
        customer = await app.customer()
        turn = _accept(app, customer, "please cancel HL20418376")
        claim = claim_of(app.service.record, turn, "dead", 2.0)
        assert claim is not None
        said = {"response": "utter_order_cancelled", "order_id": "HL20418376"}
        app.service.record.save_step(claim, 1, {"events": [], "responses": [said]})
        reply = await customer.until(lambda e: e["role"] == "bot")
        assert reply["text"] == "Order HL20418376 is cancelled."
        assert world.ledger.calls == []


@within(90)
async def test_two_workers_answer_everything_once_and_in_order(world: World) -> None:
    limits = {"messages_per_minute": 1000}
    async with (
        world.serving(worker="w0", **limits) as first,
        world.serving(worker="w1", **limits) as second,
    ):
        customers = [await first.customer() for _ in range(5)]
        lines = ["hello", "运费多少", "when are you open", "谢谢", "is shipping free", "你好"]

        async def talk(customer: Customer) -> None:
            other = Customer(second.http, second.base, customer.id, customer.token)
            for number, text in enumerate(lines):
                answer = await (other if number % 2 else customer).post(text, f"m{number}")
                assert answer.status_code == 202

        async with customers[0].stream() as stream:
            await asyncio.gather(*(talk(customer) for customer in customers))
            for _ in lines:
                await stream.event("bot", 30)
        for customer in customers:

            async def answered(customer: Customer = customer) -> bool:
                return [e["role"] for e in await customer.events()].count("bot") == len(lines)

            await eventually(answered, 30)
            events = await customer.events()
            asked = [e["turn"] for e in events if e["role"] == "customer"]
            assert [e["turn"] for e in events if e["role"] == "bot"] == asked


@within(60)
async def test_stream_hears_of_a_turn_that_could_not_be_told_of(world: World) -> None:
    async with world.serving(worker="w0") as first, world.serving(worker="w1") as second:
        customer = await first.customer()
        async with customer.stream() as stream:
            second.service.sessions._lost("a call that took too long")
            other = Customer(second.http, second.base, customer.id, customer.token)
            await other.post("hello")
            assert (await stream.event("customer", 30))["text"] == "hello"
            await stream.event("bot", 30)


@within(60)
async def test_worker_that_stops_ends_its_turns_first(world: World) -> None:
    async with world.serving() as app:
        customer = await app.customer()
        world.ledger.hold("before")
        await customer.post("please cancel HL20418376")
        await eventually(lambda: len(world.ledger.calls) == 1)
        asyncio.get_running_loop().call_later(0.5, world.ledger.let_go)
    async with world.serving() as app:
        again = Customer(app.http, app.base, customer.id, customer.token)
        assert [e["role"] for e in await again.events()] == ["customer", "bot"]
