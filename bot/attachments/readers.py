"""Models that turn an attachment into words: speech to text, or a picture described.

A reader is named by a setting: ``module:Class``, which runs in a process of its own, or the
base URL of an OpenAI-compatible endpoint. None is set unless an operator sets one.
"""

from __future__ import annotations

import base64
import re
from typing import Any, Protocol, runtime_checkable

import httpx

from bot.attachments.content import Attachment, Kind
from bot.attachments.process import ProcessReader
from bot.settings import Settings
from models.errors import ReadingFailed, ServiceError

MAX_ANSWER = 262_144
CLASS = re.compile(r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")
ASK = {
    "en": "Say in one or two short sentences what this picture shows, and what is written in it.",
    "zh": "用一两句简短的话说明这张图片的内容，并写出图中的文字。",
}


@runtime_checkable
class AttachmentReader(Protocol):
    """What a plug-in is: a class that is made without arguments and has this method."""

    def read(self, content: bytes, media_type: str, language: str) -> str:
        """Return the words of a file, ``""`` where there are none; any exception is a failure.

        :param content: the file, at most ``FRONTDESK_MAX_ATTACHMENT`` bytes.
        :param media_type: what it is by its content, such as ``audio/wav``.
        :param language: the conversation's, ``en`` or ``zh``.
        """


class Reader(Protocol):
    """A reader as the service asks it."""

    async def read(self, attachment: Attachment, language: str) -> str:
        """Return the words. Raises ReadingFailed; may be cancelled at any time."""

    async def close(self) -> None:
        """Let go of processes and connections."""


class _Endpoint:
    """What the endpoints have in common."""

    def __init__(self, url: str, model: str, key: str | None) -> None:
        self._url = url.rstrip("/")
        self._model = model
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.AsyncClient(headers=headers, timeout=None)  # noqa: S113 - the caller's

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _post(self, route: str, **body: Any) -> Any:
        try:
            async with self._client.stream("POST", f"{self._url}/{route}", **body) as answer:
                raw = b""
                async for piece in answer.aiter_bytes():
                    raw += piece
                    if len(raw) > MAX_ANSWER:
                        raise ReadingFailed("The endpoint's answer is too long")
        except httpx.HTTPError as error:
            raise ReadingFailed(
                "The endpoint gave no answer", found=type(error).__name__
            ) from error
        if answer.status_code != 200:
            raise ReadingFailed("The endpoint refuses", found=f"status {answer.status_code}")
        try:
            return httpx.Response(200, content=raw).json()
        except ValueError as error:
            raise ReadingFailed("The endpoint's answer is no JSON") from error


class SpeechEndpoint(_Endpoint):
    """``POST {url}/audio/transcriptions``, as OpenAI, vLLM and whisper.cpp's server have it."""

    async def read(self, attachment: Attachment, language: str) -> str:
        """Return what is said."""
        file = attachment.name, attachment.content, attachment.media_type
        data = {"model": self._model, "language": language, "response_format": "json"}
        answer = await self._post("audio/transcriptions", files={"file": file}, data=data)
        return _words(answer.get("text") if isinstance(answer, dict) else None)


class PictureEndpoint(_Endpoint):
    """``POST {url}/chat/completions`` with a picture, by a model that sees."""

    async def read(self, attachment: Attachment, language: str) -> str:
        """Return what the picture shows."""
        encoded = base64.b64encode(attachment.content).decode()
        picture = {"url": f"data:{attachment.media_type};base64,{encoded}"}
        content = [
            {"type": "text", "text": ASK.get(language, ASK["en"])},
            {"type": "image_url", "image_url": picture},
        ]
        messages = [{"role": "user", "content": content}]
        body = {"model": self._model, "messages": messages, "max_tokens": 200}
        answer = await self._post("chat/completions", json=body)
        try:
            return _words(answer["choices"][0]["message"]["content"])
        except (KeyError, IndexError, TypeError) as error:
            raise ReadingFailed("The endpoint's answer holds no message") from error


def _words(found: Any) -> str:
    if not isinstance(found, str):
        raise ReadingFailed("The endpoint's answer holds no text")
    return found


def readers_of(settings: Settings) -> dict[Kind, Reader]:
    """Return the readers that are set, by the kind of what they read.

    :raises ServiceError: a setting names none.
    """
    found: dict[Kind, Reader] = {}
    speech, picture = settings.speech_reader, settings.picture_reader
    if speech is not None:
        key = settings.speech_key.get_secret_value() if settings.speech_key else None
        found["audio"] = _reader(speech, SpeechEndpoint, settings.speech_model, key)
    if picture is not None:
        key = settings.picture_key.get_secret_value() if settings.picture_key else None
        found["image"] = _reader(picture, PictureEndpoint, settings.picture_model, key)
    return found


def _reader(
    named: str, endpoint: type[SpeechEndpoint | PictureEndpoint], model: str, key: str | None
) -> Reader:
    if named.startswith(("http://", "https://")):
        return endpoint(named, model, key)
    if CLASS.match(named):
        return ProcessReader(named)
    raise ServiceError(
        "A reader of attachments cannot be used",
        expected="module:Class, or the base URL of an endpoint, up to and with /v1",
        found=named,
        fix="Mend FRONTDESK_SPEECH_READER or FRONTDESK_PICTURE_READER.",
    )
