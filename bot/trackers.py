"""Trackers between turns: in this process, else a snapshot in Redis, else a fold of the log.

Whatever is kept may be old or gone. The record says what came after it, and decides.
"""

from __future__ import annotations

import base64
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import structlog

from bot.record.record import Record, Taken
from bot.secrets import Cipher
from bot.sessions import Sessions
from bot.tracker import Tracker

log = structlog.get_logger(__name__)

MOST = 256
"""Trackers that a process keeps."""
BEHIND = 24
"""Events that a snapshot may lack: to fold them costs less than to write one for each turn."""


@dataclass(frozen=True)
class Kept:
    """What is kept of a conversation; ``seq`` is the last event in it."""

    seq: int = 0
    tracker: Tracker | None = None
    snapshot: bytes | None = None
    """A tracker under the customer's own key."""


NOTHING = Kept()


class Trackers:
    """Brings trackers up to date at the beginning of a turn, and keeps them after it."""

    def __init__(self, record: Record, sessions: Sessions) -> None:
        self._record = record
        self._sessions = sessions
        self._here: OrderedDict[str, Tracker] = OrderedDict()

    async def kept(self, conversation: str) -> Kept:
        """What is known before the record is asked."""
        tracker = self._here.get(conversation)
        if tracker is not None:
            return Kept(tracker.last_seq, tracker)
        cached = await self._sessions.load_snapshot(conversation)
        try:
            return Kept(int(cached["seq"]), None, base64.b64decode(cached["locked"]))  # type: ignore[index]
        except (TypeError, KeyError, ValueError):
            return Kept()

    async def of(self, kept: Kept, taken: Taken, slots: Mapping[str, Any]) -> Tracker:
        """The conversation's tracker as ``taken`` begins; ``slots`` are those of a new one.

        It is the turn's own until it is given back by :meth:`keep`.
        """
        conversation, events = taken.conversation, taken.events
        tracker, here = kept.tracker, self._here.pop(conversation.id, None)
        if tracker is not None and (tracker is not here or tracker.last_seq != kept.seq):
            # a turn has come between: what was kept is no longer what it was
            tracker, events = None, await self._record.run(self._record.events, conversation.id)
        if tracker is None and taken.snapshot is not None:
            try:
                tracker = Tracker.restore(orjson.loads(taken.snapshot))
            except (TypeError, KeyError, ValueError):
                log.warning("tracker.snapshot_unreadable", conversation=conversation.id)
                events = await self._record.run(self._record.events, conversation.id)
        if tracker is None:
            return Tracker.fold(conversation.id, events, slots, conversation.language)
        for event in events:
            tracker.apply(event)
        return tracker

    async def keep(self, tracker: Tracker, before: int, cipher: Cipher) -> None:
        """Keep a tracker that has lived through the whole log; ``before`` was its last event.

        Redis gets one now and then, under the customer's own key: erased data are erased there too.
        """
        self._here[tracker.conversation] = tracker
        if len(self._here) > MOST:
            self._here.popitem(last=False)
        if before // BEHIND == tracker.last_seq // BEHIND:
            return
        locked = cipher.lock(orjson.dumps(tracker.snapshot()))
        cached = {"locked": base64.b64encode(locked).decode(), "seq": tracker.last_seq}
        await self._sessions.save_snapshot(tracker.conversation, cached)
