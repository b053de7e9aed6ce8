"""A PostgreSQL server of its own, from what Debian's package ``postgresql`` brings."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TOOLS = ("initdb", "postgres", "pg_ctl")


def folder() -> Path | None:
    """Where the server's programs are: on the PATH, or where Debian puts them; None without."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: p.parent.name)
    on_path = shutil.which("initdb")
    for found in [*([Path(on_path).parent] if on_path else []), *reversed(versions)]:
        if all((found / tool).exists() for tool in TOOLS):
            return found
    return None


def _as_somebody() -> dict[str, Any]:
    """PostgreSQL does not run as root."""
    return {"user": "nobody", "group": "nogroup"} if os.getuid() == 0 else {}


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """Run a server on a Unix socket; yields the URL of its database."""
    programs = folder()
    assert programs is not None
    with tempfile.TemporaryDirectory(prefix="fd-pg-") as name:
        place = Path(name)
        if os.getuid() == 0:
            shutil.chown(place, "nobody", "nogroup")
        data = place / "data"
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "cwd": "/", **_as_somebody()}
        made = [programs / "initdb", "-D", data, "-A", "trust", "-U", "frontdesk", "-E", "UTF8"]
        subprocess.run([*made, "--no-sync"], check=True, timeout=120, **quiet)
        options = f"-k {place} -c listen_addresses= -c fsync=off -c max_connections=40"
        command = [str(programs / "pg_ctl"), "-D", str(data), "-w", "-t", "60"]
        start = [*command, "-l", str(place / "log"), "-o", options, "start"]
        subprocess.run(start, check=True, timeout=90, **quiet)
        try:
            yield f"postgresql+psycopg://frontdesk@/postgres?host={place}"
        finally:
            subprocess.run([*command, "-m", "fast", "stop"], check=True, timeout=90, **quiet)
