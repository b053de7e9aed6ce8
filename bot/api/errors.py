"""One error shape for the whole API.

{"error": {"code", "message", "expected"?, "found"?, "fix"?, "request_id", ...}}
"""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from bot.operating.changes import gate_report
from intents.gate import IntentsHarmed
from models.errors import (
    BadRequest,
    DataError,
    FrontdeskError,
    GateRefused,
    ReleaseNotFound,
    ServiceError,
)

log = structlog.get_logger(__name__)
_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}


def shape(error: FrontdeskError, request_id: str) -> tuple[int, dict[str, Any]]:
    """Return the HTTP status and the body of an error."""
    status, code = 500, "internal_error"
    if isinstance(error, ServiceError):
        status, code = error.status, error.code
    elif isinstance(error, ReleaseNotFound):
        status, code = 404, "not_found"
    elif isinstance(error, GateRefused):
        status, code = 409, "gate_refused"
    elif isinstance(error, DataError):
        status, code = 400, "invalid_data"
    body: dict[str, Any] = {"code": code, "message": error.message, "request_id": request_id}
    for key in ("expected", "found", "fix"):
        if getattr(error, key):
            body[key] = getattr(error, key)
    if isinstance(error, DataError) and error.problems:
        body["problems"] = [str(problem) for problem in error.problems[:20]]
    if isinstance(error, IntentsHarmed):
        body["gate"] = gate_report(error.gate)
    return status, {"error": body}


def install(app: FastAPI) -> None:
    """Answer every error of ``app`` in the one shape."""

    @app.exception_handler(FrontdeskError)
    async def _known(request: Request, error: FrontdeskError) -> JSONResponse:
        return _answer(error, request)

    @app.exception_handler(RequestValidationError)
    async def _malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            return _answer(BadRequest("The body is not JSON", expected="a JSON object"), request)
        where = ".".join(str(part) for part in first["loc"] if part != "body") or "the body"
        body = {
            "code": "bad_request",
            "message": f"The request is not as expected at {where}.",
            "expected": first["msg"],
            "request_id": _id(request),
        }
        return JSONResponse({"error": body}, 400)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        code = _CODES.get(error.status_code, "bad_request")
        body = {"code": code, "message": str(error.detail), "request_id": _id(request)}
        return JSONResponse({"error": body}, error.status_code, headers=error.headers)

    @app.exception_handler(SQLAlchemyError)
    async def _record(request: Request, error: SQLAlchemyError) -> JSONResponse:
        log.error("record.unavailable", why=type(error).__name__)
        body = {
            "code": "unavailable",
            "message": "The record cannot be reached.",
            "fix": "Send it again under the same id in a moment.",
            "request_id": _id(request),
        }
        return JSONResponse({"error": body}, 503)

    @app.exception_handler(Exception)
    async def _unknown(request: Request, error: Exception) -> JSONResponse:
        log.error("request.crashed", path=request.url.path, exc_info=error)
        body = {
            "code": "internal_error",
            "message": "Something went wrong here, not with your request.",
            "request_id": _id(request),
        }
        return JSONResponse({"error": body}, 500)


def _answer(error: FrontdeskError, request: Request) -> JSONResponse:
    status, body = shape(error, _id(request))
    if status >= 500:
        log.error("request.failed", path=request.url.path, why=error.message)
    return JSONResponse(body, status)


def too_large(longest: int) -> HTTPException:
    """Return the error of a body over the limit."""
    return HTTPException(413, f"The body is over the limit of {longest} bytes.")


def _id(request: Request) -> str:
    return str(request.scope.get("request_id", ""))
