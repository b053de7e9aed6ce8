"""Far ends of the callback channel and of the signed webhook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from bot.delivery.outgoing import Outgoing, signed
from bot.events import Event
from bot.rasa.shapes import SAID, rest_items

ROLES = {"bot": "bot", "agent_message": "agent", "notice": "system"}


class Callback:
    """Rasa's callback channel: each message by a POST of its own, in the REST channel's shape."""

    def __init__(self, url: str, secret: str | None, outgoing: Outgoing) -> None:
        self._url = url
        self._secret = secret
        self._outgoing = outgoing

    def messages(self, event: Event, recipient: str) -> Sequence[dict[str, Any]]:
        """The messages of an event."""
        return rest_items(event, recipient) if event.kind in SAID else []

    async def send(self, message: dict[str, Any], recipient: str, key: str) -> None:
        """POST one message; its id is in a header, so that a repetition can be told."""
        await _post(self._url, self._secret, message, key, self._outgoing)


class Webhook:
    """The signed webhook: each reply by one POST."""

    def __init__(self, url: str, secret: str, outgoing: Outgoing) -> None:
        self._url = url
        self._secret = secret
        self._outgoing = outgoing

    def messages(self, event: Event, recipient: str) -> Sequence[dict[str, Any]]:
        """One message for each event that a customer is to be told."""
        handed_over = event.kind == "handoff"
        said = [_bare(item) for item in rest_items(event, None)] if event.kind in SAID else []
        if not said and not handed_over:
            return []
        return [
            {
                "id": event.id,
                "type": "handoff" if handed_over else "message",
                "recipient_id": recipient,
                "seq": event.seq,
                "at": event.iso,
                "role": ROLES.get(event.kind, "system"),
                "messages": said,
            }
        ]

    async def send(self, message: dict[str, Any], recipient: str, key: str) -> None:
        """POST one message, signed."""
        await _post(self._url, self._secret, message, key, self._outgoing)


def _bare(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key != "recipient_id"}


async def _post(url: str, secret: str | None, message: Any, key: str, outgoing: Outgoing) -> None:
    body = orjson.dumps(message)
    headers = signed(secret, body) if secret else {"Content-Type": "application/json"}
    # whoever takes these can tell a repetition by the id
    await outgoing.post(url, body, {**headers, "X-Frontdesk-Delivery": key}, repeatable=True)
