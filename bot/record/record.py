"""The record: what was acknowledged, in SQL. Every decision that must hold is made here.

Sequence numbers, deduplication, turn leases and the owner's epoch are rows under unique
constraints and conditional updates, so they hold with any number of processes and with
Redis gone. Methods block; ``bot.turn`` and the API call them through ``Record.run``.
"""

import time
from collections.abc import Sequence
from typing import Any, TypeVar

import orjson
from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql import exists

from bot.events import Event, new_id
from bot.record import schema as t
from bot.record.base import changed, reads
from bot.record.group_commit import passing, together
from bot.record.outbox import Delivery
from bot.record.rows import (
    Accepted,
    AskedTurn,
    Claim,
    Conversation,
    Erased,
    Fenced,
    Taken,
    Taker,
    TurnSummary,
)
from bot.record.turns import RecordTurns

T = TypeVar("T")

__all__ = [
    "Accepted",
    "AskedTurn",
    "Claim",
    "Conversation",
    "Delivery",
    "Erased",
    "Fenced",
    "Record",
    "Taken",
    "Taker",
    "TurnSummary",
]


# Statements of the way of a turn are built once: building one costs more than running it.
_EARLIER = t.turns.alias("earlier")
_CLAIM = (
    update(t.turns)
    .where(
        t.turns.c.id == bindparam("turn"),
        t.turns.c.status == "pending",
        t.turns.c.lease_until < bindparam("now"),
        ~exists().where(
            _EARLIER.c.conversation == t.turns.c.conversation,
            _EARLIER.c.seq < t.turns.c.seq,
            _EARLIER.c.status == "pending",
        ),
    )
    .values(worker=bindparam("by"), lease_until=bindparam("until"), fence=t.turns.c.fence + 1)
    .returning(t.turns.c.conversation, t.turns.c.seq, t.turns.c.fence, t.turns.c.accepted_at)
)
_HELD = (
    t.turns.c.id == bindparam("turn"),
    t.turns.c.fence == bindparam("held"),
    t.turns.c.status == "pending",
)
_CLOSE = (
    update(t.turns)
    .where(*_HELD)
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in (
                "status", "done_at", "release", "language", "intent", "confidence", "decision",
                "reason", "template", "milliseconds",
            )
        }
    )
)  # fmt: skip
_OWNER = select(t.conversations.c.epoch, t.conversations.c.owner).where(
    t.conversations.c.id == bindparam("of")
)
_ANY_OPEN = select(
    exists().where(t.turns.c.conversation == bindparam("of"), t.turns.c.status == "pending")
)
_INSERT_CLIENT_MESSAGE = insert(t.client_messages)
_INSERT_TURN = insert(t.turns)


