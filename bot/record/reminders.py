"""Reminders that actions ask for: when, and by which event of which conversation."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from bot.events import Event
from bot.record import schema as t
from bot.record.base import changed, reads
from bot.record.outbox import RecordOutbox


class RecordReminders(RecordOutbox):
    """One row for each reminder that is still to come, written with the event that asks for it.

    What is to be said stands in the event, under the customer's own key; the row knows the time.
    """

    def _remind(self, db: Connection, conversation: str, event: Event) -> None:
        due = moment_of(event)
        row = {"conversation": conversation, "seq": event.seq, "due": due}
        db.execute(insert(t.reminders).values(row))

    def remind(self, conversation: str, written: Sequence[Event]) -> None:
        """Keep the reminders among events that have been written without being kept."""
        with self.engine.begin() as db:
            for event in written:
                if event.kind == "reminder":
                    self._remind(db, conversation, event)

    @reads
    def due_reminders(self, limit: int = 50) -> list[tuple[str, int]]:
        """Return (conversation, seq) of reminders whose time has come, the earliest first."""
        with self._reading() as db:
            rows = db.execute(
                select(t.reminders.c.conversation, t.reminders.c.seq)
                .where(t.reminders.c.due <= time.time())
                .order_by(t.reminders.c.due)
                .limit(limit)
            ).all()
        return [(row.conversation, row.seq) for row in rows]

    def drop_reminder(self, conversation: str, seq: int) -> bool:
        """Take a reminder out; tell whether it was still there."""
        with self.engine.begin() as db:
            query = delete(t.reminders).where(
                t.reminders.c.conversation == conversation, t.reminders.c.seq == seq
            )
            return changed(db, query)


def moment_of(event: Event) -> float:
    """When a reminder is due, as seconds since 1970; at once where its time cannot be read.

    A time without a zone is the server's, as rasa-sdk's are.
    """
    try:
        return datetime.fromisoformat(str(event.data.get("date_time"))).timestamp()
    except (ValueError, OverflowError, OSError):
        return event.at
