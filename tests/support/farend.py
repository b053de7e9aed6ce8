"""Other people's servers as a channel meets them: they note what they are told, and may fail."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.delivery.outgoing import is_signed
from tests.support.timing import eventually

HANG = 0
"""A status that never comes."""


@dataclass
class FarEnd:
    """A server; ``statuses`` are answered first, one a request, and 200 after that."""

    url: str = ""
    calls: list[tuple[str, dict[str, Any], dict[str, str]]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    files: dict[str, bytes | str] = field(default_factory=dict)
    """What is given back by path: content, or where it lies."""
    judge: Callable[[str, dict[str, Any], dict[str, str], bytes], str | None] | None = None

    async def answer(self, request: Request) -> Response:
        """Note a request; answer it as the test wants."""
        raw = await request.body()
        body, headers = orjson.loads(raw), dict(request.headers)
        path = request.url.path
        problem = self.judge(path, body, headers, raw) if self.judge else None
        if problem is not None:
            self.wrong.append(problem)
            return JSONResponse({"error": problem}, 422)
        status = self.statuses.pop(0) if self.statuses else 200
        if status == HANG:
            await asyncio.sleep(3600)
        if status < 300:
            self.calls.append((path, body, headers))
        return JSONResponse({"id": len(self.calls)}, status)

    async def give(self, request: Request) -> Response:
        """Give a file back, or say where it lies."""
        found = self.files.get(request.url.path)
        if isinstance(found, str):
            return Response(status_code=302, headers={"location": found})
        return Response(found) if found is not None else Response(status_code=404)

    def bodies(self, end: str = "") -> list[dict[str, Any]]:
        """What was taken under paths that end so."""
        return [body for path, body, _ in self.calls if path.endswith(end)]


@contextlib.asynccontextmanager
async def serving(
    judge: Callable[[str, dict[str, Any], dict[str, str], bytes], str | None] | None = None,
) -> AsyncIterator[FarEnd]:
    """Run one."""
    end = FarEnd(judge=judge)
    app = Starlette(
        routes=[
            Route("/{path:path}", end.answer, methods=["POST"]),
            Route("/{path:path}", end.give, methods=["GET"]),
        ]
    )
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
    config.timeout_graceful_shutdown = 1
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        end.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            await eventually(lambda: server.started)
            yield end
        finally:
            server.should_exit = server.force_exit = True
            await task


def chatwoots_rules(
    path: str, body: dict[str, Any], headers: dict[str, str], _: bytes
) -> str | None:
    """What Chatwoot's published API takes from an agent bot; None where it takes this."""
    if headers.get("api_access_token") != "bot-token":
        return "api_access_token"
    if not path.startswith("/api/v1/accounts/1/conversations/"):
        return f"path {path}"
    route = path.rsplit("/", 1)[-1]
    if route == "toggle_status":
        return None if body == {"status": "open"} else f"status {body}"
    if route == "toggle_typing_status":
        return None if body.get("typing_status") in ("on", "off") else f"typing {body}"
    if route != "messages" or not isinstance(body.get("content"), str) or not body["content"]:
        return f"content {body}"
    if body.get("message_type") != "outgoing" or body.get("private") is not False:
        return f"message_type {body}"
    kind, attributes = body.get("content_type"), body.get("content_attributes", {})
    if kind == "text":
        return None
    keys = {
        "input_select": {"title", "value"},
        "cards": {"media_url", "title", "description", "actions"},
    }
    if kind not in keys:
        return f"content_type {kind}"
    items = attributes.get("items") or [{}]
    return None if all(set(item) == keys[kind] for item in items) else f"items {items}"


def signed_with(secret: str) -> Callable[[str, dict[str, Any], dict[str, str], bytes], str | None]:
    """Take only what is signed with ``secret``."""

    def judge(path: str, body: dict[str, Any], headers: dict[str, str], raw: bytes) -> str | None:
        stamp = headers.get("x-frontdesk-timestamp", "")
        given = headers.get("x-frontdesk-signature", "")
        return None if is_signed(secret, stamp, raw, given, 60) else "signature"

    return judge
