"""The client of an action server against rasa-sdk itself, and against worse."""

from __future__ import annotations

import asyncio
import json
import socket
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.actions.client import ActionClient, Breaker
from bot.actions.result import ActionResult
from models.errors import ActionError, ActionRejected, ActionUnavailable, ActionUnknown
from tests.support.processes import ASSISTANTS, HANG, action_server, http, peer
from tests.support.timing import within

DOMAIN: dict[str, Any] = {"version": "3.1", "intents": ["greet"], "slots": {}, "forms": {}}
ANSWER = http(200, b'{"events": [], "responses": [{"text": "done"}]}')


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with (
        tempfile.TemporaryDirectory(prefix="fd-") as folder,
        action_server(ASSISTANTS / "odd", Path(folder) / "actions.sock") as url,
    ):
        yield url


def _tracker(key: str = "t:1:a", **slots: Any) -> dict[str, Any]:
    return {
        "sender_id": "c1",
        "slots": slots,
        "latest_message": {
            "text": "你好",
            "intent": {"name": "greet"},
            "entities": [],
            "metadata": {"idempotency_key": key, "customer_id": "C1001"},
        },
        "events": [],
        "active_loop": {},
        "latest_action_name": None,
        "paused": False,
        "followup_action": None,
    }


async def _run(url: str | None, action: str, **more: Any) -> ActionResult:
    client = ActionClient(url, more.pop("timeout", 5.0))
    try:
        return await client.run(action, _tracker(), DOMAIN, digest="d1", **more)
    finally:
        await client.close()


# -- rasa-sdk -------------------------------------------------------------------------------


@within(15)
async def test_action_gets_the_tracker_and_the_domain_and_answers(server: str) -> None:
    client = ActionClient(server, 5.0)
    result = await client.run("action_tells", _tracker(order_id="HL9"), DOMAIN, digest="d1")
    await client.close()
    first, second = result.responses
    seen = json.loads(first["text"])
    assert seen["sender"] == "c1"
    assert seen["slots"] == {"order_id": "HL9"}
    assert seen["metadata"]["customer_id"] == "C1001"
    assert seen["metadata"]["idempotency_key"] == "t:1:a"
    assert seen["intents"] == ["greet"]
    assert second["response"] == "utter_done"
    assert (second["name"], second["count"]) == ("地址", 3)
    assert "buttons" not in second
    [event] = result.as_events()
    assert (event.kind, event.data) == ("slot", {"name": "order_id", "value": "HL1"})
    assert ActionResult(**result.as_json()) == result


@within(15)
async def test_action_that_does_nothing(server: str) -> None:
    assert await _run(server, "action_silent") == ActionResult()


@within(15)
async def test_server_that_answers_null(server: str) -> None:
    assert await _run(server, "") == ActionResult()


@within(15)
async def test_action_that_declines(server: str) -> None:
    with pytest.raises(ActionRejected, match="action_declines"):
        await _run(server, "action_declines")


@within(15)
async def test_action_that_is_unknown(server: str) -> None:
    with pytest.raises(ActionUnknown, match="action_nowhere"):
        await _run(server, "action_nowhere")


@within(15)
async def test_action_that_crashes_tells_nothing_of_the_customer(server: str) -> None:
    with pytest.raises(ActionUnavailable) as failed:
        await _run(server, "action_crashes")
    assert str(failed.value.found).startswith("status")
    assert "C1001" not in str(failed.value)


@within(15)
async def test_health(server: str) -> None:
    client = ActionClient(server, 5.0)
    assert await client.healthy()
    await client.close()
    gone = ActionClient("unix:/nowhere/actions.sock", 5.0)
    assert not await gone.healthy()
    await gone.close()
    assert not await ActionClient(None, 5.0).healthy()


@within(15)
async def test_server_has_none_of_the_services_variables(server: str) -> None:
    result = await _run(server, "action_environment")
    assert not [name for name in json.loads(result.responses[0]["text"]) if "FRONTDESK" in name]


