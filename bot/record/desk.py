"""Who speaks in a conversation: owners with their epochs, escalations, and agents' words."""

import contextlib
import hashlib
import time
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.sql import exists

from bot.events import Event, Owner, new_id
from bot.record import schema as t
from bot.record.base import RecordBase, changed, reads
from bot.record.rows import Erased
from models.errors import Conflict, NotFound

T = TypeVar("T")
HEAD_START = {"high": 900.0, "low": -300.0}
"""Seconds of waiting that an urgency is worth, so that nobody is passed over for ever."""


class RecordDesk(RecordBase):
    """Handovers between the bot and people."""

    def _escalate(self, db: Connection, conversation: str, handoff: Event) -> None:
        """Open an escalation, or renew the open one that nobody has taken."""
        online = bool(handoff.data.get("online", True))
        row = db.execute(
            select(t.conversations.c.subject, t.conversations.c.owner)
            .where(t.conversations.c.id == conversation)
            .with_for_update()
        ).one()
        values = {
            "created_at": handoff.at,
            "reason": handoff.data.get("reason", "asked"),
            "summary": self._cipher(db, row.subject).lock(_note_of(handoff)),
            "online": online,
            "told": False,
        }
        open_one = db.execute(
            select(t.escalations.c.id).where(
                t.escalations.c.conversation == conversation,
                t.escalations.c.status.in_(("waiting", "taken")),
            )
        ).first()
        if open_one is None:
            opened = {"id": new_id(), "conversation": conversation, "status": "waiting"}
            db.execute(insert(t.escalations).values(**opened, **values))
        elif row.owner == "bot" and online:
            # asked for once more after a wait in vain: the wait begins anew
            db.execute(
                update(t.escalations).where(t.escalations.c.id == open_one.id).values(**values)
            )
        if row.owner == "bot" and online:
            db.execute(
                update(t.conversations)
                .where(t.conversations.c.id == conversation)
                .values(owner="none", agent=None, epoch=t.conversations.c.epoch + 1)
            )

    def _open_escalation(
        self, db: Connection, conversation: str, status: str, agent: str | None
    ) -> None:
        subject = db.execute(
            select(t.conversations.c.subject).where(t.conversations.c.id == conversation)
        ).scalar_one()
        db.execute(
            insert(t.escalations).values(
                id=new_id(),
                conversation=conversation,
                created_at=time.time(),
                status=status,
                reason="taken",
                summary=self._cipher(db, subject).lock(_note_of(None)),
                agent=agent,
                online=True,
                told=False,
            )
        )

    def escalate(self, conversation: str, new: Sequence[Event]) -> list[Event]:
        """Append events outside a turn, one of which hands the conversation over."""
        with self.engine.begin() as db:
            written = self._append(db, conversation, new)
            for item in written:
                if item.kind == "handoff":
                    self._escalate(db, conversation, item)
        return written

    def set_owner(
        self,
        conversation: str,
        *,
        epoch: int,
        owner: Owner,
        agent: str | None,
        notices: Iterable[Event] = (),
    ) -> tuple[int, list[Event]]:
        """Move a conversation to another owner if ``epoch`` is still current.

        Returns the new epoch and the events written. Raises Conflict when the epoch is stale.
        """
        with self.engine.begin() as db:
            self._take_epoch(db, conversation, epoch, owner, agent)
            status = {"agent": "taken", "none": "waiting"}.get(owner)
            current = t.escalations.c.status.in_(("waiting", "taken"))
            known = db.execute(
                update(t.escalations)
                .where(t.escalations.c.conversation == conversation, current)
                .values(
                    status=status or "closed",
                    agent=agent,
                    closed_at=None if status else time.time(),
                )
            ).rowcount
            if status and not known:
                # taken over unasked: it stands in the queue all the same, and can lapse
                self._open_escalation(db, conversation, status, agent)
            if owner == "bot":
                self._open_unanswered(db, conversation)
            change = Event("owner", {"owner": owner, "agent": agent, "epoch": epoch + 1})
            written = self._append(db, conversation, [change, *notices])
        return epoch + 1, written

    def _open_unanswered(self, db: Connection, conversation: str) -> None:
        """Open a turn for the last message that came while nobody answered, if there is one.

        The recovery of acknowledged turns takes it up.
        """
        said = db.execute(
            select(func.max(t.events.c.seq)).where(
                t.events.c.conversation == conversation,
                t.events.c.kind.in_(("bot", "agent_message")),
            )
        ).scalar()
        last = db.execute(
            select(t.events.c.seq, t.events.c.turn, t.events.c.at)
            .where(
                t.events.c.conversation == conversation,
                t.events.c.kind == "user",
                t.events.c.seq > (said or 0),
            )
            .order_by(t.events.c.seq.desc())
            .limit(1)
        ).first()
        if last is None or db.execute(select(exists().where(t.turns.c.id == last.turn))).scalar():
            return
        db.execute(
            insert(t.turns).values(
                id=last.turn,
                conversation=conversation,
                seq=last.seq,
                accepted_at=time.time(),
                status="pending",
                lease_until=0.0,
                fence=0,
            )
        )

    def _take_epoch(
        self, db: Connection, conversation: str, epoch: int, owner: Owner, agent: str | None
    ) -> None:
        moved = changed(
            db,
            update(t.conversations)
            .where(t.conversations.c.id == conversation, t.conversations.c.epoch == epoch)
            .values(owner=owner, agent=agent, epoch=epoch + 1),
        )
        if not moved:
            raise Conflict(
                "Somebody else has taken this conversation meanwhile",
                fix="Load it again to see who has it.",
            )

    def resume_bot(self, conversation: str, epoch: int, notices: Sequence[Event]) -> list[Event]:
        """Give a conversation that waits for a person back to the bot; the escalation stays."""
        with self.engine.begin() as db:
            self._take_epoch(db, conversation, epoch, "bot", None)
            db.execute(
                update(t.escalations)
                .where(
                    t.escalations.c.conversation == conversation,
                    t.escalations.c.status == "waiting",
                )
                .values(told=True)
            )
            self._open_unanswered(db, conversation)
            change = Event("owner", {"owner": "bot", "agent": None, "epoch": epoch + 1})
            return self._append(db, conversation, [change, *notices])

    def agent_message(
        self,
        conversation: str,
        agent: str,
        *,
        epoch: int,
        client_message_id: str,
        data: dict[str, Any],
    ) -> tuple[Event | None, int]:
        """Append an agent's words once; returns None and the first number when they repeat it.

        Raises Conflict when the conversation is not ``agent``'s, or ``epoch`` is stale.
        """
        message = Event("agent_message", {**data, "client_message_id": client_message_id})
        # ids are each agent's own, and too long together for the column
        mark = hashlib.sha256(f"{agent}\n{client_message_id}".encode()).hexdigest()
        key = f"agent:{mark}"
        with self.engine.begin() as db:
            row = db.execute(
                select(t.conversations)
                .where(t.conversations.c.id == conversation)
                .with_for_update()
            ).first()
            if row is None:
                raise NotFound("There is no such conversation")
            said = db.execute(
                select(t.client_messages.c.seq).where(
                    t.client_messages.c.conversation == conversation,
                    t.client_messages.c.client_message_id == key,
                )
            ).scalar()
            if said is not None:
                return None, said
            if row.owner != "agent" or row.agent != agent:
                raise Conflict("This conversation is not yours", fix="Take it over first.")
            if row.epoch != epoch:
                raise Conflict(
                    "This conversation has been handed on meanwhile", fix="Load it again."
                )
            [numbered] = self._append(db, conversation, [message])
            db.execute(
                insert(t.client_messages).values(
                    conversation=conversation, client_message_id=key, seq=numbered.seq
                )
            )
        return numbered, numbered.seq

    @reads
    def queue(self) -> list[dict[str, Any]]:
        """Return the open escalations, longest waiting first; urgency counts as time waited."""
        with self._reading() as db:
            rows = db.execute(
                select(t.escalations, t.conversations)
                .join(t.conversations, t.conversations.c.id == t.escalations.c.conversation)
                .where(t.escalations.c.status.in_(("waiting", "taken")))
                .order_by(t.escalations.c.created_at)
                .with_only_columns(
                    t.escalations.c.conversation,
                    t.escalations.c.created_at,
                    t.escalations.c.status,
                    t.escalations.c.reason,
                    t.escalations.c.summary,
                    t.escalations.c.told,
                    t.conversations.c.owner,
                    t.conversations.c.agent,
                    t.conversations.c.epoch,
                    t.conversations.c.language,
                    t.conversations.c.customer_id,
                    t.conversations.c.subject,
                    t.conversations.c.last_seq,
                )
            ).all()
            found = []
            for row in rows:
                with contextlib.suppress(Erased):
                    note = _read_note(self._cipher(db, row.subject).unlock(row.summary))
                    shown = {k: v for k, v in row._mapping.items() if k != "subject"}
                    found.append({**shown, **note})
        return sorted(found, key=_standing)


def _standing(item: dict[str, Any]) -> float:
    """The time from which an escalation counts as waiting: what is urgent stands further ahead."""
    return float(item["created_at"]) - HEAD_START.get(item["urgency"], 0.0)


def _note_of(handoff: Event | None) -> bytes:
    """What an agent is told of an escalation, as it rests encrypted."""
    data = handoff.data if handoff else {}
    note = {name: data.get(name) for name in ("mood", "urgency")}
    return orjson.dumps({"summary": str(data.get("summary", "")), **note})


def _read_note(raw: bytes) -> dict[str, Any]:
    with contextlib.suppress(orjson.JSONDecodeError):
        note = orjson.loads(raw)
        if isinstance(note, dict):
            return {"urgency": None, **note}
    # as it was written before there was a mood
    return {"summary": raw.decode(), "mood": None, "urgency": None}
