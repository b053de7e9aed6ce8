"""Nobody reads or does what is not theirs, on any channel."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import func, select
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bot.record import schema
from tests.integration.bot.conftest import World
from tests.support.service import API, PASSWORD, App, Customer, Staffer, Stream
from tests.support.timing import within

pytestmark = pytest.mark.weights
FOREIGN = {"Origin": "https://evil.example"}


@contextlib.asynccontextmanager
async def _two(world: World) -> AsyncIterator[tuple[App, Customer, Customer]]:
    """A victim who has said something, and somebody else."""
    async with world.serving() as app:
        victim, other = await app.customer(), await app.customer()
        await victim.say("please cancel HL20418376")
        yield app, victim, other


# -- customers ------------------------------------------------------------------------------


@within(60)
async def test_conversation_opens_by_its_own_token_only(world: World) -> None:
    async with _two(world) as (app, victim, other):
        calls = [
            ("GET", "events", None),
            ("POST", "messages", {"client_message_id": "m", "text": "hi"}),
            ("POST", "contact", {"contact": "a@b.example"}),
            ("POST", "handoff", {}),
        ]
        tokens = [other.token, victim.token[:-1], victim.token.swapcase(), "x", "é".encode()]
        for method, name, body in calls:
            for identifier in (victim.id, "nobody", victim.id[:-1]):
                for token in tokens:
                    shown = token if isinstance(token, bytes) else token.encode()
                    headers: Any = {"Authorization": b"Bearer " + shown}
                    answer = await app.http.request(
                        method, f"{API}/{identifier}/{name}", json=body, headers=headers
                    )
                    assert answer.status_code == 404, (method, name, token)
                    assert answer.json()["error"]["code"] == "not_found"
            path = f"{API}/{victim.id}/{name}"
            for headers in ({}, {"Authorization": victim.token}, {"Authorization": "Bearer"}):
                answer = await app.http.request(method, path, json=body, headers=headers)
                assert answer.status_code in (401, 404)
        assert len(await victim.events()) == 2


@within(60)
async def test_stream_opens_by_its_own_token_only(world: World) -> None:
    async with _two(world) as (_, victim, other):
        for token in (other.token, victim.token[:-1], "", "x"):
            with pytest.raises(ConnectionClosed) as closed:
                await _read(victim, token)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4401
        for first in ('{"type": "ping"}', "nonsense", b"\x00", '{"type":"auth","token":5}'):
            with pytest.raises(ConnectionClosed):
                await _read(victim, first=first)
        for after in (-1, 10**30, "x", None, 1e400, True):
            with pytest.raises(ConnectionClosed):
                await _read(victim, after=after)


async def _read(
    victim: Customer, token: str | None = None, first: Any = None, after: Any = 0
) -> None:
    url = victim.base.replace("http", "ws") + f"{API}/{victim.id}/stream"
    async with connect(url) as socket:
        frame = {"type": "auth", "token": token or victim.token, "after": after}
        if token == "":
            frame["token"] = ""
        await socket.send(first or json.dumps(frame))
        while True:
            shown = json.loads(await socket.recv())
            assert shown["type"] == "error", shown


@within(60)
async def test_customer_hears_nothing_of_another_conversation(world: World) -> None:
    async with _two(world) as (_, victim, other), other.stream() as stream:
        await victim.say("hello")
        await other.say("thank you")
        await stream.event("bot")
        texts = [f["event"]["text"] for f in stream.seen if f["type"] == "event"]
        assert texts == ["thank you", "You are welcome."]


@within(60)
async def test_button_of_another_conversation_is_refused(world: World) -> None:
    async with _two(world) as (_, victim, other):
        await victim.say("what is the weather on mars")
        [button] = (await victim.events())[-1]["buttons"]
        assert "/human" not in button["payload"]
        for payload in (button["payload"], button["payload"][:-1], "/human", "x.y", "é.è"):
            answer = await other.post("press", payload=payload)
            assert answer.status_code == 400
            assert answer.json()["error"]["message"].startswith("This button is not")
        async with other.stream() as stream:
            frame = {"type": "message", "client_message_id": "b", "text": "press"}
            await stream.send({**frame, "payload": button["payload"]})
            refused = await stream.until(lambda f: f["type"] == "error")
            assert refused["error"]["code"] == "bad_request"
        assert await other.events() == []
        assert (await victim.post("press", payload=button["payload"])).status_code == 202


@within(60)
async def test_typed_intent_is_only_words(world: World) -> None:
    async with world.serving() as app:
        customer = await app.customer()
        await customer.say('/cancel_order{"order_id": "whatever", "refund_to": "me"}')
        await customer.say("/greet")
        assert world.ledger.calls == []
        events = app.service.record.events(customer.id)
        understood = [e.data["parse"] for e in events if e.kind == "understood"]
        assert len(understood) == 2
        for parse in understood:
            assert len(parse["intent_ranking"]) > 1, "read as words, not taken for an intent"
            assert not [e for e in parse["entities"] if e["value"] in ("whatever", "me")]
        assert not [e for e in events if e.kind == "slot" and e.data["value"] in ("whatever", "me")]


@within(60)
async def test_typed_intent_counts_where_it_is_switched_on(world: World) -> None:
    async with world.serving(typed_intents=True) as app:
        customer = await app.customer()
        reply = await customer.say('/cancel_order{"order_id": "HL20418376"}')
        assert reply["text"] == "Order HL20418376 is cancelled."


# -- origins --------------------------------------------------------------------------------


@within(60)
async def test_page_of_another_origin_is_refused(world: World) -> None:
    async with _two(world) as (app, victim, _):
        answer = await app.http.post(API, json={}, headers=FOREIGN)
        assert answer.status_code == 403
        for method, path in (("GET", "events"), ("POST", "handoff")):
            headers = {**victim.headers, **FOREIGN}
            answer = await app.http.request(
                method, f"{API}/{victim.id}/{path}", json={}, headers=headers
            )
            assert answer.status_code == 403
            assert answer.json()["error"]["fix"] == "Add it to FRONTDESK_ORIGINS."
            assert "access-control-allow-origin" not in answer.headers
        body = {"sender": None, "message": "hi"}
        answer = await app.http.post("/webhooks/rest/webhook", json=body, headers=FOREIGN)
        assert answer.status_code == 403
        assert answer.json() == [{"text": "This page may not use the chat"}]
        for path in (f"{API}/{victim.id}/stream", "/api/v1/desk/stream"):
            with pytest.raises(InvalidStatus):
                async with connect(
                    app.base.replace("http", "ws") + path, additional_headers=FOREIGN
                ):
                    pass


@within(60)
async def test_configured_origin_may_embed_the_widget(world: World) -> None:
    origin = {"Origin": "https://site.example"}
    async with world.serving(origins=("https://site.example",)) as app:
        answer = await app.http.post(API, json={}, headers=origin)
        assert answer.status_code == 201
        assert answer.headers["access-control-allow-origin"] == "https://site.example"
        data = answer.json()
        customer = Customer(app.http, app.base, data["conversation_id"], data["token"])
        async with customer.stream(additional_headers=origin) as stream:
            await customer.say("hello")
            await stream.event("bot")
        async with await app.administrator() as admin:
            refused = await admin.http.get("/api/v1/desk/queue", headers=origin)
            assert refused.status_code == 403


# -- staff ----------------------------------------------------------------------------------

AGENT = [("GET", "desk/queue"), ("GET", "desk/conversations/{id}")]
AGENT_WRITES = [
    ("desk/conversations/{id}/take", {"epoch": 0}),
    ("desk/conversations/{id}/reply", {"client_message_id": "a", "text": "x", "epoch": 0}),
    ("desk/conversations/{id}/handback", {"epoch": 0}),
    ("desk/conversations/{id}/typing", {"on": True}),
]
OPERATOR = [
    ("GET", "studio/intents", None),
    ("GET", "studio/intents/greet", None),
    ("GET", "studio/turns", None),
    ("GET", "studio/releases", None),
    ("POST", "studio/parse", {"text": "hello"}),
    ("POST", "studio/intents", {"name": "x", "examples": [], "replies": {}}),
    ("PUT", "studio/intents/greet", {}),
    ("DELETE", "studio/intents/greet", None),
    ("PUT", "studio/responses/utter_greet", {"en": "Hi"}),
    ("POST", "studio/releases/x/promote", None),
    ("GET", "studio/proposals", None),
    ("GET", "studio/gaps", None),
    ("POST", "studio/proposals/x/accept", {}),
    ("POST", "studio/proposals/reject", {"ids": ["x"]}),
    ("POST", "studio/gaps/x/made", None),
]
ADMIN = [
    ("PATCH", "auth/users/nobody", {"disabled": True}),
    ("GET", "auth/users", None),
    (
        "POST",
        "auth/users",
        {"username": "eve", "display_name": "Eve", "role": "admin", "password": "x" * 12},
    ),
]


def _all(identifier: str) -> list[tuple[str, str, Any]]:
    writes = [("POST", path, body) for path, body in AGENT_WRITES]
    every = [(m, p, None) for m, p in AGENT] + writes + OPERATOR + ADMIN
    return [(method, path.replace("{id}", identifier), body) for method, path, body in every]


@within(60)
async def test_nothing_of_the_staffs_opens_without_signing_in(world: World) -> None:
    async with _two(world) as (app, victim, _):
        for cookie in (None, "x", victim.token):
            headers = {"X-CSRF-Token": "x"}
            if cookie:
                headers["Cookie"] = f"frontdesk_staff={cookie}"
            for method, path, body in _all(victim.id):
                answer = await app.http.request(
                    method, f"/api/v1/{path}", json=body, headers=headers
                )
                assert answer.status_code == 401, (method, path, answer.text)
            with pytest.raises(InvalidStatus):
                async with connect(
                    app.base.replace("http", "ws") + "/api/v1/desk/stream",
                    additional_headers=headers,
                ):
                    pass


@within(60)
async def test_each_right_belongs_to_its_role(world: World) -> None:
    async with (
        _two(world) as (app, victim, _),
        await app.administrator() as admin,
        await app.staffer("agent", "ana") as agent,
        await app.staffer("operator", "olga") as operator,
    ):
        for method, path, body in OPERATOR + ADMIN:
            answer = await agent.send(path, body, method)
            assert answer.status_code == 403, (method, path)
        for method, path, body in ADMIN:
            answer = await operator.send(path, body, method)
            assert answer.status_code == 403, (method, path)
        for method, path in AGENT:
            for user in (agent, operator, admin):
                found = await user.send(path.replace("{id}", victim.id), None, method)
                assert found.status_code == 200
        assert (await operator.get("studio/turns")).status_code == 200
        assert (await admin.get("studio/turns")).status_code == 200
        made = await admin.send(*ADMIN[2][1:])
        assert made.status_code == 201
        names = [u["username"] for u in (await admin.get("auth/users")).json()["users"]]
        assert names == ["ada", "ana", "eve", "olga"]


@within(60)
async def test_write_without_the_csrf_token_is_refused(world: World) -> None:
    async with _two(world) as (app, victim, _), await app.administrator() as admin:
        for method, path, body in _all(victim.id):
            if method == "GET":
                continue
            for headers in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "x"}):
                answer = await admin.http.request(
                    method, f"/api/v1/{path}", json=body, headers=headers
                )
                assert answer.status_code == 403, (method, path)
                assert "CSRF" in answer.json()["error"]["message"]


@within(60)
async def test_staff_cookie_is_for_the_browser_alone(world: World) -> None:
    async with world.serving() as app, await app.administrator() as admin:
        body = {"username": "ada", "password": "correct horse battery"}
        answer = await admin.http.post("/api/v1/auth/login", json=body)
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert answer.json()["user"]["role"] == "admin"
        state = (await admin.get("auth/state")).json()
        assert (state["setup_needed"], state["user"]["username"]) == (False, "ada")
        assert (await admin.send("auth/logout")).status_code == 204
        admin.http.cookies.clear()
        assert (await admin.get("auth/state")).json()["user"] is None


async def _closed(stream: Stream) -> int | None:
    """Wait until the service closes a desk's stream; returns the code it gives."""
    try:
        while True:
            await stream.next(3)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


