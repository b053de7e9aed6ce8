"""One message of a Dialogflow ES reply: text, card, quick replies, image or payload."""

from __future__ import annotations

from typing import Any

from intents.importing.dialogflow_text import buttons, filled, rich
from intents.importing.draft import Draft, Message
from intents.reading.jsonfile import Located, line_of, objects, text_in, texts_in

_TEXT, _CARD, _CHOICE, _IMAGE, _PAYLOAD = "0", "1", "2", "3", "4"
_CARDS = (_CARD, "basic_card")


def messages(item: Located, draft: Draft, file: str) -> list[Message]:
    """What it says here; a kind that is not known is noted and left out."""
    kind = str(item.get("type"))
    if kind in (_TEXT, "simple_response"):
        texts = tuple(filled(text, draft) for text in _texts(item) if text.strip())
        return [Message(texts)] if texts else []
    if kind == _CHOICE:
        title = text_in(item, "title")
        replies = texts_in(item, "replies")
        return [Message((filled(title, draft),) if title else (), buttons(replies))]
    if kind == "suggestion_chips":
        return [
            Message(buttons=buttons(text_in(s, "title") for s in objects(item.get("suggestions"))))
        ]
    if kind in _CARDS:
        rows = (text_in(item, "title"), text_in(item, "subtitle"), text_in(item, "formattedText"))
        text = "\n".join(filter(None, rows))
        titles = [text_in(one, "text", "title") for one in objects(item.get("buttons"))]
        image = text_in(item, "imageUrl") or text_in(item.get("image"), "url") or None
        return [Message((filled(text, draft),) if text else (), buttons(titles), image)]
    if kind == _IMAGE:
        return [Message(image=text_in(item, "imageUrl") or None)]
    if kind in (_PAYLOAD, "custom_payload"):
        return rich(item.get("payload"), draft)
    what = f"a message of the kind {kind}"
    draft.left_out(file, line_of(item), what, "Write it as text, buttons or an image.")
    return []


def _texts(item: Located) -> list[str]:
    """The alternatives of a text: one or a list, or what is spoken where nothing is shown."""
    speech: Any = item.get("speech")
    if isinstance(speech, list):
        return [str(text) for text in speech]
    shown = [text_in(one, "displayText", "textToSpeech") for one in objects(item.get("items"))]
    return [text for text in (text_in(item, "speech", "textToSpeech"), *shown) if text]
