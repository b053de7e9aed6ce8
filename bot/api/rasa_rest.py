"""Rasa's REST channel: ``POST /webhooks/rest/webhook`` (rasa/core/channels/rest.py).

Always answers an array, as Rasa does: clients read it without a look at the status, so that an
object in its place would break them. What is wrong stands in it as a text. The body is read raw,
since existing clients send it as ``text/plain``. ``bot.channels.Caller`` says whose conversation
a sender is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson
import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from bot.api.access import Parts, check_origin, limit_new_conversations
from bot.api.callers import caller_of, token_of
from bot.api.errors import shape
from bot.channels import Caller, create, find, hear, message_id_of, replies, sender_of
from bot.events import Event
from bot.rasa.shapes import rest_items
from bot.record.record import Accepted, Conversation
from bot.service import Service
from models.errors import BadRequest, FrontdeskError

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/webhooks/rest", tags=["rasa"])
CHANNEL = "rest"


class Declined(Exception):
    """A message that was not taken, with a reason that its sender should read."""

    def __init__(self, sender: str, why: str) -> None:
        self.sender = sender
        self.why = why
        super().__init__(why)


@router.get("/")
async def health() -> dict[str, str]:
    """Tell that the channel is there."""
    return {"status": "ok"}


@router.post("/webhook")
@router.post("/webhook/", include_in_schema=False)
async def webhook(request: Request, service: Parts) -> Response:
    """Take one message and return the replies to it.

    The status is 200 wherever a customer should read what is in the array, and an error's own
    where only the client's author can mend it. With ``?stream=true`` each message is a line of
    JSON of its own.
    """
    sender: str | None = None
    try:
        check_origin(request)
        body = await json_body(request)
        sender = sender_of(body.get("sender"))
        shown, conversation, accepted = await heard(request, service, body, CHANNEL)
    except Declined as error:
        return JSONResponse([_said(error.sender, error.why)])
    except (FrontdeskError, HTTPException) as error:
        return _refused(error, sender)
    except Exception as error:
        return JSONResponse([failed(service, sender, error)])
    found = _items(service, conversation, accepted, shown)
    if request.query_params.get("stream", "").lower() in ("true", "1"):
        return StreamingResponse(_lines(found), media_type="text/event-stream")
    return JSONResponse([item async for item in found])


async def heard(
    request: Request, service: Service, body: dict[str, Any], channel: str
) -> tuple[str, Conversation, Accepted]:
    """Accept the message of a request; return the sender, the conversation, and what it got.

    Raises Declined where the customer can mend it, and FrontdeskError.
    """
    text, metadata = body.get("message"), body.get("metadata")
    if not isinstance(text, str):
        raise BadRequest("There is no message", expected='{"sender": "…", "message": "…"}')
    metadata = metadata if isinstance(metadata, dict) else {}
    caller = caller_of(request, service, token_of(request))
    sender = sender_of(body.get("sender"))
    conversation = await conversation_of(request, service, channel, sender, caller)
    shown = sender or str(conversation.external_id)
    try:
        accepted = await hear(
            service,
            conversation,
            text,
            message_id=message_id_of(body, metadata),
            metadata=metadata,
            trusted=caller.trusted,
        )
    except FrontdeskError as error:
        log.info("rest.refused", why=error.message)
        raise Declined(shown, error.message) from error
    return shown, conversation, accepted


async def conversation_of(
    request: Request, service: Service, channel: str, sender: str | None, caller: Caller
) -> Conversation:
    """Find or create the sender's conversation. Raises TooMany."""
    key = caller.key(service, sender)
    found = await find(service, channel, key)
    if found is not None:
        return found
    if not caller.trusted:
        await limit_new_conversations(request, service)
    return await create(service, channel, key, caller)


async def json_body(request: Request) -> dict[str, Any]:
    """Read an object from a body of whatever content type. Raises BadRequest."""
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise BadRequest("The body is not JSON") from error
    except ClientDisconnect as error:
        raise BadRequest("The client left before its message had come") from error
    if not isinstance(body, dict):
        raise BadRequest("The body is not a JSON object")
    return body


def failed(service: Service, sender: str | None, error: Exception) -> dict[str, Any]:
    """What a customer reads when it is the service that failed."""
    log.error("rest.failed", exc_info=error)
    language = service.releases.live.assistant.settings.default_language
    return _said(sender, service.words.say("utter_action_unavailable", language))


def _refused(error: FrontdeskError | HTTPException, sender: str | None) -> JSONResponse:
    if isinstance(error, HTTPException):
        status, said = error.status_code, str(error.detail)
    else:
        status, said = shape(error, "")[0], error.message
    log.info("rest.refused", status=status, why=said)
    return JSONResponse([_said(sender, said)], 200 if status == 429 else status)


def _said(sender: str | None, text: str) -> dict[str, Any]:
    return {"text": text} if sender is None else {"recipient_id": sender, "text": text}


async def _items(
    service: Service, conversation: Conversation, accepted: Accepted, shown: str
) -> AsyncIterator[dict[str, Any]]:
    answer = replies(service, conversation, accepted)
    try:
        for event in await _said_meanwhile(service, conversation, accepted):
            for item in rest_items(event, shown):
                yield item
        async for event in answer:
            for item in rest_items(event, shown):
                yield item
    except Exception as error:
        yield failed(service, shown, error)


async def _said_meanwhile(
    service: Service, conversation: Conversation, accepted: Accepted
) -> list[Event]:
    """What agents said since the last request: there was no way to tell it earlier."""
    if accepted.duplicate:
        return []
    since = await service.sessions.show(conversation.id, accepted.seq)
    if since is None or not accepted.epoch:  # it has been the bot's alone
        return []
    events = await service.record.run(
        service.record.events, conversation.id, since, kinds=("agent_message", "notice")
    )
    return [event for event in events if event.seq < accepted.seq]


async def _lines(items: AsyncIterator[dict[str, Any]]) -> AsyncIterator[bytes]:
    async for item in items:
        yield orjson.dumps(item) + b"\n"
