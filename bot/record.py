"""The record: what was acknowledged, in SQL. Every decision that must hold is made here.

Sequence numbers, deduplication, turn leases and the owner's epoch are rows under unique
constraints and conditional updates, so they hold with any number of processes and with
Redis gone. Methods block; ``bot.turn`` and the API call them through ``Record.run``.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, Engine, Row, create_engine, event, func, insert, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql import exists

from bot import schema as t
from bot.events import Event, Owner, new_id
from bot.secrets import Cipher, Vault
from models.errors import Conflict, NotFound, Unavailable

T = TypeVar("T")


class Fenced(Conflict):
    """Another worker has taken this turn; what was computed here must not be written."""


class Erased(NotFound):
    """The key of this customer's data has been dropped."""


@dataclass(frozen=True)
class Conversation:
    """A row of ``conversations``."""

    id: str
    channel: str
    external_id: str | None
    language: str
    subject: str
    customer_id: str | None
    visitor: str
    owner: Owner
    agent: str | None
    epoch: int
    last_seq: int
    created_at: float


@dataclass(frozen=True)
class Accepted:
    """The acknowledgement of a message: from here on it cannot be lost."""

    seq: int
    event_id: str
    duplicate: bool
    turn: str | None
    event: Event | None


@dataclass(frozen=True)
class Claim:
    """A turn leased to one worker; ``fence`` must still be current when it is finished."""

    turn: str
    conversation: str
    seq: int
    fence: int
    accepted_at: float


@dataclass(frozen=True)
class TurnSummary:
    """What the studio lists of a turn."""

    release: str
    language: str
    intent: str | None
    confidence: float | None
    decision: str
    reason: str
    template: str | None
    milliseconds: float


