"""The review queue's API: proposed answers and gaps, and what an operator decides about them."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from bot.api.access import Operator, Parts
from bot.operating.review import Acceptance, Wanted, by_meaning
from retrieval.mining.asked import told
from retrieval.mining.proposals import Proposal
from retrieval.mining.said import WEIGHTS, is_poisoned
from retrieval.mining.suspicion import POISON

router = APIRouter(prefix="/api/v1/studio", tags=["studio"])
Ids = list[str]
SHOWN_LINES, SHOWN_WORDINGS, SHOWN_GAPS = 6, 8, 200


class AcceptBody(BaseModel):
    """How a proposal is accepted."""

    text: str | None = Field(None, max_length=4000)
    intents: Ids | None = Field(None, max_length=5)
    merge: Ids = Field(default_factory=list, max_length=50)
    flagged: bool = Field(False, description="Take it although it looks suspicious.")


class RejectBody(BaseModel):
    """Proposals or gaps that are not wanted, now or after a later mining."""

    ids: Ids = Field(min_length=1, max_length=500)


@router.get("/proposals")
async def proposals(
    _: Operator,
    service: Parts,
    query: str = Query("", max_length=200),
    language: str = Query("", max_length=8),
    intent: str = Query("", max_length=64),
    kind: str = Query("", max_length=16),
    flags: Literal["", "clean", "suspicious"] = "",
    offset: int = Query(0, ge=0),
    limit: int = Query(25, ge=1, le=100),
) -> dict[str, Any]:
    """List proposals that wait, one a meaning, the best first, and how their scores are made."""
    queue = service.studio.queue
    waiting, missing = await asyncio.to_thread(lambda: (queue.proposals(), queue.gaps()))
    wanted = Wanted(query, language, intent, kind, flags)
    meanings = by_meaning(waiting, wanted)
    assistant = service.releases.live.assistant
    return {
        "weights": WEIGHTS,
        "suspicious": sorted(POISON),
        "intents": sorted(assistant.intents),
        "slots": sorted(assistant.slots),
        "languages": sorted({p.template.language for p in waiting}),
        "waiting": len(waiting),
        "gaps": len(missing),
        "total": len(meanings),
        "proposals": [_shown(own) for own in meanings[offset : offset + limit]],
    }


@router.get("/gaps")
async def gaps(_: Operator, service: Parts) -> dict[str, Any]:
    """List the gaps that wait, the most asked first; ``lines`` are their examples as spoken."""
    found = await asyncio.to_thread(service.studio.queue.gaps)
    return {
        "gaps": [
            gap.as_json() | {"lines": [told(example) for example in gap.examples]}
            for gap in found[:SHOWN_GAPS]
        ]
    }


@router.post("/proposals/{proposal_id}/accept", status_code=201)
async def accept(
    proposal_id: str, body: AcceptBody, user: Operator, service: Parts
) -> dict[str, Any]:
    """Put a proposal into service; it answers when the reply to this request comes."""
    how = Acceptance(body.text, body.intents, body.merge, body.flagged)
    changed = await service.studio.accept(proposal_id, how, user.username)
    await service.record.run(service.staff.note, user.username, "accepted", proposal_id)
    return asdict(changed)


@router.post("/proposals/reject")
async def reject(body: RejectBody, user: Operator, service: Parts) -> dict[str, Any]:
    """Turn proposals or gaps down for good."""
    queue = service.studio.queue
    rows = await asyncio.to_thread(queue.decide, body.ids, "rejected", user.username)
    await service.record.run(
        service.staff.note, user.username, "rejected", " ".join(body.ids)[:200]
    )
    return {"rejected": len(rows)}


@router.post("/gaps/{gap_id}/made")
async def made(gap_id: str, user: Operator, service: Parts) -> dict[str, Any]:
    """Keep that a gap has become an intent."""
    queue = service.studio.queue
    gap = await asyncio.to_thread(queue.gap, gap_id)
    await asyncio.to_thread(queue.decide, [gap.id], "made", user.username)
    return {"made": gap.id}


def _shown(own: list[Proposal]) -> dict[str, Any]:
    """The best wording of a meaning with some of its lines, and the others in short."""
    best, *others = own
    data = best.as_json()
    lines = data.get("provenance", [])
    short = [
        {"id": p.id, "text": p.template.text, "quality": p.template.quality, "uses": p.uses}
        for p in others[:SHOWN_WORDINGS]
        if not is_poisoned(p.template.flags)
    ]
    return {**data, "provenance": lines[:SHOWN_LINES], "lines": len(lines), "others": short}
