"""Files that customers send: taken by content, given back as downloads and nothing else."""

from __future__ import annotations

import re
import uuid
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from bot.api.access import Agent, OwnConversation, Parts, client_address
from bot.attachments.content import read_attachment
from bot.service import Service
from models.errors import NotFound, TooMany

router = APIRouter(prefix="/api/v1", tags=["chat"])
UPLOAD = re.compile(r"^/api/v1/conversations/[^/]{1,64}/attachments$")
PER_MINUTE = 10
"""Files of one address a minute."""

LATER = 200
"""Events after a message within which its fetched file is told of."""

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@router.post("/conversations/{conversation_id}/attachments", status_code=202)
async def attach(
    request: Request,
    conversation: OwnConversation,
    service: Parts,
    name: str = Query("", max_length=400),
    text: str = Query("", max_length=4_000),
    client_message_id: str | None = Query(None, min_length=1, max_length=100),
) -> dict[str, Any]:
    """Accept a file, the body of the request, as a message; ``text`` is what is said with it."""
    address = client_address(request, service)
    if not await service.sessions.hit(f"files:{address}", PER_MINUTE):
        raise TooMany("Too many files from this address", fix="Wait a minute.")
    found = read_attachment(await request.body(), name, service.settings.max_attachment)
    accepted = await service.inbox.post(
        conversation,
        text,
        client_message_id=client_message_id or str(uuid.uuid4()),
        attachment=found,
    )
    return {
        "event_id": accepted.event_id,
        "seq": accepted.seq,
        "duplicate": accepted.duplicate,
        "file": found.described(),
    }


@router.get("/conversations/{conversation_id}/attachments/{seq}")
async def own_file(seq: int, conversation: OwnConversation, service: Parts) -> Response:
    """Return the file that came with message ``seq`` to its customer."""
    return await _download(service, conversation.id, seq)


@router.get("/desk/conversations/{conversation_id}/attachments/{seq}", tags=["desk"])
async def file(conversation_id: str, seq: int, _: Agent, service: Parts) -> Response:
    """Return the file that came with message ``seq`` to an agent."""
    return await _download(service, conversation_id, seq)


async def _described(service: Service, conversation: str, seq: int) -> dict[str, Any]:
    """What is known of the file: with its message, or where it was fetched for it. NotFound."""
    record = service.record
    for event in await record.run(record.events, conversation, seq - 1, LATER):
        own = event.seq == seq or (event.kind == "attached" and event.data["of"] == seq)
        if own and "file" in event.data:
            file: dict[str, Any] = event.data["file"]
            return file
    raise NotFound("There is no such file")


async def _download(service: Service, conversation: str, seq: int) -> Response:
    record = service.record
    content = await record.run(record.attachment, conversation, seq)
    file = await _described(service, conversation, seq)
    named = f"attachment; filename*=UTF-8''{quote(file['name'], safe='')}"
    headers = {**_HEADERS, "Content-Disposition": named}
    return Response(content, media_type=file["media_type"], headers=headers)
