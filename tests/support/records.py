"""Records on SQLite."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from bot import schema
from bot.record import Claim, Conversation, Record, TurnSummary
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
    record = Record(f"sqlite:///{path}", Vault(secret))
    schema.metadata.create_all(record.engine)
    try:
        yield record
    finally:
        record.close()


def talk(record: Record, customer: str | None = None, language: str = "en") -> Conversation:
    """Begin a conversation."""
    return record.create_conversation(
        channel="widget", language=language, visitor="visitor", customer_id=customer
    )


def claim_of(record: Record, turn: str, worker: str, lease: float) -> Claim | None:
    """The lease of a turn that a worker takes; None where it may not."""
    taken = record.take(turn, worker, lease)
    return None if taken is None else taken.claim