def _connect(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True, pool_size=8)
    engine = create_engine(parsed, connect_args={"timeout": 15, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _: object) -> None:
        # autocommit off: SQLAlchemy begins; IMMEDIATE avoids upgrades that deadlock
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(
            "BEGIN" if connection.get_execution_options().get("reading") else "BEGIN IMMEDIATE"
        )

    return engine


class Record:
    """The store of conversations, turns and escalations, behind SQLAlchemy."""

    def __init__(self, url: str, vault: Vault) -> None:
        self.engine = _connect(url)
        self._vault = vault
        self._ciphers: dict[str, Cipher] = {}
        self._guard = threading.Lock()
        writers = 1 if self.engine.dialect.name == "sqlite" else 8
        self._pool = ThreadPoolExecutor(writers, thread_name_prefix="record")

    async def run(self, method: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run a blocking method off the event loop."""
        call = functools.partial(method, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

    def close(self) -> None:
        """Close threads and connections."""
        self._pool.shutdown(wait=True)
        self.engine.dispose()

    def ping(self) -> bool:
        """Tell whether the database answers."""
        with self.engine.connect() as db:
            return db.execute(select(1)).scalar() == 1

    # -- personal data ------------------------------------------------------------------

    def _cipher(self, db: Connection, subject: str) -> Cipher:
        with self._guard:
            if subject in self._ciphers:
                return self._ciphers[subject]
        row = db.execute(
            select(t.subjects.c.wrapped_key).where(t.subjects.c.subject == subject)
        ).first()
        if row is None or row.wrapped_key is None:
            raise Erased("This customer's data have been erased")
        cipher = self._vault.cipher(subject, row.wrapped_key)
        with self._guard:
            if len(self._ciphers) > 10_000:
                self._ciphers.clear()
            self._ciphers[subject] = cipher
        return cipher

    def lock_personal(self, subject: str, data: bytes) -> bytes:
        """Encrypt what is kept elsewhere of a subject; unreadable once the key is dropped."""
        with self._reading() as db:
            return self._cipher(db, subject).lock(data)

    def unlock_personal(self, subject: str, data: bytes) -> bytes:
        """Decrypt what ``lock_personal`` returned."""
        with self._reading() as db:
            return self._cipher(db, subject).unlock(data)

    def _ensure_subject(self, db: Connection, subject: str) -> None:
        if db.execute(select(exists().where(t.subjects.c.subject == subject))).scalar():
            return
        db.execute(
            insert(t.subjects).values(subject=subject, wrapped_key=self._vault.new_key(subject))
        )

    # -- conversations ------------------------------------------------------------------

    def create_conversation(
        self,
        *,
        channel: str,
        language: str,
        visitor: str,
        customer_id: str | None = None,
        external_id: str | None = None,
    ) -> Conversation:
        """Create a conversation with an id that cannot be guessed.

        When the channel already knows one under ``external_id``, that one is returned.
        """
        identifier = new_id()
        subject = f"customer:{customer_id}" if customer_id else f"conversation:{identifier}"
        now = time.time()
        row = {
            "id": identifier,
            "created_at": now,
            "updated_at": now,
            "channel": channel,
            "external_id": external_id,
            "language": language,
            "subject": subject,
            "customer_id": customer_id,
            "visitor": visitor,
            "owner": "bot",
            "epoch": 0,
            "last_seq": 0,
        }
        try:
            self._insert_conversation(row)
        except IntegrityError:
            # somebody else made it, or its subject's key, at the same moment
            known = self.by_external_id(channel, external_id) if external_id else None
            if known is not None:
                return known
            self._insert_conversation(row)
        return self.conversation(identifier)

    def _insert_conversation(self, row: dict[str, Any]) -> None:
        with self.engine.begin() as db:
            self._ensure_subject(db, row["subject"])
            db.execute(insert(t.conversations).values(**row))

    def conversation(self, identifier: str) -> Conversation:
        """Return a conversation. Raises NotFound."""
        with self._reading() as db:
            row = db.execute(
                select(t.conversations).where(t.conversations.c.id == identifier)
            ).first()
        if row is None:
            raise NotFound("There is no such conversation")
        return _conversation(row)

    def by_external_id(self, channel: str, external_id: str) -> Conversation | None:
        """Return the conversation that a channel knows under its own id."""
        with self._reading() as db:
            row = db.execute(
                select(t.conversations).where(
                    t.conversations.c.channel == channel,
                    t.conversations.c.external_id == external_id,
                )
            ).first()
        return None if row is None else _conversation(row)

    def _reading(self) -> Connection:
        return self.engine.connect().execution_options(reading=True)

    # -- events -------------------------------------------------------------------------

    def events(self, conversation: str, after: int = 0, limit: int | None = None) -> list[Event]:
        """Return the events with ``seq > after`` in order."""
        query = (
            select(t.events, t.conversations.c.subject)
            .join(t.conversations, t.conversations.c.id == t.events.c.conversation)
            .where(t.events.c.conversation == conversation, t.events.c.seq > after)
            .order_by(t.events.c.seq)
        )
        if limit is not None:
            query = query.limit(limit)
        with self._reading() as db:
            rows = db.execute(query).all()
            if not rows:
                return []
            cipher = self._cipher(db, rows[0].subject)
        return [_event(row, cipher) for row in rows]

    def _append(self, db: Connection, conversation: str, new: Sequence[Event]) -> list[Event]:
        """Number and insert events within the caller's transaction."""
        if not new:
            return []
        row = db.execute(
            update(t.conversations)
            .where(t.conversations.c.id == conversation)
            .values(
                last_seq=t.conversations.c.last_seq + len(new),
                updated_at=time.time(),
            )
            .returning(t.conversations.c.last_seq, t.conversations.c.subject)
        ).first()
        if row is None:
            raise NotFound("There is no such conversation")
        cipher = self._cipher(db, row.subject)
        first = row.last_seq - len(new) + 1
        numbered = [replace(item, seq=first + i) for i, item in enumerate(new)]
        db.execute(
            insert(t.events),
            [
                {
                    "conversation": conversation,
                    "seq": item.seq,
                    "id": item.id,
                    "at": item.at,
                    "kind": item.kind,
                    "turn": item.turn,
                    "data": cipher.lock(orjson.dumps(item.data)),
                }
                for item in numbered
            ],
        )
        return numbered

    def append(self, conversation: str, new: Sequence[Event]) -> list[Event]:
        """Append events that no turn owns."""
        with self.engine.begin() as db:
            return self._append(db, conversation, new)

    # -- accept -------------------------------------------------------------------------

    def accept(self, conversation: str, client_message_id: str, data: dict[str, Any]) -> Accepted:
        """Append a customer's message once, however often the client sends it.

        A turn is opened when the bot owns the conversation; otherwise an agent reads it.
        """
        turn = new_id()
        message = Event("user", {**data, "client_message_id": client_message_id}, turn=turn)
        try:
            with self.engine.begin() as db:
                [numbered] = self._append(db, conversation, [message])
                db.execute(
                    insert(t.client_messages).values(
                        conversation=conversation,
                        client_message_id=client_message_id,
                        seq=numbered.seq,
                    )
                )
                owner = db.execute(
                    select(t.conversations.c.owner).where(t.conversations.c.id == conversation)
                ).scalar_one()
                if owner == "bot":
                    db.execute(
                        insert(t.turns).values(
                            id=turn,
                            conversation=conversation,
                            seq=numbered.seq,
                            accepted_at=message.at,
                            status="pending",
                            lease_until=0.0,
                            fence=0,
                        )
                    )
        except IntegrityError:
            return self._duplicate(conversation, client_message_id)
        return Accepted(
            numbered.seq, numbered.id, False, turn if owner == "bot" else None, numbered
        )

    def _duplicate(self, conversation: str, client_message_id: str) -> Accepted:
        with self._reading() as db:
            row = db.execute(
                select(t.events.c.seq, t.events.c.id)
                .join(
                    t.client_messages,
                    (t.client_messages.c.conversation == t.events.c.conversation)
                    & (t.client_messages.c.seq == t.events.c.seq),
                )
                .where(
                    t.client_messages.c.conversation == conversation,
                    t.client_messages.c.client_message_id == client_message_id,
                )
            ).first()
        if row is None:
            raise Unavailable(
                "The message could not be stored", fix="Send it again under the same id."
            )
        return Accepted(row.seq, row.id, True, None, None)

    # -- turns --------------------------------------------------------------------------

    def claim(self, turn: str, worker: str, lease: float) -> Claim | None:
        """Lease a pending turn, unless somebody holds it or an earlier one is still open."""
        now = time.time()
        earlier = t.turns.alias("earlier")
        with self.engine.begin() as db:
            row = db.execute(
                update(t.turns)
                .where(
                    t.turns.c.id == turn,
                    t.turns.c.status == "pending",
                    t.turns.c.lease_until < now,
                    ~exists().where(
                        earlier.c.conversation == t.turns.c.conversation,
                        earlier.c.seq < t.turns.c.seq,
                        earlier.c.status == "pending",
                    ),
                )
                .values(worker=worker, lease_until=now + lease, fence=t.turns.c.fence + 1)
                .returning(
                    t.turns.c.conversation, t.turns.c.seq, t.turns.c.fence, t.turns.c.accepted_at
                )
            ).first()
        if row is None:
            return None
        return Claim(turn, row.conversation, row.seq, row.fence, row.accepted_at)

    def renew(self, claim: Claim, lease: float) -> bool:
        """Extend a lease; False when it was lost."""
        with self.engine.begin() as db:
            return _changed(
                db,
                update(t.turns)
                .where(
                    t.turns.c.id == claim.turn,
                    t.turns.c.fence == claim.fence,
                    t.turns.c.status == "pending",
                )
                .values(lease_until=time.time() + lease),
            )

    def finish(
        self, claim: Claim, epoch: int, new: Sequence[Event], summary: TurnSummary
    ) -> list[Event]:
        """Write a turn's events and close it, once.

        Raises Fenced when another worker has taken the turn. When the conversation is no longer
        the bot's, or was another's meanwhile, the bot's words are dropped; the rest is kept.
        """
        with self.engine.begin() as db:
            closed = _changed(
                db,
                update(t.turns)
                .where(
                    t.turns.c.id == claim.turn,
                    t.turns.c.fence == claim.fence,
                    t.turns.c.status == "pending",
                )
                .values(
                    status="done",
                    done_at=time.time(),
                    release=summary.release,
                    language=summary.language,
                    intent=summary.intent,
                    confidence=summary.confidence,
                    decision=summary.decision,
                    reason=summary.reason[:400],
                    template=summary.template,
                    milliseconds=summary.milliseconds,
                ),
            )
            if not closed:
                raise Fenced("This turn was taken up by another worker")
            current = db.execute(
                select(t.conversations.c.epoch, t.conversations.c.owner)
                .where(t.conversations.c.id == claim.conversation)
                .with_for_update()
            ).one()
            if current.epoch != epoch or current.owner != "bot":
                new = [item for item in new if item.kind not in ("bot", "notice", "handoff")]
            written = self._append(db, claim.conversation, new)
            for item in written:
                if item.kind == "handoff":
                    self._escalate(db, claim.conversation, item)
        return written

    def has_turn(self, turn: str) -> bool:
        """Tell whether the turn is still open."""
        with self._reading() as db:
            query = exists().where(t.turns.c.id == turn, t.turns.c.status == "pending")
            return bool(db.execute(select(query)).scalar())

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
        """End the leases of a worker that is known to be dead; return how many."""
        with self.engine.begin() as db:
            return db.execute(
                update(t.turns)
                .where(t.turns.c.worker == worker, t.turns.c.status == "pending")
                .values(lease_until=0.0)
            ).rowcount

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
                words = db.execute(
                    select(t.events, t.conversations.c.subject)
                    .join(t.conversations, t.conversations.c.id == t.events.c.conversation)
                    .where(
                        t.events.c.conversation == row.conversation,
                        t.events.c.turn == row.id,
                        t.events.c.kind.in_(("user", "bot")),
                    )
                    .order_by(t.events.c.seq)
                ).all()
                with contextlib.suppress(Erased):
                    events = [_event(word, self._cipher(db, word.subject)) for word in words]
                    found.append(_turn_row(row, events))
        return found

    # -- owner and escalations ----------------------------------------------------------

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
            "summary": self._cipher(db, row.subject).lock(
                str(handoff.data.get("summary", "")).encode()
            ),
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
                summary=self._cipher(db, subject).lock(b""),
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
            moved = _changed(
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

    def resume_bot(self, conversation: str, epoch: int, notices: Sequence[Event]) -> list[Event]:
        """Give a conversation that waits for a person back to the bot; the escalation stays."""
        with self.engine.begin() as db:
            moved = _changed(
                db,
                update(t.conversations)
                .where(t.conversations.c.id == conversation, t.conversations.c.epoch == epoch)
                .values(owner="bot", agent=None, epoch=epoch + 1),
            )
            if not moved:
                raise Conflict("Somebody else has taken this conversation meanwhile")
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
        self, conversation: str, *, epoch: int, client_message_id: str, data: dict[str, Any]
    ) -> tuple[Event | None, int]:
        """Append an agent's words once. Raises Conflict when the epoch is stale."""
        message = Event("agent_message", {**data, "client_message_id": client_message_id})
        try:
            with self.engine.begin() as db:
                row = db.execute(
                    select(t.conversations.c.epoch, t.conversations.c.owner)
                    .where(t.conversations.c.id == conversation)
                    .with_for_update()
                ).first()
                if row is None:
                    raise NotFound("There is no such conversation")
                if row.epoch != epoch or row.owner != "agent":
                    raise Conflict(
                        "This conversation is no longer yours", fix="Take it over again."
                    )
                [numbered] = self._append(db, conversation, [message])
                db.execute(
                    insert(t.client_messages).values(
                        conversation=conversation,
                        client_message_id=f"agent:{client_message_id}",
                        seq=numbered.seq,
                    )
                )
        except IntegrityError:
            return None, self._duplicate(conversation, f"agent:{client_message_id}").seq
        return numbered, numbered.seq

    def queue(self) -> list[dict[str, Any]]:
        """Return the open escalations, longest waiting first."""
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
                    summary = self._cipher(db, row.subject).unlock(row.summary).decode()
                    shown = {k: v for k, v in row._mapping.items() if k != "subject"}
                    found.append({**shown, "summary": summary})
        return found


def _changed(db: Connection, statement: Any) -> bool:
    return bool(db.execute(statement).rowcount == 1)


def _conversation(row: Row[Any]) -> Conversation:
    return Conversation(
        row.id,
        row.channel,
        row.external_id,
        row.language,
        row.subject,
        row.customer_id,
        row.visitor,
        row.owner,
        row.agent,
        row.epoch,
        row.last_seq,
        row.created_at,
    )


def _event(row: Row[Any], cipher: Cipher) -> Event:
    data = orjson.loads(cipher.unlock(row.data))
    return Event(row.kind, data, row.turn, row.id, row.at, row.seq)


def _turn_row(row: Row[Any], events: Sequence[Event]) -> dict[str, Any]:
    said = [item.data.get("text", "") for item in events if item.kind == "user"]
    replied = [item.data.get("text", "") for item in events if item.kind == "bot"]
    return {
        "turn": row.id,
        "conversation_id": row.conversation,
        "at": row.accepted_at,
        "text": said[0] if said else "",
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
