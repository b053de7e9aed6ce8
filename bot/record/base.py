"""The record's ground: conversations, numbered events, and keys of personal data."""

import asyncio
import functools
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

import orjson
import structlog
from sqlalchemy import (
    Connection,
    Row,
    bindparam,
    create_engine,
    insert,
    select,
    update,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError

from bot.events import Event, new_id
from bot.record import schema as t
from bot.record import sqlite
from bot.record.group_commit import GroupCommit, together
from bot.record.rows import Accepted, Conversation, Erased
from bot.record.write_queue import WriteQueue
from bot.secrets import Cipher, Vault
from models.errors import NotFound, Unavailable

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


log = structlog.get_logger(__name__)

READERS = 2
"""Threads that read while one writes."""
TIDY_EVERY = 1.0
"""Seconds between looks at the log."""
FRESH = 60.0
"""Seconds after which what was written is on the disk for certain."""
PUSHED = frozenset({"callback", "chatwoot", "webhook"})
"""Channels that are told by requests of ours."""


# Statements of the way of a turn are built once: building one costs more than running it.
_WRAPPED_KEY = select(t.subjects.c.wrapped_key).where(
    t.subjects.c.subject == bindparam("of_subject")
)
_CONVERSATION = select(t.conversations).where(t.conversations.c.id == bindparam("of"))
_EVENTS = (
    select(t.events)
    .where(t.events.c.conversation == bindparam("of"), t.events.c.seq > bindparam("after"))
    .order_by(t.events.c.seq)
    .limit(bindparam("most"))
)
_EVENTS_OF_KINDS = _EVENTS.where(t.events.c.kind.in_(bindparam("kinds", expanding=True)))
_BY_EXTERNAL_ID = select(t.conversations).where(
    t.conversations.c.channel == bindparam("on"),
    t.conversations.c.external_id == bindparam("called"),
)
_SUBJECT = select(t.conversations.c.subject, t.conversations.c.updated_at).where(
    t.conversations.c.id == bindparam("of")
)
_NUMBER = (
    update(t.conversations)
    .where(t.conversations.c.id == bindparam("of"))
    .values(
        last_seq=t.conversations.c.last_seq + bindparam("count"),
        updated_at=bindparam("now"),
    )
    .returning(t.conversations)
)
_INSERT_SUBJECT = insert(t.subjects)
_INSERT_CONVERSATION = insert(t.conversations)
_INSERT_EVENTS = insert(t.events)
_ALL = 2**62
"""More events than a conversation can have."""


def reads(method: F) -> F:
    """Mark a method that writes nothing: where one thread writes, it waits for none of it."""
    method.__dict__["reads"] = True
    return method


class RecordBase:
    """Conversations and their events; personal fields are encrypted under the subject's key."""

    def __init__(self, url: str, vault: Vault) -> None:
        parsed = make_url(url)
        self._one_writer = parsed.get_backend_name() == "sqlite"
        if self._one_writer:
            self.engine, self._log, self._queue = sqlite.connect(parsed)
        else:
            self.engine = create_engine(parsed, pool_pre_ping=True, pool_size=8)
            self._log, self._queue = sqlite.WriteAheadLog(None), WriteQueue(None)
        self._vault = vault
        self._ciphers: dict[str, Cipher] = {}
        self._guard = threading.Lock()
        self._pool = ThreadPoolExecutor(1 if self._one_writer else 8, thread_name_prefix="record")
        self._readers = (
            ThreadPoolExecutor(READERS, thread_name_prefix="reads")
            if self._one_writer
            else self._pool
        )
        self._group = GroupCommit(self.engine, self._pool, self._log)

    async def run(self, method: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run a blocking method off the event loop."""
        call = functools.partial(method, *args, **kwargs)
        if self._one_writer and getattr(method, "together", False):
            return await self._group.run(call, not getattr(method, "passing", False))
        pool = self._readers if getattr(method, "reads", False) else self._pool
        return await asyncio.get_running_loop().run_in_executor(pool, call)

    async def tend(self) -> None:
        """Keep SQLite's log short, for ever; other databases see to that themselves."""
        while self._one_writer:
            await asyncio.sleep(TIDY_EVERY)
            try:
                await asyncio.to_thread(self._log.tidy, self.engine, self._queue)
            except Exception:
                log.exception("record.not_tidied")

    def close(self) -> None:
        """Close threads and connections."""
        self._pool.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        self._group.close()
        self.engine.dispose()

    def check_secret(self) -> None:
        """Raise ServiceError when what is in the record was locked with another secret."""
        with self._reading() as db:
            locked = t.subjects.c.wrapped_key.is_not(None)
            row = db.execute(select(t.subjects).where(locked).limit(1)).first()
        if row is not None:
            self._vault.cipher(row.subject, row.wrapped_key)

    @reads
    def ping(self) -> bool:
        """Tell whether the database answers."""
        with self.engine.connect() as db:
            return db.execute(select(1)).scalar() == 1

    # -- personal data ------------------------------------------------------------------

    def _cipher(self, db: Connection, subject: str) -> Cipher:
        with self._guard:
            if subject in self._ciphers:
                return self._ciphers[subject]
        row = db.execute(_WRAPPED_KEY, {"of_subject": subject}).first()
        if row is None or row.wrapped_key is None:
            raise Erased("This customer's data have been erased")
        cipher = self._vault.cipher(subject, row.wrapped_key)
        with self._guard:
            if len(self._ciphers) > 10_000:
                self._ciphers.clear()
            self._ciphers[subject] = cipher
        return cipher

    def _ensure_subject(self, db: Connection, subject: str) -> None:
        if db.execute(_WRAPPED_KEY, {"of_subject": subject}).first() is None:
            wrapped = self._vault.new_key(subject)
            db.execute(_INSERT_SUBJECT, {"subject": subject, "wrapped_key": wrapped})

    # -- conversations ------------------------------------------------------------------

    @together
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
            return self._insert_conversation(row)
        except IntegrityError:
            # somebody else made it, or its subject's key, at the same moment
            known = self.by_external_id(channel, external_id) if external_id else None
            return known or self._insert_conversation(row)

    def _insert_conversation(self, row: dict[str, Any]) -> Conversation:
        with self._group.begin() as db:
            self._ensure_subject(db, row["subject"])
            db.execute(_INSERT_CONVERSATION, row)
            return self._conversation(db, row["id"])

    @reads
    def conversation(self, identifier: str) -> Conversation:
        """Return a conversation. Raises NotFound."""
        with self._reading() as db:
            return self._conversation(db, identifier)

    def _conversation(self, db: Connection, identifier: str) -> Conversation:
        row = db.execute(_CONVERSATION, {"of": identifier}).first()
        if row is None:
            raise NotFound("There is no such conversation")
        return conversation_of(row)

    @reads
    def by_external_id(self, channel: str, external_id: str) -> Conversation | None:
        """Return the conversation that a channel knows under its own id."""
        with self._reading() as db:
            row = db.execute(_BY_EXTERNAL_ID, {"on": channel, "called": external_id}).first()
        return None if row is None else conversation_of(row)

    @reads
    def named(self, identifier: str, channels: Sequence[str]) -> Conversation | None:
        """Return the conversation of this id, or the latest that one of ``channels`` calls so."""
        columns = t.conversations.c
        called = (columns.external_id == identifier) & columns.channel.in_(channels)
        with self._reading() as db:
            row = db.execute(
                select(t.conversations)
                .where((columns.id == identifier) | called)
                .order_by(columns.id != identifier, columns.updated_at.desc())
                .limit(1)
            ).first()
        return None if row is None else conversation_of(row)

    def _reading(self) -> Connection:
        return self.engine.connect().execution_options(reading=True)

    # -- events -------------------------------------------------------------------------

    @reads
    def events(
        self,
        conversation: str,
        after: int = 0,
        limit: int | None = None,
        kinds: Sequence[str] = (),
    ) -> list[Event]:
        """Return the events with ``seq > after`` in order; of some ``kinds`` if they are named."""
        with self._reading() as db:
            row = db.execute(_SUBJECT, {"of": conversation}).first()
            if row is None:
                return []
            found = self._events(db, conversation, row.subject, after, limit, kinds)
        if found and row.updated_at > time.time() - FRESH:
            self._log.sync()  # nobody is told what could still be lost
        return found

    def _events(
        self,
        db: Connection,
        conversation: str,
        subject: str,
        after: int = 0,
        limit: int | None = None,
        kinds: Sequence[str] = (),
    ) -> list[Event]:
        most = _ALL if limit is None else limit
        given: dict[str, Any] = {"of": conversation, "after": after, "most": most}
        if kinds:
            rows = db.execute(_EVENTS_OF_KINDS, {**given, "kinds": list(kinds)}).all()
        else:
            rows = db.execute(_EVENTS, given).all()
        if not rows:
            return []
        cipher = self._cipher(db, subject)
        return [read_event(row, cipher) for row in rows]

    def _append(self, db: Connection, conversation: str, new: Sequence[Event]) -> list[Event]:
        """Number and insert events within the caller's transaction."""
        return self._numbered(db, conversation, new)[1] if new else []

    def _numbered(
        self, db: Connection, conversation: str, new: Sequence[Event]
    ) -> tuple[Conversation, list[Event]]:
        """The same, with the conversation as it stands after them."""
        numbers = {"of": conversation, "count": len(new), "now": time.time()}
        row = db.execute(_NUMBER, numbers).first()
        if row is None:
            raise NotFound("There is no such conversation")
        if row.channel in PUSHED:
            owed = t.deliveries.c.conversation == conversation, t.deliveries.c.due.is_(None)
            db.execute(update(t.deliveries).where(*owed).values(due=time.time()))
        cipher = self._cipher(db, row.subject)
        first = row.last_seq - len(new) + 1
        numbered = [replace(item, seq=first + i) for i, item in enumerate(new)]
        db.execute(
            _INSERT_EVENTS,
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
        return conversation_of(row), numbered

    def append(self, conversation: str, new: Sequence[Event]) -> list[Event]:
        """Append events that no turn owns."""
        with self.engine.begin() as db:
            return self._append(db, conversation, new)

    def _duplicate(self, conversation: str, client_message_id: str) -> Accepted:
        with self._reading() as db:
            row = db.execute(
                select(t.events.c.seq, t.events.c.id, t.events.c.turn)
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
        return Accepted(row.seq, row.id, True, row.turn, None)


def changed(db: Connection, statement: Any) -> bool:
    """Run a conditional update of one row; tell whether its condition held."""
    return bool(db.execute(statement).rowcount == 1)


def conversation_of(row: Row[Any]) -> Conversation:
    """Return a row of ``conversations``."""
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


def read_event(row: Row[Any], cipher: Cipher) -> Event:
    """Return the event of a row of ``events``."""
    data = orjson.loads(cipher.unlock(row.data))
    return Event(row.kind, data, row.turn, row.id, row.at, row.seq)
