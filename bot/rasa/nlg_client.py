"""Asks another server how a response is to be worded, as Rasa asks its NLG server (``nlg``).

Source: ``rasa/core/nlg/callback.py``: ``POST {"response", "arguments", "tracker", "channel"}``,
answered by ``{"text", "buttons", "image", "elements", "attachments", "custom"}``. Where it is away,
slow or answers garbage, the assistant's own wording is said; where there is none, nothing is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import orjson
import structlog

from bot.actions.endpoint import endpoint_of
from bot.events import Event
from bot.extras import KEYS
from bot.generation.rewriting import Breaker
from bot.guard import Refused
from bot.rasa.endpoint import RasaEndpoint, expanded
from bot.responder import Reply
from bot.settings import Settings
from bot.tracker import Tracker
from models.filling.generator import GenerationRequest, Value

log = structlog.get_logger(__name__)

MOST = 100_000
"""Bytes of an answer."""

Say = Callable[[str, list[dict[str, Any]], str, Mapping[str, Any]], Event]


def unworded(name: str, language: str, values: Mapping[str, Value]) -> Event:
    """A response that the assistant has no words for, to be worded by the server."""
    data = {"text": "", "template": name, "language": language, "buttons": []}
    return Reply("bot", data, request=GenerationRequest("", values, language))


class NlgClient:
    """One NLG server, asked within a time and left alone for a while after failures in a row."""

    def __init__(
        self,
        endpoint: RasaEndpoint,
        timeout: float,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._timeout = timeout
        self._breaker = Breaker()
        self._client = httpx.AsyncClient(
            timeout=timeout, auth=endpoint.basic_auth, transport=transport
        )

    @classmethod
    def of(cls, settings: Settings) -> NlgClient | None:
        """What the settings name, else ``nlg`` of ``endpoints.yml``; None if neither does.

        :raises FrontdeskError: it cannot be asked.
        """
        named: Mapping[str, Any] = expanded(endpoint_of(settings, "nlg"))
        if settings.nlg_url is not None:
            token = settings.nlg_token.get_secret_value() if settings.nlg_token else None
            named = {"url": settings.nlg_url, "token": token}
        if not named or named.get("type", "callback") != "callback":
            return None
        return cls(RasaEndpoint.of(dict(named)), settings.nlg_timeout)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def all_worded(
        self, events: list[Event], tracker: Tracker, channel: str, say: Say
    ) -> list[Event]:
        """The events of an action with its responses as :meth:`worded` has them."""
        found = [await self.worded(event, tracker, channel, say) for event in events]
        return [event for event in found if event is not None]

    async def worded(self, said: Event, tracker: Tracker, channel: str, say: Say) -> Event | None:
        """A response in the server's words, else in the own ones; None where there are neither."""
        name = said.data.get("template")
        if said.kind != "bot" or not name or ":" in name:
            return said  # an action's own words, or the knowledge graph's
        own = said if said.data.get("text") or any(said.data.get(key) for key in KEYS) else None
        answer = await self._asked(str(name), said, tracker, channel)
        if answer is None:
            return own
        text = answer.get("text") or ""
        buttons = answer.get("buttons") or said.data.get("buttons") or []
        attached = (answer.get("attachments") or [None])[0]
        extra = {key: said.data[key] for key in KEYS if said.data.get(key)}
        extra |= {key: answer[key] for key in KEYS if answer.get(key)}
        extra |= {"attachment": attached} if attached else {}
        if not text.strip() and not extra:
            return own
        try:
            made = say(text, buttons, tracker.language, extra)
        except Refused as refused:
            log.warning("nlg.refused", response=name, why=refused.message)
            return own
        source = {"source": "nlg", "logs": [], "values": []}
        made.data.update(template=name, generator="nlg", provenance=source)
        return made

    async def _asked(
        self, name: str, said: Event, tracker: Tracker, channel: str
    ) -> dict[str, Any] | None:
        if self._breaker.open:
            return None
        values = said.request.values if isinstance(said, Reply) and said.request else {}
        body = {
            "response": name,
            "arguments": {
                key: value.value for key, value in values.items() if value.source[:5] != "slot:"
            },
            "tracker": tracker.as_rasa(),
            "channel": {"name": channel},
        }
        try:
            async with asyncio.timeout(self._timeout):
                found = _read(await self._posted(body))
        except (httpx.HTTPError, ValueError, TimeoutError) as error:
            log.warning("nlg.failed", response=name, why=type(error).__name__)
            self._breaker.note(False)
            return None
        self._breaker.note(True)
        return found

    async def _posted(self, body: dict[str, Any]) -> bytes:
        """The answer's body; empty where the server has no words for it (404)."""
        content = orjson.dumps(body, default=str)
        headers = {**self._endpoint.headers, "Content-Type": "application/json"}
        async with self._client.stream(
            "POST", self._endpoint.url, params=self._endpoint.params, headers=headers,
            content=content,
        ) as answer:  # fmt: skip
            if answer.status_code == 404:
                return b""
            answer.raise_for_status()
            read = b""
            async for piece in answer.aiter_bytes():
                read += piece
                if len(read) > MOST:
                    raise ValueError("the answer is too long")
            return read


def _read(content: bytes) -> dict[str, Any] | None:
    """The answer's keys that have the shape they must have. Raises ValueError."""
    if not content:
        return None
    answer = orjson.loads(content)
    if not isinstance(answer, dict) or not isinstance(answer.get("text") or "", str):
        raise ValueError("no object with a text")
    lists = ("buttons", "elements", "attachments")
    if not all(isinstance(answer.get(key) or [], list) for key in lists):
        raise ValueError("buttons, elements and attachments are lists")
    if not all(isinstance(one, dict) for one in answer.get("buttons") or []):
        raise ValueError("buttons are objects")
    return answer
