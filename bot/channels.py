"""What all channels share: whose conversation it is, how words come in, and the answer to them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from bot.events import Event, new_id
from bot.record.record import Accepted, Conversation
from bot.service import Service
from models.errors import BadRequest

log = structlog.get_logger(__name__)

PATIENCE = 12.0
"""Seconds that a channel which answers in its own request waits for a turn."""

MIN_SENDER = 16
"""A shorter sender could be guessed or be shared by chance: it does not open an old conversation
of another address."""

MAX_SENDER = 150


@dataclass(frozen=True)
class Caller:
    """Who speaks on a channel.

    ``visitor`` is a pseudonym of the address. ``subject`` is whom a token names, ``customer`` an
    account that the embedding site vouches for. A ``trusted`` caller is a server of the operator's
    own, which may speak for any sender and send intents.
    """

    visitor: str
    subject: str | None = None
    customer: str | None = None
    trusted: bool = False

    def key(self, service: Service, sender: str | None) -> str:
        """The channel's name of this caller's conversation as ``sender``.

        A conversation is read by nobody who guesses a sender: a token's holder has conversations
        of their own, a trusted server any; for everybody else a long sender is the key itself, and
        a short one counts together with the address.
        """
        if self.trusted:
            return sender or new_id()
        if self.subject is not None:
            return f"{sender or ''}@{service.visitors.sign(f'subject {self.subject}')[:24]}"
        if sender is not None and len(sender) >= MIN_SENDER:
            return sender
        return f"{sender or new_id()}@{self.visitor[:12]}"


def sender_of(given: Any) -> str | None:
    """A sender as a text: some clients send a number, some nothing. Raises BadRequest."""
    if isinstance(given, bool) or not isinstance(given, str | int) or str(given) == "":
        return None
    sender = str(given)
    if len(sender) > MAX_SENDER or not sender.isprintable():
        raise BadRequest(
            "The sender cannot be used", expected=f"at most {MAX_SENDER} printable characters"
        )
    return sender


def message_id_of(body: Mapping[str, Any], metadata: Mapping[str, Any]) -> str | None:
    """The client's own id of a message, beside it or among its metadata, if it has one."""
    for given in (body.get("message_id"), metadata.get("message_id")):
        if isinstance(given, str | int) and not isinstance(given, bool) and str(given):
            return str(given)
    return None


async def find(service: Service, channel: str, key: str) -> Conversation | None:
    """Return the conversation that ``channel`` knows under ``key``."""
    return await service.record.run(service.record.by_external_id, channel, key)


async def create(service: Service, channel: str, key: str, caller: Caller) -> Conversation:
    """Create the conversation that ``channel`` knows under ``key``, or return it."""
    return await service.record.run(
        service.record.create_conversation,
        channel=channel,
        language=service.releases.live.assistant.settings.default_language,
        visitor=caller.visitor,
        customer_id=caller.customer,
        external_id=key,
    )


async def hear(
    service: Service,
    conversation: Conversation,
    text: str,
    *,
    message_id: str | None = None,
    metadata: dict[str, Any] | None = None,
    trusted: bool = False,
) -> Accepted:
    """Accept what was said; a pressed button sends its sealed payload as the message."""
    try:
        payload = service.inbox.open_payload(conversation.id, text)
    except BadRequest:
        return await service.inbox.post(
            conversation, text, client_message_id=message_id, metadata=metadata, trusted=trusted
        )
    return await service.inbox.post(
        conversation, payload, client_message_id=message_id, payload=text, metadata=metadata
    )


def replies(
    service: Service, conversation: Conversation, accepted: Accepted, patience: float = PATIENCE
) -> AsyncIterator[Event]:
    """What the bot says in the turn that answers ``accepted``, once it has ended.

    To be called as soon as a message has been accepted: what its turn writes is remembered here
    only while the turn is under way.
    """
    turn = service.turns.under_way(accepted.turn) if accepted.turn else None
    return _replies(service, conversation, accepted, turn, patience)


async def _replies(
    service: Service,
    conversation: Conversation,
    accepted: Accepted,
    turn: asyncio.Task[list[Event]] | None,
    patience: float,
) -> AsyncIterator[Event]:
    if accepted.turn is None:
        return
    written: list[Event] = []
    try:
        async with asyncio.timeout(patience):
            if turn is not None:
                written = await asyncio.shield(turn)
            if not written:
                await _elsewhere(service, conversation.id, accepted.turn)
    except TimeoutError:
        log.warning("channel.no_reply_in_time", turn=accepted.turn)
    record = service.record
    for event in written or await record.run(record.events, conversation.id, accepted.seq):
        if event.turn == accepted.turn and event.kind == "bot":
            yield event


async def _elsewhere(service: Service, conversation: str, turn: str) -> None:
    """Wait for the end of a turn that another worker takes, or has taken."""
    done = asyncio.Event()
    stop = service.sessions.bus.listen(
        f"conversation:{conversation}",
        lambda frame: done.set() if frame.get("on") is False else None,
    )
    try:
        while await service.record.run(service.record.has_turn, turn):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    await done.wait()
                done.clear()
    finally:
        stop()