# -- other answers --------------------------------------------------------------------------


def _body(raw: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(zlib.decompress(raw))
    return found


@within(10)
async def test_domain_is_sent_only_to_a_server_that_asks_for_it() -> None:
    answers = iter([http(449, b'{"error": "", "action_name": "action_x"}'), ANSWER, ANSWER])
    async with peer(lambda _: next(answers)) as (url, seen):
        client = ActionClient(url, 5.0)
        for _ in range(2):
            result = await client.run("action_x", _tracker(), DOMAIN, digest="d1")
            assert result.responses == [{"text": "done"}]
        await client.close()
    assert ["domain" in _body(raw) for raw in seen] == [False, True, False]
    assert {_body(raw)["domain_digest"] for raw in seen} == {"d1"}
    assert {_body(raw)["next_action"] for raw in seen} == {"action_x"}


@pytest.mark.parametrize(
    ("answer", "wanted", "error"),
    [
        (http(400, b'{"error": "", "action_name": "a"}'), "declined", ActionRejected),
        (http(400, b'{"error": "Invalid body request"}'), "failed", ActionUnavailable),
        (http(400, b"<html>"), "failed", ActionUnavailable),
        (http(400, b"[]"), "failed", ActionUnavailable),
        (http(404, b'{"error": "", "action_name": "a"}'), "no action", ActionUnknown),
        (http(449, b'{"error": "", "action_name": "a"}'), "failed", ActionUnavailable),
        (http(500, b'{"error": "", "request_body": {}}'), "failed", ActionUnavailable),
        (http(302, b"", Location="/"), "failed", ActionUnavailable),
        (http(200, b""), "unreadable", ActionUnavailable),
        (http(200, b"<html>"), "unreadable", ActionUnavailable),
        (http(200, b"[]"), "unreadable", ActionUnavailable),
        (http(200, b'"x"'), "unreadable", ActionUnavailable),
        (http(200, b'{"events": 1}'), "unreadable", ActionUnavailable),
        (http(200, b'{"events": [1]}'), "unreadable", ActionUnavailable),
        (http(200, b'{"responses": {"text": "x"}}'), "unreadable", ActionUnavailable),
        (http(200, b'{"responses": ["x"]}'), "unreadable", ActionUnavailable),
        (http(200, b"\xff\xfe"), "unreadable", ActionUnavailable),
        (http(200, b'{"events": [' + b" " * 1_000_001 + b"]}"), "unreadable", ActionUnavailable),
        (b"nonsense\r\n\r\n", "did not answer", ActionUnavailable),
    ],
)
def test_each_bad_answer_has_its_error(
    answer: bytes, wanted: str, error: type[ActionError]
) -> None:
    @within(10)
    async def run() -> None:
        async with peer(lambda _: answer) as (url, _):
            with pytest.raises(error, match=wanted):
                await _run(url, "action_x")

    run()


@pytest.mark.parametrize("body", [b"null", b"{}", b'{"events": null, "responses": null}'])
def test_nothing_is_an_answer(body: bytes) -> None:
    @within(10)
    async def run() -> None:
        async with peer(lambda _: http(200, body)) as (url, _):
            assert await _run(url, "action_x") == ActionResult()

    run()


@within(10)
async def test_events_that_are_not_served_are_left_out() -> None:
    body = (
        b'{"events": [{"event": "export"}, {}, {"event": "slot", "name": "a", "value": 1},'
        b' {"event": "form", "name": null}], "responses": []}'
    )
    async with peer(lambda _: http(200, body)) as (url, _):
        result = await _run(url, "action_x")
    assert [event.kind for event in result.as_events()] == ["slot", "active_loop"]


@within(10)
async def test_server_that_hangs_is_given_up_in_time() -> None:
    async with peer(lambda _: HANG) as (url, seen):
        began = time.monotonic()
        with pytest.raises(ActionUnavailable, match="did not answer"):
            await _run(url, "action_x", timeout=0.3)
        with pytest.raises(ActionUnavailable):
            await _run(url, "action_x", timeout=5.0, budget=0.2)
        assert time.monotonic() - began < 3
        assert len(seen) == 2


@within(10)
async def test_closed_connection_is_tried_again_under_the_same_key() -> None:
    answers: Iterator[bytes | None] = iter([None, None, ANSWER])
    async with peer(lambda _: next(answers)) as (url, seen):
        result = await _run(url, "action_x")
    assert result.responses == [{"text": "done"}]
    keys = [_body(raw)["tracker"]["latest_message"]["metadata"] for raw in seen]
    assert len(keys) == 3
    assert {key["idempotency_key"] for key in keys} == {"t:1:a"}


@within(10)
async def test_connection_that_is_always_closed_is_given_up() -> None:
    async with peer(lambda _: None) as (url, seen):
        with pytest.raises(ActionUnavailable):
            await _run(url, "action_x")
    assert len(seen) == 3


@within(10)
async def test_server_that_answers_twice_is_not_heard_twice() -> None:
    """A second answer on the same connection must not stand for the next request's."""
    stray = http(200, b'{"responses": [{"text": "stray"}]}')
    answers = iter([ANSWER + stray, ANSWER, ANSWER])
    async with peer(lambda _: next(answers)) as (url, _):
        client = ActionClient(url, 5.0)
        for _ in range(2):
            result = await client.run("action_x", _tracker(), DOMAIN)
            assert result.responses == [{"text": "done"}]
        await client.close()


@within(10)
async def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ActionUnavailable):
        await _run(f"http://127.0.0.1:{port}/webhook", "action_x")
    with pytest.raises(ActionUnavailable):
        await _run("unix:/nowhere/actions.sock", "action_x")


