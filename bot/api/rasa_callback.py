"""Rasa's callback channel: messages come by request, replies go to a URL, one by one.

``POST /webhooks/callback/webhook`` answers ``success`` once the message is safe
(rasa/core/channels/callback.py); the outbox delivers the replies.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from bot.api.access import Parts, check_origin
from bot.api.rasa_rest import Declined, heard, json_body
from models.errors import BadRequest, NotFound

router = APIRouter(prefix="/webhooks/callback", tags=["rasa"])
CHANNEL = "callback"


@router.get("/")
async def health() -> dict[str, str]:
    """Tell that the channel is there."""
    return {"status": "ok"}


@router.post("/webhook")
@router.post("/webhook/", include_in_schema=False)
async def webhook(request: Request, service: Parts) -> Response:
    """Take one message; the replies to it are posted to the callback URL."""
    if service.settings.callback_url is None:
        raise NotFound("The callback channel is not set up", fix="Set FRONTDESK_CALLBACK_URL.")
    check_origin(request)
    body = await json_body(request)
    try:
        sender, conversation, accepted = await heard(request, service, body, CHANNEL)
    except Declined as error:
        raise BadRequest(error.why) from error
    await service.outbox.follow(conversation.id, CHANNEL, sender, accepted.seq)
    return PlainTextResponse("success")
