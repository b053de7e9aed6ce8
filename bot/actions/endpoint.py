"""Where the action server is: the settings, or Rasa's ``endpoints.yml``.

Rasa's names under ``action_endpoint``: ``url``, ``cafile``, ``ssl_client_cert``,
``ssl_client_key``; relative paths are looked for beside the file, ``${NAME}`` is a variable of the
environment.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.settings import Settings
from intents.reading.yamlfile import load, plain, read_text
from models.errors import ServiceError

SCHEMES = ("http://", "https://", "grpc://", "grpcs://", "unix:")


@dataclass(frozen=True)
class Certificates:
    """Files of TLS in PEM: who may sign the server's, and what we show of ourselves."""

    ca: Path | None = None
    client: Path | None = None
    key: Path | None = None

    @property
    def given(self) -> bool:
        """Whether there is any."""
        return any((self.ca, self.client, self.key))


def address_of(settings: Settings) -> str | None:
    """Return the server's address, None where the assistant's own actions are to be run.

    :raises ServiceError: the address is none, or ``endpoints.yml`` cannot be used.
    """
    url = settings.actions_url or _text(endpoint_of(settings, "action_endpoint"), "url")
    if url is not None and not url.startswith(SCHEMES):
        raise ServiceError(
            "The action server's address cannot be used",
            expected="http(s)://host:port/webhook, grpc(s)://host:port or unix:socket",
            found=url,
            fix="Mend FRONTDESK_ACTIONS_URL, or `action_endpoint` in FRONTDESK_ENDPOINTS.",
        )
    return url


def certificates_of(settings: Settings) -> Certificates:
    """Return the files of TLS, each of the settings going before the one of ``endpoints.yml``.

    :raises ServiceError: one of them is not there.
    """
    endpoint = endpoint_of(settings, "action_endpoint")
    base = settings.endpoints.parent if settings.endpoints else Path()

    def file(given: Path | None, key: str) -> Path | None:
        said = _text(endpoint, key)
        path = given or (base / said if said else None)
        if path is not None and not path.is_file():
            raise ServiceError("A file of TLS is not there", expected=key, found=str(path))
        return path

    return Certificates(
        file(settings.actions_ca, "cafile"),
        file(settings.actions_cert, "ssl_client_cert"),
        file(settings.actions_key, "ssl_client_key"),
    )


def endpoint_of(settings: Settings, key: str) -> Mapping[str, Any]:
    """Return what ``endpoints.yml`` says under ``key``; nothing where there is no such file."""
    if settings.endpoints is None:
        return {}
    name = settings.endpoints.name
    document = plain(load(read_text(settings.endpoints, name), name))
    found = document.get(key) if isinstance(document, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _text(endpoint: Mapping[str, Any], key: str) -> str | None:
    value = endpoint.get(key)
    return os.path.expandvars(value) if isinstance(value, str) and value else None
