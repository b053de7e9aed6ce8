"""The studio's API: intents, trying a message, recent turns, releases."""

from __future__ import annotations

import datetime
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from bot.api.access import Operator, Parts
from bot.operating.studio import Changed, NewIntent
from bot.service import Service
from bot.staff import User

router = APIRouter(prefix="/api/v1/studio", tags=["studio"])
Replies = dict[str, str]
Lines = list[str]


class IntentBody(BaseModel):
    """A new intent."""

    name: str = Field(max_length=64)
    description: str = Field("", max_length=400)
    examples: Lines = Field(max_length=500)
    replies: Replies
    override: bool = Field(False, description="Release it even if the gate refuses.")


class IntentChange(BaseModel):
    """What to change of an intent."""

    examples: Lines | None = Field(None, max_length=500)
    replies: Replies | None = None


class Text(BaseModel):
    """A message to try."""

    text: str = Field(min_length=1, max_length=4000)
    why: bool = Field(False, description="Explain it as well.")


@router.get("/intents")
async def intents(_: Operator, service: Parts) -> dict[str, Any]:
    """List the intents."""
    return service.studio.intents()


@router.get("/intents/{name}")
async def intent(name: str, _: Operator, service: Parts) -> dict[str, Any]:
    """Return one intent with its examples."""
    return service.studio.intent(name)


@router.post("/intents", status_code=201)
async def add_intent(body: IntentBody, user: Operator, service: Parts) -> dict[str, Any]:
    """Add an intent; it serves when the answer comes."""
    new = NewIntent(body.name, body.examples, body.replies, body.description, body.override)
    return await _noted(service, user, body.name, await service.studio.add_intent(new))


@router.put("/intents/{name}")
async def change_intent(
    name: str, body: IntentChange, user: Operator, service: Parts
) -> dict[str, Any]:
    """Replace an intent's examples or replies."""
    changed = await service.studio.change_intent(name, body.examples, body.replies)
    return await _noted(service, user, name, changed)


@router.delete("/intents/{name}")
async def remove_intent(name: str, user: Operator, service: Parts) -> dict[str, Any]:
    """Take an intent out."""
    return await _noted(service, user, name, await service.studio.remove_intent(name))


@router.put("/responses/{name}")
async def set_response(name: str, body: Replies, user: Operator, service: Parts) -> dict[str, Any]:
    """Change a response's words without training."""
    return await _noted(service, user, name, await service.studio.set_response(name, body))


@router.post("/parse")
async def parse(body: Text, _: Operator, service: Parts) -> dict[str, Any]:
    """Try a message."""
    found = await service.studio.parse(body.text)
    return {**found, "why": await service.whys.of_text(body.text)} if body.why else found


@router.get("/turns")
async def turns(
    _: Operator, service: Parts, limit: int = Query(50, ge=1, le=500)
) -> dict[str, Any]:
    """Return the latest turns with what was understood."""
    rows = await service.record.run(service.record.recent_turns, limit)
    for row in rows:
        at = datetime.datetime.fromtimestamp(row["at"], datetime.UTC)
        row["at"] = at.isoformat(timespec="milliseconds")
    return {"turns": rows}


@router.get("/releases")
async def releases(_: Operator, service: Parts) -> dict[str, Any]:
    """List the releases."""
    return service.studio.releases()


@router.post("/releases/{release_id}/promote")
async def promote(release_id: str, user: Operator, service: Parts) -> dict[str, Any]:
    """Put a release into service."""
    current = await service.studio.promote(release_id)
    await service.record.run(service.staff.note, user.username, "promoted", release_id)
    return {"current": current}


async def _noted(service: Service, user: User, target: str, changed: Changed) -> dict[str, Any]:
    await service.record.run(service.staff.note, user.username, "changed", target)
    return asdict(changed)
