"""The retail pack's own packages, and a shop whose clock stands still."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

PACK = Path(__file__).parents[3] / "intents" / "packs" / "retail"
sys.path.insert(0, str(PACK))

from shop import Shop  # noqa: E402
from shop.records import SHOP_TIME  # noqa: E402


class StoppedClock:
    """A clock that moves only when told to."""

    def __init__(self) -> None:
        self.now = datetime(2025, 11, 19, 10, 30, tzinfo=SHOP_TIME)  # a Wednesday

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop.sqlite3"


@pytest.fixture
def shop(path: Path, clock: StoppedClock) -> Iterator[Shop]:
    with Shop.open(path, clock) as opened:
        yield opened