@within(10)
async def test_no_server_is_set() -> None:
    with pytest.raises(ActionUnavailable, match="FRONTDESK_ACTIONS_URL"):
        await _run(None, "action_x")


# -- the breaker ----------------------------------------------------------------------------


@within(10)
async def test_breaker_opens_after_failures_in_a_row_and_closes_by_a_success() -> None:
    down = True
    async with peer(lambda _: http(500, b"{}") if down else ANSWER) as (url, seen):
        client = ActionClient(url, 5.0)
        client.breaker = Breaker(limit=3, seconds=0.3)
        for _ in range(3):
            with pytest.raises(ActionUnavailable, match="failed at"):
                await client.run("action_x", _tracker(), DOMAIN)
        assert client.breaker.open
        with pytest.raises(ActionUnavailable, match="in a row"):
            await client.run("action_x", _tracker(), DOMAIN)
        assert len(seen) == 3
        await asyncio.sleep(0.35)
        with pytest.raises(ActionUnavailable, match="failed at"):
            await client.run("action_x", _tracker(), DOMAIN)
        assert client.breaker.open, "one failure after the pause opens it again"
        down = False
        await asyncio.sleep(0.35)
        await client.run("action_x", _tracker(), DOMAIN)
        assert not client.breaker.open
        down = True
        with pytest.raises(ActionUnavailable, match="failed at"):
            await client.run("action_x", _tracker(), DOMAIN)
        assert not client.breaker.open, "the count begins anew after a success"
        await client.close()


@pytest.mark.parametrize(
    "answer",
    [
        http(400, b'{"error": "", "action_name": "a"}'),
        http(404, b'{"error": "", "action_name": "a"}'),
    ],
)
def test_refusals_do_not_open_the_breaker(answer: bytes) -> None:
    @within(10)
    async def run() -> None:
        async with peer(lambda _: answer) as (url, _):
            client = ActionClient(url, 5.0)
            for _ in range(6):
                with pytest.raises(ActionError):
                    await client.run("action_x", _tracker(), DOMAIN)
            assert not client.breaker.open
            await client.close()

    run()
