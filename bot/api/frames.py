"""WebSocket frames: JSON objects of bounded size."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import WebSocket, WebSocketDisconnect

from models.errors import BadRequest, TooLarge


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
