"""The way of one turn.

    claim ─▶ understand ─▶ decide ─▶ act ─▶ (decide …) ─▶ finish ─▶ tell

A message was acknowledged before any of this runs (``bot.inbox``). A turn is leased from the
record, computed in memory, and written in one transaction that fails if the lease was lost;
so a turn is answered once, by one release, whatever process dies on the way.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import structlog

from bot import guard, metrics
from bot.attachments.reading import Reading, heard
from bot.deeds import Deeds
from bot.events import Event, new_id
from bot.fanout import clauses, publish, show_partial, show_typing
from bot.live import Releases
from bot.policy import LISTEN, Decision, decide
from bot.record.record import (
    Accepted,
    Claim,
    Conversation,
    Fenced,
    Record,
    Taken,
    Taker,
)
from bot.requests import MAX_ROUNDS, begin, first_request, next_request, unclear
from bot.sessions import Sessions
from bot.tasks import ended
from bot.trackers import NOTHING, Kept, Trackers
from bot.understand import Understander, Understood
from bot.work import Work
from models.arrays import FloatArray
from models.errors import FrontdeskError, GenerationError

log = structlog.get_logger(__name__)
MAX_STEPS = 12


class Turns:
    """Takes turns: those just accepted, and those that a dead worker left behind."""

    def __init__(
        self,
        record: Record,
        sessions: Sessions,
        releases: Releases,
        understander: Understander,
        deeds: Deeds,
        reading: Reading,
        *,
        lease: float,
        worker: str | None = None,
    ) -> None:
        self._record = record
        self._sessions = sessions
        self._releases = releases
        self._understander = understander
        self.deeds = deeds
        self._trackers = Trackers(record, sessions)
        self.reading = reading
        self._lease = lease
        self.worker = worker or new_id()
        self._running: dict[str, asyncio.Task[list[Event]]] = {}
        self._last_ended = time.monotonic()

    async def accept(
        self,
        conversation: Conversation,
        client_message_id: str,
        data: dict[str, Any],
        content: bytes | None = None,
    ) -> Accepted:
        """Write a message down, tell who watches, and take its turn.

        What was begun goes on, even if who waits for it has gone.
        """
        begun = self._accept(conversation.id, client_message_id, data, content)
        return await asyncio.shield(asyncio.create_task(begun))

    async def _accept(
        self, conversation: str, client_message_id: str, data: dict[str, Any], content: bytes | None
    ) -> Accepted:
        kept = await self._trackers.kept(conversation)
        accepted = await self._record.run(
            self._record.accept, conversation, client_message_id, data, content, self._taker(kept)
        )
        if accepted.event is not None:
            await publish(self._sessions, conversation, [accepted.event])
        if accepted.turn is not None and not accepted.duplicate:
            self.start(accepted.turn, conversation, accepted.taken, kept)
        return accepted

    def _taker(self, kept: Kept) -> Taker:
        return Taker(self.worker, self._lease, kept.snapshot, kept.seq)

    def start(
        self, turn: str, conversation: str, taken: Taken | None = None, kept: Kept = NOTHING
    ) -> None:
        """Take a turn in the background, if it was not ``taken`` when it was opened."""
        if turn in self._running:
            return
        way = self.take(turn, conversation) if taken is None else self._through(taken, kept)
        task = asyncio.create_task(way, name=f"turn-{turn[:8]}")
        self._running[turn] = task
        task.add_done_callback(lambda _: self._ended(turn))

    def _ended(self, turn: str) -> None:
        self._running.pop(turn, None)
        self._last_ended = time.monotonic()

    def under_way(self, turn: str) -> asyncio.Task[list[Event]] | None:
        """The turn, if it is taken here and has not ended; it returns what it writes."""
        return self._running.get(turn)

    async def perform(self, conversation: str, action: str) -> Accepted:
        """Begin a turn that does ``action``, as if an earlier one had asked for it."""
        accepted = await self._record.run(self._record.open_followup, conversation, action)
        assert accepted.turn is not None
        self.start(accepted.turn, conversation)
        return accepted

    async def answer(self, work: Work) -> None:
        """Understand the message of ``work`` and answer it in full, writing nothing."""
        await self._understand(work)
        await self._decide_and_act(work)

    @property
    def idle(self) -> float:
        """Seconds since a turn was under way; 0 while one is."""
        return 0.0 if self._running else time.monotonic() - self._last_ended

    async def drain(self, seconds: float = 8.0) -> None:
        """Wait for the turns under way."""
        if self._running:
            await asyncio.wait(self._running.values(), timeout=seconds)

    async def recover(self, every: float = 1.0) -> None:
        """Take up acknowledged turns whose worker is gone, for ever."""
        while True:
            try:
                for turn, conversation in await self._record.run(self._record.open_turns):
                    self.start(turn, conversation)
            except Exception:
                log.exception("turn.recovery_failed")
            await asyncio.sleep(every)

    async def take(self, turn: str, conversation: str) -> list[Event]:
        """Take one turn from the claim to the telling; return what was written here."""
        while True:
            written = await self._taken(turn, conversation)
            if written is not None:
                return written
            # an earlier turn is still open: out of the lock, which it may need to be taken up
            await asyncio.sleep(0.05)

    async def _taken(self, turn: str, conversation: str) -> list[Event] | None:
        """Take the turn if its turn has come; None when it has to wait."""
        # no longer than the lease: a dead worker's lock must not outlive its claim. A living turn
        # may outlive the lock, and is then guarded by its claim alone.
        async with self._sessions.lock(conversation, expiry=self._lease):
            kept = await self._trackers.kept(conversation)
            taken = await self._record.run(self._record.take, turn, self._taker(kept))
            if taken is None:
                return None if await self._record.run(self._record.has_turn, turn) else []
            work = await self._answered(taken, kept)
        return await self._tell(work)

    async def _through(self, taken: Taken, kept: Kept) -> list[Event]:
        """Go through with a turn that was taken when its message was accepted."""
        async with self._sessions.order(taken.conversation.id):
            work = await self._answered(taken, kept)
        return await self._tell(work)

    async def _answered(self, taken: Taken, kept: Kept) -> Work:
        async with self._leased(taken.claim):
            work = await self._begin(taken, kept)
            try:
                await self._compute(work)
                await self._finish(work)
            except Fenced:
                log.warning("turn.fenced", turn=taken.claim.turn)
            finally:
                work.told = None  # it refers to the work, which would be left as garbage
        return work

    # -- the steps of a turn --------------------------------------------------------------

    async def _begin(self, taken: Taken, kept: Kept) -> Work:
        live = self._releases.live
        tracker = await self._trackers.of(kept, taken, live.initial_slots)
        await show_typing(self._sessions, taken.conversation.id, True)
        work = Work(taken, live, tracker, time.perf_counter())
        work.told = functools.partial(self._show, work)
        return work

    async def _show(self, work: Work, text: str) -> None:
        """Show words that are still on their way, if they may be said."""
        with contextlib.suppress(GenerationError):
            work.streamed = True
            await self._partial(work, guard.check(text, text, ()))

    async def _partial(self, work: Work, text: str) -> None:
        await show_partial(self._sessions, work.conversation.id, work.claim.turn, text)

    async def _compute(self, work: Work) -> None:
        """Understand, then decide and act until there is nothing more to do."""
        try:
            await self._begin_session(work)
            await self._understand(work)
            if work.conversation.owner == "bot":
                await self._decide_and_act(work)
            else:
                # accepted before a person took over, who reads it now
                work.decisions.append(Decision(LISTEN, "owner", "the conversation is a person's"))
        except Fenced:
            raise
        except Exception as error:
            # a customer is never left in silence: what is known is kept, a person is offered
            log.exception("turn.failed", turn=work.claim.turn)
            metrics.TURN_ERRORS.inc()
            reason = error.message if isinstance(error, FrontdeskError) else type(error).__name__
            work.decisions.append(Decision("action_apologise", "error", reason))
            self._apologise(work)

    async def _begin_session(self, work: Work) -> None:
        """Begin a session with the first message, and after a long silence."""
        tracker = work.tracker
        limit = work.live.assistant.session_config.session_expiration_time * 60
        silent = work.claim.accepted_at - (tracker.heard_at or work.claim.accepted_at)
        expired = tracker.started and 0 < limit < silent and not tracker.waiting_for_person
        if expired or not tracker.started:
            await self.deeds.begin_session(work, expired=expired)

    def _apologise(self, work: Work) -> None:
        for event in self.deeds.apology(work):
            work.apply(event)

    async def _understand(self, work: Work) -> None:
        if work.taken.message.kind == "followup":
            work.understood = Understood([], "", self._understander.nothing(work.live))
            return
        message = await self._read(work)
        work.understood = await self._understander.understand(
            message, work.conversation, work.tracker, work.live, work.claim.turn
        )
        for event in work.understood.events:
            work.apply(event)
        if not work.understood.vectors:  # a divided message fills slots request by request
            await self.deeds.fill_slots(work)

    async def _read(self, work: Work) -> Event:
        """The message; one without words has those that can be read in its attachment."""
        message, began = work.taken.message, time.monotonic()
        brought = await self.reading.brought(work.conversation.id, message)
        if brought is not None:
            work.apply(brought)
            message = replace(message, data={**message.data, "file": brought.data["file"]})
            work.taken = replace(work.taken, message=message)
        if "file" not in message.data:
            return message
        found = await self.reading.transcript(work.conversation.id, message, work.tracker.language)
        work.read_for = time.monotonic() - began
        if found is not None:
            work.apply(found)
        return heard(message, found)

    async def _decide_and_act(self, work: Work) -> None:
        """Handle the message, or its requests one after the other, and what waited before it."""
        assert work.understood is not None
        if not work.understood.vectors:
            await self._handle(work)
        vectors = work.understood.vectors
        item = first_request(work.tracker, work.live.dialogue) if vectors else None
        for _ in range(MAX_ROUNDS):
            item = item or next_request(work.tracker, work.live.dialogue)
            if item is None:
                break
            await self._take_up(item, vectors, work)
            await self._handle(work)
            item = None
        if work.silent:
            self._apologise(work)

    async def _take_up(
        self, item: dict[str, Any], vectors: tuple[FloatArray, ...], work: Work
    ) -> None:
        """Make a pending request the latest message."""
        resumed = item["of"] != work.claim.seq
        if resumed:
            work.understood = await self._understander.again(item, work.live)
        else:
            work.understood = Understood([], item["text"], vectors[item["index"]])
        if resumed or unclear(item):
            for event in self.deeds.lead_in(item["text"], work):
                work.apply(event)
        work.apply(begin(item, work.tracker))
        await self.deeds.fill_slots(work)

    async def _handle(self, work: Work) -> None:
        """Decide and act until the latest message needs nothing more."""
        for _ in range(MAX_STEPS):
            decision = decide(work.tracker, work.live.dialogue)
            work.decisions.append(decision)
            if decision.action == LISTEN:
                break
            await self.deeds.do(decision, work)
        else:
            log.warning("turn.too_many_steps", turn=work.claim.turn)
            work.unsaid = True

    async def _finish(self, work: Work) -> None:
        """Write everything at once. Raises Fenced when another worker was faster."""
        work.written = written = await self._record.run(
            self._record.finish,
            work.claim,
            work.conversation.epoch,
            work.new,
            work.summary(),
        )
        # a tracker that has not lived through the whole log is left to the next fold
        before = work.tracker.last_seq
        if len(written) == len(work.new) > 0 and written[0].seq == before + 1:
            work.tracker.last_seq = written[-1].seq
            await self._trackers.keep(work.tracker, before, work.taken.cipher)

    async def _tell(self, work: Work) -> list[Event]:
        """Show the reply as it is read, clause by clause, then the events; return these."""
        conversation, written = work.conversation.id, work.written
        if written is None:
            return []
        for event in written:
            if event.kind == "bot" and not work.streamed:
                for partial in clauses(event.data["text"]):
                    await self._partial(work, partial)
        await show_typing(self._sessions, conversation, False)
        await publish(self._sessions, conversation, written)
        if work.streamed:  # what was shown and came to nothing must not stay
            await self._partial(work, "")
        seconds = time.time() - work.claim.accepted_at
        metrics.TURN_SECONDS.observe(seconds)
        metrics.TURNS.labels(work.decisions[0].policy if work.decisions else "none").inc()
        log.info(
            "turn.done",
            turn=work.claim.turn,
            release=work.live.release,
            decision=work.decisions[0].policy if work.decisions else None,
            ms=round(seconds * 1000, 1),
        )
        await self.deeds.after(work, written)
        return written

    # -- helpers ----------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def _leased(self, claim: Claim) -> AsyncIterator[None]:
        task: asyncio.Task[None] | None = None

        async def renew() -> None:
            while True:
                await self._record.run(self._record.renew, claim, self._lease)
                await asyncio.sleep(self._lease / 3)

        def begin() -> None:
            nonlocal task
            task = asyncio.create_task(renew())

        later = asyncio.get_running_loop().call_later(self._lease / 3, begin)
        try:
            yield
        finally:
            later.cancel()
            await ended(task)
