"""An address as Rasa's ``endpoints.yml`` names one: URL, parameters, headers, token, basic auth."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from models.errors import BadRequest

_KEYS = ("url", "params", "headers", "basic_auth", "token", "token_name")


@dataclass(frozen=True)
class RasaEndpoint:
    """Where something is asked for, with what Rasa's endpoints may have."""

    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    basic_auth: tuple[str, str] | None = None

    @classmethod
    def of(cls, given: Any) -> Self:
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


def expanded(given: Any) -> Any:
    """``${NAME}`` as a variable of the environment, however deep."""
    if isinstance(given, Mapping):
        return {key: expanded(value) for key, value in given.items()}
    return os.path.expandvars(given) if isinstance(given, str) else given


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
        "The server cannot be asked",
        expected=expected,
        found=found,
        fix='Give {"url": "https://…"}, as in Rasa\'s endpoints.yml.',
    )
