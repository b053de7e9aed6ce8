"""A socket.io client in a few lines: Engine.IO 4, by long polling or by WebSocket.

What the protocols say stands at https://github.com/socketio/socket.io-protocol (revision 5) and
https://github.com/socketio/engine.io-protocol (revision 4).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

SEPARATOR = "\x1e"


@dataclass
class Socket:
    """A connection; ``seen`` are the events that have come, as (name, payload)."""

    send: Callable[[str], Any]
    sid: str
    seen: list[tuple[str, Any]] = field(default_factory=list)
    acknowledged: dict[int, Any] = field(default_factory=dict)
    refused: Any = None
    joined: bool = False
    closed: bool = False
    patience: float = 15.0
    _numbers: int = 0
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, packet: str) -> None:
        """Take one Engine.IO packet in."""
        if packet == "2":
            await self.send("3")
        elif packet.startswith("40"):
            self.joined = True
        elif packet.startswith("44"):
            self.refused = json.loads(packet[2:])
        elif packet.startswith("42"):
            name, *payload = json.loads(packet[2:])
            self.seen.append((name, payload[0] if payload else None))
        elif packet.startswith("43"):
            digits = packet[2 : packet.index("[")]
            self.acknowledged[int(digits)] = json.loads(packet[2 + len(digits) :])
        async with self._changed:
            self._changed.notify_all()

    async def until(self, holds: Callable[[], Any]) -> Any:
        """Wait until ``holds`` is true, and return what it says."""
        async with asyncio.timeout(self.patience), self._changed:
            await self._changed.wait_for(holds)
        return holds()

    async def join(self, token: str | None = None) -> None:
        """Connect to the main namespace."""
        await self.send("40" + (json.dumps({"token": token}) if token else ""))
        await self.until(lambda: self.joined or self.refused is not None)

    async def emit(self, name: str, payload: Any, *, ack: bool = False) -> Any:
        """Send an event; with ``ack`` return what the server acknowledges it with."""
        if not ack:
            await self.send("42" + json.dumps([name, payload]))
            return None
        self._numbers += 1
        number = self._numbers
        await self.send(f"42{number}" + json.dumps([name, payload]))
        [answer] = await self.until(lambda: self.acknowledged.get(number))
        return answer

    async def session(self, asked: str | None = None, **more: Any) -> str:
        """Ask for a session; return the id that is confirmed."""
        before = len(self.named("session_confirm"))
        await self.emit("session_request", {"session_id": asked, **more})
        await self.until(lambda: len(self.named("session_confirm")) > before)
        return str(self.named("session_confirm")[-1])

    def named(self, name: str) -> list[Any]:
        """Payloads of the events called ``name``."""
        return [payload for kind, payload in self.seen if kind == name]

    @property
    def said(self) -> list[Any]:
        """What the bot has uttered."""
        return self.named("bot_uttered")

    async def say(self, message: str, session: str, **more: Any) -> Any:
        """Say something, and return the next thing that the bot says."""
        before = len(self.said)
        await self.emit("user_uttered", {"message": message, "session_id": session, **more})
        await self.until(lambda: len(self.said) > before)
        return self.said[before]


@contextlib.asynccontextmanager
async def by_websocket(
    base: str, path: str = "/socket.io/", token: str | None = None, **headers: str
) -> AsyncIterator[Socket]:
    """Connect by WebSocket alone."""
    url = base.replace("http", "ws") + path + "?EIO=4&transport=websocket"
    async with connect(url, additional_headers=headers) as connection:
        opened = json.loads(str(await connection.recv())[1:])
        socket = Socket(connection.send, opened["sid"])
        task = asyncio.create_task(_read(connection, socket))
        try:
            await socket.join(token)
            yield socket
        finally:
            task.cancel()


async def _read(connection: ClientConnection, socket: Socket) -> None:
    async for packet in connection:
        await socket.take(str(packet))
    socket.closed = True


@contextlib.asynccontextmanager
async def by_polling(
    base: str, path: str = "/socket.io/", *, upgrade: bool = False, token: str | None = None
) -> AsyncIterator[Socket]:
    """Connect by polling, each request on a connection of its own; perhaps upgrade then."""
    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=base, timeout=40, limits=limits) as http:
        query = {"EIO": "4", "transport": "polling"}
        answer = await http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        query["sid"] = json.loads(answer.text[1:])["sid"]

        async def post(packet: str) -> None:
            sent = await http.post(path, params=query, content=packet)
            assert sent.text.lower() == "ok", sent.text

        socket = Socket(post, query["sid"])

        async def poll() -> None:
            while not socket.closed:
                answer = await http.get(path, params=query)
                if answer.status_code != 200:
                    socket.closed = True
                    return
                for packet in answer.text.split(SEPARATOR):
                    if packet == "6":  # the server ends polling for an upgrade
                        return
                    await socket.take(packet)

        task = asyncio.create_task(poll())
        try:
            await socket.join(token)
            if not upgrade:
                yield socket
                return
            async with upgraded(base, socket, task, path):
                yield socket
        finally:
            socket.closed = True
            task.cancel()


@contextlib.asynccontextmanager
async def upgraded(
    base: str, socket: Socket, polls: asyncio.Task[None], path: str = "/socket.io/"
) -> AsyncIterator[None]:
    """Go on by WebSocket, once the last poll has ended."""
    url = base.replace("http", "ws") + path + f"?EIO=4&transport=websocket&sid={socket.sid}"
    async with connect(url) as connection:
        await connection.send("2probe")
        assert await connection.recv() == "3probe"
        await polls
        await connection.send("5")
        socket.send = connection.send
        task = asyncio.create_task(_read(connection, socket))
        try:
            yield
        finally:
            task.cancel()
