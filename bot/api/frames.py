"""WebSocket frames: JSON objects of bounded size."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import orjson
import structlog
from fastapi import WebSocket, WebSocketDisconnect

from bot.tasks import ended
from models.errors import BadRequest, TooLarge

log = structlog.get_logger(__name__)


class Frames:
    """Reads a socket's frames."""

    def __init__(self, socket: WebSocket, longest: int) -> None:
        self._socket = socket
        self._longest = longest

    async def receive(self) -> dict[str, Any]:
        """Return the next frame. Raises TooLarge, BadRequest, WebSocketDisconnect."""
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1000), message.get("reason"))
        text = message.get("text")
        if text is None:
            raise BadRequest("The frame is binary", expected="JSON in a text frame")
        if len(text) > self._longest:
            raise TooLarge("The frame is too large", expected=f"at most {self._longest} bytes")
        try:
            frame = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise BadRequest("The frame is not JSON") from error
        if not isinstance(frame, dict):
            raise BadRequest("The frame is not a JSON object")
        return frame


async def converse(socket: WebSocket, *directions: Coroutine[Any, Any, None]) -> None:
    """Run a socket's directions until one of them ends; then the others are ended too."""
    tasks = [asyncio.create_task(direction) for direction in directions]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await ended(*tasks)
    for task in done:
        error = task.exception()
        # starlette says by a RuntimeError that the other side is gone
        if error is not None and not isinstance(error, WebSocketDisconnect | RuntimeError):
            log.error("socket.failed", exc_info=error)
            await socket.close(1011)
