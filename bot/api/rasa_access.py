"""Who may use Rasa's HTTP API, and its own shape of errors (rasa/server.py).

The API is off until a token or a JWT secret is set. The token and the role ``admin`` open all of
it; the role ``user`` its own conversation alone.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import jwt
import orjson
import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from bot.api.access import service_of
from bot.api.callers import ALGORITHMS, is_server, token_of
from bot.api.errors import shape
from models.errors import FrontdeskError, NotFound

log = structlog.get_logger(__name__)
VERSION = "3.6.21"
"""The version of Rasa whose API this is."""

MINIMUM_COMPATIBLE = "3.5.0"
_REASONS = {400: "BadRequest", 401: "NotAuthenticated", 403: "NotAuthorized", 404: "NotFound"}
_REASONS |= {406: "NotAcceptable", 409: "Conflict", 413: "BadRequest"}


class Refused(Exception):
    """An error of the API: its status, Rasa's name for it, and what to do."""

    def __init__(self, status: int, reason: str, message: str, **details: Any) -> None:
        self.status = status
        self.reason = reason
        self.message = message
        self.details = details
        super().__init__(message)

    def answer(self) -> JSONResponse:
        """The error in Rasa's shape."""
        return JSONResponse(self.body(), self.status)

    def body(self) -> dict[str, Any]:
        """The error's body in Rasa's shape."""
        return {
            "version": VERSION,
            "status": "failure",
            "message": self.message,
            "reason": self.reason,
            "details": self.details,
            "help": None,
            "code": self.status,
        }


def failing_as(reason: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Name what a route's unforeseen failures are called in Rasa (``ConversationError`` …)."""

    def decorate(handler: Callable[..., Any]) -> Callable[..., Any]:
        handler.failing_as = reason  # type: ignore[attr-defined]
        return handler

    return decorate


class RasaRoute(APIRoute):
    """A route whose errors have Rasa's shape."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's handler."""
        inner = super().get_route_handler()
        unforeseen = getattr(self.endpoint, "failing_as", "UnexpectedError")

        async def handler(request: Request) -> Response:
            try:
                return await inner(request)
            except Refused as refused:
                return refused.answer()
            except (FrontdeskError, HTTPException, RequestValidationError) as error:
                return _known(error, unforeseen).answer()
            except Exception as error:
                log.error("rasa_api.failed", path=request.url.path, exc_info=error)
                said = "An unexpected error occurred. It is in the service's log."
                return Refused(500, unforeseen, said).answer()

        return handler


def _known(
    error: FrontdeskError | HTTPException | RequestValidationError, unforeseen: str
) -> Refused:
    if isinstance(error, FrontdeskError):
        status, said = shape(error, "")[0], str(error)
    elif isinstance(error, HTTPException):
        status, said = error.status_code, str(error.detail)
    else:
        status, said = 400, str(error.errors()[0]["msg"])
    return Refused(status, _REASONS.get(status, unforeseen), said)


def admin(request: Request) -> None:
    """Let in who may do everything. Raises Refused."""
    role, _ = _role(request)
    if role != "admin":
        raise Refused(403, "NotAuthorized", "User has insufficient permissions.")


def own_conversation(request: Request, conversation_id: str) -> None:
    """Let in who may do everything, and the user whose conversation it is. Raises Refused."""
    role, name = _role(request)
    if role != "admin" and name != conversation_id:
        raise Refused(403, "NotAuthorized", "User has insufficient permissions.")


def _role(request: Request) -> tuple[str, str]:
    """The role and the name of the caller."""
    service = service_of(request)
    settings, token = service.settings, token_of(request)
    if settings.rasa_token is None and settings.rasa_jwt_secret is None:
        raise NotFound(
            "Rasa's HTTP API is off", fix="Set FRONTDESK_RASA_TOKEN or FRONTDESK_RASA_JWT_SECRET."
        )
    if is_server(token, service):
        return "admin", ""
    if token and settings.rasa_jwt_secret is not None:
        found = _user(token, settings.rasa_jwt_secret.get_secret_value())
        if found is not None:
            return found
    raise Refused(401, "NotAuthenticated", "User is not authenticated.")


def _user(token: str, secret: str) -> tuple[str, str] | None:
    try:
        claims = jwt.decode(token, secret, ALGORITHMS, options={"verify_aud": False})
    except jwt.PyJWTError:
        return None
    user = claims.get("user")
    if not isinstance(user, dict) or user.get("role") not in ("admin", "user"):
        return None
    return str(user["role"]), str(user.get("username", ""))


async def body_of(request: Request) -> Any:
    """The request's JSON. Raises Refused."""
    try:
        return orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise Refused(
            400, "BadRequest", "The request body is not JSON.", **{"in": "body"}
        ) from error
