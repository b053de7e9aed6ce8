"""A server that keeps models, as Rasa asks one: ``GET`` with ``If-None-Match`` brings an archive.

``models`` of Rasa's ``endpoints.yml`` and ``model_server`` of ``PUT /model`` name such a server.
204 and 304 say that there is nothing new, 404 that there is no model (yet).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from bot.delivery.trust import trusted
from bot.rasa.archives import kept
from bot.rasa.endpoint import RasaEndpoint
from models.errors import ServiceError, Unavailable

TIMEOUT = httpx.Timeout(60.0, connect=10.0)
LONGEST = 900.0
"""Seconds that one model may take to arrive."""

_NOTHING_NEW = frozenset({204, 304, 404})


@dataclass(frozen=True)
class Pulled:
    """A model that has arrived: its archive, which is the caller's to remove, and its ETag."""

    archive: Path
    etag: str | None


class ModelServer(RasaEndpoint):
    """Where models are asked for."""

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
                httpx.AsyncClient(
                    timeout=TIMEOUT, auth=self.basic_auth, verify=trusted()
                ) as client,
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
