"""Session state in Redis: conversation locks, tracker snapshots, presence and live fan-out.

All of it may vanish at any moment. Correctness rests on the record; when Redis does not
answer, every call here falls back to what one process can do alone and ``healthy`` says so.
No Lua is used: the embedded server refuses scripts.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError, WatchError

from bot.redis_batch import Batch
from bot.tasks import ended

log = structlog.get_logger(__name__)

BUS = "frontdesk:bus"
# told to everyone when messages of other processes may have been lost: look at the record
BEHIND = {"type": "behind"}
_DOWN = (RedisError, OSError, asyncio.TimeoutError)


class Bus:
    """Fan-out to those who watch: at once inside this process, through Redis to the others."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Callable[[dict[str, Any]], None]]] = {}

    def listen(self, topic: str, listener: Callable[[dict[str, Any]], None]) -> Callable[[], None]:
        """Call ``listener`` for each message of ``topic``; returns the way to stop."""
        self._listeners.setdefault(topic, set()).add(listener)

        def stop() -> None:
            listeners = self._listeners.get(topic, set())
            listeners.discard(listener)
            if not listeners:
                self._listeners.pop(topic, None)

        return stop

    def deliver(self, topic: str, message: dict[str, Any]) -> None:
        """Hand a message to this process's listeners."""
        for listener in tuple(self._listeners.get(topic, ())):
            listener(message)

    def deliver_to_all(self, message: dict[str, Any]) -> None:
        """Hand a message to this process's listeners of every topic."""
        for topic in tuple(self._listeners):
            self.deliver(topic, message)


