"""What both versions of Amazon Lex share: placeholders, and values for types without a list."""

from __future__ import annotations

import re

from intents.importing.draft import Draft, braces
from intents.importing.systems import SAMPLES

_PLACE = re.compile(r"\{\{?(\w[\w.-]*)\}?\}")
_TAG = re.compile(r"</?[a-z][^<>]*>")


def in_braces(text: str, draft: Draft) -> str:
    """Text with Lex's ``{slot}`` as this one's ``{slot}``; tags of spoken text go."""
    parts = []
    position = 0
    plain = _TAG.sub("", text)
    for found in _PLACE.finditer(plain):
        parts += [braces(plain[position : found.start()]), f"{{{draft.name('slot', found[1])}}}"]
        position = found.end()
    return "".join([*parts, braces(plain[position:])])


def samples(entity: str, slot: str, language: str) -> list[str]:
    """A value for a type that lists none; else the slot's own name, as a word of the line."""
    table = SAMPLES.get(language, SAMPLES["en"])
    found = table.get(entity) or next((v for k, v in table.items() if k in entity), None)
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|[_-]+", " ", slot).lower()
    return [found or words]
