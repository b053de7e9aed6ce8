"""Bad input gets a clear error, and nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.bot.conftest import World
from tests.support.service import API, App
from tests.support.timing import within

pytestmark = pytest.mark.weights


def _error(answer: Any, code: str) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()["error"]
    assert found["code"] == code, answer.text
    assert found["message"]
    assert found["request_id"] == answer.headers["x-request-id"]
    return found


@pytest.mark.parametrize("text", ["", "  \n ", "\x00\x07", "\u202e"])
def test_empty_message(world: World, text: str) -> None:
    @within(40)
    async def run() -> None:
        async with world.serving() as app:
            customer = await app.customer()
            answer = await customer.post(text)
            assert answer.status_code == 400
            assert _error(answer, "bad_request")["expected"] == "some text"
            assert await customer.events() == []

    run()


@within(40)
async def test_long_messages(world: World) -> None:
    async with world.serving() as app:
        customer = await app.customer()
        answer = await customer.post("x" * 5000)
        assert answer.status_code == 413
        assert _error(answer, "too_large")["found"] == "5000 characters"
        answer = await customer.post("x" * 100_000)
        assert answer.status_code == 413
        assert "65536 bytes" in _error(answer, "too_large")["message"]
        answer = await app.http.post(
            "/webhooks/rest/webhook", content=b'{"message": "' + b"x" * 100_000 + b'"}'
        )
        assert answer.status_code == 413
        assert "65536 bytes" in answer.json()[0]["text"]
        long = ("where is my parcel " * 200)[:4000]
        assert (await customer.say(long))["text"]


@within(40)
async def test_binary_bodies(world: World) -> None:
    async with world.serving() as app:
        customer = await app.customer()
        path = f"{API}/{customer.id}/messages"
        bodies = [
            b"\x00\xff\xfe\x80" * 50,
            b"",
            b"{",
            b"[]",
            b"5",
            b'{"text": "hi"}',
            b'{"client_message_id": "m", "text": 5}',
            b'{"client_message_id": "", "text": "hi"}',
            b'{"client_message_id": "' + b"m" * 101 + b'", "text": "hi"}',
            b'{"client_message_id": "m", "text": "\\ud83d"}',
            b'{"client_message_id": "m", "text": "\xff"}',
            b'{"client_message_id": "m", "text": "hi", "payload": {}}',
            b"[" * 20_000,
        ]
        for body in bodies:
            headers = {**customer.headers, "Content-Type": "application/json"}
            answer = await app.http.post(path, content=body, headers=headers)
            assert answer.status_code == 400, (body[:40], answer.text)
            _error(answer, "bad_request")
        assert await customer.events() == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("😀😀", "Please write a few words."),
        ("?!…", "Please write a few words."),
        ("שלום, איפה ההזמנה שלי?", "I speak English and Chinese."),
        ("مرحبا أين طلبي", "I speak English and Chinese."),
        ("он где заказ", "I speak English and Chinese."),
    ],
)
def test_words_that_cannot_be_understood_get_an_answer(
    world: World, text: str, wanted: str
) -> None:
    @within(40)
    async def run() -> None:
        async with world.serving() as app:
            customer = await app.customer()
            assert (await customer.say(text))["text"] == wanted
            said = (await customer.events())[0]
            assert said["text"] == text
            assert (await customer.say("hello"))["text"].startswith("Hello")

    run()


@within(40)
async def test_odd_words_are_kept_and_answered(world: World) -> None:
    async with world.serving() as app:
        customer = await app.customer()
        texts = [
            "<script>alert(1)</script> how much is shipping",
            "{order_id} {None} %s ${x}",
            "'; DROP TABLE events; --",
            "\u200f運費多少\u200e",
            "𠮷野家 运费",
            "a" * 4000,
            "\n".join("hello" for _ in range(300)),
            "🤖" * 1000,
        ]
        for text in texts:
            reply = await customer.say(text)
            assert reply["text"]
            assert "{" not in reply["text"]
            assert "does not work" not in reply["text"]  # which a failed turn says
        kept = [e["text"] for e in await customer.events() if e.get("role") == "customer"]
        assert kept == texts


@within(40)
async def test_unknown_paths_and_methods_have_the_same_shape(world: World) -> None:
    async with world.serving() as app:
        _error(await app.http.get("/api/v1/nowhere"), "not_found")
        _error(await app.http.get("/assets/../../secret"), "not_found")
        _error(await app.http.delete(API), "method_not_allowed")
        headers = {"Authorization": "Bearer x"}
        _error(await app.http.get(f"{API}/nobody/events", headers=headers), "not_found")
        _error(await app.http.post(API, json={"language": "fr"}), "bad_request")
        _error(await app.http.get(f"{API}/nobody/events"), "unauthenticated")


@within(40)
async def test_answers_carry_the_security_headers(world: World) -> None:
    async with world.serving() as app:
        for answer in (await app.http.get("/healthz"), await app.http.get("/nowhere")):
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"] == "same-origin"


@within(40)
async def test_contact_is_checked_and_kept_for_the_desk(world: World) -> None:
    async with world.serving() as app, await app.administrator() as admin:
        customer = await app.customer()
        path = f"{API}/{customer.id}/contact"
        for bad in ({}, {"contact": "x"}, {"contact": "---"}, {"contact": "x" * 500}):
            answer = await app.http.post(path, json=bad, headers=customer.headers)
            assert answer.status_code == 400
        good = {"contact": "emma@example.com", "name": "Emma", "note": "about HL20418376"}
        answer = await app.http.post(path, json=good, headers=customer.headers)
        assert answer.status_code == 201
        shown = await customer.until(lambda e: e["notice"] == "contact_saved")
        assert shown["text"] == "Thank you, somebody will be in touch."
        assert "emma@example.com" not in str(await customer.events())
        [item] = (await admin.get("desk/queue")).json()["items"]
        assert (item["conversation_id"], item["reason"]) == (customer.id, "contact")
        found = (await admin.get(f"desk/conversations/{customer.id}")).json()
        assert found["contact"]["contact"] == "emma@example.com"
        assert (await customer.say("hello"))["text"].startswith("Hello")


@within(40)
async def test_readiness_names_the_parts(world: World) -> None:
    async with world.serving() as app:
        assert (await app.http.get("/healthz")).json() == {"status": "ok"}
        parts = dict.fromkeys(("record", "release", "redis", "actions"), "ok")
        assert await app.ready() == {"status": "ok", "parts": parts}
        customer = await app.customer()
        await customer.say("hello")
        text = (await app.http.get("/metrics")).text
        assert 'frontdesk_turns_total{policy="retrieval"}' in text
        assert customer.id not in text


@within(40)
async def test_api_is_described(world: World) -> None:
    async with world.serving() as app:
        described = (await app.http.get("/openapi.json")).json()
        assert f"{API}/{{conversation_id}}/messages" in described["paths"]
        assert (await app.http.get("/docs")).status_code == 200


async def _lost_record(app: App) -> None:
    app.service.record.engine.dispose()


@within(40)
async def test_record_that_cannot_be_reached_is_told_and_nothing_is_acknowledged(
    world: World,
) -> None:
    async with world.serving() as app:
        customer = await app.customer()
        path = world.home / "record.sqlite3"
        with app.service.record.engine.begin() as db:
            db.exec_driver_sql("ALTER TABLE events RENAME TO events_gone")
        answer = await customer.post("hello", "m1")
        assert answer.status_code == 503
        assert "same id" in _error(answer, "unavailable")["fix"]
        with app.service.record.engine.begin() as db:
            db.exec_driver_sql("ALTER TABLE events_gone RENAME TO events")
        assert path.exists()
        again = await customer.post("hello", "m1")
        assert (again.status_code, again.json()["duplicate"]) == (202, False)
        await customer.until(lambda event: event["role"] == "bot")
