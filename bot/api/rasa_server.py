"""Rasa's HTTP API, the part about the service and its understanding: status, parsing, domain."""

from __future__ import annotations

import io
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from bot.api.access import Parts
from bot.api.rasa_access import (
    MINIMUM_COMPATIBLE,
    VERSION,
    RasaRoute,
    Refused,
    admin,
    body_of,
    failing_as,
)
from bot.api.rasa_conversations import Include, predicted
from bot.events import Event
from bot.rasa.emulation import EMULATIONS
from bot.rasa.events import check_applies, events_of, view, written_as_ours
from bot.rasa.trainings import Trainings
from bot.service import Service
from bot.tracker import Tracker
from bot.understand import as_rasa_would, intent_of
from intents.reading.yamlfile import yaml

router = APIRouter(tags=["rasa"], route_class=RasaRoute, dependencies=[Depends(admin)])


@router.get("/version")
async def version() -> dict[str, str]:
    """Return the version of Rasa whose API this is."""
    return {"version": VERSION, "minimum_compatible_version": MINIMUM_COMPATIBLE}


@router.get("/status")
async def status(service: Parts) -> dict[str, Any]:
    """Return the model that serves, and how many trainings run."""
    trainings = Trainings(service.home)
    release = None if trainings.unloaded else service.releases.live.release
    return {
        "model_file": None if release is None else f"{release}.tar.gz",
        "model_id": release,
        "num_active_training_jobs": trainings.running(),
    }


@router.get("/domain")
@failing_as("UnexpectedError")
async def domain(request: Request, service: Parts) -> Response:
    """Return the domain as JSON or YAML, by ``Accept``."""
    loaded(service)
    accepted = request.headers.get("accept", "application/json")
    found = service.releases.live.domain
    if "json" in accepted or "*/*" in accepted:
        return JSONResponse(found)
    if "yaml" in accepted or "yml" in accepted:
        text = io.StringIO()
        yaml().dump(found, text)
        return Response(text.getvalue(), media_type="application/x-yaml")
    raise Refused(
        406, "NotAcceptable", "Accept: application/json or application/x-yaml.", found=accepted[:80]
    )


@router.post("/model/parse")
@failing_as("ParsingError")
async def parse(request: Request, service: Parts) -> JSONResponse:
    """Understand a text, in Rasa's shape or another service's."""
    loaded(service)
    mode = request.query_params.get("emulation_mode", "").upper()
    if mode and mode not in EMULATIONS:
        raise Refused(
            400, "BadRequest", "emulation_mode: WIT, LUIS or DIALOGFLOW.", parameter=mode[:40]
        )
    body = await body_of(request)
    text = body.get("text", body.get("q")) if isinstance(body, dict) else None
    if not isinstance(text, str) or len(text) > service.settings.max_text:
        raise Refused(400, "BadRequest", "There is no text to parse.", parameter="text")
    found = await _parsed(service, text)
    if "message_id" in body:
        found["message_id"] = body["message_id"]
    return JSONResponse(EMULATIONS[mode](found) if mode else found)


async def _parsed(service: Service, text: str) -> dict[str, Any]:
    """A text as a conversation would have it understood: ``/intent{…}`` is what it says."""
    live, found, decision = service.releases.live, intent_of(text), "accept"
    if found is None:
        understood = await service.inference.parse(live.understanding, text)
        found, decision = understood.as_rasa(), understood.decision
    if live.assistant.rasa is not None:
        found = as_rasa_would({**found, "decision": decision}, live)
    found.setdefault("response_selector", {"all_retrieval_intents": []})
    return {key: found[key] for key in found if key not in ("decision", "options")}


@router.post("/model/predict")
@failing_as("PredictionError")
async def predict(request: Request, service: Parts, include: Include) -> JSONResponse:
    """Say what the next action would be after a list of events."""
    loaded(service)
    live = service.releases.live
    log: list[Event] = []
    for event in events_of(await body_of(request)):
        log += written_as_ours(event, len(log) + 1)
    language = live.assistant.settings.default_language
    check_applies(Tracker.fresh("default", live.initial_slots, language), log)
    folded = Tracker.fold("default", log, live.initial_slots, language)
    shown = view(folded.copy(), "default", log, include)
    return JSONResponse(predicted(service, folded, shown))


def loaded(service: Service) -> None:
    """Refuse while the API's model is unloaded. Raises Refused."""
    if Trainings(service.home).unloaded:
        raise Refused(409, "Conflict", "No agent loaded. PUT /model loads one.")