class Sessions:
    """The service's view of Redis, with a fallback for each call."""

    def __init__(self, url: str, *, ttl: int, presence_ttl: float) -> None:
        self._redis: Redis = Redis.from_url(
            url, socket_timeout=2.0, socket_connect_timeout=1.0, health_check_interval=15
        )
        self._batch = Batch(self._redis)
        self._ttl = ttl
        self._presence_ttl = presence_ttl
        self._local_locks: dict[str, asyncio.Lock] = {}
        self._local_presence: dict[str, float] = {}
        self._local_hits: dict[str, tuple[int, int]] = {}
        self._local_shown: dict[str, int] = {}
        self._process = secrets.token_hex(8)
        self._unsent: list[tuple[str, dict[str, Any]]] = []
        self._withheld = False
        self._sending: asyncio.Task[None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._down_until = 0.0
        self.bus = Bus()

    async def start(self) -> None:
        """Begin to listen to the other processes."""
        self._task = asyncio.create_task(self._pump(), name="redis-bus")

    async def close(self) -> None:
        """Stop listening and close the connections."""
        if self._sending is not None:
            await asyncio.wait([self._sending], timeout=0.5)
        await ended(self._task, self._sending)
        await self._batch.close()
        await self._redis.aclose()

    @property
    def healthy(self) -> bool:
        """False while Redis does not answer."""
        return time.monotonic() >= self._down_until

    async def ping(self) -> bool:
        """Ask Redis whether it is there."""
        try:
            async with asyncio.timeout(1.0):
                await self._redis.ping()
        except _DOWN:
            self._lost("ping")
            return False
        self._down_until = 0.0
        return True

    def _lost(self, what: str) -> None:
        # while Redis is away, ask again once a second instead of at each call
        was_healthy = self.healthy
        self._down_until = time.monotonic() + 1.0
        if was_healthy:
            log.warning("redis.unavailable", during=what)
            self.bus.deliver_to_all(BEHIND)

    # -- locks --------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def order(self, conversation: str) -> AsyncIterator[None]:
        """Hold a conversation's turn order within this process."""
        local = self._local_locks.setdefault(conversation, asyncio.Lock())
        async with local:
            yield
        if not local.locked() and len(self._local_locks) > 10_000:
            self._local_locks.pop(conversation, None)

    @contextlib.asynccontextmanager
    async def lock(self, conversation: str, expiry: float) -> AsyncIterator[int]:
        """Hold a conversation's turn order; yields a fencing number that only grows.

        The lock spares workers from computing the same turn at once. It expires by itself
        after ``expiry`` seconds; a turn that outlives it is stopped by the record's fence.
        """
        async with self.order(conversation):
            began = time.monotonic()
            token, fence = await self._acquire(conversation, expiry)
            try:
                yield fence
            finally:
                if token:
                    # one that may have expired could be another's by now
                    fresh = time.monotonic() - began < expiry / 2
                    await self._release(conversation, token, fresh)

    async def _acquire(self, conversation: str, expiry: float) -> tuple[str | None, int]:
        if not self.healthy:
            return None, 0
        key, token = f"frontdesk:lock:{conversation}", secrets.token_hex(12)
        counter = f"frontdesk:fence:{conversation}"
        deadline = time.monotonic() + expiry
        pause = 0.005
        try:
            while True:
                held, fence, _ = await self._batch.ask(
                    ("SET", key, token, "NX", "PX", int(expiry * 1000)),
                    ("INCR", counter),
                    ("EXPIRE", counter, self._ttl),
                )
                if held or time.monotonic() > deadline:
                    return token, int(fence)
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, 0.04)
        except _DOWN:
            self._lost("lock")
            return None, 0

    async def _release(self, conversation: str, token: str, fresh: bool) -> None:
        key = f"frontdesk:lock:{conversation}"
        try:
            if fresh:
                await self._batch.ask(("DEL", key))
                return
            async with self._redis.pipeline() as pipe:
                await pipe.watch(key)
                if await pipe.get(key) == token.encode():
                    pipe.multi()  # type: ignore[no-untyped-call]
                    pipe.delete(key)
                    with contextlib.suppress(WatchError):
                        await pipe.execute()
        except _DOWN:
            self._lost("unlock")

    # -- tracker snapshots --------------------------------------------------------------

    async def load_snapshot(self, conversation: str) -> dict[str, Any] | None:
        """Return the cached tracker snapshot, or None."""
        if not self.healthy:
            return None
        try:
            [raw] = await self._batch.ask(("GET", f"frontdesk:tracker:{conversation}"))
        except _DOWN:
            self._lost("snapshot")
            return None
        return None if raw is None else orjson.loads(raw)

    async def save_snapshot(self, conversation: str, snapshot: dict[str, Any]) -> None:
        """Cache a tracker snapshot; losing it costs a fold of the log."""
        if not self.healthy:
            return
        try:
            key = f"frontdesk:tracker:{conversation}"
            await self._batch.ask(("SET", key, orjson.dumps(snapshot), "EX", self._ttl))
        except _DOWN:
            self._lost("snapshot")

    # -- limits -------------------------------------------------------------------------

    async def hit(self, bucket: str, limit: int, seconds: int = 60) -> bool:
        """Count one use of ``bucket``; False when it is over ``limit`` in this window.

        Without Redis each process counts for itself.
        """
        window = int(time.time() // seconds)
        if not self.healthy:
            return self._hit_locally(bucket, window) <= limit
        key = f"frontdesk:rate:{bucket}:{window}"
        try:
            used, _ = await self._batch.ask(("INCR", key), ("EXPIRE", key, seconds * 2))
        except _DOWN:
            self._lost("rate limit")
            return self._hit_locally(bucket, window) <= limit
        return int(used) <= limit

    def _hit_locally(self, bucket: str, window: int) -> int:
        if len(self._local_hits) > 10_000:
            self._local_hits.clear()
        since, used = self._local_hits.get(bucket, (window, 0))
        used = used + 1 if since == window else 1
        self._local_hits[bucket] = (window, used)
        return used

    # -- what a session has been sent ------------------------------------------------------

    async def shown(self, conversation: str) -> int | None:
        """Return the number of the last event that a customer's page was sent, if it is known."""
        if self.healthy:
            try:
                [found] = await self._batch.ask(("GET", f"frontdesk:shown:{conversation}"))
                return None if found is None else int(found)
            except _DOWN:
                self._lost("shown")
        return self._local_shown.get(conversation)

    async def show(self, conversation: str, seq: int) -> int | None:
        """Note the number of the last event that a customer's page was sent.

        Returns the one that was noted before, if it is known.
        """
        if len(self._local_shown) > 10_000:
            self._local_shown.clear()
        before = self._local_shown.get(conversation)
        self._local_shown[conversation] = seq
        if not self.healthy:
            return before
        key = f"frontdesk:shown:{conversation}"
        try:
            found, _ = await self._batch.ask(("GET", key), ("SET", key, seq, "EX", self._ttl))
        except _DOWN:
            self._lost("shown")
            return before
        return None if found is None else int(found)

    # -- presence -----------------------------------------------------------------------

    async def seen(self, agent: str) -> None:
        """Note that an agent is at the desk."""
        self._local_presence[agent] = time.monotonic()
        if not self.healthy:
            return
        try:
            now = time.time()
            await self._redis.zadd("frontdesk:agents", {agent: now})
        except _DOWN:
            self._lost("presence")

    async def gone(self, agent: str) -> None:
        """Note that an agent has closed the desk."""
        self._local_presence.pop(agent, None)
        with contextlib.suppress(*_DOWN):
            await self._redis.zrem("frontdesk:agents", agent)

    async def present(self, within: float | None = None) -> set[str]:
        """Return the agents seen within the last ``within`` seconds."""
        horizon = self._presence_ttl if within is None else within
        local = {
            agent for agent, at in self._local_presence.items() if time.monotonic() - at <= horizon
        }
        if not self.healthy:
            return local
        try:
            found = await self._redis.zrangebyscore(
                "frontdesk:agents", time.time() - horizon, "+inf"
            )
        except _DOWN:
            self._lost("presence")
            return local
        return local | {agent.decode() for agent in found if isinstance(agent, bytes)}

    # -- fan-out ------------------------------------------------------------------------

    async def publish(self, topic: str, message: dict[str, Any]) -> None:
        """Deliver a message to all who listen to ``topic`` in any process.

        Those of other processes are told a moment later, in order, many messages at a time. What
        could not be sent is not sent later: once Redis answers again, ``BEHIND`` is sent in its
        place, and the listeners ask the record.
        """
        self.bus.deliver(topic, message)
        if not self.healthy:
            self._withheld = True
            return
        self._send_soon([(topic, message)])

    def _send_soon(self, messages: list[tuple[str, dict[str, Any]]]) -> None:
        self._unsent.extend(messages)
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send(), name="redis-publish")

    async def _send(self) -> None:
        while self._unsent or self._withheld:
            messages, self._unsent = self._unsent, []
            behind, self._withheld = self._withheld, False
            wire = {"from": self._process, "behind": behind, "messages": messages}
            try:
                await self._batch.ask(("PUBLISH", BUS, orjson.dumps(wire)))
            except _DOWN:
                self._withheld = True
                self._lost("publish")
                return

    async def _pump(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(BUS)
                    while True:
                        if self._withheld and self.healthy:
                            self._send_soon([])
                        item = await pubsub.get_message(timeout=1.0)
                        if item is not None:
                            self._receive(item)
            except _DOWN:
                self._lost("subscribe")
                await asyncio.sleep(0.5)

    def _receive(self, item: dict[str, Any]) -> None:
        if item["type"] == "subscribe":
            self.bus.deliver_to_all(BEHIND)  # nobody told us anything until now
        if item["type"] != "message":
            return
        wire = orjson.loads(item["data"])
        if wire["from"] == self._process:
            return
        for topic, message in wire["messages"]:
            self.bus.deliver(topic, message)
        if wire.get("behind"):
            self.bus.deliver_to_all(BEHIND)
