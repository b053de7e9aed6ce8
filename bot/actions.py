"""Client of an action server (rasa-sdk's webhook), built to fail towards a person.

Source: rasa_sdk/endpoint.py and executor.py for the server's side, rasa/core/actions/action.py
for the caller's: 449 asks for the domain, 400 with ``action_name`` is a rejection, 404 an
unknown action. A request is repeated only when it never reached the server or the action
carries an idempotency key, which every request of Frontdesk does.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import time
import zlib
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
import structlog

from bot.events import Event
from models.errors import ActionError, ActionRejected, ActionUnavailable, ActionUnknown

log = structlog.get_logger(__name__)

_KINDS = {
    "slot": "slot",
    "reset_slots": "reset_slots",
    "followup": "followup",
    "active_loop": "active_loop",
    "form": "active_loop",
    "pause": "pause",
    "resume": "resume",
    "restart": "restart",
    "reminder": "reminder",
    "cancel_reminder": "cancel_reminder",
    "session_started": "session_started",
    "rewind": "rewind",
    "undo": "undo",
    "loop_interrupted": "loop_interrupted",
    "form_validation": "loop_interrupted",
    "action_execution_rejected": "action_execution_rejected",
}
MAX_RESPONSE = 1_000_000
_SDK_VERSION = importlib.metadata.version("rasa-sdk")


@dataclass(frozen=True)
class ActionResult:
    """What an action answered: events to apply and responses to say."""

    events: list[dict[str, Any]] = field(default_factory=list)
    responses: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return plain data for the record."""
        return {"events": self.events, "responses": self.responses}

    def as_events(self) -> list[Event]:
        """Return the tracker events; kinds that are not served here are left out and logged."""
        kept = []
        for item in self.events:
            kind = _KINDS.get(str(item.get("event")))
            if kind is None:
                log.info("action.event_ignored", kind=item.get("event"))
                continue
            data = {k: v for k, v in item.items() if k not in ("event", "timestamp")}
            kept.append(Event(kind, data))  # type: ignore[arg-type]
        return kept


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
    """Runs actions on the server at ``url`` (``http(s)://…`` or ``unix:<socket>``)."""

    def __init__(self, url: str | None, timeout: float) -> None:
        self._url = url
        self._timeout = timeout
        self.breaker = Breaker()
        transport = None
        if url and url.startswith("unix:"):
            transport = httpx.AsyncHTTPTransport(uds=url.removeprefix("unix:"))
            self._url = "http://actions/webhook"
        self._client = httpx.AsyncClient(transport=transport, timeout=timeout)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def healthy(self) -> bool:
        """Ask the server's ``/health``."""
        if self._url is None:
            return False
        try:
            answer = await self._client.get(
                self._url.removesuffix("/webhook") + "/health", timeout=1
            )
        except httpx.HTTPError:
            return False
        return answer.status_code == 200

    async def run(
        self,
        action: str,
        tracker: dict[str, Any],
        domain: dict[str, Any],
        budget: float = 60.0,
        digest: str | None = None,
    ) -> ActionResult:
        """Run an action within the time-out, over all tries, and within ``budget`` seconds.

        ``domain`` is sent to a server that does not have the one that ``digest`` names.
        Raises ActionUnknown, ActionRejected, ActionUnavailable.
        """
        if self._url is None:
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
        try:
            async with asyncio.timeout(min(self._timeout, budget)):
                return await self._exchange(action, body, domain)
        except (TimeoutError, httpx.HTTPError) as error:
            self.breaker.failed()
            raise ActionUnavailable(
                f"The action server did not answer {action} within {self._timeout:g} s",
                found=type(error).__name__,
                fix="See whether the action server runs and what it waits for.",
            ) from error

    async def _exchange(
        self, action: str, body: dict[str, Any], domain: dict[str, Any]
    ) -> ActionResult:
        answer = await self._send(body)
        if answer.status_code == 449:
            answer = await self._send({**body, "domain": domain})
        if answer.status_code == 200:
            result = _read(action, answer.content)
            self.breaker.ok()
            return result
        raise self._refusal(action, answer)

    async def _send(self, body: dict[str, Any]) -> httpx.Response:
        assert self._url is not None
        raw = zlib.compress(orjson.dumps(body, default=str), 1)
        headers = {"Content-Type": "application/json", "Content-Encoding": "deflate"}
        for pause in (0.05, 0.3, None):
            try:
                return await self._client.post(self._url, content=raw, headers=headers)
            except (httpx.ConnectError, httpx.RemoteProtocolError, httpx.ReadError):
                # safe to repeat: the idempotency key in the metadata is the same
                if pause is None:
                    raise
                await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    def _refusal(self, action: str, answer: httpx.Response) -> ActionError:
        try:
            detail = orjson.loads(answer.content)
        except orjson.JSONDecodeError:
            detail = {}
        named = isinstance(detail, dict) and detail.get("action_name")
        if answer.status_code == 400 and named:
            self.breaker.ok()
            return ActionRejected(f"{action} declined to run")
        if answer.status_code == 404:
            self.breaker.ok()
            return ActionUnknown(
                f"The action server has no action {action}",
                fix="Write it, or take it out of the domain.",
            )
        self.breaker.failed()
        return ActionUnavailable(
            f"The action server failed at {action}", found=f"status {answer.status_code}"
        )


def _read(action: str, content: bytes) -> ActionResult:
    """Read an answer strictly; a body of ``null`` means that nothing happened."""
    try:
        if len(content) > MAX_RESPONSE:
            raise ValueError(f"{len(content)} bytes")
        data = orjson.loads(content)
        if data is None:
            return ActionResult()
        events, responses = data.get("events") or [], data.get("responses") or []
        if not all(isinstance(item, dict) for item in [*events, *responses]):
            raise ValueError("events and responses must be lists of objects")
    except (ValueError, AttributeError, TypeError) as error:
        raise ActionUnavailable(
            f"The action server answered {action} with something unreadable",
            expected='{"events": [...], "responses": [...]}',
            found=str(error)[:80],
        ) from error
    return ActionResult(list(events), [_plain(item) for item in responses])


def _plain(response: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in response.items() if value not in (None, "", [], {})}
