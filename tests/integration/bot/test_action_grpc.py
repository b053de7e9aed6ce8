"""The gRPC client against rasa-sdk's own server, and against worse."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from rasa_sdk.grpc_py import action_webhook_pb2 as proto
from rasa_sdk.grpc_py.action_webhook_pb2_grpc import (
    ActionServiceServicer,
    add_ActionServiceServicer_to_server,
)

from bot.actions.client import ActionClient, Breaker
from bot.actions.endpoint import Certificates, address_of, certificates_of
from bot.actions.result import ActionResult
from bot.settings import Settings
from models.errors import ActionRejected, ActionUnavailable, ActionUnknown, ServiceError
from tests.support.certificates import write_certificates
from tests.support.processes import ASSISTANTS, free_port, grpc_action_server
from tests.support.timing import eventually, within

DOMAIN: dict[str, Any] = {
    "version": "3.1",
    "intents": ["greet", {"bye": {"use_entities": False}}],
    "entities": ["city"],
    "slots": {"order_id": {"type": "text"}},
    "actions": ["action_tells"],
    "forms": {},
    "session_config": {"session_expiration_time": 60},
}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with grpc_action_server(ASSISTANTS / "odd") as url:
        yield url


def _tracker(**slots: Any) -> dict[str, Any]:
    return {
        "sender_id": "c1",
        "slots": slots,
        "latest_message": {
            "text": "你好",
            "intent": {"name": "greet"},
            "entities": [],
            "metadata": {"idempotency_key": "t:1:a", "customer_id": "C1001"},
        },
        "events": [{"event": "user", "text": "你好", "timestamp": 1.5, "parse_data": None}],
        "active_loop": {"name": "order_form", "rejected": False},
        "latest_action_name": None,
        "paused": False,
        "followup_action": None,
    }


async def _run(url: str, action: str, **more: Any) -> ActionResult:
    client = ActionClient(url, more.pop("timeout", 5.0), more.pop("certificates", None))
    try:
        tracker = more.pop("tracker", None) or _tracker()
        return await client.run(action, tracker, DOMAIN, digest="d1", **more)
    finally:
        await client.close()


# -- rasa-sdk -------------------------------------------------------------------------------


@within(30)
async def test_each_kind_of_answer_of_rasa_sdk(server: str) -> None:
    result = await _run(server, "action_tells", tracker=_tracker(order_id="HL9", count=2))
    first, second = result.responses
    seen = json.loads(first["text"])
    assert seen["sender"] == "c1"
    assert seen["slots"] == {"order_id": "HL9", "count": 2}
    assert seen["metadata"] == {"idempotency_key": "t:1:a", "customer_id": "C1001"}
    # rasa-sdk hands its actions the domain as gRPC has it
    bye = {"dict_value": {"bye": {"use_entities": False}}}
    assert seen["intents"] == [{"string_value": "greet"}, bye]
    assert (second["response"], second["name"], second["count"]) == ("utter_done", "地址", 3)
    [event] = result.as_events()
    assert (event.kind, event.data) == ("slot", {"name": "order_id", "value": "HL1"})

    assert await _run(server, "action_silent") == ActionResult()
    with pytest.raises(ActionRejected, match="action_declines"):
        await _run(server, "action_declines")
    with pytest.raises(ActionUnknown, match="action_nowhere"):
        await _run(server, "action_nowhere")
    for action in ("action_crashes", "action_breaks_off"):
        with pytest.raises(ActionUnavailable) as failed:
            await _run(server, action)
        assert failed.value.found == "status INTERNAL"
        assert "C1001" not in str(failed.value.__dict__)
    assert await _run(server, "") == ActionResult()


@within(30)
async def test_words_come_while_the_action_runs_and_are_one_message(server: str) -> None:
    heard: list[str] = []

    async def told(text: str) -> None:
        heard.append(text)

    result = await _run(server, "action_streams", told=told)
    assert heard[:2] == ["Your parcel ", "Your parcel is on "]
    first, picture, other, last = result.responses
    assert first["text"] == "Your parcel is on its way."
    assert first["buttons"] == [{"title": "Track", "payload": "/track"}]
    assert picture == {"text": "A picture:", "image": "https://example.com/a.png"}
    assert other == {"image": "https://example.com/b.png"}
    assert last == {"text": "At the end."}
    [event] = result.as_events()
    assert event.data["value"] == 3
    assert type(event.data["value"]) is int


@within(30)
async def test_health_and_a_server_that_comes_back(server: str) -> None:
    client = ActionClient(server, 5.0)
    assert await client.healthy()
    await client.close()
    gone = ActionClient(f"grpc://localhost:{free_port()}", 5.0)
    assert not await gone.healthy()
    with pytest.raises(ActionUnavailable, match="did not answer") as failed:
        await gone.run("action_x", _tracker(), DOMAIN)
    assert "UNAVAILABLE" in str(failed.value.found)
    await gone.close()

    port = free_port()
    client = ActionClient(f"grpc://localhost:{port}", 5.0)
    with pytest.raises(ActionUnavailable):
        await client.run("action_x", _tracker(), DOMAIN)
    async with _serving(_Unary(), port):
        await eventually(client.healthy)
        assert (await client.run("action_x", _tracker(), DOMAIN)).responses == [{"text": "done"}]
    await client.close()


@within(60)
async def test_tls_with_certificates_of_both_sides(tmp_path: Path) -> None:
    write_certificates(tmp_path)
    files = {name: tmp_path / name for name in ("ca.pem", "client.pem", "client.key")}
    options = ["--ssl-certificate", str(tmp_path / "server.pem")]
    options += ["--ssl-keyfile", str(tmp_path / "server.key")]
    options += ["--ssl-ca-file", str(files["ca.pem"])]
    (tmp_path / "endpoints.yml").write_text(
        "action_endpoint:\n  url: ${ADDRESS}\n  cafile: ca.pem\n"
        "  ssl_client_cert: client.pem\n  ssl_client_key: client.key\n"
    )
    with grpc_action_server(ASSISTANTS / "odd", *options) as url, pytest.MonkeyPatch.context() as m:
        m.setenv("ADDRESS", url)
        settings = Settings(_env_file=None, endpoints=tmp_path / "endpoints.yml")
        assert address_of(settings) == url
        certificates = certificates_of(settings)
        assert certificates == Certificates(
            files["ca.pem"], files["client.pem"], files["client.key"]
        )
        assert await _run(url, "action_silent", certificates=certificates) == ActionResult()
        for unfit in (None, Certificates(files["ca.pem"])):
            with pytest.raises(ActionUnavailable):
                await _run(url, "action_silent", certificates=unfit)
    with pytest.raises(ServiceError, match="not there"):
        certificates_of(Settings(_env_file=None, actions_ca=tmp_path / "nothing.pem"))
    with pytest.raises(ServiceError, match="cannot be used"):
        address_of(Settings(_env_file=None, actions_url="localhost:5055"))


def test_nothing_of_grpc_is_imported_by_who_does_not_use_it() -> None:
    code = (
        "import sys; from bot.actions.client import ActionClient; "
        "ActionClient('http://localhost/webhook', 1.0); "
        "sys.exit(any(name.split('.')[0] in ('grpc', 'rasa_sdk') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# -- other servers --------------------------------------------------------------------------


class _Unary(ActionServiceServicer):
    """An older rasa-sdk: no streams."""

    async def Webhook(self, request: Any, context: Any) -> proto.WebhookResponse:
        return _response("done")

    async def Actions(self, request: Any, context: Any) -> proto.ActionsResponse:
        return proto.ActionsResponse()

    async def WebhookStream(self, request: Any, context: Any) -> Any:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "no streams")
        yield


class _Streaming(ActionServiceServicer):
    """Plays the events it was given, once for each call; HANG waits for ever."""

    def __init__(self, *events: Any, code: Any = None, details: str = "") -> None:
        self.events, self.code, self.details = events, code, details
        self.calls = 0

    async def WebhookStream(self, request: Any, context: Any) -> Any:
        self.calls += 1
        for event in self.events:
            if event == "hang":
                await asyncio.sleep(3600)
            yield event
        if self.code is not None:
            await context.abort(self.code, self.details)


def _response(text: str) -> proto.WebhookResponse:
    answer = proto.WebhookResponse()
    answer.responses.add().update({"text": text})
    return answer


def _final(text: str) -> proto.WebhookStreamEvent:
    return proto.WebhookStreamEvent(final_result=_response(text))


def _chunk(text: str) -> proto.WebhookStreamEvent:
    return proto.WebhookStreamEvent(chunk=proto.Chunk(response_id="r", text=text))


@contextlib.asynccontextmanager
async def _serving(servicer: ActionServiceServicer, port: int = 0) -> AsyncIterator[str]:
    server = grpc.aio.server()
    add_ActionServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port(f"localhost:{port}")
    await server.start()
    try:
        yield f"grpc://localhost:{port}"
    finally:
        await server.stop(None)


@within(20)
async def test_answers_that_are_unusual_but_mean_something() -> None:
    async with _serving(_Unary()) as url:
        assert (await _run(url, "action_x")).responses == [{"text": "done"}]
    # twice: the first counts, and what comes after it is not waited for
    async with _serving(_Streaming(_final("one"), _final("two"), "hang")) as url:
        assert (await _run(url, "action_x")).responses == [{"text": "one"}]
    async with _serving(_Streaming()) as url:
        assert await _run(url, "action_x") == ActionResult()
    # words without a beginning or an end
    async with _serving(_Streaming(_chunk("a"), _chunk("b"), _final("c"))) as url:
        assert (await _run(url, "action_x")).responses == [{"text": "ab"}, {"text": "c"}]


BAD: list[tuple[_Streaming, str]] = [
    (_Streaming(_chunk("a")), "unreadable"),
    (_Streaming(proto.WebhookStreamEvent(error=proto.StreamError(message="x"))), "unreadable"),
    (_Streaming(*[_chunk("a" * 300_000)] * 4), "unreadable"),
    (_Streaming(_final("a" * 1_100_000)), "failed at"),
    (_Streaming(code=grpc.StatusCode.INTERNAL, details="C1001 broke it"), "failed at"),
    (_Streaming(code=grpc.StatusCode.INTERNAL, details="[1]"), "failed at"),
    (_Streaming(code=grpc.StatusCode.NOT_FOUND, details="{}"), "failed at"),
    (
        _Streaming(code=grpc.StatusCode.NOT_FOUND, details='{"resource_type": "DOMAIN"}'),
        "asks for the domain again",
    ),
    (_Streaming(code=grpc.StatusCode.PERMISSION_DENIED), "failed at"),
]


@pytest.mark.parametrize(("servicer", "wanted"), BAD)
def test_bad_answers_are_errors_that_tell_nothing_of_the_customer(
    servicer: _Streaming, wanted: str
) -> None:
    @within(15)
    async def run() -> None:
        async with _serving(servicer) as url:
            with pytest.raises(ActionUnavailable, match=wanted) as failed:
                await _run(url, "action_x")
        assert "C1001" not in str(failed.value)

    run()


@within(20)
async def test_server_that_hangs_is_given_up_in_time_and_the_breaker_opens() -> None:
    servicer = _Streaming(_chunk("Your"), "hang")
    async with _serving(servicer) as url:
        client = ActionClient(url, 0.3)
        client.breaker = Breaker(limit=3, seconds=60)
        began = time.monotonic()
        for _ in range(3):
            with pytest.raises(ActionUnavailable, match="did not answer"):
                await client.run("action_x", _tracker(), DOMAIN)
        with pytest.raises(ActionUnavailable, match="in a row"):
            await client.run("action_x", _tracker(), DOMAIN)
        assert servicer.calls == 3
        assert time.monotonic() - began < 10
        await client.close()


@within(20)
async def test_call_that_never_arrived_is_sent_again_and_one_that_failed_is_not() -> None:
    away = _Streaming(code=grpc.StatusCode.UNAVAILABLE)
    async with _serving(away) as url:
        with pytest.raises(ActionUnavailable):
            await _run(url, "action_x")
    assert away.calls == 3
    failing = _Streaming(code=grpc.StatusCode.UNKNOWN)
    async with _serving(failing) as url:
        with pytest.raises(ActionUnavailable):
            await _run(url, "action_x")
    assert failing.calls == 1


@within(20)
async def test_what_speaks_no_grpc() -> None:
    async def chatter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n\xff\xfe nonsense" * 20)
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(chatter, "localhost", 0)
    port = listening.sockets[0].getsockname()[1]
    with pytest.raises(ActionUnavailable):
        await _run(f"grpc://localhost:{port}", "action_x")
    listening.close()
    with pytest.raises(ServiceError, match="names no host"):
        ActionClient("grpc:///", 1.0)
