"""A generator behind any OpenAI-compatible endpoint: vLLM, Ollama, llama.cpp's server, others."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from bot.generation.prompting import messages, reply_of
from models.errors import GenerationError
from models.filling.generator import Generated, GenerationRequest

MOST_CHARACTERS = 6_000
MOST_LINES = 4_000


class EndpointGenerator:
    """Asks ``POST {url}/chat/completions`` for a stream and reads it to its end.

    It stops early where the stream is too long or too slow; safe to share among threads.
    """

    def __init__(
        self,
        url: str,
        model: str,
        *,
        key: str | None = None,
        timeout: float = 4.0,
        max_tokens: int = 400,
        personal: bool = False,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.name = f"endpoint:{model}"
        self._url = url.rstrip("/") + "/chat/completions"
        self._model, self._max_tokens, self._personal = model, max_tokens, personal
        self._timeout = timeout
        self._client = httpx.Client(
            timeout=httpx.Timeout(timeout, connect=min(timeout, 2.0)),
            headers={"Authorization": f"Bearer {key}"} if key else {},
            transport=transport,
        )

    def close(self) -> None:
        """Close the connections that are kept for the next reply."""
        self._client.close()

    def generate(self, request: GenerationRequest) -> Generated:
        """Have the template reworded.

        :raises GenerationError: the endpoint is away, slow, refuses, or says what is no reply.
        """
        body = {
            "model": self._model,
            "messages": messages(request, personal=self._personal),
            "temperature": 0.2,
            "max_tokens": self._max_tokens,
            "stream": True,
        }
        deadline = time.monotonic() + self._timeout
        try:
            with self._client.stream("POST", self._url, json=body) as response:
                if response.status_code != 200:
                    response.read()
                    raise _failed(f"status {response.status_code}: {_reason(response.text)}")
                words = _read(response.iter_lines(), deadline)
        except httpx.HTTPError as error:
            raise _failed(f"{type(error).__name__}: {error}") from error
        return reply_of(words, request, self.name)


def _read(lines: Iterator[str], deadline: float) -> str:
    """The words of a stream of ``data:`` lines; a plain JSON body is read as well."""
    words: list[str] = []
    length, ended = 0, ""
    for number, line in enumerate(lines):
        if time.monotonic() > deadline:
            raise _failed("too slow")
        data = line.removeprefix("data:").strip()
        if not data or line.startswith((":", "event:", "id:", "retry:")):
            continue
        if data == "[DONE]":
            break
        piece, reason = _piece(data)
        ended = reason or ended
        words.append(piece)
        length += len(piece)
        if length > MOST_CHARACTERS or number > MOST_LINES:
            raise _failed("too long")
    if ended not in ("", "stop"):
        raise _failed(f"it ended by {ended}")
    return "".join(words)


def _piece(data: str) -> tuple[str, str]:
    """The words of a chunk and why the stream ends, if it does.

    The chunk with the usage has ``choices`` empty, null or absent.
    """
    try:
        chunk = json.loads(data)
    except ValueError as error:
        raise _failed("a line that is no JSON") from error
    if not isinstance(chunk, Mapping):
        raise _failed("a line that is no object")
    if chunk.get("error"):
        raise _failed(_reason(data))
    choices = chunk.get("choices") or []
    choice: Any = choices[0] if isinstance(choices, list) and choices else {}
    if not isinstance(choice, Mapping):
        raise _failed("a choice that is no object")
    said = choice.get("delta") or choice.get("message") or {}
    words = said.get("content") if isinstance(said, Mapping) else None
    return (words if isinstance(words, str) else ""), str(choice.get("finish_reason") or "")


def _reason(body: str) -> str:
    """The message of an OpenAI error, or the beginning of what came instead."""
    try:
        error = json.loads(body)["error"]
        return str(error["message"] if isinstance(error, Mapping) else error)[:200]
    except (ValueError, KeyError, TypeError):
        return body[:80]


def _failed(found: str) -> GenerationError:
    return GenerationError(
        "The endpoint gave no reply",
        expected="a stream of chat completion chunks",
        found=found,
        fix="Check FRONTDESK_GENERATOR_URL, _MODEL and _KEY, and the endpoint's own log.",
    )
