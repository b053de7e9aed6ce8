"""Rasa's REST channel: ``POST /webhooks/rest/webhook`` (rasa/core/channels/rest.py).

Always answers an array, as Rasa does: clients read it without a look at the status, so that an
object in its place would break them. What is wrong stands in it as a text. A sender that cannot be
guessed is the key to its conversation, as it is with Rasa; a message without one starts a
conversation of its own instead of sharing ``default``. The body is read raw, since existing clients
send it as ``text/plain``.
"""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from bot.api.access import Parts, check_origin, limit_new_conversations, visitor_of
from bot.api.errors import shape
from bot.events import Event, new_id
from bot.record import Accepted, Conversation
from bot.service import Service
from models.errors import BadRequest, FrontdeskError

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/webhooks/rest", tags=["rasa"])
CHANNEL = "rest"
PATIENCE = 12.0
MIN_SENDER = 16
"""A shorter sender could be guessed or be shared by chance: it does not open an old conversation
of another address."""


@router.get("/")
async def health() -> dict[str, str]:
    """Tell that the channel is there."""
    return {"status": "ok"}


@router.post("/webhook")
async def webhook(request: Request, service: Parts) -> JSONResponse:
    """Take one message and return the replies to it.

    The status is 200 wherever a customer should read what is in the array, and an error's own
    where only the client's author can mend it.
    """
    sender: str | None = None
    try:
        check_origin(request)
        body = await _body(request)
        sender = _named(body.get("sender"))
        return JSONResponse(await _answer(request, service, sender, body.get("message")))
    except (FrontdeskError, HTTPException) as error:
        status = error.status_code if isinstance(error, HTTPException) else shape(error, "")[0]
        said = str(error.detail) if isinstance(error, HTTPException) else error.message
    except Exception as error:
        log.error("rest.failed", exc_info=error)
        language = service.releases.live.assistant.settings.default_language
        status, said = 200, service.words.say("utter_action_unavailable", language)
    log.info("rest.refused", status=status, why=said)
    item = {"recipient_id": sender, "text": said}
    items = [{key: value for key, value in item.items() if value is not None}]
    return JSONResponse(items, 200 if status == 429 else status)


async def _answer(
    request: Request, service: Service, sender: str | None, text: Any
) -> list[dict[str, Any]]:
    if not isinstance(text, str):
        raise BadRequest("There is no message", expected='{"sender": "…", "message": "…"}')
    conversation = await _conversation(request, service, sender)
    shown = sender if sender is not None else conversation.external_id
    try:
        accepted = await _accept(service, conversation, text)
    except FrontdeskError as error:
        log.info("rest.refused", why=error.message)
        return [{"recipient_id": shown, "text": error.message}]
    replies = await _replies(service, conversation, accepted)
    return [item for event in replies for item in _items(event, shown)]


async def _accept(service: Service, conversation: Conversation, text: str) -> Accepted:
    """Post the message; a pressed button sends its sealed payload as the message."""
    try:
        payload = service.inbox.open_payload(conversation.id, text)
    except BadRequest:
        return await service.inbox.post(conversation, text)
    return await service.inbox.post(conversation, payload, payload=text)


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise BadRequest("The body is not JSON") from error
    if not isinstance(body, dict):
        raise BadRequest("The body is not a JSON object")
    return body


def _named(sender: Any) -> str | None:
    """The sender as a text: some clients send a number, some nothing."""
    known = str(sender) if isinstance(sender, str | int) and str(sender) else None
    if known is not None and len(known) > 180:
        raise BadRequest("The sender is too long", expected="at most 180 characters")
    return known


async def _conversation(request: Request, service: Service, known: str | None) -> Conversation:
    """Find or create the sender's conversation."""
    visitor = visitor_of(request, service)
    # a guessable sender is told apart by who sends it, so that nobody reads another's talk
    external = (
        known if known and len(known) >= MIN_SENDER else f"{known or new_id()}@{visitor[:12]}"
    )
    found = await service.record.run(service.record.by_external_id, CHANNEL, external)
    if found is not None:
        return found
    await limit_new_conversations(request, service)
    return await service.record.run(
        service.record.create_conversation,
        channel=CHANNEL,
        language=service.releases.live.assistant.settings.default_language,
        visitor=visitor,
        external_id=external,
    )


async def _replies(service: Service, conversation: Conversation, accepted: Accepted) -> list[Event]:
    """Wait for the turn to end and return what the bot said in it."""
    if accepted.turn is None:
        return []
    done = asyncio.Event()
    stop = service.sessions.bus.listen(
        f"conversation:{conversation.id}",
        lambda frame: done.set() if frame.get("on") is False else None,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            while await service.record.run(service.record.has_turn, accepted.turn):
                try:
                    async with asyncio.timeout(0.5):
                        await done.wait()
                except TimeoutError:
                    continue
                done.clear()
    except TimeoutError:
        log.warning("rest.no_reply_in_time", turn=accepted.turn)
    finally:
        stop()
    events = await service.record.run(service.record.events, conversation.id, accepted.seq)
    return [e for e in events if e.turn == accepted.turn and e.kind == "bot"]


def _items(event: Event, recipient: str | None) -> list[dict[str, Any]]:
    """Split a reply as Rasa does: text at blank lines, buttons with the last part."""
    data = event.data
    items: list[dict[str, Any]] = [
        {"text": part} for part in data["text"].split("\n\n") if part.strip()
    ]
    if data.get("buttons"):
        items = items or [{}]
        items[-1]["buttons"] = data["buttons"]
    items += [{key: data[key]} for key in ("custom", "image", "attachment") if data.get(key)]
    return [{"recipient_id": recipient, **item} for item in items]
