"""Bounds of the pack's action server: code of others, which the service runs as its child.

Where the service is root the child is another user, to whom nothing under the home is open but
the assistant's files and a folder of its own. In any case it gets no new privileges, no core
dumps, and bounds of memory, files and their size.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.children import die_with_parent, no_new_privileges
from models.errors import ServiceError

log = structlog.get_logger(__name__)
FOLDER = "actions"
"""What the action server keeps, under the home."""

PRIVATE = (
    ".*",
    "*.jsonl",
    "*lock",
    "*.sqlite3*",
    "blobs",
    "cache",
    "demo",
    "redis",
    "releases",
    "secret",
    "setup-code",
    "weights",
)
"""What of the home nobody but its owner may open."""

UNPRIVILEGED = ("frontdesk-actions", "nobody")
"""Users that the action server may run as, the best first."""

_BOUNDS = {
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_NOFILE: 1_024,
    resource.RLIMIT_FSIZE: 2 << 30,
    resource.RLIMIT_DATA: 4 << 30,
}
_LOOK = """
import os, sys
reads, writes = sys.argv[1].split(os.pathsep), sys.argv[2].split(os.pathsep)
missing = [p for p in reads if not os.access(p, os.R_OK)]
missing += [p for p in writes if not os.access(p, os.R_OK | os.W_OK | os.X_OK)]
print(*missing[:1])
"""


@dataclass(frozen=True)
class Account:
    """A user of the system."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Place:
    """As whom the action server runs (None: as the service does), and its folders."""

    user: Account | None
    sockets: Path
    kept: Path


def arrange(home: Path, assistant: Path, run: Path, wanted: str | None, data: str | None) -> Place:
    """Give the action server a user of its own, if that can be; close the home to all others.

    :param run: the service's own folder of sockets.
    :param wanted: the user by name; one of ``UNPRIVILEGED`` if None.
    :param data: the file that it keeps its data in; one under the home if None.
    """
    close(home)
    own = home / FOLDER
    user = account(wanted)
    if user is not None:
        own_folder(own, user)
        # to pass through, not to list
        before = home.stat().st_mode
        home.chmod(before & 0o700 | 0o011)
        why = obstacle(user, assistant.rglob("*.py"), [Path(data).parent if data else own])
        if why is None:
            hand_over(home.glob("shop.sqlite3*"), own, user)
            return Place(user, socket_folder(user, run.name), own)
        home.chmod(before)
        log.warning(
            "actions.as_root",
            why=f"{user.name} cannot use {why}",
            fix="Keep Frontdesk and its home where others may pass, or start it as another user.",
        )
    return Place(None, run, own if any(own.glob("*")) else home)


def account(wanted: str | None) -> Account | None:
    """The user for the action server; None where the service is not root, or is told to keep it.

    Raises ServiceError when there is no user ``wanted``.
    """
    if os.getuid() != 0 or wanted == "root":
        return None
    for name in (wanted,) if wanted else UNPRIVILEGED:
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            return Account(name, found.pw_uid, found.pw_gid)
    if wanted:
        raise ServiceError(
            f"There is no user {wanted} for the action server",
            fix=f"Make it by 'useradd --system {wanted}', or leave FRONTDESK_ACTIONS_USER unset.",
        )
    return None


def bound() -> None:
    """Run in the child between fork and exec: bounds that it cannot lift again."""
    for what, most in _BOUNDS.items():
        hard = resource.getrlimit(what)[1]
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (limit, limit))
    no_new_privileges()
    die_with_parent()


def obstacle(user: Account, reads: Iterable[Path], writes: Sequence[Path]) -> str | None:
    """What keeps ``user`` from running the action server: the first path it cannot use."""
    libraries = importlib.util.find_spec("rasa_sdk")
    origin = libraries.origin if libraries else None
    wanted = [Path(__file__), *([Path(origin)] if origin else []), *reads]
    command = [sys.executable, "-I", "-S", "-c", _LOOK]
    command += [os.pathsep.join(map(str, paths)) for paths in (wanted, writes)]
    try:
        looked = subprocess.run(  # noqa: S603
            command,
            user=user.uid,
            group=user.gid,
            extra_groups=[],
            cwd="/",
            env={},
            capture_output=True,
            text=True,
            timeout=20,
        )
    except (OSError, subprocess.TimeoutExpired):
        return sys.executable
    return (looked.stdout.strip() or None) if looked.returncode == 0 else sys.executable


def own_folder(path: Path, user: Account) -> Path:
    """Make a folder that ``user`` alone, and root, may enter. Raises ServiceError."""
    path.mkdir(mode=0o700, exist_ok=True)
    info = path.lstat()
    if path.is_symlink() or info.st_uid not in (0, user.uid):
        raise ServiceError(f"{path} belongs to somebody else", fix="Remove it and start again.")
    os.chown(path, user.uid, user.gid)
    path.chmod(0o700)
    return path


def socket_folder(user: Account, name: str) -> Path:
    """A folder for the action server's socket, outside what only root may enter."""
    return own_folder(Path(tempfile.gettempdir()) / f"frontdesk-actions-{name}", user)


def hand_over(files: Iterable[Path], folder: Path, user: Account) -> None:
    """Move what the action server has kept so far into its own folder."""
    for file in files:
        target = folder / file.name
        if not target.exists():
            shutil.move(file, target)
            os.chown(target, user.uid, user.gid)


def close(home: Path) -> None:
    """Take what this service keeps under ``home`` away from other users."""
    for name in PRIVATE:
        for entry in home.glob(name):
            if not entry.is_symlink():
                with contextlib.suppress(FileNotFoundError, PermissionError):
                    entry.chmod(entry.stat().st_mode & 0o700)