@within(60)
async def test_desk_closes_at_once_when_its_agent_signs_out(world: World) -> None:
    async with (
        world.serving() as app,
        await app.staffer("agent", "ana") as ana,
        await app.staffer("agent", "ben") as ben,
    ):
        elsewhere = await Staffer.enter(
            app.base, "login", {"username": "ana", "password": PASSWORD}
        )
        async with elsewhere, ana.desk() as gone, ben.desk() as other, elsewhere.desk() as second:
            assert (await ana.send("auth/logout")).status_code == 204
            assert await _closed(gone) == 4401
            for stays in (other, second):
                await stays.send({"type": "ping"})
                await stays.until(lambda frame: frame["type"] == "pong")


@within(60)
async def test_rest_channel_answers_an_array_even_when_something_is_wrong(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world.serving(conversations_per_minute=1) as app:
        assert (await _rest(app, "hello"))[0]["text"].startswith("Hello")
        [limited] = await _rest(app, "hello", "0123456789abcdef-limit")
        assert "Too many new conversations" in limited["text"]
        assert limited["recipient_id"] == "0123456789abcdef-limit"

        def broken(*_: object) -> None:
            raise RuntimeError("broken")

        monkeypatch.setattr(app.service.record, "by_external_id", broken)
        [sorry] = await _rest(app, "hello", "0123456789abcdef-broken")
        assert sorry["text"].startswith("That does not work at the moment")


@pytest.mark.parametrize(
    "change", [{"disabled": True}, {"role": "operator"}, {"password": "another one of hers"}]
)
def test_desk_closes_at_once_when_its_account_changes(world: World, change: dict[str, Any]) -> None:
    @within(60)
    async def run() -> None:
        # the change is made in one worker, the desk is open in another
        async with (
            world.serving(worker="w0") as first,
            world.serving(worker="w1") as second,
            await first.administrator() as admin,
            await second.staffer("agent", "ana") as ana,
            ana.desk() as desk,
        ):
            changed = await admin.send("auth/users/ana", change, "PATCH")
            assert changed.status_code == 200
            assert await _closed(desk) == 4401
            assert (await ana.get("desk/queue")).status_code == 401

    run()


@within(60)
async def test_another_name_leaves_the_desk_open(world: World) -> None:
    async with (
        world.serving() as app,
        await app.administrator() as admin,
        await app.staffer("agent", "ana") as ana,
        ana.desk() as desk,
    ):
        renamed = await admin.send("auth/users/ana", {"display_name": "Anna"}, "PATCH")
        assert renamed.json()["display_name"] == "Anna"
        await desk.send({"type": "ping"})
        await desk.until(lambda frame: frame["type"] == "pong")
        refused = await admin.send("auth/users/ada", {"disabled": True}, "PATCH")
        assert refused.status_code == 409


@within(60)
async def test_passwords_cannot_be_tried_for_ever(world: World) -> None:
    async with world.serving() as app:
        body = {"username": "ada", "password": "wrong password"}
        codes = [
            (await app.http.post("/api/v1/auth/login", json=body)).status_code for _ in range(22)
        ]
        assert set(codes) == {401, 429}
        setup = {"setup_code": "guess", "username": "eve", "password": "x" * 12}
        answer = await app.http.post("/api/v1/auth/setup", json=setup)
        assert answer.status_code in (403, 429)


# -- Rasa's REST channel --------------------------------------------------------------------


async def _rest(app: App, message: Any, sender: Any = None, **headers: str) -> Any:
    body = {"message": message, **({"sender": sender} if sender is not None else {})}
    answer = await app.http.post("/webhooks/rest/webhook", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _conversations(app: App) -> int:
    with app.service.record.engine.connect() as db:
        return int(db.execute(select(func.count()).select_from(schema.conversations)).scalar_one())


@within(60)
async def test_senders_conversation_goes_on_and_a_missing_sender_shares_none(
    world: World,
) -> None:
    async with world.serving() as app:
        long = "0123456789abcdef-web"
        asked = await _rest(app, "cancel my order", long)
        assert asked == [
            {"recipient_id": long, "text": "Which order is it? Please give me its number."}
        ]
        [done] = await _rest(app, "HL20418376", long)
        assert done["text"] == "Order HL20418376 is cancelled."
        first, second = await _rest(app, "hello"), await _rest(app, "hello")
        assert first[0]["recipient_id"] != second[0]["recipient_id"]
        assert _conversations(app) == 3
        again = await _rest(app, "thank you", first[0]["recipient_id"])
        assert again[0]["recipient_id"] == first[0]["recipient_id"]
        assert _conversations(app) == 3


@within(60)
async def test_guessed_sender_does_not_open_anothers_conversation(world: World) -> None:
    async with world.serving(trusted_proxies=("127.0.0.1",)) as app:
        victim = {"x-forwarded-for": "198.51.100.1"}
        stranger = {"x-forwarded-for": "198.51.100.2"}
        for sender in ("default", "1", 12, "bob", "+8613800015521"):
            await _rest(app, "cancel my order", sender, **victim)
            reply = await _rest(app, "HL20418376", sender, **stranger)
            assert "cancelled" not in str(reply)
            [mine] = await _rest(app, "HL20418376", sender, **victim)
            assert mine["recipient_id"] == str(sender)
            assert "cancelled" in mine["text"]


@within(60)
async def test_button_on_the_rest_channel_is_its_own_conversations(world: World) -> None:
    async with world.serving() as app:
        [offered] = await _rest(app, "what is the weather on mars", "0123456789abcdef-a")
        [button] = offered["buttons"]
        [other] = await _rest(app, button["payload"], "0123456789abcdef-b")
        assert "Nobody is here" not in other["text"]
        [own] = await _rest(app, button["payload"], "0123456789abcdef-a")
        assert own["text"].startswith("Nobody is here")


@within(60)
async def test_rest_channel_takes_what_existing_clients_send(world: World) -> None:
    async with world.serving() as app:
        raw = b'{"sender": "0123456789abcdef-c", "message": "hello"}'
        for content_type in ("text/plain;charset=UTF-8", None, "application/json"):
            headers = {"Content-Type": content_type} if content_type else {}
            answer = await app.http.post("/webhooks/rest/webhook", content=raw, headers=headers)
            assert answer.status_code == 200
            assert answer.json()[0]["text"].startswith("Hello")
        assert (await app.http.get("/webhooks/rest/")).json() == {"status": "ok"}
        for bad in (b"", b"x", b"[]", b"{}", b'{"message": 5}', b'{"message": "\\ud800"}'):
            answer = await app.http.post("/webhooks/rest/webhook", content=bad)
            assert answer.status_code == 400
            # clients take the first item's text, or filter the list, whatever the status is
            [item] = answer.json()
            assert item["text"].startswith(("The body", "There is no message"))
        [refused] = await _rest(app, " ", "0123456789abcdef-d")
        assert "empty" in refused["text"]


@within(60)
async def test_first_messages_of_a_sender_that_come_at_once_share_a_conversation(
    world: World,
) -> None:
    async with world.serving() as app:
        sender = "0123456789abcdef-e"
        answers = await asyncio.gather(*(_rest(app, "hello", sender) for _ in range(6)))
        assert all(answer and answer[0]["text"].startswith("Hello") for answer in answers)
        assert _conversations(app) == 1


@within(60)
async def test_rest_channel_streams_repeats_and_passes_metadata_on(world: World) -> None:
    async with world.serving(
        open_intents=("greet", "cancel_order{}", "restart"), rasa_token="t" * 20
    ) as app:
        sender = "0123456789abcdef-f"
        path = "/webhooks/rest/webhook"
        body = {"sender": sender, "message": "cancel my order", "message_id": "m1"}
        first = (await app.http.post(f"{path}/", json=body)).json()
        again = (await app.http.post(path, json={**body, "metadata": {"message_id": "m1"}})).json()
        assert first == again
        streamed = await app.http.post(
            f"{path}?stream=true",
            json={"sender": sender, "message": "HL20418376", "metadata": {"page": "/cart"}},
        )
        assert streamed.headers["content-type"].startswith("text/event-stream")
        [line] = streamed.text.splitlines()
        assert json.loads(line) == {
            "recipient_id": sender,
            "text": "Order HL20418376 is cancelled.",
        }
        conversation = app.service.record.by_external_id("rest", sender)
        assert conversation is not None
        events = app.service.record.events(conversation.id)
        heard = [event.data["metadata"] for event in events if event.kind == "understood"]
        assert heard[-1]["page"] == "/cart"
        assert len(world.ledger.cancelled) == 1
        # nobody passes for somebody else by metadata
        await _rest(app, "hello", sender)
        body = {"sender": sender, "message": "hello", "metadata": {"customer_id": "C1"}}
        await app.http.post(path, json=body)
        events = app.service.record.events(conversation.id)
        assert [e.data["metadata"]["customer_id"] for e in events if e.kind == "understood"] == [
            None
        ] * 4
        assert (await _rest(app, "/restart", sender)) == []
        # intents: listed ones from anyone, all from a server of ours
        assert (await _rest(app, "/greet", sender))[0]["text"].startswith("Hello")
        for typed in ('/greet{"a": "b"}', "/human", "/human{}"):
            await _rest(app, "/restart", sender)  # not understood twice is a reason for a person
            assert not (await _rest(app, typed, sender))[0]["text"].startswith("Nobody is here")
        with_values = await _rest(app, '/cancel_order{"order_id": "HL20415001"}', sender)
        assert with_values[-1]["text"] == "Order HL20415001 is cancelled."
        server = {"Authorization": "Bearer " + "t" * 20}
        [handed] = await _rest(app, "/human", 12, **server)
        assert handed["text"].startswith("Nobody is here")
        assert app.service.record.by_external_id("rest", "12") is not None