class Record(RecordTurns):
    """The store of conversations, turns and escalations, behind SQLAlchemy."""

    # -- accept -------------------------------------------------------------------------

    @together
    def accept(
        self,
        conversation: str,
        client_message_id: str,
        data: dict[str, Any],
        content: bytes | None = None,
        taker: Taker | None = None,
    ) -> Accepted:
        """Append a customer's message once, however often the client sends it.

        A turn is opened when the bot owns the conversation; otherwise an agent reads it. If none
        is open before it, it is the ``taker``'s at once. ``content`` is the file that comes with
        the message.
        """
        turn = new_id()
        message = Event("user", {**data, "client_message_id": client_message_id}, turn=turn)
        try:
            with self._group.begin() as db:
                found, [numbered] = self._numbered(db, conversation, [message])
                db.execute(
                    _INSERT_CLIENT_MESSAGE,
                    {
                        "conversation": conversation,
                        "client_message_id": client_message_id,
                        "seq": numbered.seq,
                    },
                )
                if content is not None:
                    self._attach(db, conversation, numbered.seq, content)
                mine = found.owner == "bot"
                claim = self._open(db, turn, conversation, numbered, taker) if mine else None
                taken = None
                if claim is not None and taker is not None:
                    taken = self._taken(db, claim, found, taker, numbered)
        except IntegrityError:
            return self._duplicate(conversation, client_message_id)
        opened = turn if mine else None
        return Accepted(numbered.seq, numbered.id, False, opened, numbered, found.epoch, taken)

    def _open(
        self, db: Connection, turn: str, conversation: str, message: Event, taker: Taker | None
    ) -> Claim | None:
        """Open a turn; the claim of whom it is at once."""
        now = time.time()
        waits = taker is None or db.execute(_ANY_OPEN, {"of": conversation}).scalar()
        claim = None if waits else Claim(turn, conversation, message.seq, 1, message.at)
        row = {
            "id": turn,
            "conversation": conversation,
            "seq": message.seq,
            "accepted_at": message.at,
            "status": "pending",
            "worker": taker.worker if taker and claim else None,
            "lease_until": now + taker.lease if taker and claim else 0.0,
            "fence": 1 if claim else 0,
        }
        db.execute(_INSERT_TURN, row)
        return claim

    def open_followup(self, conversation: str, action: str) -> Accepted:
        """Open a turn that begins with an action instead of a message."""
        turn = new_id()
        with self.engine.begin() as db:
            asked = Event("followup", {"name": action}, turn=turn)
            [numbered] = self._append(db, conversation, [asked])
            self._open(db, turn, conversation, numbered, None)
        return Accepted(numbered.seq, numbered.id, False, turn, numbered)

    # -- turns --------------------------------------------------------------------------

    def _claim(self, db: Connection, turn: str, worker: str, lease: float) -> Claim | None:
        now = time.time()
        row = db.execute(
            _CLAIM, {"turn": turn, "now": now, "by": worker, "until": now + lease}
        ).first()
        if row is None:
            return None
        return Claim(turn, row.conversation, row.seq, row.fence, row.accepted_at)

    @passing
    def take(self, turn: str, taker: Taker) -> Taken | None:
        """Lease a pending turn and read all that it begins with.

        None where somebody holds it, or an earlier turn is still open.
        """
        with self._group.begin() as db:
            claim = self._claim(db, turn, taker.worker, taker.lease)
            if claim is None:
                return None
            return self._taken(db, claim, self._conversation(db, claim.conversation), taker)

    def _taken(
        self,
        db: Connection,
        claim: Claim,
        conversation: Conversation,
        taker: Taker,
        last: Event | None = None,
    ) -> Taken:
        """What a turn begins with; ``last`` is the conversation's last event, if it is at hand."""
        cipher = self._cipher(db, conversation.subject)
        opened, after = None, taker.after
        if taker.snapshot is not None:
            try:
                opened = cipher.unlock(taker.snapshot)
            except (InvalidTag, ValueError):
                after = 0
        if last is not None and last.seq == after + 1:
            events = [last]
        else:
            events = self._events(db, conversation.id, conversation.subject, after)
        message = next((item for item in events if item.seq == claim.seq), None)
        if message is None:
            [message] = self._events(db, conversation.id, conversation.subject, claim.seq - 1, 1)
        return Taken(claim, conversation, message, opened, events, cipher)

    @passing
    def renew(self, claim: Claim, lease: float) -> bool:
        """Extend a lease; False when it was lost."""
        with self._group.begin() as db:
            return changed(
                db,
                update(t.turns)
                .where(
                    t.turns.c.id == claim.turn,
                    t.turns.c.fence == claim.fence,
                    t.turns.c.status == "pending",
                )
                .values(lease_until=time.time() + lease),
            )

    @together
    def finish(
        self, claim: Claim, epoch: int, new: Sequence[Event], summary: TurnSummary
    ) -> list[Event]:
        """Write a turn's events and close it, once.

        Raises Fenced when another worker has taken the turn. When the conversation is no longer
        the bot's, or was another's meanwhile, the bot's words are dropped; the rest is kept.
        """
        with self._group.begin() as db:
            values = {
                "turn": claim.turn,
                "held": claim.fence,
                "new_status": "done",
                "new_done_at": time.time(),
                **{f"new_{name}": value for name, value in vars(summary).items()},
                "new_reason": summary.reason[:400],
            }
            closed = db.execute(_CLOSE, values).rowcount == 1
            if not closed:
                raise Fenced("This turn was taken up by another worker")
            current = db.execute(_OWNER.with_for_update(), {"of": claim.conversation}).one()
            if current.epoch != epoch or current.owner != "bot":
                new = [item for item in new if item.kind not in ("bot", "notice", "handoff")]
            written = self._append(db, claim.conversation, new)
            for item in written:
                if item.kind == "handoff" and not item.data.get("elsewhere"):
                    self._escalate(db, claim.conversation, item)
                elif item.kind == "reminder":
                    self._remind(db, claim.conversation, item)
        return written

    @reads
    def has_turn(self, turn: str) -> bool:
        """Tell whether the turn is still open."""
        with self._reading() as db:
            query = exists().where(t.turns.c.id == turn, t.turns.c.status == "pending")
            return bool(db.execute(select(query)).scalar())

    @reads
    def open_turns(self, limit: int = 100) -> list[tuple[str, str]]:
        """Return (turn, conversation) of acknowledged turns that nobody works on, oldest first."""
        with self._reading() as db:
            rows = db.execute(
                select(t.turns.c.id, t.turns.c.conversation)
                .where(t.turns.c.status == "pending", t.turns.c.lease_until < time.time())
                .order_by(t.turns.c.accepted_at)
                .limit(limit)
            ).all()
        return [(row.id, row.conversation) for row in rows]

    def release_worker(self, worker: str) -> int:
        """End the leases of a worker that is known to be dead; return how many turns it held."""
        with self.engine.begin() as db:
            mine = t.deliveries.c.worker == worker
            db.execute(update(t.deliveries).where(mine).values(lease_until=0.0))
            return db.execute(
                update(t.turns)
                .where(t.turns.c.worker == worker, t.turns.c.status == "pending")
                .values(lease_until=0.0)
            ).rowcount

    @reads
    def step(self, turn: str, number: int) -> dict[str, Any] | None:
        """Return the recorded result of a turn's action, if it has already run."""
        with self._reading() as db:
            row = db.execute(
                select(t.steps.c.result, t.conversations.c.subject)
                .join(t.turns, t.turns.c.id == t.steps.c.turn)
                .join(t.conversations, t.conversations.c.id == t.turns.c.conversation)
                .where(t.steps.c.turn == turn, t.steps.c.step == number)
            ).first()
            if row is None:
                return None
            result: dict[str, Any] = orjson.loads(self._cipher(db, row.subject).unlock(row.result))
        return result

    def save_step(self, claim: Claim, number: int, result: dict[str, Any]) -> None:
        """Record an action's result so that a re-run of the turn does not act twice.

        Raises Fenced when another worker has taken the turn.
        """
        with self.engine.begin() as db:
            held = db.execute(
                select(t.turns.c.id)
                .where(
                    t.turns.c.id == claim.turn,
                    t.turns.c.fence == claim.fence,
                    t.turns.c.status == "pending",
                )
                .with_for_update()
            ).first()
            if held is None:
                raise Fenced("This turn was taken up by another worker")
            subject = db.execute(
                select(t.conversations.c.subject).where(t.conversations.c.id == claim.conversation)
            ).scalar_one()
            locked = self._cipher(db, subject).lock(orjson.dumps(result))
            db.execute(insert(t.steps).values(turn=claim.turn, step=number, result=locked))
