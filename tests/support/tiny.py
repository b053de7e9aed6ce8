"""A home with a small, real release: trained once, copied for each test."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from bot.live import Live
from intents.store import ReleaseStore
from models.errors import FrontdeskError
from tests.support.processes import ASSISTANTS, ROOT

PACK = ASSISTANTS / "tiny"


def prepared(cache: Path) -> Path:
    """Return a home that ``bot.prepare`` has made of the tiny assistant, kept under ``cache``."""
    kept = cache / "tests" / f"tiny-{_fingerprint()}"
    kept.parent.mkdir(parents=True, exist_ok=True)
    with (kept.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _loads(kept):
            for old in kept.parent.glob("tiny-*"):
                shutil.rmtree(old)
            draft = kept.with_name(f"draft-{os.getpid()}")
            command = [sys.executable, "-m", "bot.prepare"]
            command += ["--home", str(draft), "--pack", str(PACK)]
            environment = {**os.environ, "FRONTDESK_CACHE": str(cache), "HF_HUB_OFFLINE": "1"}
            subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=600)
            draft.rename(kept)
    return kept


def _loads(home: Path) -> bool:
    """Whether there is a release that this code can load."""
    try:
        current = ReleaseStore(home).current() if home.exists() else None
        return current is not None and Live.load(current, 1).release == current.id
    except (FrontdeskError, TypeError, ValueError, KeyError):
        return False


def _fingerprint() -> str:
    found = hashlib.sha256()
    for path in sorted(PACK.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            found.update(str(path.relative_to(PACK)).encode() + path.read_bytes())
    return found.hexdigest()[:16]


def copied(template: Path, home: Path) -> Path:
    """Return a home of its own; the release's large files are shared by hard links."""
    shutil.copytree(template, home, symlinks=True, copy_function=_link)
    return home


def _link(source: str, target: str) -> None:
    # releases and blobs never change; everything else may be edited by the test
    shared = "/blobs/" in source or "/releases/" in source
    if shared and not Path(source).is_symlink():
        try:
            os.link(source, target)
        except OSError:
            shutil.copy2(source, target)
    else:
        shutil.copy2(source, target, follow_symlinks=False)
