"""Models in object storage: S3, Google Cloud Storage, Azure, by Rasa's names and variables.

The client is obstore (``pip install 'frontdesk[storage]'``), imported when it is needed; keys come
from the environment alone, under the names that Rasa and the providers use.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.rasa.archives import kept
from models.errors import BadRequest, NotFound, Unavailable

if TYPE_CHECKING:
    from obstore.store import ClientConfig

STORAGES = ("aws", "gcs", "azure")


async def fetched(storage: str, name: str, folder: Path, most: int) -> Path:
    """Fetch the archive ``name`` into a temporary file under ``folder``, the caller's to remove.

    :param storage: ``aws``, ``gcs`` or ``azure``.
    :param most: bytes that it may have.
    :raises BadRequest: another storage, or its bucket is not named.
    :raises Unavailable: the library is not there, or the storage does not give the model.
    :raises NotFound: the bucket has no such model.
    """
    if storage not in STORAGES:
        raise BadRequest(
            "There is no such remote storage", expected=", ".join(STORAGES), found=storage[:80]
        )
    try:
        import obstore
        from obstore.exceptions import BaseError, NotFoundError
    except ImportError as error:
        raise Unavailable(
            "Models cannot be fetched from remote storage",
            expected="the library obstore",
            found="not installed",
            fix="Run: pip install 'frontdesk[storage]'.",
        ) from error
    key = name if name.endswith(".tar.gz") else f"{name}.tar.gz"
    try:
        answer = await obstore.get_async(_STORES[storage](), key)
        return await kept(answer, folder, most)
    except (NotFoundError, FileNotFoundError) as error:
        raise NotFound(f"The {storage} storage has no model {key!r}") from error
    except BaseError as error:
        raise Unavailable(
            f"The {storage} storage does not give the model",
            found=type(error).__name__,
            fix="See that its bucket, keys and region are set in the service's environment.",
        ) from error


def _aws() -> Any:
    from obstore.store import S3Store

    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    # an endpoint of one's own may lie within the house, without TLS
    within = endpoint is not None and endpoint.startswith("http://")
    options: ClientConfig = {"allow_http": within}
    return S3Store(_variable("BUCKET_NAME"), endpoint=endpoint, client_options=options)


def _gcs() -> Any:
    from obstore.store import GCSStore

    return GCSStore(_variable("BUCKET_NAME"))


def _azure() -> Any:
    from obstore.store import AzureStore

    return AzureStore(
        _variable("AZURE_CONTAINER"),
        account_name=_variable("AZURE_ACCOUNT_NAME"),
        account_key=_variable("AZURE_ACCOUNT_KEY"),
    )


_STORES: dict[str, Callable[[], Any]] = {"aws": _aws, "gcs": _gcs, "azure": _azure}


def _variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise BadRequest(
            "The remote storage is not set up",
            expected=f"{name} in the service's environment",
            found="nothing",
            fix="Set it and start the service again.",
        )
    return value
