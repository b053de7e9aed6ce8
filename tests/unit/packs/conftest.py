"""The retail pack's own packages, and a shop whose clock stands still."""

from __future__ import annotations

import shutil
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


@pytest.fixture(scope="session")
def new_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop as it is when it is opened first."""
    path = tmp_path_factory.mktemp("shop") / "shop.sqlite3"
    with Shop.open(path, StoppedClock()):
        pass
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop.sqlite3"


@pytest.fixture
def shop(path: Path, clock: StoppedClock, new_shop: Path) -> Iterator[Shop]:
    shutil.copyfile(new_shop, path)
    with Shop.open(path, clock) as opened:
        yield opened
