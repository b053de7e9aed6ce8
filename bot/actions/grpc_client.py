"""rasa-sdk's action service over gRPC, with answers that stream.

Source: rasa_sdk/grpc_server.py and its ``action_webhook.proto``. What HTTP says by a status is here
a code with JSON in its details: ``INTERNAL`` with ``action_name`` is a rejection, ``NOT_FOUND`` an
unknown action or a domain that is to be sent. An older rasa-sdk has no ``WebhookStream`` and is
asked by ``Webhook``. Imported by who uses it alone.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import grpc
import grpc.aio
import orjson
from google.protobuf.json_format import MessageToDict, ParseDict
from rasa_sdk.grpc_py import action_webhook_pb2 as proto
from rasa_sdk.grpc_py.action_webhook_pb2_grpc import ActionServiceStub

from bot.actions.client import Told
from bot.actions.endpoint import Certificates
from bot.actions.http_client import PAUSES, unknown
from bot.actions.result import MAX_RESPONSE, ActionResult, result_of, unreadable
from models.errors import ActionError, ActionRejected, ActionUnavailable, ServiceError

TELL_EVERY = 0.1
"""Seconds between two tellings of an answer that grows."""

_OPTIONS = (
    ("grpc.max_receive_message_length", MAX_RESPONSE),
    # a server that comes back is found at once, not after gRPC's two minutes
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
)


class _DomainWanted(Exception):
    """The server has another domain, or none."""


class GrpcActions:
    """The action server at ``url``: ``grpc://host:port``, by TLS with certificates or ``grpcs``."""

    def __init__(self, url: str, certificates: Certificates) -> None:
        parts = urlsplit(url)
        if not parts.netloc:
            raise ServiceError(
                "The action server's address names no host", expected="grpc://host:port", found=url
            )
        self._target = parts.netloc
        secure = parts.scheme == "grpcs" or certificates.given
        self._credentials = _credentials(certificates) if secure else None
        self._channel: grpc.aio.Channel | None = None
        self._streams = True

    async def close(self) -> None:
        """Close the connection."""
        if self._channel is not None:
            await self._channel.close()

    async def healthy(self) -> bool:
        """Whether the server tells its actions."""
        try:
            await self._stub().Actions(proto.ActionsRequest(), timeout=1)
        except grpc.aio.AioRpcError:
            return False
        return True

    async def exchange(
        self, action: str, body: dict[str, Any], domain: dict[str, Any], told: Told | None
    ) -> ActionResult:
        """Send a request, with the domain where the server asks for it, and read the answer."""
        try:
            try:
                return await self._sent(action, body, told)
            except _DomainWanted:
                return await self._sent(action, {**body, "domain": _typed(domain)}, told)
        except _DomainWanted as error:
            raise ActionUnavailable(
                f"The action server failed at {action}", found="it asks for the domain again"
            ) from error

    def _stub(self) -> Any:
        if self._channel is None:  # needs the running loop
            compression = grpc.Compression.Gzip
            self._channel = (
                grpc.aio.insecure_channel(self._target, _OPTIONS, compression)
                if self._credentials is None
                else grpc.aio.secure_channel(self._target, self._credentials, _OPTIONS, compression)
            )
        return ActionServiceStub(self._channel)

    async def _sent(self, action: str, body: dict[str, Any], told: Told | None) -> ActionResult:
        request = await asyncio.to_thread(_request, body)
        for pause in PAUSES:
            try:
                return await self._asked(action, request, told)
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.UNAVAILABLE or pause is None:
                    raise _refusal(action, error) from error
                # safe to repeat: the idempotency key in the metadata is the same
                await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    async def _asked(
        self, action: str, request: proto.WebhookRequest, told: Told | None
    ) -> ActionResult:
        if self._streams:
            call = self._stub().WebhookStream(request)
            try:
                return await _streamed(action, call, told)
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.UNIMPLEMENTED:
                    raise
                self._streams = False  # an older rasa-sdk; nothing has run
            finally:
                call.cancel()
        return result_of(action, _plain(await self._stub().Webhook(request)))


# -- asking ---------------------------------------------------------------------------------


def _credentials(certificates: Certificates) -> grpc.ChannelCredentials:
    files = certificates.ca, certificates.key, certificates.client
    return grpc.ssl_channel_credentials(*(file.read_bytes() if file else None for file in files))


