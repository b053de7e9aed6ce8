"""The desk's API: the queue, live transcripts, take over, reply, hand back."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError

from bot import metrics
from bot.api.access import Agent, Parts, origin_allowed, service_of, staff_session
from bot.api.frames import Frames, converse
from bot.cleaning import clean
from bot.events import Event, desk_view
from bot.fanout import publish
from bot.people import customer_view, known_values
from bot.record.record import Conversation
from bot.service import Service
from bot.staff import Session, User
from bot.tracker import Tracker
from models.errors import Conflict, FrontdeskError, Unauthenticated

router = APIRouter(prefix="/api/v1/desk", tags=["desk"])
ASK_AGAIN = 15.0
"""Seconds after which an open desk looks by itself whether its session still stands."""


class Epoch(BaseModel):
    """The epoch that the agent has seen."""

    epoch: int


class Reply(BaseModel):
    """An agent's words."""

    client_message_id: str = Field(min_length=1, max_length=90)
    text: str
    epoch: int


class Typing(BaseModel):
    """Whether the agent is writing."""

    on: bool


@router.get("/queue")
async def queue(_: Agent, service: Parts) -> dict[str, Any]:
    """Return who waits for a person and who has one."""
    items = await service.record.run(service.record.queue)
    names = {user.username: user.display_name for user in await _users(service)}
    present = await service.sessions.present()
    return {"items": [_item(item, names) for item in items], "online": len(present)}


