"""What the record takes and gives: conversations, accepted messages, turns and their leases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.events import Event, Owner
from bot.secrets import Cipher
from models.errors import Conflict, NotFound


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
class Claim:
    """A turn leased to one worker; ``fence`` must still be current when it is finished."""

    turn: str
    conversation: str
    seq: int
    fence: int
    accepted_at: float


@dataclass(frozen=True)
class Taken:
    """What a turn begins with: its claim and message, and the conversation as it stands.

    ``events`` are those after the ``snapshot`` (opened), or all of them where there is none.
    """

    claim: Claim
    conversation: Conversation
    message: Event
    snapshot: bytes | None
    events: list[Event]
    cipher: Cipher


@dataclass(frozen=True)
class Accepted:
    """The acknowledgement of a message: from here on it cannot be lost.

    ``turn`` answers it, for a duplicate the turn of the first; None where a person reads it.
    ``epoch`` tells whether the conversation was ever anybody's but the bot's. ``taken`` is the turn
    where it was taken at once.
    """

    seq: int
    event_id: str
    duplicate: bool
    turn: str | None
    event: Event | None
    epoch: int = 0
    taken: Taken | None = None


@dataclass(frozen=True)
class Taker:
    """Who would take a message's turn at once, for how many seconds, and what they know.

    ``snapshot`` is of the tracker, locked; one that cannot be opened is left out. ``after`` is the
    last event that is known, or in the snapshot.
    """

    worker: str
    lease: float
    snapshot: bytes | None
    after: int


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


@dataclass(frozen=True)
class AskedTurn:
    """What a finished turn was asked, and what decided; ``button``: a payload, not words;
    ``screened``: nothing that could be understood; ``read_as``: the intent that the conversation,
    not the message alone, gave it; ``replies``: what the bot said, with where it came from."""

    conversation: str
    text: str
    release: str | None
    decision: str | None
    reason: str | None
    button: bool
    screened: bool
    read_as: str | None = None
    replies: tuple[dict[str, Any], ...] = ()
