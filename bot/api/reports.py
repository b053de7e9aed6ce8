"""Reports on releases, for operators."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from bot.api.access import Operator, Parts
from bot.service import Service
from intents.reporting.page import policy_of
from intents.reporting.texts import Language

router = APIRouter(prefix="/api/v1/studio/reports", tags=["studio"])


def _named(release: str, service: Service) -> str:
    """``current`` stands for the release that serves."""
    return service.releases.live.release if release == "current" else release


@router.get("/{release}")
async def report(release: str, _: Operator, service: Parts) -> dict[str, Any]:
    """Say how far the report on a release is."""
    return await asyncio.to_thread(service.reports.state, _named(release, service))


@router.post("/{release}", status_code=202)
async def make_report(release: str, user: Operator, service: Parts) -> dict[str, Any]:
    """Begin a report, which takes up to a minute; one that is there stays."""
    name = _named(release, service)
    state = await service.reports.start(name)
    await service.record.run(service.staff.note, user.username, "report", name)
    return state


@router.get("/{release}/page")
async def report_page(
    release: str, _: Operator, service: Parts, language: Language = "en"
) -> Response:
    """Return a finished report as one HTML page."""
    name = _named(release, service)
    page = await asyncio.to_thread(service.reports.page, name, language)
    headers = {
        "Content-Security-Policy": f"{policy_of(page)}; frame-ancestors 'self'",
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f'inline; filename="frontdesk-report-{name}.{language}.html"',
    }
    return HTMLResponse(page, headers=headers)


@router.get("/{release}/data")
async def report_data(release: str, _: Operator, service: Parts) -> Response:
    """Return a finished report as JSON."""
    data = await asyncio.to_thread(service.reports.data, _named(release, service))
    return Response(data, media_type="application/json")
