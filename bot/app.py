"""The web application of one worker."""

from __future__ import annotations

import contextlib
import functools
import secrets
import time
from collections.abc import AsyncIterator, Callable

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot import metrics
from bot.api import (
    attachments,
    chatwoot,
    customers,
    desk,
    errors,
    health,
    nlg,
    pages,
    rasa_callback,
    rasa_conversations,
    rasa_model,
    rasa_rest,
    rasa_server,
    rasa_socketio,
    reports,
    review,
    staff,
    studio,
    webhook,
    why,
)
from bot.service import Service
from bot.settings import Settings

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)


_TRAINING = ("/model/train", "/model/test/intents", "/model/test/stories")


class Edge:
    """Outermost middleware: request ids, body size, security headers, timing."""

    def __init__(self, app: ASGIApp, longest: Callable[[str], int]) -> None:
        self._app = app
        self._longest = longest

    async def __call__(  # noqa: D102
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["request_id"] = secrets.token_hex(8)
        began = time.perf_counter()
        status = 500
        taken = 0
        longest = self._longest(scope["path"])

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > longest:
                raise errors.too_large(longest)
            return message

        async def decorated(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                request_id = (b"x-request-id", scope["request_id"].encode())
                message["headers"] = [*message["headers"], *_HEADERS, request_id]
            await send(message)

        await self._app(scope, bounded, decorated)
        route = getattr(scope.get("route"), "path", "other")
        metrics.REQUEST_SECONDS.labels(scope["method"], route, status).observe(
            time.perf_counter() - began
        )


def create_app(service: Service) -> FastAPI:
    """Return the application that serves ``service``."""

    sockets = rasa_socketio.SocketChannel(service)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await service.start()
        await sockets.start()
        yield
        await sockets.close()
        await service.close()

    app = FastAPI(
        title="Frontdesk",
        version="0.1.0",
        description="Chat, desk and studio of a Frontdesk installation.",
        lifespan=lifespan,
        # our own page serves Swagger UI: FastAPI's would load it from elsewhere
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = service
    errors.install(app)
    app.mount(service.settings.socketio_path, sockets.steering)
    channels = (rasa_rest, rasa_callback, rasa_socketio, chatwoot, webhook)
    rasa_api = (rasa_conversations, rasa_model, rasa_server, nlg)
    # routes are tried in this order: what customers' messages come by stands first
    for module in (
        customers,
        *channels,
        attachments,
        staff,
        desk,
        why,
        studio,
        review,
        reports,
        *rasa_api,
        health,
        pages,
    ):
        app.include_router(module.router)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(service.settings.origins),
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type"],
    )
    app.add_middleware(Edge, longest=functools.partial(_longest, service.settings))
    return app


def _longest(settings: Settings, path: str) -> int:
    """The largest body that a path takes, in bytes."""
    if path in _TRAINING:
        return settings.max_training_body
    if attachments.UPLOAD.match(path):
        return max(settings.max_attachment, settings.max_body)
    return settings.max_body
