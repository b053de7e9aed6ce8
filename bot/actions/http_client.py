"""rasa-sdk's webhook over HTTP.

Source: rasa_sdk/endpoint.py and executor.py for the server's side, rasa/core/actions/action.py
for the caller's: 449 asks for the domain, 400 with ``action_name`` is a rejection, 404 an
unknown action. A request is repeated only when it never reached the server or the action
carries an idempotency key, which every request of Frontdesk does.
"""

from __future__ import annotations

import asyncio
import ssl
import zlib
from typing import Any

import httpx
import orjson

from bot.actions.endpoint import Certificates
from bot.actions.result import MAX_RESPONSE, ActionResult, result_of, unreadable
from models.errors import ActionError, ActionRejected, ActionUnavailable, ActionUnknown

PAUSES = (0.05, 0.3, None)
"""Seconds before a request that never arrived is sent again; None: no more."""

_LIMITS = httpx.Limits(max_keepalive_connections=0)
"""A connection for each request: what a server says twice must never answer somebody else."""


class HttpActions:
    """The action server at ``url``: ``http(s)://…/webhook`` or ``unix:<socket>``."""

    def __init__(self, url: str, timeout: float, certificates: Certificates) -> None:
        self._url = url
        transport = None
        if url.startswith("unix:"):
            transport = httpx.AsyncHTTPTransport(uds=url.removeprefix("unix:"), limits=_LIMITS)
            self._url = "http://actions/webhook"
        verify = _context(certificates) if certificates.given else True
        self._client = httpx.AsyncClient(
            transport=transport, timeout=timeout, verify=verify, limits=_LIMITS
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def healthy(self) -> bool:
        """Ask the server's ``/health``."""
        address = self._url.removesuffix("/webhook") + "/health"
        try:
            return (await self._client.get(address, timeout=1)).status_code == 200
        except httpx.HTTPError:
            return False

    async def exchange(
        self,
        action: str,
        body: dict[str, Any],
        domain: dict[str, Any],
        told: object = None,
    ) -> ActionResult:
        """Send a request, with the domain where the server asks for it, and read the answer.

        Nobody is ``told`` anything before: a webhook answers at once.
        """
        try:
            answer = await self._send(body)
            if answer.status_code == 449:
                answer = await self._send({**body, "domain": domain})
        except httpx.HTTPError as error:
            raise ActionUnavailable(
                f"The action server did not answer {action}",
                found=type(error).__name__,
                fix="See whether the action server runs and what it waits for.",
            ) from error
        if answer.status_code == 200:
            return _read(action, answer.content)
        raise _refusal(action, answer)

    async def _send(self, body: dict[str, Any]) -> httpx.Response:
        raw = zlib.compress(orjson.dumps(body, default=str), 1)
        headers = {"Content-Type": "application/json", "Content-Encoding": "deflate"}
        for pause in PAUSES:
            try:
                return await self._client.post(self._url, content=raw, headers=headers)
            except (httpx.ConnectError, httpx.RemoteProtocolError, httpx.ReadError):
                # safe to repeat: the idempotency key in the metadata is the same
                if pause is None:
                    raise
                await asyncio.sleep(pause)
        raise AssertionError("unreachable")


def _context(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certificates.ca)
    if certificates.client is not None:
        context.load_cert_chain(certificates.client, certificates.key)
    return context


def _refusal(action: str, answer: httpx.Response) -> ActionError:
    try:
        detail = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        detail = {}
    named = isinstance(detail, dict) and detail.get("action_name")
    if answer.status_code == 400 and named:
        return ActionRejected(f"{action} declined to run")
    if answer.status_code == 404:
        return unknown(action)
    return ActionUnavailable(
        f"The action server failed at {action}", found=f"status {answer.status_code}"
    )


def unknown(action: str) -> ActionUnknown:
    """The error of an action that the server does not have."""
    return ActionUnknown(
        f"The action server has no action {action}",
        fix="Write it, or take it out of the domain.",
    )


def _read(action: str, content: bytes) -> ActionResult:
    if len(content) > MAX_RESPONSE:
        raise unreadable(action, f"{len(content)} bytes")
    try:
        return result_of(action, orjson.loads(content))
    except ValueError as error:
        raise unreadable(action, str(error)) from error
