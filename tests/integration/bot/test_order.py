"""Order, and nothing doubled or lost: many clients, two worker processes, broken connections."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.record.record import Record
from bot.secrets import Vault, load_secret
from tests.support import tiny
from tests.support.installation import Installation, installed
from tests.support.socketio import Socket, by_polling, by_websocket
from tests.support.timing import within

CLIENTS = 50
MESSAGES = 40
PATIENCE = 120.0
"""Seconds for any one answer: a slow machine is no fault of the service."""

REPLIES = {
    "greet": "Hello! What can I do for you?",
    "thanks": "You are welcome.",
    "shipping_cost": "Shipping costs 8 yuan, and nothing from 99 yuan.",
    "opening_hours": "We are here from nine to six every day.",
}
INTENTS = list(REPLIES)


@pytest.fixture
def installation(tiny_home: Path, tmp_path: Path) -> Iterator[Installation]:
    home = tiny.copied(tiny_home, tmp_path / "home")
    with (
        tempfile.TemporaryDirectory(prefix="fd-") as run,
        installed(
            home,
            Path(run),
            FRONTDESK_WORKERS="2",
            FRONTDESK_LOG_LEVEL="WARNING",
            FRONTDESK_OPEN_INTENTS='["greet", "thanks", "shipping_cost", "opening_hours"]',
            FRONTDESK_MESSAGES_PER_MINUTE="100000",
            FRONTDESK_CONVERSATIONS_PER_MINUTE="100000",
        ) as running,
    ):
        yield running


def script(client: int) -> list[str]:
    """What a client says, in order."""
    chosen = random.Random(client)
    return [chosen.choice(INTENTS) for _ in range(MESSAGES)]


def twice(number: int) -> bool:
    """Whether a message is sent twice: half of them are."""
    return number % 2 == 1


async def by_rest(base: str, client: int) -> list[str]:
    """Send by REST, repetitions at the same moment; return the answers."""
    sender, heard = f"order-client-rest-{client:03}", []
    http = httpx.AsyncClient(base_url=base, timeout=PATIENCE)
    try:
        for number, intent in enumerate(script(client)):
            if number % 13 == 12:
                await http.aclose()
                http = httpx.AsyncClient(base_url=base, timeout=PATIENCE)
            body = {"sender": sender, "message": f"/{intent}", "message_id": f"m{number}"}
            posts = [
                http.post("/webhooks/rest/webhook", json=body)
                for _ in range(2 if twice(number) else 1)
            ]
            answers = [answer.json() for answer in await asyncio.gather(*posts)]
            assert all(answer == answers[0] for answer in answers), answers
            heard += [item["text"] for item in answers[0]]
    finally:
        await http.aclose()
    return heard


async def by_socket(base: str, client: int) -> list[str]:
    """Send by socket.io over connections that break; return what was heard, by its numbers."""
    session = f"order-client-sock-{client:03}"
    connects = by_polling if client % 4 == 1 else by_websocket
    said = script(client)
    heard: dict[int, str] = {}
    sent = after = 0
    while len(heard) < MESSAGES:
        async with connects(base) as socket:
            socket.patience = PATIENCE
            await socket.session(session, after=after)
            until = min(sent + 11, MESSAGES)
            for number in range(sent, until):
                await _send(socket, session, number, said[number])
            if until < MESSAGES:
                # the connection breaks with a message on the wire, which is sent again
                await socket.emit("user_uttered", _message(session, until, said[until]))
            else:
                await socket.until(lambda s=socket: len(heard) + len(s.said) >= MESSAGES)
            for item in tuple(socket.said):
                number = item["metadata"]["seq"]
                assert number > after, "told twice, or out of order"
                heard[number] = item["text"]
                after = number
            sent = until
    return [heard[number] for number in sorted(heard)]


async def _send(socket: Socket, session: str, number: int, intent: str) -> None:
    first = await socket.emit("user_uttered", _message(session, number, intent), ack=True)
    assert "seq" in first, first
    if twice(number):
        again = await socket.emit("user_uttered", _message(session, number, intent), ack=True)
        assert again == {"seq": first["seq"], "duplicate": True}


def _message(session: str, number: int, intent: str) -> dict[str, Any]:
    return {"message": f"/{intent}", "session_id": session, "message_id": f"m{number}"}


@within(300)
async def test_fifty_clients_are_answered_in_order_and_once(
    installation: Installation, tmp_path: Path
) -> None:
    base = await asyncio.to_thread(lambda: installation.base)
    ways = [by_rest if client % 2 == 0 else by_socket for client in range(CLIENTS)]
    heard = await asyncio.gather(*(way(base, client) for client, way in enumerate(ways)))
    for client, texts in enumerate(heard):
        assert texts == [REPLIES[intent] for intent in script(client)], client
    home = tmp_path / "home"
    record = Record(f"sqlite:///{home / 'record.sqlite3'}", Vault(load_secret(home, None)))
    try:
        for client in range(CLIENTS):
            _check(record, client)
    finally:
        record.close()


def _check(record: Record, client: int) -> None:
    """The log holds each message once, in the order in which it was sent, with one answer."""
    rest = client % 2 == 0
    name = f"order-client-{'rest' if rest else 'sock'}-{client:03}"
    conversation = record.by_external_id("rest" if rest else "socketio", name)
    assert conversation is not None
    events = record.events(conversation.id)
    users = [event for event in events if event.kind == "user"]
    wanted = [f"m{number}" for number in range(MESSAGES)]
    assert [event.data["client_message_id"] for event in users] == wanted
    answers = [event.turn for event in events if event.kind == "bot"]
    assert answers == [event.turn for event in users]
    assert max(Counter(answers).values()) == 1
