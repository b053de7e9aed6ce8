"""What the service's unit tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bot.record import Record
from tests.support.records import opened

settings.register_profile(
    "unit", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unit")


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    with opened(tmp_path / "record.sqlite3") as found:
        yield found