def _request(body: Mapping[str, Any]) -> proto.WebhookRequest:
    """The request of what HTTP sends as JSON; what gRPC's form has no place for is left out."""
    plain = orjson.loads(orjson.dumps(body, default=str))
    loop = plain["tracker"].get("active_loop") or {}
    plain["tracker"]["active_loop"] = {k: v for k, v in loop.items() if isinstance(v, str)}
    return ParseDict(plain, proto.WebhookRequest(), ignore_unknown_fields=True)


def _typed(domain: Mapping[str, Any]) -> dict[str, Any]:
    """The domain in gRPC's form, where a name and an object are told apart."""

    def kind(item: Any) -> dict[str, Any]:
        return {"dict_value" if isinstance(item, Mapping) else "string_value": item}

    names = {key: [kind(i) for i in domain.get(key) or ()] for key in _NAMED}
    others = {k: v for k, v in domain.items() if v is not None and k != _NOT_NAMED}
    return {**others, **names}


_NAMED = ("intents", "entities", "actions")
_NOT_NAMED = "e2e_actions"
"""Texts in Rasa's domain, objects in its gRPC: there is no place for them."""


# -- reading --------------------------------------------------------------------------------


class _Words:
    """Answers that come in pieces: the pieces of one are one response."""

    def __init__(self, told: Told | None) -> None:
        self.responses: list[dict[str, Any]] = []
        self._told = told
        self._due = 0.0

    def begin(self) -> None:
        """Begin another response."""
        self.responses.append({})

    async def take(self, piece: Mapping[str, Any]) -> None:
        """Take a piece in: words are put together, lists too; a second picture is a response."""
        given = {k: v for k, v in piece.items() if k != "response_id"}
        kept = self.responses[-1] if self.responses else {}
        if not self.responses or any(k in kept for k in given if k not in _GROWING):
            self.begin()
        for key, value in given.items():
            last = self.responses[-1]
            last[key] = last[key] + value if key in _GROWING and key in last else value
        words = str(self.responses[-1].get("text", ""))
        if self._told is not None and words and time.monotonic() >= self._due:
            self._due = time.monotonic() + TELL_EVERY
            await self._told(words)


_GROWING = frozenset({"text", "buttons", "elements"})


async def _streamed(
    action: str, events: AsyncIterable[proto.WebhookStreamEvent], told: Told | None
) -> ActionResult:
    """Read a stream to its end; what comes after the result is not waited for."""
    words = _Words(told)
    size, failed = 0, False
    async for event in events:
        size += event.ByteSize()
        if size > MAX_RESPONSE:
            raise unreadable(action, f"more than {MAX_RESPONSE} bytes")
        kind = event.WhichOneof("event")
        if kind == "chunk_start":
            words.begin()
        elif kind == "chunk":
            await words.take(_plain(event.chunk))
        elif kind == "final_result":
            result = result_of(action, _plain(event.final_result))
            said = [response for response in words.responses if response]
            return ActionResult(result.events, said + result.responses)
        failed = failed or kind == "error"
    if failed or any(words.responses):
        raise unreadable(action, "a stream without a result")
    return ActionResult()


def _plain(message: Any) -> dict[str, Any]:
    """The message as JSON has it: numbers of a Struct are floats, whole ones are made whole."""
    found: dict[str, Any] = _whole(MessageToDict(message, preserving_proto_field_name=True))
    return found


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list) else value


def _refusal(action: str, error: grpc.aio.AioRpcError) -> ActionError | _DomainWanted:
    """What a failed call means; its details may hold the customer's words and are not passed on."""
    code, detail = error.code(), _detail(error)
    if code is grpc.StatusCode.INTERNAL and detail.get("action_name"):
        return ActionRejected(f"{action} declined to run")
    if code is grpc.StatusCode.NOT_FOUND and detail.get("resource_type") == "DOMAIN":
        return _DomainWanted()
    if code is grpc.StatusCode.NOT_FOUND and detail.get("resource_type") == "ACTION":
        return unknown(action)
    gone = code is grpc.StatusCode.UNAVAILABLE
    return ActionUnavailable(
        f"The action server {'did not answer' if gone else 'failed at'} {action}",
        found=f"status {code.name}",
        fix="See whether the action server runs, and that it speaks gRPC." if gone else None,
    )


def _detail(error: grpc.aio.AioRpcError) -> dict[str, Any]:
    try:
        found = orjson.loads(error.details() or "")
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
