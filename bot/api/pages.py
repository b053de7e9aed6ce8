"""The built pages: demo shop, desk, studio and the widget's script, under a strict CSP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, Field

from bot.api.access import Parts, origin_allowed
from bot.secrets import make_customer_token
from models.errors import Forbidden, NotFound

DIST = Path(__file__).parent.parent / "web" / "dist"
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; "
    "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
router = APIRouter(include_in_schema=False)


def _page(name: str) -> Response:
    path = DIST / name
    if not path.is_file():
        raise NotFound("The pages have not been built", fix="Run 'make run', which builds them.")
    headers = {"Content-Security-Policy": CSP, "Cache-Control": "no-cache"}
    return FileResponse(path, headers=headers)


@router.get("/")
async def shop(service: Parts) -> Response:
    """The demo shop, or the desk where there is none."""
    return _page("index.html" if service.settings.demo else "desk.html")


@router.get("/desk")
async def desk() -> Response:
    """The agents' page."""
    return _page("desk.html")


@router.get("/studio")
async def studio() -> Response:
    """The operators' page."""
    return _page("studio.html")


@router.get("/docs")
async def docs() -> Response:
    """The API's page."""
    return _page("docs.html")


@router.get("/widget.js")
async def widget() -> Response:
    """The widget, for any website."""
    response = _page("widget.js")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@router.get("/assets/{name:path}")
async def asset(name: str) -> Response:
    """A hashed file of the pages."""
    path = (DIST / "assets" / name).resolve()
    if not path.is_relative_to((DIST / "assets").resolve()) or not path.is_file():
        raise NotFound("There is no such file")
    return FileResponse(path, headers={"Cache-Control": "public, max-age=31536000, immutable"})


class DemoSignIn(BaseModel):
    """Which example customer to be."""

    customer: str = Field(max_length=40)


@router.get("/demo/customers")
async def demo_customers(service: Parts) -> list[dict[str, Any]]:
    """The demo shop's example customers; none where the demo is off."""
    if not service.settings.demo:
        raise NotFound("There is no demo shop here")
    found = service.home.demo_customers()
    return [{"id": key, "name": name} for key, name in found.items()]


@router.post("/demo/sign-in")
async def demo_sign_in(body: DemoSignIn, request: Request, service: Parts) -> dict[str, str]:
    """Sign an example customer in, as a shop would do after its own log-in."""
    if not service.settings.demo or body.customer not in service.home.demo_customers():
        raise NotFound("There is no such example customer")
    if not origin_allowed(request, staff=True):
        raise Forbidden("Only the demo shop may do this")
    secret = service.home.customer_secret(service.settings)
    assert secret is not None
    return {"token": make_customer_token(body.customer, secret)}
