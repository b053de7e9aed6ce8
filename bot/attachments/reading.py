"""Attachments become words where a reader is set, so that a voice message is a turn like any other.

The words are an event of their own (``transcript``) that names its message; the file stays as it
is, also where reading fails.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

import structlog

from bot.attachments.content import Attachment, Kind
from bot.attachments.readers import Reader
from bot.cleaning import clean
from bot.events import Event
from bot.fanout import publish
from bot.record.record import Record
from bot.sessions import Sessions
from bot.tasks import ended
from models.errors import BadRequest, FrontdeskError

log = structlog.get_logger(__name__)

Fetch = Callable[[Mapping[str, str]], Awaitable[Attachment]]
"""Brings a file from where another channel keeps it (``url``, ``name``)."""


@dataclass(frozen=True)
class Bounds:
    """How long a reading may take, in seconds, and how many characters of it count."""

    seconds: float
    characters: int


class Reading:
    """Has attachments read."""

    def __init__(
        self,
        record: Record,
        sessions: Sessions,
        readers: Mapping[Kind, Reader],
        bounds: Bounds,
        fetch: Fetch | None = None,
    ) -> None:
        self._record = record
        self._sessions = sessions
        self._readers = readers
        self._bounds = bounds
        self._fetch = fetch
        self._tasks: set[asyncio.Task[None]] = set()

    async def brought(self, conversation: str, message: Event) -> Event | None:
        """Fetch and keep the file that lies elsewhere; None where there is none, or in vain."""
        file = message.data.get("elsewhere")
        if file is None or self._fetch is None:
            return None
        try:
            found = await self._fetch(file)
            await self._record.run(
                self._record.keep_attachment, conversation, message.seq, found.content
            )
        except FrontdeskError as error:
            log.warning("attachment.not_fetched", why=error.message, found=error.found)
            return None
        return Event("attached", {"of": message.seq, "file": found.described()})

    async def transcript(self, conversation: str, message: Event, language: str) -> Event | None:
        """Read what came with ``message``; None where nobody reads such files, or in vain."""
        file = message.data["file"]
        reader = self._readers.get(file["type"])
        if reader is None:
            return None
        content = await self._record.run(self._record.attachment, conversation, message.seq)
        attachment = Attachment(file["type"], file["media_type"], file["name"], content)
        try:
            async with asyncio.timeout(self._bounds.seconds):
                words = await reader.read(attachment, language)
            text = clean(words[: self._bounds.characters], self._bounds.characters)
        except TimeoutError:
            log.warning("attachment.unread", why=f"not within {self._bounds.seconds:g} s")
        except BadRequest:
            log.info("attachment.unread", why="no words in it")
        except FrontdeskError as error:
            log.warning("attachment.unread", why=error.message, found=error.found)
        else:
            return Event("transcript", {"of": message.seq, "text": text, "type": file["type"]})
        return None

    def aside(self, conversation: str, message: Event, language: str) -> None:
        """Read for a person who has the conversation; the words are added when they are there."""
        if message.data["file"]["type"] not in self._readers:
            return
        task = asyncio.create_task(self._add(conversation, message, language))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _add(self, conversation: str, message: Event, language: str) -> None:
        try:
            event = await self.transcript(conversation, message, language)
            if event is not None:
                written = await self._record.run(self._record.append, conversation, [event])
                await publish(self._sessions, conversation, written)
        except Exception:
            log.exception("attachment.not_added")

    async def close(self) -> None:
        """End what is under way, and the readers."""
        await ended(*self._tasks)
        for reader in self._readers.values():
            await reader.close()


def heard(message: Event, transcript: Event | None) -> Event:
    """The message as the bot takes it: its own words, else those of its attachment.

    Actions find the file in the metadata, and whether the words are a model's.
    """
    words = message.data["text"] or (transcript.data["text"] if transcript is not None else "")
    about = {"attachment": message.data["file"], "transcript": transcript is not None}
    metadata = {**message.data.get("metadata", {}), **about}
    return replace(message, data={**message.data, "text": words, "metadata": metadata})
