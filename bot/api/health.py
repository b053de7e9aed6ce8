"""Liveness, readiness and metrics."""

from __future__ import annotations

import os
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    generate_latest,
    multiprocess,
)
from sqlalchemy.exc import SQLAlchemyError

from bot.api.access import Parts
from bot.service import Service

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
async def ready(service: Parts) -> JSONResponse:
    """Whether turns can be answered, and which parts are down.

    Without Redis or the action server the service still answers (200, ``degraded``); without
    the record or a release it does not (503).
    """
    parts = {
        "record": await _record(service),
        "release": service.releases.ready,
        "redis": await service.sessions.ping(),
        "actions": await service.actions.healthy(),
    }
    status = "ok" if all(parts.values()) else "degraded"
    able = parts["record"] and parts["release"]
    shown: dict[str, Any] = {name: "ok" if up else "down" for name, up in parts.items()}
    return JSONResponse(
        {"status": status if able else "unavailable", "parts": shown}, 200 if able else 503
    )


async def _record(service: Service) -> bool:
    try:
        return await service.record.run(service.record.ping)
    except SQLAlchemyError:
        return False


@router.get("/metrics", include_in_schema=False)
async def metrics_page() -> Response:
    """Prometheus metrics, over all workers."""
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
