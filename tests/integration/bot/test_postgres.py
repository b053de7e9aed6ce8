"""Everything that the record promises, on PostgreSQL: constraints, leases, fences, recovery."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from bot.embedded_redis import EmbeddedRedis
from bot.record import schema
from bot.record.migrate import migrate
from bot.record.record import Record
from bot.secrets import Vault
from tests.integration.bot.conftest import Ledger, World
from tests.integration.bot.test_recovery import *  # noqa: F403 - the same tests, on another database
from tests.integration.bot.test_serve import (  # noqa: F401
    home,
    ledger,
    test_second_home_on_the_same_record_is_refused,
    test_worker_killed_around_an_action,
)
from tests.support import postgres, tiny
from tests.support.records import SECRET
from tests.support.service import App
from tests.unit.bot.test_record import *  # noqa: F403

del test_migrations_make_the_tables_that_the_code_describes  # noqa: F821 - of SQLite's file

pytestmark = [
    pytest.mark.weights,
    pytest.mark.skipif(
        postgres.folder() is None,
        reason="there is no PostgreSQL server here: apt-get install postgresql",
    ),
]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres.serving() as url:
        yield url


@pytest.fixture
def empty(server: str) -> str:
    """The URL of a database with nothing in it."""
    engine = create_engine(server)
    with engine.begin() as db:
        db.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    engine.dispose()
    return server


@pytest.fixture
def record(empty: str) -> Iterator[Record]:
    record = Record(empty, Vault(SECRET))
    migrate(record.engine)
    yield record
    record.close()


@pytest.fixture
def record_options(empty: str) -> dict[str, str]:
    return {"FRONTDESK_RECORD_URL": empty}


@dataclass(frozen=True)
class OnPostgres(World):
    """A world whose workers keep their record in PostgreSQL."""

    record_url: str = ""

    def serving(self, **options: Any) -> AbstractAsyncContextManager[App]:
        return super().serving(record_url=self.record_url, **options)


@pytest.fixture
def world(
    tiny_home: Path,
    tmp_path: Path,
    redis: EmbeddedRedis,
    _actions: tuple[str, Ledger],
    empty: str,
) -> Iterator[World]:
    actions, written = _actions
    written.clear()
    own = tiny.copied(tiny_home, tmp_path / "home")
    yield OnPostgres(own, redis, actions, written, empty)
    written.let_go()


def test_migrations_make_the_tables(record: Record) -> None:
    migrate(record.engine)
    with record.engine.connect() as db:
        differences = compare_metadata(MigrationContext.configure(db), schema.metadata)
    assert differences == []
