"""Real Redis, real action servers, and services on a tiny real release."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.embedded_redis import EmbeddedRedis
from tests.support import processes


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder whose path is short enough for a Unix socket."""
    with tempfile.TemporaryDirectory(prefix="fd-") as folder:
        yield Path(folder)


@pytest.fixture
def redis(short_path: Path) -> Iterator[EmbeddedRedis]:
    with processes.redis(short_path) as server:
        yield server
