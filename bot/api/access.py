"""Who may do what: customers by conversation token, staff by cookie, pages by their origin."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from bot.record.record import Conversation
from bot.service import Service
from bot.staff import Role, Session, User
from models.errors import Forbidden, NotFound, TooMany, Unauthenticated

COOKIE = "frontdesk_staff"


def service_of(connection: HTTPConnection) -> Service:
    """Return the worker's parts."""
    service: Service = connection.app.state.service
    return service


async def _parts(connection: HTTPConnection) -> Service:
    # a dependency that is no coroutine would be called in a thread
    return service_of(connection)


Parts = Annotated[Service, Depends(_parts)]


# -- origins --------------------------------------------------------------------------------


def origin_allowed(connection: HTTPConnection, *, staff: bool = False) -> bool:
    """Whether a browser page of this origin may talk to us; other clients send none.

    The staff's pages are only served here, the widget's also from the configured origins.
    """
    origin = connection.headers.get("origin")
    if origin is None:
        return True
    scheme = {"ws": "http", "wss": "https"}.get(connection.url.scheme, connection.url.scheme)
    own = {f"{scheme}://{connection.headers.get('host', '')}"}
    if service_of(connection).settings.secure_cookies:
        own.add(f"https://{connection.headers.get('host', '')}")
    allowed = own if staff else own | set(service_of(connection).settings.origins)
    return origin in allowed


def check_origin(request: Request) -> None:
    """Refuse a page of another origin."""
    if not origin_allowed(request):
        raise Forbidden(
            "This page may not use the chat",
            found=f"origin {request.headers.get('origin')}",
            fix="Add it to FRONTDESK_ORIGINS.",
        )


def client_address(connection: HTTPConnection, service: Service) -> str:
    """Return the client's address; X-Forwarded-For counts from a trusted proxy only."""
    peer = connection.client.host if connection.client else "unknown"
    if peer in service.settings.trusted_proxies:
        forwarded = connection.headers.get("x-forwarded-for", "").split(",")[-1].strip()
        return forwarded or peer
    return peer


async def limit_new_conversations(connection: HTTPConnection, service: Service) -> None:
    """Refuse an address that opens too many conversations. Raises TooMany."""
    address = client_address(connection, service)
    if not await service.sessions.hit(f"new:{address}", service.settings.conversations_per_minute):
        raise TooMany("Too many new conversations from this address", fix="Wait a minute.")


def visitor_of(connection: HTTPConnection, service: Service) -> str:
    """Return a stable pseudonym of the visitor: a keyed hash of the address (IPv6: its /64)."""
    address = client_address(connection, service)
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return service.visitors.sign(address)
    if parsed.version == 6:
        address = str(ipaddress.ip_network((address, 64), strict=False))
    return service.visitors.sign(address)


# -- customers ------------------------------------------------------------------------------


def conversation_token(service: Service, conversation: str) -> str:
    """Return the token that opens one conversation."""
    return service.tokens.sign(conversation)


async def open_conversation(service: Service, identifier: str, token: str | None) -> Conversation:
    """Return the conversation if ``token`` is its own; a stranger learns nothing (404)."""
    if not token or not service.tokens.verify(identifier, token):
        raise NotFound("There is no such conversation")
    return await service.record.run(service.record.conversation, identifier)


async def _own_conversation(conversation_id: str, request: Request) -> Conversation:
    check_origin(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated(
            "There is no token", expected="Authorization: Bearer <token of the conversation>"
        )
    return await open_conversation(service_of(request), conversation_id, token.strip())


OwnConversation = Annotated[Conversation, Depends(_own_conversation)]


# -- staff ----------------------------------------------------------------------------------


async def staff_session(connection: HTTPConnection) -> Session:
    """Return the session of a staff cookie. Raises Unauthenticated."""
    token = connection.cookies.get(COOKIE)
    if not token:
        raise Unauthenticated("You are not signed in", fix="Sign in at /desk or /studio.")
    service = service_of(connection)
    return await service.record.run(service.staff.session, token)


def requires(role: Role) -> Callable[[Request], Awaitable[User]]:
    """Return a dependency that lets in who has at least ``role``; writes need the CSRF token."""

    async def dependency(request: Request) -> User:
        if not origin_allowed(request, staff=True):
            raise Forbidden("This page may not act for staff")
        session = await staff_session(request)
        if request.method not in ("GET", "HEAD"):
            check_csrf(request, session)
        if not session.user.may(role):
            raise Forbidden(
                "You may not do this", expected=f"the role {role}", found=session.user.role
            )
        return session.user

    return dependency


def check_csrf(request: Request, session: Session) -> None:
    """Refuse a write whose header does not carry the session's CSRF token."""
    given: Any = request.headers.get("x-csrf-token", "")
    if given != session.csrf:
        raise Forbidden("The CSRF token is missing or wrong", fix="Load the page again.")


Agent = Annotated[User, Depends(requires("agent"))]
Operator = Annotated[User, Depends(requires("operator"))]
Admin = Annotated[User, Depends(requires("admin"))]
