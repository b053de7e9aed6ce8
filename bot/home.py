"""``FRONTDESK_HOME``: everything that one installation keeps, and who may use it.

home/assistant/       working copy of the assistant, which the studio edits
home/releases, blobs  releases (see ``intents.store``), ``current`` names the one that serves
home/record.sqlite3   the record, unless a database is given
home/redis/           data of the embedded Redis
home/shop.sqlite3     data of the pack's own action server
home/proposals/       what mining proposed, and every decision about it (see
                      ``bot.operating.review``)
home/weights/         converted encoder weights
home/secret, lock     made on first use, mode 0600
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from bot.secrets import load_secret
from bot.settings import Settings
from intents.importing.older import is_older, renewed
from intents.release import Release
from intents.store import ReleaseStore
from models.errors import Conflict, ReleaseError, ServiceError

PACK = Path(__file__).parent.parent / "intents" / "packs" / "retail"
LEFT_OUT = shutil.ignore_patterns(
    "tests", "scenarios", "logs", "__pycache__", ".*", "*.pyc", "*.sqlite3"
)


class Home:
    """Paths below one home folder, and its locks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.store = ReleaseStore(path)
        self.assistant = path / "assistant"
        self.redis = path / "redis"

    def copy_pack(self, pack: Path | None) -> Path:
        """Make the working copy of the assistant on first use; return it.

        A project of Rasa 1.x is brought along as ``frontdesk import`` does it.
        """
        source = pack or PACK
        if not self.assistant.exists():
            partial = self.path / ".assistant.partial"
            shutil.rmtree(partial, ignore_errors=True)
            shutil.copytree(source, partial, ignore=LEFT_OUT)
            if is_older(source):
                renewed(source, partial)
            partial.rename(self.assistant)
        return self.assistant

    def adopt(self, release: Release) -> None:
        """Make the working copy what ``release`` was made of, as after a roll-back.

        Only the YAML files are exchanged; actions and other files stay.
        """
        with self.editing(), tempfile.TemporaryDirectory(dir=self.path, prefix=".adopt-") as work:
            copy = Path(work) / "assistant"
            shutil.copytree(self.assistant, copy)
            for pattern in ("*.yml", "*.yaml"):
                for old in copy.rglob(pattern):
                    old.unlink()
            shutil.copytree(release.folder / "assistant", copy, dirs_exist_ok=True)
            replace_folder(self.assistant, copy)

    def promote(self, release_id: str, why: str) -> None:
        """Put a release into service and adopt its assistant.

        Raises ReleaseError when it cannot answer: a bare ``frontdesk train`` has no index.
        """
        release = self.store.get(release_id)
        if not (release.folder / "index").is_dir() or not (release.folder / "assistant").is_dir():
            raise ReleaseError(
                f"Release {release_id} cannot serve",
                expected="one with an assistant and an index",
                found="a bare trained one",
                fix="Take it in by 'frontdesk releases add'.",
            )
        self.store.promote(release_id, why)
        self.adopt(release)

    def run_folder(self) -> Path:
        """Return a private folder for sockets; its path is short enough for a Unix socket."""
        base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
        name = hashlib.sha256(str(self.path).encode()).hexdigest()[:12]
        folder = base / f"frontdesk-{os.getuid()}-{name}"
        folder.mkdir(mode=0o700, exist_ok=True)
        info = folder.lstat()
        if info.st_uid != os.getuid() or folder.is_symlink():
            raise ServiceError(
                f"{folder} belongs to somebody else",
                fix="Set XDG_RUNTIME_DIR to a folder of your own.",
            )
        folder.chmod(0o700)
        return folder

    def customer_secret(self, settings: Settings) -> str | None:
        """Return the secret that signs customers in; the demo shop has one of its own."""
        if settings.customer_jwt_secret is not None:
            return settings.customer_jwt_secret.get_secret_value()
        if not settings.demo:
            return None
        return load_secret(self.path / "demo", None).hex()

    def demo_customers(self) -> dict[str, str]:
        """Return the assistant's example customers (``demo.json``): id to name."""
        path = self.assistant / "demo.json"
        if not path.is_file():
            return {}
        found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))["customers"]
        return found

    @contextlib.contextmanager
    def served(self) -> Iterator[None]:
        """Hold the home for one server. Raises Conflict when another one runs on it."""
        with self._open_lock("lock") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                file.seek(0)
                raise Conflict(
                    f"Frontdesk already runs on {self.path}",
                    found=f"process {file.read().strip() or '?'}",
                    fix="Stop it first, or set FRONTDESK_HOME to another folder.",
                ) from error
            file.seek(0)
            file.truncate()
            file.write(str(os.getpid()))
            file.flush()
            yield

    @contextlib.contextmanager
    def editing(self) -> Iterator[None]:
        """Hold the working copy for one change at a time, over all workers."""
        with self._open_lock("assistant.lock") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _open_lock(self, name: str) -> TextIO:
        descriptor = os.open(self.path / name, os.O_RDWR | os.O_CREAT, 0o600)
        return os.fdopen(descriptor, "r+")


def replace_folder(target: Path, source: Path) -> None:
    """Swap a folder in; readers of the old one keep their open files."""
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    target.rename(old)
    source.rename(target)
    shutil.rmtree(old, ignore_errors=True)
