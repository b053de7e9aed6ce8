"""Records on SQLite."""

from __future__ import annotations

import contextlib
import functools
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bot.record import schema
from bot.record.record import Claim, Conversation, Record, Taker, TurnSummary
from bot.secrets import Vault

SECRET = b"\x07" * 32
SUMMARY = TurnSummary(
    release="r1",
    language="en",
    intent="greet",
    confidence=0.9,
    decision="retrieval",
    reason="tested",
    template="utter_greet",
    milliseconds=1.0,
)


@contextlib.contextmanager
def opened(path: Path, secret: bytes = SECRET) -> Iterator[Record]:
    """Open the record in ``path``, with its tables."""
    if not path.exists():
        path.write_bytes(_empty())
    record = Record(f"sqlite:///{path}", Vault(secret))
    try:
        yield record
    finally:
        record.close()


@functools.cache
def _empty() -> bytes:
    """The file of a record in which nothing has happened: making the tables takes far longer than
    copying it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.sqlite3"
        record = Record(f"sqlite:///{path}", Vault(SECRET))
        schema.metadata.create_all(record.engine)
        record.close()
        return path.read_bytes()


def talk(record: Record, customer: str | None = None, language: str = "en") -> Conversation:
    """Begin a conversation."""
    return record.create_conversation(
        channel="widget", language=language, visitor="visitor", customer_id=customer
    )


def claim_of(record: Record, turn: str, worker: str, lease: float) -> Claim | None:
    """The lease of a turn that a worker takes; None where it may not."""
    taken = record.take(turn, Taker(worker, lease, None, 0))
    return None if taken is None else taken.claim
