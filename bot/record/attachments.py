"""Files of customers, beside the messages they came with."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select

from bot.record import schema as t
from bot.record.base import reads
from bot.record.reminders import RecordReminders
from models.errors import NotFound, TooMany

MOST_FILES = 20
"""Files of one conversation."""


class RecordAttachments(RecordReminders):
    """One row for each file, under the customer's own key, written with its message."""

    def _attach(self, db: Connection, conversation: str, seq: int, content: bytes) -> None:
        mine = t.attachments.c.conversation == conversation
        held = db.execute(select(func.count()).select_from(t.attachments).where(mine)).scalar_one()
        if held >= MOST_FILES:
            raise TooMany("This conversation has too many files", expected=f"at most {MOST_FILES}")
        locked = self._cipher(db, self._subject(db, conversation)).lock(content)
        row = {"conversation": conversation, "seq": seq, "content": locked}
        db.execute(insert(t.attachments).values(row))

    def keep_attachment(self, conversation: str, seq: int, content: bytes) -> None:
        """Keep the file of message ``seq`` that has come later; once, however often it is tried.

        Raises TooMany.
        """
        mine = (t.attachments.c.conversation == conversation) & (t.attachments.c.seq == seq)
        with self._group.begin() as db:
            if db.execute(select(t.attachments.c.seq).where(mine)).first() is None:
                self._attach(db, conversation, seq, content)

    @reads
    def attachment(self, conversation: str, seq: int) -> bytes:
        """Return the file that came with message ``seq``. Raises NotFound."""
        with self._reading() as db:
            row = db.execute(
                select(t.attachments.c.content).where(
                    t.attachments.c.conversation == conversation, t.attachments.c.seq == seq
                )
            ).first()
            if row is None:
                raise NotFound("There is no such file")
            return self._cipher(db, self._subject(db, conversation)).unlock(row.content)

    @staticmethod
    def _subject(db: Connection, conversation: str) -> str:
        mine = t.conversations.c.id == conversation
        subject: str = db.execute(select(t.conversations.c.subject).where(mine)).scalar_one()
        return subject
