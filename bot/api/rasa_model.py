"""Rasa's HTTP API, the part about models: train, put into service, unload, test."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from starlette.background import BackgroundTask

from bot.actions.endpoint import address_of
from bot.api.access import Parts
from bot.api.rasa_access import RasaRoute, Refused, admin, failing_as
from bot.delivery.trust import trusted
from bot.rasa.evaluation import evaluated, played
from bot.rasa.model_pulling import taken_into_service
from bot.rasa.model_server import ModelServer
from bot.rasa.model_storage import fetched
from bot.rasa.trainings import Trained, Trainings, discard, files_of
from bot.service import Service
from intents.examples import Example
from intents.reading.datasets import read_file
from models.errors import (
    AssistantInvalid,
    BadRequest,
    Conflict,
    FrontdeskError,
    NotFound,
    ReleaseError,
)

log = structlog.get_logger(__name__)
router = APIRouter(
    prefix="/model", tags=["rasa"], route_class=RasaRoute, dependencies=[Depends(admin)]
)
_background: set[asyncio.Task[None]] = set()
MAX_LINES = 5_000
MAX_FOLDS = 20


@router.post("/train")
@failing_as("TrainingError")
async def train(request: Request, service: Parts) -> Response:
    """Train on the assistant in the body; return the archive, or post it to ``callback_url``."""
    files = files_of(await request.body(), request.headers.get("content-type", ""))
    keep = _flag(request, "save_to_default_model_directory", True)
    callback = request.query_params.get("callback_url")
    if callback is None:
        trained = await _trained(service, files, keep)
        return FileResponse(
            trained.archive,
            media_type="application/gzip",
            filename=f"{trained.release}.tar.gz",
            headers={"filename": f"{trained.release}.tar.gz"},
            background=BackgroundTask(discard, trained.archive),
        )
    if urlsplit(callback).scheme not in ("http", "https"):
        raise Refused(
            400, "BadRequest", "callback_url is no web address.", parameter="callback_url"
        )
    task = asyncio.create_task(_train_and_tell(service, files, keep, callback))
    _background.add(task)
    task.add_done_callback(_background.discard)
    return Response(status_code=204)


async def _trained(service: Service, files: dict[str, bytes], keep: bool) -> Trained:
    trainings = Trainings(service.home)
    with trainings.alone():
        try:
            return await trainings.train(
                files, seconds=service.settings.training_timeout, keep=keep
            )
        except AssistantInvalid as error:
            raise Refused(400, "InvalidDomainError", str(error)) from error


async def _train_and_tell(
    service: Service, files: dict[str, bytes], keep: bool, callback: str
) -> None:
    trained = None
    try:
        trained = await _trained(service, files, keep)
        content = await asyncio.to_thread(trained.archive.read_bytes)
        headers = {"Content-Type": "application/gzip", "filename": f"{trained.release}.tar.gz"}
        await _tell(callback, headers, content=content)
    except Refused as refused:
        await _tell(callback, {}, json=refused.body())
    except FrontdeskError as error:
        conflict = isinstance(error, Conflict)
        reason = "Conflict" if conflict else "TrainingError"
        await _tell(callback, {}, json=Refused(409 if conflict else 500, reason, str(error)).body())
    finally:
        if trained is not None:
            discard(trained.archive)


async def _tell(callback: str, headers: dict[str, str], **content: Any) -> None:
    try:
        async with httpx.AsyncClient(timeout=60.0, verify=trusted()) as client:
            await client.post(callback, headers=headers, **content)
    except httpx.HTTPError as error:
        log.warning("training.callback_failed", why=type(error).__name__)


@router.put("")
@failing_as("LoadingError")
async def put_into_service(request: Request, service: Parts) -> Response:
    """Put a model into service: one of here, of a model server, or of remote storage."""
    given = await _object(request)
    try:
        if given.get("model_server") is not None:
            release = await from_server(service, given["model_server"])
        elif given.get("remote_storage") is not None:
            release = await from_storage(service, given["remote_storage"], _model_file(given))
        else:
            release = Path(_model_file(given)).name.removesuffix(".tar.gz")
            await asyncio.to_thread(Trainings(service.home).load, release)
    except (ReleaseError, BadRequest) as error:
        raise Refused(400, "BadRequest", str(error)) from error
    await service.record.run(service.staff.note, "http-api", "promoted", release)
    await service.releases.follow()
    return Response(status_code=204)


def _model_file(given: dict[str, Any]) -> str:
    name = given.get("model_file")
    if not isinstance(name, str) or not name:
        raise Refused(
            400,
            "BadRequest",
            "Name a model by model_file: one that was trained here, or taken in by 'frontdesk "
            "releases add', or with remote_storage one that lies there. Or give a model_server.",
            parameter="model_file",
        )
    return name


async def from_server(service: Service, given: Any) -> str:
    """Put the model of a server into service; returns the release's id."""
    most = service.settings.max_model
    pulled = await ModelServer.of(given).pull(None, service.home.path, most)
    if pulled is None:
        raise NotFound("The model server has no model", fix="Put one there.")
    return await asyncio.to_thread(taken_into_service, pulled.archive, service.home, most)


