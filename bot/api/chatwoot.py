"""The webhook of a Chatwoot agent bot.

A message is answered 200 once it is in the record, and worked on after that; the answers go to
Chatwoot by the outbox. Chatwoot repeats a webhook that it believes lost, and two may overtake each
other: messages are known by their ids. The bot speaks only while a conversation is ``pending``:
from ``open`` on it is people's.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import APIRouter, Request
from pydantic import SecretStr

from bot.api.access import Parts, visitor_of
from bot.api.rasa_rest import json_body
from bot.channels import Caller, create, find, hear
from bot.delivery.chatwoot_files import files_of
from bot.delivery.outgoing import is_signed
from bot.record.record import Conversation
from bot.service import Service
from models.errors import BadRequest, NotFound, Unauthenticated

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/webhooks/chatwoot", tags=["chatwoot"])
CHANNEL = "chatwoot"
WINDOW = 300.0
"""Seconds that a signature is good for."""

NO_WORDS = "📎"
"""Stands for a message that is nothing but a file: the bot asks for words."""


@router.post("")
async def signed_webhook(request: Request, service: Parts) -> dict[str, str]:
    """Take an event that Chatwoot has signed with the bot's secret."""
    secret = _secret(service)
    stamp = request.headers.get("x-chatwoot-timestamp", "")
    given = request.headers.get("x-chatwoot-signature", "")
    body = await request.body()
    if not is_signed(secret.get_secret_value(), stamp, body, given, WINDOW):
        raise Unauthenticated(
            "The webhook is not signed by the bot's secret",
            expected="X-Chatwoot-Timestamp and X-Chatwoot-Signature, sha256=…",
            found="another signature, or an old one" if given else "none",
        )
    return await _take(request, service)


@router.post("/{secret}")
async def webhook_with_secret(secret: str, request: Request, service: Parts) -> dict[str, str]:
    """Take an event whose address carries the secret, from a Chatwoot that does not sign."""
    known = _secret(service).get_secret_value()
    if not hmac.compare_digest(known.encode(), secret.encode()):
        raise NotFound("There is no such webhook")
    return await _take(request, service)


def _secret(service: Service) -> SecretStr:
    secret = service.settings.chatwoot_secret
    if secret is None or service.chatwoot is None:
        raise NotFound("Chatwoot is not set up here")
    return secret


async def _take(request: Request, service: Service) -> dict[str, str]:
    body = await json_body(request)
    heard = said(body)
    if heard is None:
        return {"status": "ignored"}
    identifier, text, payload = heard
    recipient = address_of(body)
    conversation = await _conversation(request, service, recipient)
    metadata = {"chatwoot": {"conversation": recipient, "contact": _contact(body)}}
    files = files_of(body) if payload is None else []
    if files:
        return await _with_files(heard, files, conversation, metadata, service)
    accepted = (
        await hear(service, conversation, text, message_id=identifier, metadata=metadata)
        if payload is None
        else await service.inbox.post(
            conversation, text, client_message_id=identifier, payload=payload, metadata=metadata
        )
    )
    if accepted.turn is not None and not accepted.duplicate and service.chatwoot is not None:
        _background(service.chatwoot.typing(recipient, True))
    return {"status": "duplicate" if accepted.duplicate else "accepted"}


async def _with_files(
    heard: tuple[str, str, str | None],
    files: list[dict[str, str]],
    conversation: Conversation,
    metadata: dict[str, Any],
    service: Service,
) -> dict[str, str]:
    """Take a message with files: each is a message of its own, the words go with the first."""
    identifier, text, _ = heard
    words = "" if text == NO_WORDS else text
    told = []
    for number, file in enumerate(files):
        accepted = await service.inbox.post(
            conversation,
            "" if number else words,
            client_message_id=f"{identifier}-{number}" if number else identifier,
            metadata=metadata,
            elsewhere=file,
        )
        told.append(accepted.duplicate)
    return {"status": "duplicate" if all(told) else "accepted"}


async def _conversation(request: Request, service: Service, recipient: str) -> Conversation:
    found = await find(service, CHANNEL, recipient)
    if found is None:
        caller = Caller(visitor_of(request, service), trusted=True)
        found = await create(service, CHANNEL, recipient, caller)
    await service.outbox.follow(found.id, CHANNEL, recipient, 0)
    return found


def said(body: Mapping[str, Any]) -> tuple[str, str, str | None] | None:
    """The id, the words and the pressed button's payload of an event that is for the bot.

    None for everything else: what the bot or people say, notes, and conversations that people have.
    """
    conversation = body.get("conversation")
    if not isinstance(conversation, Mapping) or conversation.get("status") != "pending":
        return None
    if body.get("event") == "message_updated":
        return _chosen(body)
    incoming = body.get("message_type") in ("incoming", 0)
    if body.get("event") != "message_created" or not incoming or body.get("private"):
        return None
    text = body.get("content")
    words = text if isinstance(text, str) and text.strip() else NO_WORDS
    return f"chatwoot-{_number(body.get('id'))}", words, None


def _chosen(body: Mapping[str, Any]) -> tuple[str, str, str | None] | None:
    """A choice among buttons, which Chatwoot tells by updating the bot's own message."""
    attributes = body.get("content_attributes")
    values = attributes.get("submitted_values") if isinstance(attributes, Mapping) else None
    chosen = values[0] if isinstance(values, list) and values else None
    if body.get("content_type") != "input_select" or not isinstance(chosen, Mapping):
        return None
    title, value = chosen.get("title"), chosen.get("value")
    if not isinstance(title, str) or not isinstance(value, str):
        return None
    return f"chatwoot-{_number(body.get('id'))}-chosen", title, value


def address_of(body: Mapping[str, Any]) -> str:
    """``account/conversation`` of an event, numbers both. Raises BadRequest."""
    account, conversation = body.get("account"), body.get("conversation")
    if not isinstance(account, Mapping) or not isinstance(conversation, Mapping):
        raise BadRequest("The event names no account or conversation")
    return f"{_number(account.get('id'))}/{_number(conversation.get('id'))}"


def _number(given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise BadRequest("An id in the event cannot be used", expected="a number")
    return given


def _contact(body: Mapping[str, Any]) -> dict[str, Any]:
    sender = body.get("sender")
    known = sender if isinstance(sender, Mapping) else {}
    kept = {key: known.get(key) for key in ("id", "name", "identifier")}
    return {key: value for key, value in kept.items() if isinstance(value, str | int)}


_tasks: set[asyncio.Task[None]] = set()


def _background(work: Any) -> None:
    task: asyncio.Task[None] = asyncio.create_task(work)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
