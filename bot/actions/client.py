"""Client of an action server (rasa-sdk), built to fail towards a person.

What differs between HTTP and gRPC is in ``bot.actions.http_client`` and
``bot.actions.grpc_client``; time-outs and the circuit breaker are here.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from bot.actions.endpoint import Certificates
from bot.actions.http_client import HttpActions
from bot.actions.result import ActionResult
from models.errors import ActionRejected, ActionUnavailable, ActionUnknown

_SDK_VERSION = importlib.metadata.version("rasa-sdk")

Told = Callable[[str], Awaitable[None]]
"""Is told the words of an answer while it is on its way, from its beginning each time."""


class Transport(Protocol):
    """How requests reach the server."""

    async def exchange(
        self, action: str, body: dict[str, Any], domain: dict[str, Any], told: Told | None
    ) -> ActionResult:
        """Run an action. Raises ActionUnknown, ActionRejected, ActionUnavailable."""

    async def healthy(self) -> bool:
        """Whether the server answers."""

    async def close(self) -> None:
        """Close the connections."""


class Breaker:
    """Circuit breaker: after ``limit`` failures in a row, refuse at once for ``seconds``."""

    def __init__(self, limit: int = 4, seconds: float = 10.0) -> None:
        self._limit = limit
        self._seconds = seconds
        self._failures = 0
        self._open_until = 0.0

    @property
    def open(self) -> bool:
        """True while calls are refused."""
        return time.monotonic() < self._open_until

    def ok(self) -> None:
        """Note a success."""
        self._failures = 0

    def failed(self) -> None:
        """Note a failure."""
        self._failures += 1
        if self._failures >= self._limit:
            self._open_until = time.monotonic() + self._seconds
            self._failures = self._limit - 1


class ActionClient:
    """Runs actions on the server at ``url``: ``http(s)://…``, ``grpc(s)://…`` or ``unix:…``."""

    def __init__(
        self, url: str | None, timeout: float, certificates: Certificates | None = None
    ) -> None:
        self._timeout = timeout
        self.breaker = Breaker()
        self._transport = _transport(url, timeout, certificates or Certificates()) if url else None

    async def close(self) -> None:
        """Close the connections."""
        if self._transport is not None:
            await self._transport.close()

    async def healthy(self) -> bool:
        """Ask the server whether it is well."""
        return self._transport is not None and await self._transport.healthy()

    async def run(
        self,
        action: str,
        tracker: dict[str, Any],
        domain: dict[str, Any],
        budget: float = 60.0,
        digest: str | None = None,
        told: Told | None = None,
    ) -> ActionResult:
        """Run an action within the time-out, over all tries, and within ``budget`` seconds.

        ``domain`` is sent to a server that does not have the one that ``digest`` names; ``told``
        hears the words of a server that streams them.
        Raises ActionUnknown, ActionRejected, ActionUnavailable.
        """
        if self._transport is None:
            raise ActionUnavailable(
                "No action server is set",
                fix="Set FRONTDESK_ACTIONS_URL or add actions to the pack.",
            )
        if self.breaker.open:
            raise ActionUnavailable("The action server has failed several times in a row")
        body = {
            "next_action": action,
            "sender_id": tracker["sender_id"],
            "tracker": tracker,
            "version": _SDK_VERSION,
            "domain_digest": digest,
        }
        seconds = min(self._timeout, budget)
        try:
            async with asyncio.timeout(seconds):
                result = await self._transport.exchange(action, body, domain, told)
        except (ActionRejected, ActionUnknown):
            self.breaker.ok()
            raise
        except ActionUnavailable:
            self.breaker.failed()
            raise
        except TimeoutError as error:
            self.breaker.failed()
            raise ActionUnavailable(
                f"The action server did not answer {action} within {seconds:g} s",
                fix="See whether the action server runs and what it waits for.",
            ) from error
        self.breaker.ok()
        return result


def _transport(url: str, timeout: float, certificates: Certificates) -> Transport:
    if url.startswith(("grpc://", "grpcs://")):
        # its libraries cost memory and start-up time, so that only who uses it imports it
        from bot.actions.grpc_client import GrpcActions

        return GrpcActions(url, certificates)
    return HttpActions(url, timeout, certificates)


def candidates_last(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """rasa-sdk validates the slot events at the very end of the log: put this message's there."""
    message = max((i for i, e in enumerate(events) if e["event"] == "user"), default=0)
    recent = events[message:]
    slots = [e for e in recent if e["event"] == "slot" and e["name"] != "requested_slot"]
    return events[:message] + [e for e in recent if e not in slots] + slots
