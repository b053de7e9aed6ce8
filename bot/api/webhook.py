"""The signed webhook: for servers of the operator's own that have no Rasa client.

Each request carries the time and an HMAC-SHA256 over time and body; one that is older than five
minutes is refused, and one with an ``id`` that has been seen is the same message. Replies go to
``FRONTDESK_WEBHOOK_URL``, signed alike.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from bot.api.access import Parts, visitor_of
from bot.api.rasa_rest import json_body
from bot.channels import Caller, create, find, hear, sender_of
from bot.delivery.outgoing import is_signed
from models.errors import BadRequest, NotFound, Unauthenticated

router = APIRouter(prefix="/webhooks/signed", tags=["webhook"])
CHANNEL = "webhook"
WINDOW = 300.0


@router.post("", status_code=202)
async def webhook(request: Request, service: Parts) -> dict[str, Any]:
    """Take a signed message; from the answer on it cannot be lost."""
    secret = service.settings.webhook_secret
    if secret is None:
        raise NotFound("The webhook is not set up", fix="Set FRONTDESK_WEBHOOK_SECRET.")
    stamp = request.headers.get("x-frontdesk-timestamp", "")
    given = request.headers.get("x-frontdesk-signature", "")
    raw = await request.body()
    if not is_signed(secret.get_secret_value(), stamp, raw, given, WINDOW):
        raise Unauthenticated(
            "The request is not signed",
            expected="X-Frontdesk-Timestamp of the last five minutes, and X-Frontdesk-Signature: "
            "sha256=HMAC-SHA256(secret, timestamp + '.' + body)",
            found="another signature, or an old one" if given else "none",
        )
    body = await json_body(request)
    sender, identifier, text = sender_of(body.get("sender")), body.get("id"), body.get("message")
    if sender is None or not isinstance(text, str) or not isinstance(identifier, str | int):
        raise BadRequest("The message is not whole", expected='{"id", "sender", "message"}')
    conversation = await find(service, CHANNEL, sender)
    if conversation is None:
        caller = Caller(visitor_of(request, service), trusted=True)
        conversation = await create(service, CHANNEL, sender, caller)
    await service.outbox.follow(conversation.id, CHANNEL, sender, 0)
    metadata = body.get("metadata")
    accepted = await hear(
        service,
        conversation,
        text,
        message_id=str(identifier),
        metadata=metadata if isinstance(metadata, dict) else None,
        trusted=True,
    )
    return {"seq": accepted.seq, "duplicate": accepted.duplicate}