def _item(item: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {
        "conversation_id": item["conversation"],
        "reason": item["reason"],
        "summary": item["summary"],
        "mood": item["mood"],
        "urgency": item["urgency"],
        "language": item["language"],
        "since": item["created_at"],
        "status": "taken" if item["owner"] == "agent" else "waiting",
        "agent": names.get(item["agent"], item["agent"]),
        "agent_username": item["agent"],
        "customer": customer_view(item["conversation"], item["customer_id"]),
        "waiting_seconds": int(time.time() - item["created_at"]),
        "last_seq": item["last_seq"],
    }


async def _users(service: Service) -> list[User]:
    return await service.record.run(service.staff.users)


@router.get("/conversations/{conversation_id}")
async def conversation(conversation_id: str, user: Agent, service: Parts) -> dict[str, Any]:
    """Return a conversation as staff sees it."""
    found = await service.record.run(service.record.conversation, conversation_id)
    events = await service.record.run(service.record.events, conversation_id)
    items = await service.record.run(service.record.queue)
    item = next((i for i in items if i["conversation"] == conversation_id), None)
    await service.record.run(service.staff.note, user.username, "opened", conversation_id)
    live = service.releases.live
    tracker = Tracker.fold(conversation_id, events, live.initial_slots, found.language)
    contact = next((e.data for e in reversed(events) if e.kind == "contact"), None)
    agent = found.agent and await service.record.run(service.staff.display_name, found.agent)
    return {
        "conversation_id": conversation_id,
        "owner": found.owner,
        "agent": agent,
        "agent_username": found.agent,
        "epoch": found.epoch,
        "language": found.language,
        "customer": customer_view(conversation_id, found.customer_id),
        "reason": item["reason"] if item else None,
        "summary": item["summary"] if item else None,
        "mood": item["mood"] if item else None,
        "urgency": item["urgency"] if item else None,
        "contact": contact,
        "known": known_values(live.assistant, tracker.slots),
        "events": desk_events(events),
    }


def desk_events(events: list[Event]) -> list[dict[str, Any]]:
    """Return the visible events with what was understood of each message."""
    understood = {
        event.data["of"]: _understood(event) for event in events if event.kind == "understood"
    }
    words = {event.data["of"]: event.data["text"] for event in events if event.kind == "transcript"}
    files = {event.data["of"]: event.data["file"] for event in events if event.kind == "attached"}
    events = [
        replace(event, data={**event.data, "file": files[event.seq]})
        if event.seq in files
        else event
        for event in events
    ]
    return [view for event in events if (view := desk_view(event, understood, words))]


def _understood(event: Event) -> dict[str, Any]:
    parse = event.data["parse"]
    intent = parse.get("intent") or {}
    return {
        "intent": intent.get("name"),
        "confidence": intent.get("confidence"),
        "entities": parse.get("entities", []),
        "sentiment": (parse.get("sentiment") or {}).get("label"),
        "urgency": (parse.get("urgency") or {}).get("label"),
        "decision": parse.get("decision"),
    }


@router.post("/conversations/{conversation_id}/take")
async def take(conversation_id: str, body: Epoch, user: Agent, service: Parts) -> dict[str, Any]:
    """Take a conversation over; 409 when somebody else was faster."""
    found = await service.record.run(service.record.conversation, conversation_id)
    if found.owner == "agent" and found.agent != user.username:
        raise Conflict("Somebody else has taken this conversation", found=str(found.agent))
    await service.sessions.seen(user.username)
    text = service.words.say("utter_agent_joined", found.language).replace(
        "{agent}", user.display_name
    )
    epoch = await _move(service, found, body.epoch, user, "agent", "agent_joined", text)
    return {"epoch": epoch}


@router.post("/conversations/{conversation_id}/handback")
async def hand_back(
    conversation_id: str, body: Epoch, user: Agent, service: Parts
) -> dict[str, Any]:
    """Give a conversation back to the bot, which answers what has not been answered."""
    found = await service.record.run(service.record.conversation, conversation_id)
    if found.owner == "agent" and found.agent != user.username and not user.may("admin"):
        raise Conflict("This conversation is another agent's", found=str(found.agent))
    text = service.words.say("utter_agent_left", found.language)
    epoch = await _move(service, found, body.epoch, user, "bot", "agent_left", text)
    return {"epoch": epoch}


async def _move(
    service: Service,
    found: Conversation,
    epoch: int,
    user: User,
    owner: Any,
    notice: str,
    text: str,
) -> int:
    data = {
        "notice": notice,
        "text": text,
        "agent": user.display_name,
        "language": found.language,
    }
    new_epoch, written = await service.record.run(
        service.record.set_owner,
        found.id,
        epoch=epoch,
        owner=owner,
        agent=user.username if owner == "agent" else None,
        notices=[Event("notice", data)],
    )
    await service.record.run(service.staff.note, user.username, notice, found.id)
    await publish(service.sessions, found.id, written)
    await service.sessions.publish("desk", {"queue": True})
    return new_epoch


@router.post("/conversations/{conversation_id}/reply", status_code=202)
async def reply(conversation_id: str, body: Reply, user: Agent, service: Parts) -> dict[str, Any]:
    """Say something as the agent who has the conversation.

    The same ``client_message_id`` again gets the first answer, whoever has it by then.
    """
    found = await service.record.run(service.record.conversation, conversation_id)
    event, seq = await service.record.run(
        service.record.agent_message,
        conversation_id,
        user.username,
        epoch=body.epoch,
        client_message_id=body.client_message_id,
        data={
            "text": clean(body.text, service.settings.max_text),
            "agent": user.display_name,
            "language": found.language,
        },
    )
    if event is not None:
        await publish(service.sessions, conversation_id, [event])
    return {"seq": seq, "duplicate": event is None}


@router.post("/conversations/{conversation_id}/typing", status_code=204)
async def typing(conversation_id: str, body: Typing, user: Agent, service: Parts) -> None:
    """Let the customer see that somebody is writing."""
    found = await service.record.run(service.record.conversation, conversation_id)
    if found.agent == user.username:
        frame = {"type": "typing", "who": "agent", "on": body.on}
        await service.sessions.publish(f"conversation:{conversation_id}", frame)


# -- the live stream ------------------------------------------------------------------------


@router.websocket("/stream")
async def stream(socket: WebSocket) -> None:
    """Stream the queue's changes and the watched conversation; keeps the agent present."""
    try:
        if not origin_allowed(socket, staff=True):
            raise Unauthenticated("This page may not act for staff")
        session = await staff_session(socket)
    except FrontdeskError:
        await socket.close(4401)
        return
    await socket.accept()
    service = service_of(socket)
    metrics.SOCKETS.labels("desk").inc()
    try:
        await _DeskStream(socket, service, session).run()
    except (WebSocketDisconnect, RuntimeError):
        pass
    finally:
        metrics.SOCKETS.labels("desk").dec()


class _DeskStream:
    """One open desk."""

    def __init__(self, socket: WebSocket, service: Service, session: Session) -> None:
        self._socket = socket
        self._service = service
        self._session = session
        self._user = session.user
        self._doubted = asyncio.Event()
        self._watched: str | None = None
        self._sent = 0
        self._outgoing: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def run(self) -> None:
        bus = self._service.sessions.bus
        stops = [
            bus.listen("desk", self._outgoing.put_nowait),
            bus.listen("staff", self._doubt),
        ]
        try:
            await self._service.sessions.seen(self._user.username)
            await converse(self._socket, self._receive(), self._send(), self._guard())
        finally:
            for stop in stops:
                stop()

    def _doubt(self, message: dict[str, Any]) -> None:
        if message.get("username", self._user.username) == self._user.username:
            self._doubted.set()

    async def _guard(self) -> None:
        """Close when the session has ended or the role has changed; told of it, at once."""
        while await self._still_signed_in():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ASK_AGAIN):
                    await self._doubted.wait()
            self._doubted.clear()
        await self._socket.close(4401)

    async def _still_signed_in(self) -> bool:
        service = self._service
        try:
            found = await service.record.run(service.staff.session, self._session.token)
        except Unauthenticated:
            return False
        except SQLAlchemyError:
            return True  # nothing can be read by it either
        return found.user.role == self._user.role

    async def _receive(self) -> None:
        frames = Frames(self._socket, self._service.settings.max_body)
        while True:
            try:
                frame = await frames.receive()
            except FrontdeskError:
                continue
            await self._service.sessions.seen(self._user.username)
            if frame.get("type") == "watch":
                self._watched = frame.get("conversation_id")
                self._sent = 0
                if self._watched:
                    await self._mark()
            elif frame.get("type") == "ping":
                await self._socket.send_json({"type": "pong"})

    async def _mark(self) -> None:
        """Only what comes after the page's own load is streamed."""
        record = self._service.record
        try:
            found = await record.run(record.conversation, str(self._watched))
        except FrontdeskError:
            self._watched = None
            return
        self._sent = found.last_seq

    async def _send(self) -> None:
        while True:
            message = await self._outgoing.get()
            if message.get("type") == "behind":
                await self._socket.send_json({"type": "queue"})
                if self._watched is not None:
                    await self._catch_up()
            elif message.get("queue"):
                await self._socket.send_json({"type": "queue"})
            elif message.get("conversation_id") != self._watched:
                continue
            elif message.get("type") == "customer_typing":
                frame = {"type": "typing", "conversation_id": self._watched, "on": message["on"]}
                await self._socket.send_json(frame)
            elif message.get("last_seq", 0) > self._sent:
                await self._catch_up()

    async def _catch_up(self) -> None:
        record = self._service.record
        watched = str(self._watched)
        # from a little before, so that what a turn understood reaches its message
        events = await record.run(record.events, watched, max(0, self._sent - 5))
        for view in desk_events(events):
            newly_understood = view.get("understood") is not None
            if view["seq"] > self._sent or newly_understood:
                await self._socket.send_json(
                    {"type": "event", "conversation_id": watched, "event": view}
                )
        self._sent = max([self._sent, *(event.seq for event in events)])
