"""Rasa's HTTP API, the part about conversations: trackers, events, messages, intents, actions."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from bot.api.access import Parts
from bot.api.rasa_access import RasaRoute, Refused, body_of, failing_as, own_conversation
from bot.channels import MAX_SENDER, Caller, create, replies
from bot.events import Event
from bot.fanout import publish
from bot.policy import decide
from bot.rasa.events import (
    check_applies,
    entities_of,
    events_of,
    intent_text,
    stories,
    view,
    written_as_ours,
)
from bot.rasa.shapes import rest_items
from bot.record.record import Accepted, Conversation
from bot.service import Service
from bot.tracker import Tracker
from bot.understand import Understander
from intents.reading.yamlfile import yaml
from intents.validate import known_action

router = APIRouter(
    prefix="/conversations/{conversation_id:path}",
    tags=["rasa"],
    route_class=RasaRoute,
    dependencies=[Depends(own_conversation)],
)
CHANNEL = "rasa"
CHANNELS = ("rasa", "rest", "socketio", "callback", "webhook", "chatwoot")
"""Channels whose conversations the API finds by the channel's own id, in this order."""

LOCK_SECONDS = 10.0


def included(include_events: str = "AFTER_RESTART") -> str:
    """Which events of a tracker are shown, named in any case. Raises Refused, before any deed."""
    chosen = include_events.upper()
    if chosen not in ("ALL", "APPLIED", "AFTER_RESTART", "NONE"):
        said = "include_events: ALL, APPLIED, AFTER_RESTART or NONE."
        given = {"parameter": "include_events", "in": "query", "found": include_events[:80]}
        raise Refused(400, "BadRequest", said, **given)
    return chosen


Include = Annotated[str, Depends(included)]
Until = Annotated[float | None, Query()]


async def found(service: Service, identifier: str, *, make: bool) -> Conversation:
    """Return the conversation that ``identifier`` names: our own id, or a channel's.

    :raises Refused: 404 where there is none and none is to be made.
    """
    record = service.record
    known = await record.run(record.named, identifier, CHANNELS)
    if known is not None:
        await record.run(service.staff.note, "http-api", "opened", known.id)
        return known
    if not make:
        raise Refused(404, "NotFound", f"There is no conversation {identifier[:80]!r}.")
    if not identifier.isprintable() or len(identifier) > MAX_SENDER:
        raise Refused(400, "BadRequest", f"An id has at most {MAX_SENDER} printable characters.")
    return await create(service, CHANNEL, identifier, Caller("rasa", trusted=True))


async def state(
    service: Service, conversation: Conversation, sender: str, include: str, until: float | None
) -> dict[str, Any]:
    """The tracker of a conversation as the API shows it."""
    tracker, log = await _tracker(service, conversation, until)
    return view(tracker, sender, log, include)


async def _tracker(
    service: Service, conversation: Conversation, until: float | None = None
) -> tuple[Tracker, list[Event]]:
    log = await service.record.run(service.record.events, conversation.id)
    log = [event for event in log if until is None or event.at <= until]
    slots = service.releases.live.initial_slots
    return Tracker.fold(conversation.id, log, slots, conversation.language), log


@router.get("/tracker")
@failing_as("ConversationError")
async def tracker(
    conversation_id: str, service: Parts, include: Include, until: Until = None
) -> JSONResponse:
    """Return a conversation's tracker; an unknown one begins."""
    conversation = await found(service, conversation_id, make=True)
    return JSONResponse(await state(service, conversation, conversation_id, include, until))


@router.post("/tracker/events")
@failing_as("ConversationError")
async def append_events(
    conversation_id: str,
    request: Request,
    service: Parts,
    include: Include,
    execute_side_effects: bool = False,
) -> JSONResponse:
    """Append events to a conversation; reminders among them are sent if side effects are wanted."""
    events = events_of(await body_of(request))
    conversation = await found(service, conversation_id, make=True)
    written = await _append(service, conversation, events)
    if execute_side_effects:
        await service.record.run(service.record.remind, conversation.id, written)
    return JSONResponse(await state(service, conversation, conversation_id, include, None))


@router.put("/tracker/events")
@failing_as("ConversationError")
async def replace_events(
    conversation_id: str, request: Request, service: Parts, include: Include
) -> JSONResponse:
    """Begin a conversation anew with these events; what was before stays in the log."""
    body = await body_of(request)
    events = events_of(body) if body != [] else []
    conversation = await found(service, conversation_id, make=True)
    await _append(service, conversation, [{"event": "restart"}, *events])
    return JSONResponse(await state(service, conversation, conversation_id, include, None))


async def _append(
    service: Service, conversation: Conversation, events: Sequence[dict[str, Any]]
) -> list[Event]:
    """Write events between turns, not into one."""
    record = service.record
    async with service.sessions.lock(conversation.id, expiry=LOCK_SECONDS):
        folded, _ = await _tracker(service, conversation)
        last = (await record.run(record.conversation, conversation.id)).last_seq
        new: list[Event] = []
        for event in events:
            new += written_as_ours(event, last + len(new) + 1)
        check_applies(folded, new)
        for item in new:
            if item.kind == "understood":
                item.data["metadata"].update(_own_metadata(conversation))
        written = await record.run(record.append, conversation.id, new)
    await publish(service.sessions, conversation.id, written)
    return written


def _own_metadata(conversation: Conversation) -> dict[str, Any]:
    """What actions are told of the customer, which nobody sets from outside."""
    names = ("visitor", "customer_id", "channel", "language")
    return {name: getattr(conversation, name) for name in names}