async def from_storage(service: Service, storage: Any, name: str) -> str:
    """Put a model of remote storage into service; returns the release's id."""
    most = service.settings.max_model
    archive = await fetched(str(storage), name, service.home.path, most)
    return await asyncio.to_thread(taken_into_service, archive, service.home, most)


@router.delete("")
async def unload(service: Parts) -> Response:
    """Unload the API's model; customers are answered all the same."""
    Trainings(service.home).unload()
    return Response(status_code=204)


# -- testing --------------------------------------------------------------------------------


@router.post("/test/intents")
@failing_as("TestingError")
async def test_intents(request: Request, service: Parts) -> JSONResponse:
    """Compare what a model understands with labelled lines (Rasa NLU YAML).

    With ``cross_validation_folds`` the lines are divided: each part is understood by a training on
    the others.
    """
    if request.query_params.get("cross_validation_folds"):
        return await _cross_validation(request, service)
    examples = await asyncio.to_thread(_examples, await request.body())
    wanted = request.query_params.get("model")
    understanding = service.releases.live.understanding
    if wanted:
        name = Path(wanted).name.removesuffix(".tar.gz")
        understanding = await asyncio.to_thread(service.releases.former, name)
    parses = [await service.inference.parse(understanding, example.text) for example in examples]
    return JSONResponse(evaluated(examples, parses))


async def _cross_validation(request: Request, service: Service) -> JSONResponse:
    kind = request.headers.get("content-type", "")
    if "json" in kind:
        raise Refused(400, "TestingError", "Cross-validation is only supported for YAML data.")
    given = request.query_params["cross_validation_folds"]
    if not given.isascii() or not given.isdigit() or not 2 <= int(given[:4]) <= MAX_FOLDS:
        said = f"cross_validation_folds: a number from 2 to {MAX_FOLDS}."
        raise Refused(400, "BadRequest", said, parameter="cross_validation_folds")
    files = files_of(await request.body(), kind)
    trainings = Trainings(service.home)
    with trainings.alone():
        try:
            found = await trainings.cross_validate(
                files, int(given), seconds=service.settings.training_timeout
            )
        except AssistantInvalid as error:
            raise Refused(400, "BadRequest", str(error)) from error
    return JSONResponse(found)


def _examples(body: bytes) -> list[Example]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "nlu.yml"
        path.write_bytes(body)
        found = [example for example in read_file(path).examples if example.intent is not None]
    if not 0 < len(found) <= MAX_LINES:
        said = f"Expected 1 to {MAX_LINES} labelled lines as Rasa NLU YAML."
        raise Refused(400, "BadRequest", said, found=len(found))
    return found


@router.post("/test/stories")
@failing_as("TestingError")
async def test_stories(request: Request, service: Parts) -> JSONResponse:
    """Play test stories (YAML) against the assistant that serves."""
    trainings = Trainings(service.home)
    settings = service.settings
    with trainings.alone():
        found = await trainings.test(
            service.releases.live.folder / "assistant",
            await request.body(),
            address_of(settings),
            seconds=settings.training_timeout,
        )
    return JSONResponse(played(found))


def _flag(request: Request, name: str, default: bool) -> bool:
    given = request.query_params.get(name)
    return default if given is None else given.lower() in ("true", "1", "yes")


async def _object(request: Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError as error:
        raise Refused(400, "BadRequest", "The request body is not JSON.") from error
    if not isinstance(body, dict):
        raise Refused(400, "BadRequest", "The request body is not an object.")
    return body
