"""Tells channels that are told by requests: each message in order, until the far end has it.

What is owed stands in the record (``bot.record.outbox``). A worker leases a conversation, sends
what comes after the last delivered message, one after the other, and notes each. A message that
could not be sent is tried again later, more slowly each time; the ones behind it wait. What may
have arrived is not repeated, unless its receiver can tell a repetition by its id.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import structlog

from bot import metrics
from bot.events import Event, new_id
from bot.record.record import Delivery, Record
from bot.sessions import Sessions
from bot.tasks import ended
from models.errors import DeliveryFailed

log = structlog.get_logger(__name__)

LEASE = 30.0
MAX_ATTEMPTS = 14
"""About three quarters of an hour of trying."""

_SLOWEST = 300.0
_AT_ONCE = 8
_REMEMBERED = 10_000


class Sender(Protocol):
    """The far end of one channel."""

    def messages(self, event: Event, recipient: str) -> Sequence[Any]:
        """What an event amounts to on this channel: messages in order, perhaps none."""
        ...

    async def send(self, message: Any, recipient: str, key: str) -> None:
        """Send one message, known by ``key``. Raises DeliveryFailed."""
        ...


class Outbox:
    """Delivers what is owed, in this worker's share."""

    def __init__(self, record: Record, sessions: Sessions, worker: str | None) -> None:
        self._record = record
        self._sessions = sessions
        self._worker = worker or new_id()
        self._senders: dict[str, Sender] = {}
        self._ours: dict[str, None] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._watching: asyncio.Task[None] | None = None
        self._stop_listening: Callable[[], None] = _nothing

    def serve(self, channel: str, sender: Sender) -> None:
        """Deliver ``channel`` by ``sender``."""
        self._senders[channel] = sender

    async def start(self) -> None:
        """Begin to deliver, if there is a channel to deliver to."""
        if self._senders:
            self._stop_listening = self._sessions.bus.listen("desk", self._hear)
            self._watching = asyncio.create_task(self._watch(), name="outbox")

    async def close(self) -> None:
        """Stop; what has not been delivered stays owed."""
        self._stop_listening()
        await ended(self._watching, *self._running.values())

    async def follow(self, conversation: str, channel: str, recipient: str, after: int) -> None:
        """Deliver what is said in a conversation from event ``after`` on."""
        if conversation in self._ours:
            return
        await self._record.run(self._record.push_to, conversation, channel, recipient, after)
        while len(self._ours) >= _REMEMBERED:
            self._ours.pop(next(iter(self._ours)))
        self._ours[conversation] = None

    def _hear(self, poke: Mapping[str, Any]) -> None:
        # what was accepted here is delivered at once; the rest is found a second later
        conversation = poke.get("conversation_id")
        if conversation in self._ours:
            self._begin(str(conversation))

    async def _watch(self, every: float = 1.0) -> None:
        while True:
            try:
                for conversation in await self._record.run(self._record.due_deliveries):
                    self._begin(conversation)
            except Exception:
                log.exception("outbox.look_failed")
            await asyncio.sleep(every)

    def _begin(self, conversation: str) -> None:
        if conversation not in self._running:
            task = asyncio.create_task(self._deliver(conversation))
            self._running[conversation] = task
            task.add_done_callback(lambda _: self._running.pop(conversation, None))

    async def _deliver(self, conversation: str) -> None:
        async with self._slots:
            try:
                lease = await self._record.run(
                    self._record.lease_delivery, conversation, self._worker, LEASE
                )
                if lease is not None and lease.channel in self._senders:
                    await self._send_all(lease, self._senders[lease.channel])
            except Exception:
                log.exception("outbox.failed", conversation=conversation)

    async def _send_all(self, lease: Delivery, sender: Sender) -> None:
        seq, part = lease.seq, lease.part
        while True:
            events = await self._record.run(self._record.events, lease.conversation, seq, 100)
            for event in events:
                messages = sender.messages(event, lease.recipient)
                for number in range(part, len(messages)):
                    key = f"{event.id}-{number}"
                    if not await self._sent(lease, sender, messages[number], key):
                        return
                    done = number + 1 == len(messages)
                    reached = (event.seq, 0) if done else (seq, number + 1)
                    if not await self._record.run(self._record.delivered, lease, *reached, LEASE):
                        return
                    lease = replace(lease, attempts=0)
                seq, part = event.seq, 0
            if not events and await self._record.run(self._record.delivery_done, lease, seq):
                return

    async def _sent(self, lease: Delivery, sender: Sender, message: Any, key: str) -> bool:
        """Send one message; False when it is to be tried again later."""
        try:
            await sender.send(message, lease.recipient, key)
        except DeliveryFailed as failed:
            found = {"channel": lease.channel, "why": failed.message, "found": failed.found}
            if failed.again and lease.attempts + 1 < MAX_ATTEMPTS:
                pause = min(0.5 * 2.0**lease.attempts, _SLOWEST)
                log.warning("outbox.later", seconds=pause, **found)
                await self._record.run(
                    self._record.postpone_delivery, lease, lease.attempts + 1, pause
                )
                return False
            metrics.DELIVERIES.labels(lease.channel, "lost").inc()
            log.error("outbox.not_delivered", conversation=lease.conversation, **found)
            return True
        metrics.DELIVERIES.labels(lease.channel, "sent").inc()
        return True


def _nothing() -> None:
    """Stand for a listener that has not begun."""
