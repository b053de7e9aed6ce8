"""Requests to others' servers: bounded in time and size, repeated only where that is safe."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from bot.actions.client import Breaker
from models.errors import DeliveryFailed

TIMEOUT = httpx.Timeout(8.0, connect=3.0)
MAX_ANSWER = 65_536
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_NOT_DONE = frozenset({425, 429, 503})
_MAYBE_DONE = frozenset({500, 502, 504})


class Outgoing:
    """Sends requests, with a circuit breaker for each host."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._client = httpx.AsyncClient(timeout=TIMEOUT, transport=transport)
        self._breakers: dict[str, Breaker] = {}

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, repeatable: bool
    ) -> bytes:
        """POST ``body`` and return the beginning of the answer.

        Raises DeliveryFailed; ``again`` tells whether the request may be sent once more:
        it was certainly not carried out, or it is ``repeatable`` whatever became of it.
        """
        host = urlsplit(url).netloc
        breaker = self._breakers.setdefault(host, Breaker())
        if breaker.open:
            raise DeliveryFailed(f"{host} has failed several times in a row", again=True)
        try:
            async with self._client.stream("POST", url, content=body, headers=headers) as answer:
                taken = await _beginning(answer)
        except _NEVER_SENT as error:
            breaker.failed()
            raise _failed(host, type(error).__name__, again=True) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            breaker.failed()
            raise _failed(host, type(error).__name__, again=repeatable) from error
        return self._judged(host, breaker, answer.status_code, taken, repeatable)

    def _judged(
        self, host: str, breaker: Breaker, status: int, taken: bytes, repeatable: bool
    ) -> bytes:
        if status in _NOT_DONE or status in _MAYBE_DONE:
            breaker.failed()
            again = repeatable or status in _NOT_DONE
            raise _failed(host, f"status {status}", again=again)
        breaker.ok()
        if not 200 <= status < 300:
            raise _failed(host, f"status {status}", again=False)
        return taken


async def _beginning(answer: httpx.Response) -> bytes:
    taken = b""
    async for chunk in answer.aiter_bytes():
        taken += chunk
        if len(taken) > MAX_ANSWER:
            break
    return taken[:MAX_ANSWER]


def _failed(host: str, found: str, *, again: bool) -> DeliveryFailed:
    return DeliveryFailed(f"{host} did not take a message", again=again, found=found)


def signed(secret: str, body: bytes, at: int | None = None) -> dict[str, str]:
    """The headers that prove who sent ``body``, and when: see ``docs/channels.md``."""
    stamp = str(int(time.time()) if at is None else at)
    return {
        "Content-Type": "application/json",
        "X-Frontdesk-Timestamp": stamp,
        "X-Frontdesk-Signature": "sha256=" + signature(secret, stamp, body),
    }


def signature(secret: str, stamp: str, body: bytes) -> str:
    """HMAC-SHA256 in hexadecimal of the time, a full stop and the body."""
    given = stamp.encode() + b"." + body
    return hmac.new(secret.encode(), given, hashlib.sha256).hexdigest()


def is_signed(secret: str, stamp: str, body: bytes, given: str, window: float) -> bool:
    """Whether ``given`` (``sha256=…``) signs ``body`` at ``stamp``, within ``window`` seconds."""
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        return False
    wanted = "sha256=" + signature(secret, stamp, body)
    fresh = abs(time.time() - int(stamp)) <= window
    return hmac.compare_digest(wanted.encode(), given.encode()) and fresh
