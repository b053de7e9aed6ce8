"""A Rasa tracker store in SQL: its ``events`` table, read sender by sender without loading it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from retrieval.reading.items import Bad, Items
from retrieval.reading.rasa import stored_events

SQLITE_MAGIC = b"SQLite format 3\x00"
_BATCH = 1000
_EVENTS = sa.table("events", sa.column("id"), sa.column("sender_id"), sa.column("data"))


def is_url(text: str) -> bool:
    """Whether ``text`` names a database rather than a file."""
    return re.match(r"[a-z][a-z0-9]+(?:\+[a-z0-9]+)?://", text) is not None


def url_of(file: Path) -> str:
    """The address of a SQLite file, opened for reading alone."""
    return f"sqlite+pysqlite:///file:{quote(str(file.resolve()))}?mode=ro&uri=true"


def read_events(url: str) -> Items:
    """Conversations of a tracker store, senders in order; what cannot be read is one bad item."""
    try:
        yield from stored_events(_rows(url))
    except (SQLAlchemyError, ImportError) as error:
        said = str(getattr(error, "orig", None) or error)
        yield Bad(0, f"cannot be read as a Rasa tracker store: {said[:200]}")


def last_event(url: str) -> int:
    """The number of the newest event; 0 for a store that cannot be read."""
    try:
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            found = connection.execute(sa.select(sa.func.max(_EVENTS.c.id))).scalar()
        engine.dispose()
    except (SQLAlchemyError, ImportError):
        return 0
    return int(found or 0)


def _rows(url: str) -> Iterator[tuple[str, str]]:
    engine = sa.create_engine(url)
    wanted = sa.select(_EVENTS.c.sender_id, _EVENTS.c.data).order_by(
        _EVENTS.c.sender_id, _EVENTS.c.id
    )
    try:
        with engine.connect() as connection:
            streamed = connection.execution_options(stream_results=True, yield_per=_BATCH)
            for sender, data in streamed.execute(wanted):
                yield str(sender), data if isinstance(data, str) else json.dumps(data)
    finally:
        engine.dispose()
