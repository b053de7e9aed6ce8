"""Files that customers send in Chatwoot, fetched for the record.

Chatwoot names a file by an address of its own (``data_url``, Rails' Active Storage), which
redirects to where the file lies. An event may name any address: only its path is used, on the
Chatwoot that is set up, and a redirection is followed to that Chatwoot or to a storage that the
settings name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import httpx

from bot.attachments.content import Attachment, read_attachment
from models.errors import TooLarge, Unavailable

MOST_FILES = 5
"""Files of one message that are taken; the others stay in Chatwoot."""

_REDIRECTIONS = 3
_LONGEST_ADDRESS = 2_000


def files_of(body: Mapping[str, Any]) -> list[dict[str, str]]:
    """The address and name of each file of a message."""
    given = body.get("attachments")
    found = []
    for item in given if isinstance(given, list) else ():
        url = item.get("data_url") if isinstance(item, Mapping) else None
        if isinstance(url, str) and url.startswith(("http://", "https://")):
            name = unquote(urlsplit(url).path.rsplit("/", 1)[-1])[:100]
            found.append({"url": url, "name": name})
    return [one for one in found if len(one["url"]) <= _LONGEST_ADDRESS][:MOST_FILES]


class ChatwootFiles:
    """Fetches files from one Chatwoot, within a time and a size."""

    def __init__(
        self,
        url: str,
        storages: Collection[str],
        most: int,
        seconds: float,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._base = url.rstrip("/")
        self._allowed = {_origin(one) for one in (url, *storages)}
        self._most = most
        self._seconds = seconds
        self._client = httpx.AsyncClient(timeout=seconds, transport=transport)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def fetch(self, file: Mapping[str, str]) -> Attachment:
        """Fetch one. Raises Unavailable, TooLarge, or BadRequest where it is none that is taken."""
        named = urlsplit(file["url"])
        query = f"?{named.query}" if named.query else ""
        url = f"{self._base}{named.path}{query}"
        try:
            async with asyncio.timeout(self._seconds):
                content = await self._content(url)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError) as error:
            raise Unavailable("The file cannot be fetched", found=type(error).__name__) from error
        return read_attachment(content, file["name"], self._most)

    async def _content(self, url: str) -> bytes:
        for _ in range(_REDIRECTIONS + 1):
            if _origin(url) not in self._allowed:
                raise Unavailable(
                    "The file lies where nothing is fetched from",
                    expected="FRONTDESK_CHATWOOT_URL or one of FRONTDESK_CHATWOOT_STORAGES",
                    found=_origin(url)[:200],
                )
            async with self._client.stream("GET", url) as answer:
                if not answer.has_redirect_location:
                    answer.raise_for_status()
                    return await self._within(answer)
                url = urljoin(url, answer.headers["location"])
        raise Unavailable("The file is redirected too often")

    async def _within(self, answer: httpx.Response) -> bytes:
        read = bytearray()
        async for piece in answer.aiter_bytes():
            read += piece
            if len(read) > self._most:
                raise TooLarge(
                    "The file is too large", expected=f"at most {self._most} bytes", found="more"
                )
        return bytes(read)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".casefold()
