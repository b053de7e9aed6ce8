"""What is owed to channels that are told by requests of ours, and how far each has come."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.record import schema as t
from bot.record.base import changed, reads
from bot.record.desk import RecordDesk


@dataclass(frozen=True)
class Delivery:
    """A conversation leased to one worker for delivery.

    Everything up to event ``seq`` has been delivered, and ``part`` messages of the event after it.
    ``recipient`` is the far end's own name of the conversation.
    """

    conversation: str
    channel: str
    recipient: str
    seq: int
    part: int
    attempts: int
    worker: str


class RecordOutbox(RecordDesk):
    """Deliveries: one row for each conversation on a pushed channel.

    A row is due from the moment that something is appended, in the same transaction, until all of
    it has been delivered; so nothing is forgotten, whatever process dies.
    """

    def push_to(self, conversation: str, channel: str, recipient: str, after: int) -> None:
        """Deliver what comes after event ``after``; asked for again, it changes nothing."""
        row = {
            "conversation": conversation,
            "channel": channel,
            "recipient": recipient,
            "seq": after,
            "part": 0,
            "attempts": 0,
            "due": time.time(),
            "lease_until": 0.0,
        }
        try:
            with self.engine.begin() as db:
                db.execute(insert(t.deliveries).values(**row))
        except IntegrityError:
            return

    @reads
    def due_deliveries(self, limit: int = 100) -> list[str]:
        """Return conversations with something to deliver that nobody is delivering."""
        now = time.time()
        with self._reading() as db:
            rows = db.execute(
                select(t.deliveries.c.conversation)
                .where(t.deliveries.c.due <= now, t.deliveries.c.lease_until < now)
                .order_by(t.deliveries.c.due)
                .limit(limit)
            ).all()
        return [row.conversation for row in rows]

    def lease_delivery(self, conversation: str, worker: str, seconds: float) -> Delivery | None:
        """Lease a conversation that is due; None when it is not, or somebody has it."""
        now = time.time()
        with self.engine.begin() as db:
            row = db.execute(
                update(t.deliveries)
                .where(
                    t.deliveries.c.conversation == conversation,
                    t.deliveries.c.due <= now,
                    t.deliveries.c.lease_until < now,
                )
                .values(worker=worker, lease_until=now + seconds)
                .returning(*t.deliveries.c)
            ).first()
        if row is None:
            return None
        return Delivery(
            row.conversation, row.channel, row.recipient, row.seq, row.part, row.attempts, worker
        )

    def delivered(self, lease: Delivery, seq: int, part: int, seconds: float) -> bool:
        """Note how far a delivery has come, and hold it longer; False when it was lost."""
        values = {"seq": seq, "part": part, "attempts": 0, "lease_until": time.time() + seconds}
        with self.engine.begin() as db:
            return changed(db, update(t.deliveries).where(_held(lease)).values(**values))

    def delivery_done(self, lease: Delivery, seq: int) -> bool:
        """Let go of a conversation that has everything; False when more has come meanwhile."""
        last = (
            select(t.conversations.c.last_seq)
            .where(t.conversations.c.id == lease.conversation)
            .scalar_subquery()
        )
        with self.engine.begin() as db:
            return changed(
                db,
                update(t.deliveries)
                .where(_held(lease), last <= seq)
                .values(seq=seq, part=0, attempts=0, due=None, worker=None, lease_until=0.0),
            )

    def postpone_delivery(self, lease: Delivery, attempts: int, seconds: float) -> None:
        """Try again later."""
        values = {"attempts": attempts, "due": time.time() + seconds, "lease_until": 0.0}
        with self.engine.begin() as db:
            db.execute(update(t.deliveries).where(_held(lease)).values(**values))


def _held(lease: Delivery) -> ColumnElement[bool]:
    row = t.deliveries.c
    return and_(row.conversation == lease.conversation, row.worker == lease.worker)
