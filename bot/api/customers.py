"""The chat API for customers: conversations, messages, events, and the live stream."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import structlog
from fastapi import APIRouter, Query, Request, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field

from bot import metrics
from bot.api.access import (
    OwnConversation,
    Parts,
    check_origin,
    conversation_token,
    limit_new_conversations,
    open_conversation,
    origin_allowed,
    service_of,
    visitor_of,
)
from bot.api.errors import shape
from bot.api.frames import Frames, converse
from bot.events import Event, public_view
from bot.fanout import publish
from bot.record.record import Conversation
from bot.secrets import read_customer_token
from bot.service import Service
from bot.tracker import Tracker
from models.errors import BadRequest, FrontdeskError

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/api/v1/conversations", tags=["chat"])
AUTH_SECONDS = 10.0
PAGE = 500
MAX_SEQ = 2**31 - 1


class NewConversation(BaseModel):
    """A customer opens the chat."""

    language: Literal["en", "zh"] | None = None
    customer_token: str | None = Field(None, max_length=4096)


class NewMessage(BaseModel):
    """What a customer says; the same ``client_message_id`` again is the same message."""

    client_message_id: str = Field(min_length=1, max_length=100)
    text: str
    payload: str | None = Field(None, max_length=4096)


class NewContact(BaseModel):
    """How to reach a customer whom nobody could serve at once."""

    contact: str = Field(min_length=3, max_length=200)
    name: str | None = Field(None, max_length=100)
    note: str | None = Field(None, max_length=2000)


@router.post("", status_code=201)
async def create(body: NewConversation, request: Request, service: Parts) -> dict[str, Any]:
    """Create a conversation; the token in the answer is the only key to it."""
    check_origin(request)
    await limit_new_conversations(request, service)
    customer = None
    if body.customer_token:
        secret = service.home.customer_secret(service.settings)
        customer = read_customer_token(body.customer_token, secret)
    languages = service.releases.live.assistant.languages
    language = body.language if body.language in languages else languages[0]
    conversation = await service.record.run(
        service.record.create_conversation,
        channel="widget",
        language=language,
        visitor=visitor_of(request, service),
        customer_id=customer,
    )
    return {
        "conversation_id": conversation.id,
        "token": conversation_token(service, conversation.id),
        "language": conversation.language,
    }


@router.post("/{conversation_id}/messages", status_code=202)
async def post_message(
    body: NewMessage, conversation: OwnConversation, service: Parts
) -> dict[str, Any]:
    """Accept a message; the reply comes as an event."""
    accepted = await service.inbox.post(
        conversation,
        body.text,
        client_message_id=body.client_message_id,
        payload=body.payload,
    )
    return {
        "event_id": accepted.event_id,
        "seq": accepted.seq,
        "duplicate": accepted.duplicate,
    }


@router.get("/{conversation_id}/events")
async def events(
    conversation: OwnConversation, service: Parts, after: int = Query(0, ge=0, le=MAX_SEQ)
) -> dict[str, Any]:
    """Return the events with a higher sequence number than ``after``."""
    found = await service.record.run(service.record.events, conversation.id, after, PAGE)
    shown = [view for event in found if (view := public_view(event))]
    last = found[-1].seq if found else max(after, conversation.last_seq)
    return {"events": shown, "owner": conversation.owner, "last_seq": last}


@router.post("/{conversation_id}/contact", status_code=201)
async def leave_contact(
    body: NewContact, conversation: OwnConversation, service: Parts
) -> dict[str, Any]:
    """Keep how to reach the customer, for the agents who see the escalation later."""
    if not any(c.isalnum() for c in body.contact):
        raise BadRequest("This is no phone number or e-mail address")
    text = service.words.say("utter_contact_saved", conversation.language)
    new = [
        Event("contact", body.model_dump()),
        Event(
            "notice",
            {"notice": "contact_saved", "text": text, "language": conversation.language},
        ),
        Event("handoff", {"reason": "contact", "summary": body.note or "", "online": False}),
    ]
    written = await service.record.run(service.record.escalate, conversation.id, new)
    await publish(service.sessions, conversation.id, written)
    await service.escalations.announce(conversation.id, written)
    return {"seq": written[-1].seq}


@router.post("/{conversation_id}/handoff", status_code=202)
async def ask_for_person(conversation: OwnConversation, service: Parts) -> dict[str, Any]:
    """Ask for a person without a message; asked again while one is awaited, it changes nothing."""
    if conversation.owner != "bot":
        return {"online": True, "seq": conversation.last_seq}
    online = await service.escalations.someone_online()
    name = "utter_handoff" if online else "utter_handoff_closed"
    text = service.words.say(name, conversation.language)
    log_events = await service.record.run(service.record.events, conversation.id)
    tracker = Tracker.fold(conversation.id, log_events, {}, conversation.language)
    handoff = service.escalations.handoff_event(tracker, online)
    notice = {
        "notice": "handoff_requested",
        "online": online,
        "text": text,
        "language": conversation.language,
    }
    new = [Event("handoff", {**handoff.data, "reason": "asked"}), Event("notice", notice)]
    written = await service.record.run(service.record.escalate, conversation.id, new)
    await publish(service.sessions, conversation.id, written)
    await service.escalations.announce(conversation.id, written)
    return {"online": online, "seq": written[-1].seq}


# -- the live stream ------------------------------------------------------------------------


@router.websocket("/{conversation_id}/stream")
async def stream(socket: WebSocket, conversation_id: str) -> None:
    """Stream a conversation: events once each and in order, typing, and partial text."""
    if not origin_allowed(socket):
        await socket.close(4403)
        return
    await socket.accept()
    service = service_of(socket)
    metrics.SOCKETS.labels("customer").inc()
    try:
        opened = await _authenticate(socket, service, conversation_id)
        if opened is not None:
            await _Stream(socket, service, *opened).run()
    except (WebSocketDisconnect, RuntimeError):
        pass
    finally:
        metrics.SOCKETS.labels("customer").dec()


async def _authenticate(
    socket: WebSocket, service: Service, identifier: str
) -> tuple[Conversation, int] | None:
    """Read the first frame, which carries the token, so that it stands in no URL or log."""
    try:
        async with asyncio.timeout(AUTH_SECONDS):
            frame = await Frames(socket, service.settings.max_body).receive()
        if frame.get("type") != "auth":
            raise BadRequest("The first frame must be of type auth")
        conversation = await open_conversation(service, identifier, str(frame.get("token", "")))
        return conversation, _seq(frame.get("after", 0))
    except (FrontdeskError, TimeoutError) as error:
        known = error if isinstance(error, FrontdeskError) else BadRequest("No auth frame came")
        await socket.send_json({"type": "error", **shape(known, "")[1]})
        await socket.close(4401)
        return None


def _seq(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= MAX_SEQ:
        raise BadRequest(
            "The number to go on after is not one",
            expected=f"0 to {MAX_SEQ}",
            found=str(value)[:40],
        )
    return value


class _Stream:
    """One open socket of a customer."""

    def __init__(
        self, socket: WebSocket, service: Service, conversation: Conversation, after: int
    ) -> None:
        self._socket = socket
        self._service = service
        self._conversation = conversation
        self._sent = after
        self._frames = Frames(socket, service.settings.max_body)
        self._outgoing: asyncio.Queue[dict[str, Any]] = asyncio.Queue(1000)

    async def run(self) -> None:
        topic = f"conversation:{self._conversation.id}"
        stop = self._service.sessions.bus.listen(topic, self._enqueue)
        try:
            await self._catch_up()
            await converse(self._socket, self._receive(), self._send())
        finally:
            stop()

    def _enqueue(self, frame: dict[str, Any]) -> None:
        try:
            self._outgoing.put_nowait(frame)
        except asyncio.QueueFull:
            # a client this slow is better off with a reconnect and a fetch
            self._outgoing = asyncio.Queue(1)
            self._outgoing.put_nowait({"type": "close"})

    async def _catch_up(self) -> None:
        record = self._service.record
        found = await record.run(record.events, self._conversation.id, self._sent)
        for event in found:
            view = public_view(event)
            if view is not None and event.seq > self._sent:
                await self._socket.send_json({"type": "event", "event": view})
            self._sent = max(self._sent, event.seq)

    async def _pass_on(self, frame: dict[str, Any]) -> None:
        """Send what was written; from the record where something before it is missing."""
        if frame["after"] > self._sent:
            await self._catch_up()
            return
        for view in frame["events"]:
            if view["seq"] > self._sent:
                await self._socket.send_json({"type": "event", "event": view})
        self._sent = max(self._sent, frame["last"])

    async def _send(self) -> None:
        while True:
            try:
                async with asyncio.timeout(2.0):
                    frame = await self._outgoing.get()
            except TimeoutError:
                if not self._service.sessions.healthy:
                    # another worker's events cannot reach us through Redis: ask the record
                    await self._catch_up()
                continue
            if frame["type"] == "close":
                await self._socket.close(1013)
                return
            if frame["type"] == "event":
                await self._pass_on(frame)
            elif frame["type"] == "behind":
                await self._catch_up()
            else:
                await self._socket.send_json(frame)

    async def _receive(self) -> None:
        while True:
            try:
                frame = await self._frames.receive()
                answer = await self._answer(frame)
            except FrontdeskError as error:
                answer = {"type": "error", **shape(error, "")[1]}
            if answer is not None:
                await self._socket.send_json(answer)

    async def _answer(self, frame: dict[str, Any]) -> dict[str, Any] | None:
        kind = frame.get("type")
        if kind == "ping":
            return {"type": "pong"}
        if kind == "typing":
            typing = {
                "type": "customer_typing",
                "conversation_id": self._conversation.id,
                "on": bool(frame.get("on")),
            }
            await self._service.sessions.publish("desk", typing)
            return None
        if kind != "message":
            raise BadRequest(
                "Unknown frame", expected="message, typing or ping", found=repr(kind)[:40]
            )
        body = _validated(frame)
        try:
            accepted = await self._service.inbox.post(
                self._conversation,
                body.text,
                client_message_id=body.client_message_id,
                payload=body.payload,
            )
        except FrontdeskError as error:
            refused = {"type": "error", **shape(error, "")[1]}
            return {**refused, "client_message_id": body.client_message_id}
        return {
            "type": "accepted",
            "client_message_id": body.client_message_id,
            "seq": accepted.seq,
            "duplicate": accepted.duplicate,
        }


def _validated(frame: dict[str, Any]) -> NewMessage:
    try:
        return NewMessage.model_validate({k: v for k, v in frame.items() if k != "type"})
    except ValueError as error:
        raise BadRequest(
            "The message frame is not as expected",
            expected="client_message_id, text and perhaps payload, all strings",
        ) from error
