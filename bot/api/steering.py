"""Takes each request of an Engine.IO session to the worker that holds the session.

Workers share one listening socket, so a client's next poll may be accepted by any of them. A
session's id begins with the name of its worker (``worker-1~…``); a request that has come to another
one is handed on over the worker's Unix socket, which nobody but this installation can open.
A WebSocket that upgrades a polling session is handed on likewise, frame by frame.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import orjson
import structlog
import uvicorn
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import WebSocketException

from bot.api.access import client_address, origin_allowed, service_of
from bot.tasks import ended

log = structlog.get_logger(__name__)

Query = dict[str, list[str]]
Refusal = tuple[int, dict[str, Any]]

_OWNED = re.compile(r"^([A-Za-z0-9-]{1,40})~")
_CLIENT = b"x-frontdesk-client"
_HOP = frozenset({b"connection", b"transfer-encoding", b"content-length", b"host", _CLIENT})
POLL_SECONDS = 60.0
"""Longer than a poll is held open."""
KEEP_ALIVE = 75
"""Seconds that a connection between workers may be idle: longer than our own client keeps one, or
a request meets a connection that is just being closed, and a session seems to be gone."""


class Steering:
    """An ASGI application in front of the Engine.IO server of one worker."""

    def __init__(self, inner: ASGIApp, worker: str | None, folder: Path, longest: int) -> None:
        self._inner = inner
        self._worker = worker
        self._folder = folder
        self._longest = longest
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._server: asyncio.Task[None] | None = None
        self._uvicorn: _Neighbourly | None = None
        self._told_of_old_clients = False

    async def start(self) -> None:
        """Listen to the other workers."""
        if self._worker is None:
            return
        path = self._socket(self._worker)
        path.unlink(missing_ok=True)
        config = uvicorn.Config(
            self._from_neighbour,
            uds=str(path),
            log_config=None,
            access_log=False,
            lifespan="off",
            interface="asgi3",
            ws_max_size=self._longest,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=KEEP_ALIVE,
        )
        self._uvicorn = _Neighbourly(config)
        self._server = asyncio.create_task(self._uvicorn.serve(), name="neighbours")
        # before a session is begun here, whose next request may come to another worker
        listening = asyncio.create_task(self._uvicorn.listening.wait())
        await asyncio.wait([listening, self._server], return_when=asyncio.FIRST_COMPLETED)
        await ended(listening)

    async def close(self) -> None:
        """Stop listening and close the connections to the others."""
        if self._uvicorn is not None and self._server is not None:
            self._uvicorn.should_exit = True
            await asyncio.wait([self._server], timeout=5)
        await ended(self._server)
        for client in self._clients.values():
            await client.aclose()

    def owned(self, identifier: str) -> str:
        """Return a session id that names this worker."""
        return f"{self._worker}~{identifier}" if self._worker else identifier

    def _socket(self, worker: str) -> Path:
        return self._folder / f"{worker}.sock"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request here or where its session is."""
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        refusal = self._refusal(scope, query)
        if refusal is not None:
            await _refuse(scope, receive, send, *refusal)
            return
        owner = _owner(query)
        if owner is None or owner == self._worker or self._worker is None:
            await self._inner(scope, receive, send)
        elif scope["type"] == "http":
            await self._hand_on(owner, scope, receive, send)
        else:
            await self._bridge(owner, scope, receive, send)

    def _refusal(self, scope: Scope, query: Query) -> Refusal | None:
        """Why a request cannot be served, with its status; codes are Engine.IO's own."""
        if not origin_allowed(HTTPConnection(scope)):
            message = "This page may not use the chat. Add its origin to FRONTDESK_ORIGINS."
            return 403, {"code": 4, "message": message}
        if "sid" in query or query.get("EIO") == ["4"]:
            return None
        found = query.get("EIO", ["none"])[0][:10]
        if not self._told_of_old_clients:
            self._told_of_old_clients = True
            log.warning(
                "socketio.old_client",
                found=f"Engine.IO {found}",
                expected="Engine.IO 4",
                fix="Update the widget to socket.io-client 3 or later. This is said once.",
            )
        message = (
            "Unsupported protocol version. Expected: Engine.IO 4 (socket.io-client 3 or later). "
            f"Found: {found}."
        )
        return 400, {"code": 5, "message": message}

    # -- to another worker ------------------------------------------------------------------

    def _client(self, worker: str) -> httpx.AsyncClient:
        if worker not in self._clients:
            transport = httpx.AsyncHTTPTransport(uds=str(self._socket(worker)))
            self._clients[worker] = httpx.AsyncClient(transport=transport, timeout=POLL_SECONDS)
        return self._clients[worker]

    async def _hand_on(self, owner: str, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._socket(owner).exists():
            await _refuse(scope, receive, send, 400, _UNKNOWN)
            return
        body = await _body(receive)
        headers = [pair for pair in scope["headers"] if pair[0].lower() not in _HOP]
        address = client_address(HTTPConnection(scope), service_of(HTTPConnection(scope)))
        url = "http://worker" + _target(scope)
        try:
            answer = await self._client(owner).request(
                scope["method"], url, content=body, headers=[*headers, (_CLIENT, address.encode())]
            )
        except httpx.HTTPError:
            # the worker is gone, and the session with it: the client connects anew
            await _refuse(scope, receive, send, 400, _UNKNOWN)
            return
        kept = [(k, v) for k, v in answer.headers.raw if k.lower() not in _HOP]
        kept.append((b"content-length", str(len(answer.content)).encode()))
        start = {"type": "http.response.start", "status": answer.status_code, "headers": kept}
        await send(start)
        await send({"type": "http.response.body", "body": answer.content})

    async def _bridge(self, owner: str, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        uri = "ws://worker" + _target(scope)
        try:
            async with unix_connect(
                str(self._socket(owner)), uri, max_size=self._longest, ping_interval=None
            ) as other:
                await send({"type": "websocket.accept"})
                await _both_ways(other, receive, send)
        except (OSError, WebSocketException):
            with contextlib.suppress(RuntimeError):
                await send({"type": "websocket.close", "code": 1011})

    async def _from_neighbour(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A request that another worker has checked and handed on."""
        given = dict(scope["headers"]).get(_CLIENT, b"unknown").decode("latin-1")
        await self._inner({**scope, "client": (given, 0)}, receive, send)


class _Neighbourly(uvicorn.Server):
    """A second server of the same process, which leaves the signals to the first.

    ``listening`` is set once it can be reached.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


_UNKNOWN = {"code": 1, "message": "Session ID unknown"}


def _owner(query: Query) -> str | None:
    found = _OWNED.match(query.get("sid", [""])[0])
    return found.group(1) if found else None


def _target(scope: Scope) -> str:
    return f"{scope['path']}?{scope.get('query_string', b'').decode('latin-1')}"


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _both_ways(other: ClientConnection, receive: Receive, send: Send) -> None:
    async def outward() -> None:
        while (message := await receive())["type"] == "websocket.receive":
            data = message.get("text")
            await other.send(data if data is not None else message["bytes"])

    async def inward() -> None:
        async for data in other:
            key = "text" if isinstance(data, str) else "bytes"
            await send({"type": "websocket.send", key: data})

    tasks = [asyncio.create_task(outward()), asyncio.create_task(inward())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await ended(*tasks)
        with contextlib.suppress(RuntimeError):
            await send({"type": "websocket.close", "code": 1000})


async def _refuse(
    scope: Scope, receive: Receive, send: Send, status: int, said: dict[str, Any]
) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4000, "reason": said["message"][:120]})
        return
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": orjson.dumps(said)})
