"""A reply in the shapes of Rasa's channels (rasa/core/channels/channel.py, rest.py, socketio.py).

One reply becomes several messages, in Rasa's order: words and buttons, data for the page, picture,
attachment, cards. None is ever empty: widgets throw on a message of a type that they do not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.events import Event
from bot.extras import card_words, safe_address, shown

SAID = frozenset({"bot", "agent_message", "notice"})
"""Kinds of events that a customer is to be told."""


def paragraphs(text: str) -> list[str]:
    """Split at blank lines, as Rasa does."""
    return [part for part in text.strip().split("\n\n") if part.strip()]


def rest_items(event: Event, recipient: str | None) -> list[dict[str, Any]]:
    """The messages of a reply on the REST and callback channels.

    Keys: ``recipient_id`` and of ``text``, ``buttons``, ``custom``, ``image``, ``attachment`` those
    that there are. Words with buttons stay whole; cards are flattened to words.
    """
    data, extras = event.data, shown(event.data)
    items: list[dict[str, Any]] = [{"text": part} for part in paragraphs(data.get("text", ""))]
    if data.get("buttons"):
        items = [{"text": data.get("text", ""), "buttons": data["buttons"]}]
    items += [{"custom": data["custom"]}] if data.get("custom") else []
    items += [{"image": extras["image"]}] if extras["image"] else []
    if extras["attachment"]:
        given = data["attachment"]
        plain = isinstance(given, str)
        items.append({"attachment": given if plain else _attachment(given, extras["attachment"])})
    for card in data.get("elements", ()):
        pressed = [
            {"title": button["title"], "payload": button["payload"]}
            for button in card["buttons"]
            if "payload" in button
        ]
        items.append({"text": card_words(card), **({"buttons": pressed} if pressed else {})})
    return [{"recipient_id": recipient, **item} for item in items]


def socket_items(event: Event) -> list[Any]:
    """The messages of a reply on the socket.io channel.

    A text has no other key, one with buttons exactly two: rasa-webchat tells them apart by that.
    """
    data, extras = event.data, shown(event.data)
    items: list[Any] = [{"text": part} for part in paragraphs(data.get("text", ""))]
    if data.get("buttons"):
        replies = [{"content_type": "text", **button} for button in data["buttons"]]
        last = items.pop() if items else {"text": ""}
        items.append({**last, "quick_replies": replies})
    if data.get("custom"):
        items.append(_custom(data["custom"]))
    if extras["image"]:
        items.append({"attachment": {"type": "image", "payload": {"src": extras["image"]}}})
    if extras["attachment"]:
        items.append({"attachment": _attachment(data["attachment"], extras["attachment"])})
    if data.get("elements"):
        payload = {"template_type": "generic", "elements": data["elements"]}
        items.append({"attachment": {"type": "template", "payload": payload}})
    return items


def _custom(given: Any) -> Any:
    """The object itself; ``{"data": …}`` was how Rasa 1 was told what to send."""
    if isinstance(given, Mapping) and set(given) == {"data"}:
        return given["data"]
    return given


def _attachment(given: Any, read: Mapping[str, Any]) -> dict[str, Any]:
    """``{"type", "payload": {"src", "title", …}}``: what widgets read, without unsafe addresses."""
    inner = given.get("payload") if isinstance(given, Mapping) else None
    kept = {
        key: value
        for key, value in (inner.items() if isinstance(inner, Mapping) else ())
        if key not in ("src", "url", "title")
        and (not isinstance(value, str) or ":" not in value or safe_address(value))
    }
    return {
        "type": read["type"],
        "payload": {**kept, "src": read["url"], "title": read["title"]},
    }
