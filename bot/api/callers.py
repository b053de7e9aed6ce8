"""Who speaks on a channel that Rasa's clients use: by address, by token, or a server of ours."""

from __future__ import annotations

import hmac

import jwt
from starlette.requests import HTTPConnection

from bot.api.access import visitor_of
from bot.channels import Caller
from bot.secrets import read_customer_token
from bot.service import Service
from models.errors import Unauthenticated

ALGORITHMS = ["HS256", "HS384", "HS512"]


def token_of(connection: HTTPConnection) -> str | None:
    """The token of a request, from ``Authorization: Bearer`` or ``?token=``, as Rasa takes it."""
    scheme, _, given = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and given.strip():
        return given.strip()
    return connection.query_params.get("token")


def is_server(token: str | None, service: Service) -> bool:
    """Whether ``token`` is the one that the operator's own servers know."""
    known = service.settings.rasa_token
    if known is None or not token:
        return False
    return hmac.compare_digest(known.get_secret_value().encode(), token.encode())


def caller_of(connection: HTTPConnection, service: Service, token: str | None) -> Caller:
    """Return who speaks. Raises Unauthenticated where a token is required and none is valid."""
    visitor = visitor_of(connection, service)
    if is_server(token, service):
        return Caller(visitor, trusted=True)
    required = service.settings.channel_jwt_secret
    if required is not None:
        return Caller(visitor, subject=_subject(token, required.get_secret_value()))
    customer = _customer(token, service)
    if customer is not None:
        return Caller(visitor, subject=f"customer:{customer}", customer=customer)
    return Caller(visitor)


def _subject(token: str | None, secret: str) -> str | None:
    """Whom a required token names; None where it opens the channel without a name."""
    try:
        claims = jwt.decode(token or "", secret, ALGORITHMS, options={"verify_aud": False})
    except jwt.PyJWTError as error:
        raise Unauthenticated(
            "This channel needs a token",
            expected="a JWT signed with FRONTDESK_CHANNEL_JWT_SECRET",
            found=type(error).__name__ if token else "none",
        ) from error
    return str(claims["sub"]) if claims.get("sub") else None


def _customer(token: str | None, service: Service) -> str | None:
    """The account of a customer whom the embedding site has signed in."""
    if not token:
        return None
    try:
        return read_customer_token(token, service.home.customer_secret(service.settings))
    except Unauthenticated:
        return None
