"""Turns that are done, as the studio and the desk look back on them."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from bot.events import Event
from bot.record import schema as t
from bot.record.attachments import RecordAttachments
from bot.record.base import read_event, reads
from bot.record.rows import AskedTurn, Erased

_SAID = ("user", "transcript", "bot")
_ASKED = (*_SAID, "understood")


class RecordTurns(RecordAttachments):
    """What was asked, what was answered, and why."""

    @reads
    def recent_turns(self, limit: int = 50) -> list[dict[str, Any]]:
        """Return the latest finished turns for the studio."""
        with self._reading() as db:
            rows = db.execute(
                select(t.turns)
                .where(t.turns.c.status == "done")
                .order_by(t.turns.c.accepted_at.desc())
                .limit(limit)
            ).all()
            found = []
            for row in rows:
                with contextlib.suppress(Erased):
                    found.append(_turn_row(row, self._turn_events(db, row, _SAID)))
        return found

    @reads
    def asked_turn(self, turn: str) -> AskedTurn | None:
        """Return what a finished turn was asked, or None where there is none or it was erased."""
        with self._reading() as db:
            row = db.execute(
                select(t.turns).where(t.turns.c.id == turn, t.turns.c.status == "done")
            ).first()
            if row is None:
                return None
            try:
                return _asked(row, self._turn_events(db, row, _ASKED))
            except Erased:
                return None

    def _turn_events(self, db: Connection, row: Row[Any], kinds: Sequence[str]) -> list[Event]:
        """Read a turn's events of some kinds, in order. Raises Erased."""
        words = db.execute(
            select(t.events, t.conversations.c.subject)
            .join(t.conversations, t.conversations.c.id == t.events.c.conversation)
            .where(
                t.events.c.conversation == row.conversation,
                t.events.c.turn == row.id,
                t.events.c.kind.in_(kinds),
            )
            .order_by(t.events.c.seq)
        ).all()
        return [read_event(word, self._cipher(db, word.subject)) for word in words]


def _asked(row: Row[Any], events: Sequence[Event]) -> AskedTurn | None:
    said = next((item.data for item in events if item.kind == "user"), None)
    if said is None:
        return None
    read = next((item.data["text"] for item in events if item.kind == "transcript"), "")
    parse: dict[str, Any] = {}
    for item in events:
        parse = item.data["parse"] if item.kind == "understood" else parse
    return AskedTurn(
        row.conversation,
        str(said["text"] or read),
        row.release,
        row.decision,
        row.reason,
        button=bool(said.get("payload")),
        screened=parse.get("decision") == "screened",
        read_as=_read_as(parse),
        replies=tuple(_origin(item.data) for item in events if item.kind == "bot"),
    )


def _origin(data: dict[str, Any]) -> dict[str, Any]:
    """A reply with what it was made of."""
    names = ("text", "language", "template", "template_id", "release", "generator", "provenance")
    return {name: data.get(name) for name in names}


def _turn_row(row: Row[Any], events: Sequence[Event]) -> dict[str, Any]:
    heard = [item.data.get("text", "") for item in events if item.kind in ("user", "transcript")]
    replied = [item.data.get("text", "") for item in events if item.kind == "bot"]
    return {
        "turn": row.id,
        "conversation_id": row.conversation,
        "at": row.accepted_at,
        "text": next(filter(None, heard), ""),
        "language": row.language,
        "intent": row.intent,
        "confidence": row.confidence,
        "decision": row.decision,
        "reason": row.reason,
        "reply": "\n".join(replied),
        "template": row.template,
        "release": row.release,
        "ms": row.milliseconds,
    }


def _read_as(parse: dict[str, Any]) -> str | None:
    """The intent where the conversation decided it."""
    return parse["intent"]["name"] if parse.keys() & {"decided", "continues"} else None
