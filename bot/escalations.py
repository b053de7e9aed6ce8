"""Handing over to people: who is there, what they are told, and what happens when nobody comes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import orjson
import structlog

from bot import metrics
from bot.events import Event
from bot.fanout import publish
from bot.record.record import Record
from bot.secrets import Signer
from bot.sessions import Sessions
from bot.tasks import ended
from bot.temper import GREETING, MOODS, mood_now, urgency_now
from bot.tracker import Tracker
from models.errors import Conflict

log = structlog.get_logger(__name__)
Words = Callable[[str, str], str]


class Escalations:
    """Makes handoffs known, and ends those that came to nothing."""

    def __init__(
        self,
        record: Record,
        sessions: Sessions,
        words: Words,
        *,
        webhook: str | None,
        signer: Signer,
        wait: float,
        lapse: float,
    ) -> None:
        self._record = record
        self._sessions = sessions
        self._words = words
        self._webhook = webhook
        self._signer = signer
        self._wait = wait
        self._lapse = lapse
        self._client = httpx.AsyncClient(timeout=5.0)
        self._background: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Close the connections."""
        await ended(*self._background)
        await self._client.aclose()

    async def someone_online(self) -> bool:
        """Whether an agent is at the desk."""
        return bool(await self._sessions.present())

    def handoff_event(self, tracker: Tracker, online: bool) -> Event:
        """The event that hands a conversation over, with reason and summary for the agent."""
        data = {
            "reason": reason_of(tracker),
            "summary": last_words(tracker),
            "mood": mood_now(tracker),
            "urgency": urgency_now(tracker),
            "online": online,
        }
        return Event("handoff", data)

    async def announce(self, conversation: str, written: Sequence[Event]) -> None:
        """Tell the desks, and the webhook if there is one."""
        for event in written:
            if event.kind == "handoff":
                metrics.HANDOFFS.labels(event.data.get("reason", "asked")).inc()
                if self._webhook:
                    task = asyncio.create_task(self._post(conversation, event))
                    self._background.add(task)
                    task.add_done_callback(self._background.discard)
        await self._sessions.publish("desk", {"queue": True})

    async def _post(self, conversation: str, event: Event) -> None:
        """POST ``escalation.created``, signed (``X-Frontdesk-Signature``), tried three times."""
        assert self._webhook is not None
        body = orjson.dumps(
            {
                "event": "escalation.created",
                "conversation_id": conversation,
                "reason": event.data.get("reason"),
                "urgency": event.data.get("urgency"),
                "at": event.iso,
            }
        )
        headers = {
            "Content-Type": "application/json",
            "X-Frontdesk-Signature": self._signer.sign(body.decode()),
        }
        for pause in (0.5, 3.0, 0.0):
            try:
                answer = await self._client.post(self._webhook, content=body, headers=headers)
                if answer.status_code < 500:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(pause)
        log.warning("escalation.webhook_failed", conversation=conversation)

    async def watch(self, every: float = 2.0) -> None:
        """Look after the queue for ever."""
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("escalations.look_failed")
            await asyncio.sleep(every)

    async def look(self) -> None:
        """End takeovers of agents who are gone, and waits that have lasted too long."""
        queue = await self._record.run(self._record.queue)
        metrics.WAITING.set(sum(item["status"] == "waiting" for item in queue))
        present = await self._sessions.present(within=self._lapse)
        for item in queue:
            if item["owner"] == "agent" and item["agent"] not in present:
                if await self._taken_long_enough(item):
                    await self._give_back(item, "agent_left")
            elif item["owner"] == "none" and time.time() - item["created_at"] > self._wait:
                await self._give_back(item, "nobody_free")

    async def _taken_long_enough(self, item: dict[str, Any]) -> bool:
        """An agent who has just taken over counts as present until the lapse is over."""
        events = await self._record.run(
            self._record.events, item["conversation"], max(0, item["last_seq"] - 50)
        )
        signs = [e.at for e in events if e.kind in ("owner", "agent_message")]
        return not signs or time.time() - signs[-1] > self._lapse

    async def _give_back(self, item: dict[str, Any], why: str) -> None:
        name = "utter_agent_left" if why == "agent_left" else "utter_handoff_closed"
        text = self._words(name, item["language"])
        notice = Event("notice", {"notice": why, "text": text, "language": item["language"]})
        try:
            if why == "agent_left":
                _, written = await self._record.run(
                    self._record.set_owner,
                    item["conversation"],
                    epoch=item["epoch"],
                    owner="bot",
                    agent=None,
                    notices=[notice],
                )
            else:
                written = await self._record.run(
                    self._record.resume_bot, item["conversation"], item["epoch"], [notice]
                )
        except Conflict:
            return
        await publish(self._sessions, item["conversation"], written)
        await self._sessions.publish("desk", {"queue": True})


def reason_of(tracker: Tracker) -> str:
    """Why a person is needed, in one word: the mood, the intent, or what failed."""
    deeds = [event for event in tracker.events if event["event"] == "action"]
    if deeds and deeds[-1].get("policy") in MOODS:
        return str(deeds[-1]["policy"])
    if tracker.fallbacks:
        return "not_understood"
    intent = tracker.message.intent
    again = tracker.waiting_for_person and intent == GREETING  # calls for them
    return "asked" if again or intent in ("human", None) else str(intent)


def last_words(tracker: Tracker, messages: int = 3, length: int = 400) -> str:
    """What an agent should read at a glance: what the customer said last, in their own words."""
    said = [e["text"] for e in tracker.events if e["event"] == "user" and e.get("text")]
    waiting = [item["text"] for item in tracker.pending]
    text = " / ".join([*said[-messages:], *waiting])
    return text if len(text) <= length else "…" + text[1 - length :]
