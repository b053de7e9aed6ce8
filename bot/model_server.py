"""A server that keeps models, as Rasa asks one: ``GET`` with ``If-None-Match`` brings an archive.

``models`` of Rasa's ``endpoints.yml`` and ``model_server`` of ``PUT /model`` name such a server.
204 and 304 say that there is nothing new, 404 that there is no model (yet).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.archives import kept
from models.errors import BadRequest, ServiceError, Unavailable

TIMEOUT = httpx.Timeout(60.0, connect=10.0)
LONGEST = 900.0
"""Seconds that one model may take to arrive."""

_NOTHING_NEW = frozenset({204, 304, 404})
_KEYS = ("url", "params", "headers", "basic_auth", "token", "token_name")


@dataclass(frozen=True)
class Pulled:
    """A model that has arrived: its archive, which is the caller's to remove, and its ETag."""

    archive: Path
    etag: str | None


@dataclass(frozen=True)
class ModelServer:
    """Where models are asked for, with what Rasa's endpoints may have."""

    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    basic_auth: tuple[str, str] | None = None

    @classmethod
    def of(cls, given: Any) -> ModelServer:
        """Read Rasa's keys; others, such as ``wait_time_between_pulls``, are passed over.

        :raises BadRequest: there is no web address, or a key has another shape.
        """
        if not isinstance(given, dict) or not isinstance(given.get("url"), str):
            raise _unusable("an object with url", type(given).__name__)
        if urlsplit(given["url"]).scheme not in ("http", "https"):
            raise _unusable("an http or https address", given["url"][:200])
        read = {key: given[key] for key in _KEYS if given.get(key) is not None}
        params = dict(_texts(read.get("params", {}), "params"))
        if "token" in read:
            params[str(read.get("token_name", "token"))] = str(read["token"])
        return cls(
            read["url"], params, _texts(read.get("headers", {}), "headers"), _basic_auth(read)
        )

    async def pull(self, etag: str | None, folder: Path, most: int) -> Pulled | None:
        """Fetch the model into a temporary file under ``folder``; None where nothing is new.

        :param etag: of the model that is here already.
        :param most: bytes that it may have.
        :raises Unavailable: the server cannot be reached, or not in time.
        :raises ServiceError: it answers something else.
        """
        known = {"If-None-Match": etag} if etag else {}
        headers = {"Accept-Encoding": "identity", **self.headers, **known}
        try:
            async with (
                asyncio.timeout(LONGEST),
                httpx.AsyncClient(timeout=TIMEOUT, auth=self.basic_auth) as client,
                client.stream("GET", self.url, params=self.params, headers=headers) as answer,
            ):
                if answer.status_code in _NOTHING_NEW:
                    return None
                if answer.status_code != 200:
                    raise ServiceError(
                        "The model server gave no model",
                        expected="200, 204, 304 or 404",
                        found=str(answer.status_code),
                        fix="Ask for the model where it lies; redirections are not followed.",
                    )
                archive = await kept(answer.aiter_bytes(), folder, most)
                return Pulled(archive, answer.headers.get("etag"))
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise Unavailable(
                "The model server does not answer",
                expected=f"a model from {urlsplit(self.url).netloc}",
                found=type(error).__name__,
                fix="Start it, or mend its address.",
            ) from error


def _texts(given: Any, key: str) -> dict[str, str]:
    if not isinstance(given, dict):
        raise _unusable(f"{key} as an object", type(given).__name__)
    return {str(name): str(value) for name, value in given.items()}


def _basic_auth(read: Mapping[str, Any]) -> tuple[str, str] | None:
    if "basic_auth" not in read:
        return None
    given = _texts(read["basic_auth"], "basic_auth")
    if set(given) != {"username", "password"}:
        raise _unusable("basic_auth with username and password", ", ".join(sorted(given)))
    return given["username"], given["password"]


def _unusable(expected: str, found: str) -> BadRequest:
    return BadRequest(
        "The model server cannot be asked",
        expected=expected,
        found=found,
        fix='Give {"url": "https://…"}, as models in Rasa\'s endpoints.yml.',
    )
