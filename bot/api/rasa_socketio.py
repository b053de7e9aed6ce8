"""Rasa's socket.io channel (rasa/core/channels/socketio.py), for Engine.IO 4.

| event | direction | payload |
|---|---|---|
| ``session_request`` | in | ``{"session_id": str or null}`` or nothing |
| ``session_confirm`` | out | the session's id, a bare string |
| ``user_uttered`` | in | ``{"message", "session_id", "metadata"?, "message_id"?}`` |
| ``bot_uttered`` | out | see ``bot.rasa.shapes`` |

Each socket follows its conversation in the record: what another worker wrote, or an agent said,
reaches it too, in order and once. A session that comes back is told what it has missed; a client
that gives ``after`` in ``session_request`` is given numbers, in ``metadata``, and misses nothing
whatever its connection did.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import orjson
import socketio
import structlog
from fastapi import APIRouter
from starlette.requests import HTTPConnection

from bot import metrics
from bot.api.access import limit_new_conversations
from bot.api.callers import caller_of
from bot.api.steering import Steering
from bot.channels import Caller, create, find, hear, message_id_of, sender_of
from bot.events import new_id
from bot.rasa.shapes import SAID, socket_items
from bot.record.record import Accepted, Conversation
from bot.service import Service
from bot.tasks import ended
from models.errors import BadRequest, FrontdeskError, TooMany

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/webhooks/socketio", tags=["rasa"])
CHANNEL = "socketio"
MAX_SESSIONS = 4
"""Sessions that one connection may follow."""

NEW_SOCKETS = 4
"""Connections that an address may open for each new conversation that it may open."""


@router.get("/")
async def health() -> dict[str, str]:
    """Tell that the channel is there."""
    return {"status": "ok"}


@dataclass
class _Talker:
    """One connection: who it is, and the sessions that it follows."""

    caller: Caller
    http: HTTPConnection
    sid: str
    sessions: dict[str, _Followed] = field(default_factory=dict)
    latest: str | None = None


@dataclass
class _Followed:
    """A session on one connection; ``numbered`` clients are given sequence numbers."""

    session: str
    numbered: bool
    after: int | None
    conversation: Conversation | None = None
    task: asyncio.Task[None] | None = None
    news: asyncio.Event = field(default_factory=asyncio.Event)


class SocketChannel:
    """The Engine.IO server of one worker, with the channel's events."""

    def __init__(self, service: Service) -> None:
        self._service = service
        settings = service.settings
        self._namespace = settings.socketio_namespace
        self._talkers: dict[str, _Talker] = {}
        # handlers run one after the other: a client's messages stay in order
        self._server = socketio.AsyncServer(
            async_mode="asgi",
            async_handlers=False,
            cors_allowed_origins=[],
            namespaces=[self._namespace],
            max_http_buffer_size=settings.max_body,
            http_compression=False,
            ping_interval=15,
            ping_timeout=15,
        )
        self.steering = Steering(
            self._server.handle_request,
            service.name,
            service.home.run_folder() if service.name else service.home.path,
            settings.max_body,
        )
        engine = self._server.eio
        engine.generate_id = lambda: self.steering.owned(new_id())
        for name in ("connect", "session_request", "user_uttered", "disconnect"):
            handler = getattr(self, f"_on_{name}")
            self._server.on(name, handler=handler, namespace=self._namespace)

    async def start(self) -> None:
        """Listen to the other workers."""
        await self.steering.start()

    async def close(self) -> None:
        """Let go of all connections."""
        for talker in tuple(self._talkers.values()):
            await ended(*(followed.task for followed in talker.sessions.values()))
        await self._server.shutdown()
        await self.steering.close()

    # -- what clients send ------------------------------------------------------------------

    async def _on_connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> bool:
        connection = HTTPConnection({**environ["asgi.scope"], "type": "http"})
        token = auth.get("token") if isinstance(auth, dict) else None
        given = token if isinstance(token, str) else connection.query_params.get("token")
        try:
            caller = caller_of(connection, self._service, given)
            await self._limit(caller)
        except FrontdeskError as error:
            log.info("socketio.refused", why=error.message)
            raise socketio.exceptions.ConnectionRefusedError(error.message) from error
        self._talkers[sid] = _Talker(caller, connection, sid)
        metrics.SOCKETS.labels("socketio").inc()
        return True

    async def _limit(self, caller: Caller) -> None:
        limit = self._service.settings.conversations_per_minute * NEW_SOCKETS
        if not await self._service.sessions.hit(f"sockets:{caller.visitor}", limit):
            raise TooMany("Too many connections from this address", fix="Wait a minute.")

    async def _on_disconnect(self, sid: str, reason: Any = None) -> None:
        talker = self._talkers.pop(sid, None)
        if talker is not None:
            metrics.SOCKETS.labels("socketio").dec()
            await ended(*(followed.task for followed in talker.sessions.values()))

    async def _on_session_request(self, sid: str, data: Any = None) -> None:
        talker = self._talkers.get(sid)
        if talker is None:
            return
        given = data if isinstance(data, dict) else {}
        try:
            followed = self._session(talker, given.get("session_id"), given.get("after"))
        except FrontdeskError as error:
            await self._emit(sid, {"text": error.message})
            return
        await self._server.emit(
            "session_confirm", followed.session, to=sid, namespace=self._namespace
        )
        await self._follow_if_known(talker, followed)

    async def _on_user_uttered(self, sid: str, data: Any = None) -> dict[str, Any] | None:
        """Accept a message; who asks for an acknowledgement gets it once nothing can be lost."""
        talker = self._talkers.get(sid)
        if talker is None:
            return None
        try:
            accepted = await self._heard(talker, data)
        except FrontdeskError as error:
            log.info("socketio.message_refused", why=error.message)
            await self._emit(sid, {"text": error.message})
            return {"error": error.message}
        except Exception as error:
            log.error("socketio.failed", exc_info=error)
            language = self._service.releases.live.assistant.settings.default_language
            said = self._service.words.say("utter_action_unavailable", language)
            await self._emit(sid, {"text": said})
            return {"error": "internal error"}
        return {"seq": accepted.seq, "duplicate": accepted.duplicate}

    async def _heard(self, talker: _Talker, data: Any) -> Accepted:
        if not isinstance(data, dict) or not isinstance(data.get("message"), str):
            raise BadRequest("There is no message", expected='{"message": "…", "session_id": "…"}')
        followed = self._session(talker, data.get("session_id") or talker.latest)
        conversation = followed.conversation or await self._open(talker, followed)
        metadata = self._metadata(data)
        return await hear(
            self._service,
            conversation,
            data["message"],
            message_id=message_id_of(data, metadata),
            metadata=metadata,
            trusted=talker.caller.trusted,
        )

    def _metadata(self, data: dict[str, Any]) -> dict[str, Any]:
        """What came along, an object or JSON text of one, under whichever key clients use."""
        keys = self._service.settings.socketio_metadata_keys
        given = next((data[key] for key in keys if data.get(key)), None)
        if isinstance(given, str):
            try:
                given = orjson.loads(given)
            except orjson.JSONDecodeError:
                return {}
        return given if isinstance(given, dict) else {}

    # -- sessions ---------------------------------------------------------------------------

    def _session(self, talker: _Talker, asked: Any, after: Any = None) -> _Followed:
        """Return the session asked for, as it was asked for; none given: a new one."""
        session = sender_of(asked) or new_id()
        if not self._service.settings.socketio_session_persistence:
            session = talker.sid
        if session not in talker.sessions:
            if len(talker.sessions) >= MAX_SESSIONS:
                raise TooMany("Too many sessions on one connection", fix="Connect anew.")
            numbered = isinstance(after, int) and not isinstance(after, bool) and after >= 0
            talker.sessions[session] = _Followed(session, numbered, after if numbered else None)
        talker.latest = session
        return talker.sessions[session]

    async def _follow_if_known(self, talker: _Talker, followed: _Followed) -> None:
        """Follow a conversation that there is; one begins with its first message."""
        if followed.conversation is not None:
            return
        key = talker.caller.key(self._service, followed.session)
        found = await find(self._service, CHANNEL, key)
        if found is None:
            return
        if followed.after is None:
            seen = await self._service.sessions.shown(found.id)
            followed.after = found.last_seq if seen is None else seen
        self._follow(talker, followed, found)

    async def _open(self, talker: _Talker, followed: _Followed) -> Conversation:
        await self._follow_if_known(talker, followed)
        if followed.conversation is None:
            await limit_new_conversations(talker.http, self._service)
            key = talker.caller.key(self._service, followed.session)
            made = await create(self._service, CHANNEL, key, talker.caller)
            followed.after = followed.after or 0
            self._follow(talker, followed, made)
        assert followed.conversation is not None
        return followed.conversation

    def _follow(self, talker: _Talker, followed: _Followed, conversation: Conversation) -> None:
        if followed.conversation is not None:
            return
        followed.conversation = conversation
        followed.task = asyncio.create_task(self._tell(talker.sid, followed, conversation.id))

    async def _tell(self, sid: str, followed: _Followed, conversation: str) -> None:
        """Send what is said in a conversation, in order, for as long as the socket is there."""
        sessions = self._service.sessions

        def listener(frame: dict[str, Any]) -> None:
            if frame.get("type") in ("event", "behind"):
                followed.news.set()

        stop = sessions.bus.listen(f"conversation:{conversation}", listener)
        try:
            while True:
                followed.news.clear()
                await self._catch_up(sid, followed, conversation)
                try:
                    # another worker's news may not reach us while Redis is away
                    async with asyncio.timeout(None if sessions.healthy else 1.0):
                        await followed.news.wait()
                except TimeoutError:
                    continue
        except Exception:
            log.exception("socketio.not_told", conversation=conversation)
        finally:
            stop()

    async def _catch_up(self, sid: str, followed: _Followed, conversation: str) -> None:
        record = self._service.record
        news = await record.run(record.events, conversation, followed.after or 0)
        for event in news:
            items = socket_items(event) if event.kind in SAID else []
            for part, item in enumerate(items):
                if followed.numbered and isinstance(item, dict):
                    number = {"seq": event.seq, "part": part, "parts": len(items), "id": event.id}
                    item = {**item, "metadata": number}
                await self._emit(sid, item)
            followed.after = event.seq
        if news:
            await self._service.sessions.show(conversation, followed.after or 0)

    async def _emit(self, sid: str, item: Any) -> None:
        await self._server.emit("bot_uttered", item, to=sid, namespace=self._namespace)
