"""Everything that the record promises, on PostgreSQL."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot import schema
from bot.migrate import migrate
from bot.record import Record
from bot.secrets import Vault
from tests.support.records import SECRET
from tests.unit.bot.test_record import *  # noqa: F403 - the same tests, on another database

del test_migrations_make_the_tables_that_the_code_describes  # noqa: F821 - of SQLite's file

TOOLS = ("initdb", "postgres", "pg_ctl")
pytestmark = pytest.mark.skipif(
    not all(shutil.which(tool) for tool in TOOLS), reason="there is no PostgreSQL server here"
)


def _as_somebody() -> dict[str, Any]:
    """PostgreSQL does not run as root."""
    return {"user": "nobody", "group": "nogroup"} if os.getuid() == 0 else {}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server of its own on a Unix socket; yields the URL of its database."""
    with tempfile.TemporaryDirectory(prefix="fd-pg-") as name:
        folder = Path(name)
        if os.getuid() == 0:
            shutil.chown(folder, "nobody", "nogroup")
        data = folder / "data"
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "cwd": "/", **_as_somebody()}
        subprocess.run(
            ["initdb", "-D", data, "-A", "trust", "-U", "frontdesk", "-E", "UTF8", "--no-sync"],
            check=True,
            timeout=120,
            **quiet,
        )
        options = f"-k {folder} -c listen_addresses= -c fsync=off -c max_connections=40"
        command = ["pg_ctl", "-D", str(data), "-l", str(folder / "log"), "-w", "-t", "60"]
        subprocess.run([*command, "-o", options, "start"], check=True, timeout=90, **quiet)
        try:
            yield f"postgresql+psycopg://frontdesk@/postgres?host={folder}"
        finally:
            subprocess.run([*command, "-m", "fast", "stop"], check=True, timeout=90, **quiet)


@pytest.fixture
def record(server: str) -> Iterator[Record]:
    record = Record(server, Vault(SECRET))
    with record.engine.begin() as db:
        db.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    migrate(record.engine)
    yield record
    record.close()


def test_migrations_make_the_tables(record: Record) -> None:
    migrate(record.engine)
    with record.engine.connect() as db:
        differences = compare_metadata(MigrationContext.configure(db), schema.metadata)
    assert differences == []