@router.get("/story")
@failing_as("ConversationError")
async def as_story(
    conversation_id: str, service: Parts, until: Until = None, all_sessions: bool = False
) -> Response:
    """Return a conversation's latest session as an end-to-end story, or one story of each."""
    conversation = await found(service, conversation_id, make=False)
    folded, _ = await _tracker(service, conversation, until)
    text = io.StringIO()
    yaml().dump(stories(conversation_id, folded.events, every=all_sessions), text)
    return PlainTextResponse(text.getvalue(), media_type="text/x-yaml")


@router.post("/messages")
@failing_as("ConversationError")
async def add_message(
    conversation_id: str, request: Request, service: Parts, include: Include
) -> JSONResponse:
    """Write a message down and understand it, without an answer to it."""
    body = await _object(request)
    if body.get("sender") != "user":
        raise Refused(
            400,
            "BadRequest",
            "Currently, only user messages can be passed to this endpoint.",
            parameter="sender",
        )
    text = body.get("text")
    if not isinstance(text, str) or not text or len(text) > service.settings.max_text:
        raise Refused(400, "BadRequest", "There is no text that can be used.", parameter="text")
    conversation = await found(service, conversation_id, make=True)
    parsed = body.get("parse_data")
    if isinstance(parsed, dict):
        event = {"event": "user", "text": text, "parse_data": parsed}
        await _append(service, conversation, [event])
    else:
        await _understand(service, conversation, text)
    return JSONResponse(await state(service, conversation, conversation_id, include, None))


async def _understand(service: Service, conversation: Conversation, text: str) -> None:
    record, live = service.record, service.releases.live
    async with service.sessions.lock(conversation.id, expiry=LOCK_SECONDS):
        [said] = await record.run(record.append, conversation.id, [Event("user", {"text": text})])
        folded, _ = await _tracker(service, conversation)
        understood = await Understander(service.inference).understand(
            said, conversation, folded, live, ""
        )
        new = [Event(event.kind, event.data) for event in understood.events]
        written = await record.run(record.append, conversation.id, new)
    await publish(service.sessions, conversation.id, [said, *written])


@router.post("/trigger_intent")
@failing_as("ConversationError")
async def trigger_intent(
    conversation_id: str, request: Request, service: Parts, include: Include
) -> JSONResponse:
    """Have an intent answered as if a customer had meant it."""
    body = await _object(request)
    name = body.get("name")
    if not isinstance(name, str) or not name:
        raise Refused(400, "BadRequest", "The intent's name is missing.", parameter="name")
    if name not in service.releases.live.assistant.intents:
        raise Refused(
            404, "NotFound", f"The intent {name[:80]} does not exist in the domain.", intent=name
        )
    entities = entities_of(body.get("entities"))
    conversation = await found(service, conversation_id, make=True)
    accepted = await service.inbox.post(
        conversation, intent_text(name, entities), trusted=True, external=True, entities=entities
    )
    return await _told(service, conversation, accepted, conversation_id, include)


@router.post("/execute")
@failing_as("ConversationError")
async def execute(
    conversation_id: str, request: Request, service: Parts, include: Include
) -> JSONResponse:
    """Have an action done in a conversation."""
    body = await _object(request)
    name = body.get("name")
    if not isinstance(name, str) or not name:
        said = "Name of the action not provided in request body."
        raise Refused(400, "BadRequest", said, parameter="name")
    known = known_action(service.releases.live.assistant, name)
    if not known or name in ("action_listen", "..."):
        raise Refused(404, "NotFound", f"There is no action {name[:80]}.", action=name)
    conversation = await found(service, conversation_id, make=False)
    accepted = await service.turns.perform(conversation.id, name)
    return await _told(service, conversation, accepted, conversation_id, include)


async def _told(
    service: Service, conversation: Conversation, accepted: Accepted, sender: str, include: str
) -> JSONResponse:
    """The tracker, and what was said in a turn."""
    messages = [
        item
        async for event in replies(service, conversation, accepted)
        for item in rest_items(event, sender)
    ]
    shown = await state(service, conversation, sender, include, None)
    return JSONResponse({"tracker": shown, "messages": messages})


@router.post("/predict")
@failing_as("ConversationError")
async def predict(conversation_id: str, service: Parts, include: Include) -> JSONResponse:
    """Say what the next action would be."""
    conversation = await found(service, conversation_id, make=False)
    folded, log = await _tracker(service, conversation)
    return JSONResponse(
        predicted(service, folded, view(folded.copy(), conversation_id, log, include))
    )


def predicted(service: Service, folded: Tracker, shown: dict[str, Any]) -> dict[str, Any]:
    """The next action as Rasa's scores: the one that is decided on has 1, all others 0."""
    live = service.releases.live
    assistant, decision = live.assistant, decide(folded, live.dialogue)
    names = {*assistant.actions, *assistant.responses, *assistant.forms, decision.action}
    scores = [{"action": n, "score": float(n == decision.action)} for n in names]
    scores.sort(key=lambda item: (-float(str(item["score"])), str(item["action"])))
    return {
        "scores": scores,
        "policy": decision.policy,
        "confidence": decision.confidence,
        "reason": decision.reason,
        "tracker": shown,
    }


async def _object(request: Request) -> dict[str, Any]:
    body = await body_of(request)
    if not isinstance(body, dict):
        raise Refused(400, "BadRequest", "The request body is not an object.", **{"in": "body"})
    return body
