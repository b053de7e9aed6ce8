"""Why a past turn was understood as it was, for desk and studio."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from bot.api.access import Agent, Parts

router = APIRouter(prefix="/api/v1/desk", tags=["desk"])


@router.get("/turns/{turn}/why")
async def why(turn: str, user: Agent, service: Parts) -> dict[str, Any]:
    """Explain a past turn: lines near it, words that counted, the threshold that decided."""
    found = await service.whys.of_turn(turn)
    await service.record.run(
        service.staff.note, user.username, "asked why", found["conversation_id"]
    )
    return found
