"""Sign-in of staff: first set-up, log in and out, and accounts."""

from __future__ import annotations

import contextlib
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from bot.api.access import COOKIE, Admin, Parts, client_address, origin_allowed, staff_session
from bot.service import Service
from bot.staff import SESSION_SECONDS, Role, Session, User
from models.errors import Forbidden, TooMany, Unauthenticated

router = APIRouter(prefix="/api/v1/auth", tags=["staff"])
TRIES_PER_MINUTE = 10


class SetUp(BaseModel):
    """The first administrator."""

    setup_code: str = Field(max_length=200)
    username: str = Field(max_length=100)
    display_name: str = Field("", max_length=64)
    password: str = Field(max_length=200)


class SignIn(BaseModel):
    """User name and password."""

    username: str = Field(max_length=100)
    password: str = Field(max_length=200)


class NewUser(BaseModel):
    """An account to create."""

    username: str = Field(max_length=100)
    display_name: str = Field("", max_length=64)
    role: Role
    password: str = Field(max_length=200)


class Change(BaseModel):
    """What becomes different about an account; what is left out stays."""

    display_name: str | None = Field(None, min_length=1, max_length=64)
    role: Role | None = None
    disabled: bool | None = None
    password: str | None = Field(None, max_length=200)


@router.get("/state")
async def state(request: Request, service: Parts) -> dict[str, Any]:
    """Tell whether set-up is needed and who is signed in."""
    needed = await service.record.run(service.staff.setup_needed)
    try:
        session = await staff_session(request)
    except Unauthenticated:
        return {"setup_needed": needed, "user": None, "csrf": None}
    return {"setup_needed": needed, "user": _user(session.user), "csrf": session.csrf}


@router.post("/setup", status_code=201)
async def set_up(
    body: SetUp, request: Request, response: Response, service: Parts
) -> dict[str, Any]:
    """Create the first administrator with the one-time code."""
    await _limit(request, service)
    session = await service.record.run(
        service.staff.set_up, body.setup_code, body.username, body.display_name, body.password
    )
    await service.record.run(service.staff.note, body.username, "set up", body.username)
    return _signed_in(session, response, service)


@router.post("/login")
async def log_in(
    body: SignIn, request: Request, response: Response, service: Parts
) -> dict[str, Any]:
    """Sign in."""
    await _limit(request, service)
    session = await service.record.run(service.staff.sign_in, body.username, body.password)
    return _signed_in(session, response, service)


@router.post("/logout", status_code=204)
async def log_out(request: Request, response: Response, service: Parts) -> None:
    """Sign out."""
    token = request.cookies.get(COOKIE)
    if token and origin_allowed(request, staff=True):
        with contextlib.suppress(Unauthenticated):
            session = await staff_session(request)
            await service.sessions.gone(session.user.username)
            await service.record.run(service.staff.sign_out, token)
            await ask_again(service, session.user.username)
    response.delete_cookie(COOKIE, path="/")


@router.get("/users")
async def users(_: Admin, service: Parts) -> dict[str, Any]:
    """List the accounts."""
    return {"users": [_user(user) for user in await service.record.run(service.staff.users)]}


@router.post("/users", status_code=201)
async def create_user(body: NewUser, admin: Admin, service: Parts) -> dict[str, Any]:
    """Create an account."""
    user = await service.record.run(
        service.staff.create, body.username, body.display_name, body.role, body.password
    )
    await service.record.run(service.staff.note, admin.username, "created", user.username)
    return _user(user)


@router.patch("/users/{username}")
async def change_user(username: str, body: Change, admin: Admin, service: Parts) -> dict[str, Any]:
    """Change an account or switch it off; who is signed in under it is signed out at once."""
    changes = body.model_dump(exclude_none=True)
    user = await service.record.run(service.staff.change, username, **changes)
    what = "changed " + ", ".join(sorted(changes))
    await service.record.run(service.staff.note, admin.username, what[:64], username)
    if user.disabled:
        await service.sessions.gone(username)
    await ask_again(service, username)
    return _user(user)


async def ask_again(service: Service, username: str) -> None:
    """Let the open desks of ``username`` look whether they may stay."""
    await service.sessions.publish("staff", {"username": username})


async def _limit(request: Request, service: Service) -> None:
    if not origin_allowed(request, staff=True):
        raise Forbidden("This page may not act for staff")
    address = client_address(request, service)
    if not await service.sessions.hit(f"login:{address}", TRIES_PER_MINUTE):
        raise TooMany("Too many tries", fix="Wait a minute.")


def _signed_in(session: Session, response: Response, service: Service) -> dict[str, Any]:
    response.set_cookie(
        COOKIE,
        session.token,
        max_age=SESSION_SECONDS,
        path="/",
        httponly=True,
        samesite="strict",
        secure=service.settings.secure_cookies,
    )
    return {"user": _user(session.user), "csrf": session.csrf}


def _user(user: User) -> dict[str, Any]:
    return {
        "username": user.username,
        "display_name": user.display_name,
        "role": user.role,
        "disabled": user.disabled,
    }
