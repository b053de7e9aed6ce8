"""Reminders: what an action asked to come back to is said when its time has come.

A reminder is an event of the conversation with a row for its time; so it survives a restart, and
is sent once, whichever worker is first (the message's id is the reminder's own). Semantics of
Rasa's ``ReminderScheduled`` and ``ReminderCancelled``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from bot.events import Event
from bot.inbox import Inbox
from bot.rasa.events import entities_of, intent_text
from bot.record.record import Record
from models.errors import TooMany

log = structlog.get_logger(__name__)


class Reminders:
    """Sends the reminders whose time has come."""

    def __init__(self, record: Record, inbox: Inbox) -> None:
        self._record = record
        self._inbox = inbox

    async def watch(self, every: float = 1.0) -> None:
        """Look for due reminders, for ever."""
        while True:
            try:
                await self.send_due()
            except Exception:
                log.exception("reminders.failed")
            await asyncio.sleep(every)

    async def send_due(self) -> int:
        """Send what is due; returns how many reminders were sent."""
        sent = 0
        for conversation, seq in await self._record.run(self._record.due_reminders):
            try:
                sent += await self._send(conversation, seq)
            except TooMany:
                continue  # it is sent when the conversation may speak again
            await self._record.run(self._record.drop_reminder, conversation, seq)
        return sent

    async def _send(self, name: str, seq: int) -> bool:
        conversation = await self._record.run(self._record.conversation, name)
        events = await self._record.run(self._record.events, name, seq - 1)
        if conversation.owner != "bot" or not still_wanted(events):
            return False
        data = events[0].data
        entities = entities_of(data.get("entities"))
        await self._inbox.post(
            conversation,
            intent_text(str(data.get("intent")), entities),
            client_message_id=f"reminder-{seq}",
            trusted=True,
            external=True,
            entities=entities,
        )
        return True


def still_wanted(events: Sequence[Event]) -> bool:
    """Whether the reminder that ``events`` begin with is still to be sent.

    It is not after a cancellation that fits it, another reminder of its name, or, if it says so,
    a message of the customer's.
    """
    if not events or events[0].kind != "reminder" or not events[0].data.get("intent"):
        return False
    data = events[0].data
    for later in events[1:]:
        if later.kind == "cancel_reminder" and _cancels(later.data, data):
            return False
        if later.kind == "reminder" and later.data.get("name") == data.get("name") is not None:
            return False
        spoke = later.kind == "user" and not later.data.get("external")
        if spoke and data.get("kill_on_user_msg", data.get("kill_on_user_message", True)):
            return False
        if later.kind == "restart":
            return False
    return True


def _cancels(cancel: Mapping[str, Any], reminder: Mapping[str, Any]) -> bool:
    """Whether all that a cancellation names is the reminder's; one that names nothing fits all."""
    given = {key: cancel[key] for key in ("name", "intent", "entities") if cancel.get(key)}
    return all(reminder.get(key) == value for key, value in given.items())
