"""What a reply carries besides words: quick replies, an image, a file, data for the page.

Rasa fills slots in all of these; addresses go out only when a browser may safely open them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson

from models.errors import MissingValue

KEYS = ("image", "attachment", "custom", "elements")
"""Rasa's names of what may stand beside a text."""

_PLACE = re.compile(r"\{([^\W\d][\w-]*)\}")
_DOUBLED = re.compile(r"\{\{|\}\}|" + _PLACE.pattern)
"""Where a text doubles its braces, ``{{`` and ``}}`` are braces, as in Rasa's payloads."""

_KINDS = frozenset({"image", "video", "audio", "file"})
LONGEST = 2_000


def plain_buttons(buttons: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Buttons with a title and a payload, as plain data; others are left out."""
    return [
        {"title": str(item["title"]), "payload": str(item["payload"])}
        for item in buttons
        if item.get("title") and item.get("payload")
    ]


def plain_cards(elements: Any) -> list[dict[str, Any]]:
    """Rasa's ``elements`` as cards: ``{title, subtitle?, image_url?, url?, buttons}``.

    A button opens an address or sends a payload; what is neither, and cards without a title, are
    left out.
    """
    given = elements if isinstance(elements, list) else [elements]
    return [_card(item) for item in given if isinstance(item, Mapping) and item.get("title")][:10]


def _card(item: Mapping[str, Any]) -> dict[str, Any]:
    action = item.get("default_action")
    link = action.get("url") if isinstance(action, Mapping) else item.get("url") or item.get("link")
    said = {
        "subtitle": str(item["subtitle"]) if item.get("subtitle") else None,
        "image_url": safe_address(item.get("image_url")),
        "url": safe_address(link),
    }
    buttons = [_card_button(b) for b in item.get("buttons") or () if isinstance(b, Mapping)]
    return {
        "title": str(item["title"]),
        **{key: value for key, value in said.items() if value is not None},
        "buttons": [button for button in buttons if button is not None],
    }


def _card_button(item: Mapping[str, Any]) -> dict[str, str] | None:
    title, url = item.get("title"), safe_address(item.get("url"))
    if title and url:
        return {"type": "web_url", "title": str(title), "url": url}
    if title and item.get("payload"):
        return {"type": "postback", "title": str(title), "payload": str(item["payload"])}
    return None


def card_words(card: Mapping[str, Any]) -> str:
    """A card as one line, as Rasa writes it where cards cannot be shown."""
    return " : ".join(str(card[key]) for key in ("title", "subtitle") if card.get(key))


def filled(reply: str, extras: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """Fill ``{slot}`` in every text of ``extras``; JSON's own braces are no places.

    ``{{`` is a brace, as in ``/inform{{"size": "{size}"}}``.

    Data for the page may hold places of its own, which stay. Raises MissingValue, naming
    ``reply``, when a value of anything else is not known.
    """

    def value(place: re.Match[str]) -> str:
        if place.group(1) not in values:
            raise MissingValue(reply, (place.group(1),))
        return values[place.group(1)]

    def known(place: re.Match[str]) -> str:
        return values.get(place.group(1), place.group())

    return {
        key: _replaced(data, known if key == "custom" else value) for key, data in extras.items()
    }


def _replaced(data: Any, value: Callable[[re.Match[str]], str], *, command: bool = False) -> Any:
    if isinstance(data, str):
        # in /intent{"entity": "{slot}"} a value must not leave its quotes
        quoted = command and data.startswith("/")

        def said(place: re.Match[str]) -> str:
            if place[1] is None:
                return place[0][0]
            return orjson.dumps(value(place)).decode()[1:-1] if quoted else value(place)

        return (_DOUBLED if "{{" in data else _PLACE).sub(said, data)
    if isinstance(data, Mapping):
        return {k: _replaced(item, value, command=k == "payload") for k, item in data.items()}
    return [_replaced(item, value) for item in data] if isinstance(data, list | tuple) else data


def shown(data: Mapping[str, Any]) -> dict[str, Any]:
    """What customers and agents may see of a reply's extras.

    ``image``: an address or None; ``attachment``: ``{type, url, title}`` or None; ``custom`` is
    handed on as it is.
    """
    attachment = _attachment(data.get("attachment"))
    image = safe_address(data.get("image"))
    if attachment is not None and attachment["type"] == "image" and image is None:
        image, attachment = attachment["url"], None
    return {"image": image, "attachment": attachment, "custom": data.get("custom")}


def safe_address(address: Any) -> str | None:
    """Return an http(s) address that names a host and nobody's password, else None."""
    if not isinstance(address, str) or not 0 < len(address) <= LONGEST:
        return None
    try:
        parts = urlsplit(address)
        plain = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    except ValueError:
        return None
    visible = all(char.isprintable() and not char.isspace() for char in address)
    return address if plain and visible else None


def _attachment(given: Any) -> dict[str, Any] | None:
    """Read Rasa's forms: an address, or ``{"type", "payload": {"src" or "url", "title"}}``."""
    if isinstance(given, str):
        given = {"url": given}
    if not isinstance(given, Mapping):
        return None
    inner = given.get("payload")
    said: Mapping[str, Any] = inner if isinstance(inner, Mapping) else given
    url = next((found for key in ("url", "src") if (found := safe_address(said.get(key)))), None)
    if url is None:
        return None
    kind = given.get("type")
    title = next((str(said[key]) for key in ("title", "name") if said.get(key)), _file_name(url))
    return {"type": kind if kind in _KINDS else "file", "url": url, "title": title[:120]}


def _file_name(url: str) -> str:
    parts = urlsplit(url)
    return unquote(parts.path.rstrip("/").rsplit("/", 1)[-1]) or str(parts.hostname)


def in_words(data: Mapping[str, Any]) -> list[str]:
    """The extras of a public event as lines of a terminal: ``[image] https://…``."""
    attachment = data.get("attachment")
    lines = [f"[image] {data['image']}"] if data.get("image") else []
    if attachment:
        lines.append(f"[{attachment['type']}] {attachment['title']}: {attachment['url']}")
    return lines
