"""Speaks to Chatwoot as an agent bot: answers, cards, typing, and handing over.

Source: chatwoot/chatwoot, ``app/models/message.rb`` and its API for agent bots. A bot's token opens
few routes, so that it cannot be looked up whether an answer has arrived: an answer that may have
arrived is not repeated.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from bot.delivery.outgoing import Outgoing
from bot.events import Event
from bot.extras import shown
from bot.rasa.shapes import SAID
from models.errors import DeliveryFailed

LONGEST = 10_000
"""Characters of a message that Chatwoot takes at most, and some to spare."""


class Chatwoot:
    """The API of one Chatwoot installation."""

    def __init__(self, url: str, token: str, outgoing: Outgoing) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Content-Type": "application/json", "api_access_token": token}
        self._outgoing = outgoing

    def messages(self, event: Event, recipient: str) -> Sequence[dict[str, Any]]:
        """What an event amounts to: bodies of messages, and ``{"status"}`` to hand over."""
        if event.kind == "handoff":
            return [{"status": "open"}]
        return bodies(event) if event.kind in SAID else []

    async def send(self, message: dict[str, Any], recipient: str, key: str) -> None:
        """Send one body. Handing over twice changes nothing; saying something twice does."""
        hands_over = "status" in message
        route = "toggle_status" if hands_over else "messages"
        await self._post(recipient, route, message, repeatable=hands_over)

    async def typing(self, recipient: str, on: bool) -> None:
        """Show that the bot is typing; where this fails nothing is missing."""
        body = {"typing_status": "on" if on else "off"}
        with contextlib.suppress(DeliveryFailed):
            await self._post(recipient, "toggle_typing_status", body, repeatable=False)

    async def _post(
        self, recipient: str, route: str, body: Mapping[str, Any], *, repeatable: bool
    ) -> None:
        account, _, conversation = recipient.partition("/")
        url = f"{self._url}/api/v1/accounts/{account}/conversations/{conversation}/{route}"
        await self._outgoing.post(url, orjson.dumps(body), self._headers, repeatable=repeatable)


def bodies(event: Event) -> list[dict[str, Any]]:
    """A reply as bodies of ``POST …/messages``: text, buttons as a choice, cards."""
    data, extras = event.data, shown(event.data)
    lines = [str(data.get("text", "")).strip(), extras["image"] or ""]
    if extras["attachment"]:
        lines.append(f"{extras['attachment']['title']}: {extras['attachment']['url']}")
    text = "\n".join(line for line in lines if line)[:LONGEST]
    found: list[dict[str, Any]] = []
    if data.get("buttons"):
        items = [{"title": b["title"], "value": b["payload"]} for b in data["buttons"]]
        found.append(_body(text, "input_select", items))
    elif text:
        found.append(_body(text, "text", None))
    if data.get("elements"):
        items = [_card(card) for card in data["elements"]]
        found.append(_body(items[0]["title"], "cards", items))
    return found


def _body(text: str, kind: str, items: list[dict[str, Any]] | None) -> dict[str, Any]:
    body = {"content": text, "message_type": "outgoing", "private": False, "content_type": kind}
    return body if items is None else {**body, "content_attributes": {"items": items}}


def _card(card: Mapping[str, Any]) -> dict[str, Any]:
    actions = [
        {"type": "link", "text": button["title"], "uri": button["url"]}
        if "url" in button
        else {"type": "postback", "text": button["title"], "payload": button["payload"]}
        for button in card["buttons"]
    ]
    if "url" in card:
        actions.insert(0, {"type": "link", "text": card["title"], "uri": card["url"]})
    return {
        "media_url": card.get("image_url", ""),
        "title": card["title"],
        "description": card.get("subtitle", ""),
        "actions": actions,
    }
