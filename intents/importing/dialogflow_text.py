"""What Dialogflow ES and CX share: lines in parts, values in replies, and rich messages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from intents.assistant import Button
from intents.examples import Entity
from intents.importing.draft import Draft, Message, braces
from intents.reading.jsonfile import objects, text_in, texts_in

_VALUE = re.compile(
    r"(?:\$session\.params\.|\$page\.params\.|\$|#[\w-]+\.)([A-Za-z_][\w-]*)"
    r"(?:\.(?:original|resolved|recent))?"
)


def filled(text: str, draft: Draft) -> str:
    """A reply with ``$name``, ``#context.name`` or ``$session.params.name`` as ``{name}``."""
    parts = []
    position = 0
    for found in _VALUE.finditer(text):
        parts += [braces(text[position : found.start()]), f"{{{draft.name('slot', found[1])}}}"]
        position = found.end()
    return "".join([*parts, braces(text[position:])])


def joined(parts: Iterable[tuple[str, str | None, str | None]]) -> tuple[str, list[Entity]]:
    """A line out of (text, entity type, role) parts, with its marks."""
    text = ""
    marks = []
    for piece, kind, role in parts:
        if kind is not None and piece.strip():
            marks.append(Entity(len(text), len(text) + len(piece), kind, piece, role))
        text += piece
    return text, marks


def rich(payload: Any, draft: Draft) -> list[Message]:
    """Dialogflow Messenger's ``richContent`` as texts, buttons and images; else as it is."""
    content = payload.get("richContent") if isinstance(payload, dict) else None
    if not isinstance(content, list):
        return [Message(custom=payload)] if payload else []
    found = []
    for column in content:
        for item in objects(column):
            kind = text_in(item, "type")
            if kind == "chips":
                titles = [text_in(one, "text") for one in objects(item.get("options"))]
                found.append(Message(buttons=buttons(titles)))
            elif kind == "button":
                found.append(Message(buttons=buttons([text_in(item, "text")])))
            elif kind == "image":
                found.append(Message(image=text_in(item, "rawUrl") or None))
            else:
                rows = [text_in(item, "title"), text_in(item, "subtitle")]
                rows += texts_in(item, "text")
                text = "\n".join(filter(None, rows))
                found.append(Message((filled(text, draft),)) if text else Message(custom=item))
    return found


def buttons(titles: Iterable[str]) -> tuple[Button, ...]:
    """Buttons that say their own title."""
    return tuple(Button(title, title) for title in titles if title)
