"""Reading one file in a test."""

from __future__ import annotations

from pathlib import Path

from retrieval.conversation import Conversation
from retrieval.reading.columns import Columns
from retrieval.reading.formats import LogFile
from retrieval.reading.items import Bad


def read(path: Path | str, columns: Columns | None = None) -> tuple[list[Conversation], list[Bad]]:
    """Conversations and bad items of a log."""
    items = list(LogFile.of(path, columns).read())
    return (
        [item for item in items if isinstance(item, Conversation)],
        [item for item in items if isinstance(item, Bad)],
    )


def said(conversation: Conversation) -> list[tuple[str, str]]:
    """Who said what."""
    return [(turn.role, turn.text) for turn in conversation.turns]
