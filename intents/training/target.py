"""The folder that a training writes: one training at a time, swapped in whole when it is done."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from intents.release import MANIFEST
from models.errors import ReleaseError


def checkpoints_of(target: Path) -> Path:
    """Where a training for ``target`` keeps what a killed run goes on from."""
    return target.parent / f".{target.name}.checkpoints"


@contextlib.contextmanager
def draft_for(target: Path) -> Iterator[Path]:
    """An empty folder beside ``target``, which takes its place when the block ends well.

    :raises ReleaseError: ``target`` holds something else, or another training is writing it.
    """
    _check(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _alone(target):
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        try:
            yield draft
            _swap(draft, target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def _check(target: Path) -> None:
    if target.exists() and any(target.iterdir()) and not (target / MANIFEST).is_file():
        raise ReleaseError(
            f"{target} holds something else",
            expected="a new or empty folder, or a release to replace",
            found="other files",
            fix="Choose another --out.",
        )


@contextlib.contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Hold the right to write ``target``, whose checkpoints two trainings would spoil."""
    path = target.parent / f".{target.name}.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _locked(descriptor):
            found = os.pread(descriptor, 20, 0).decode(errors="replace")
            raise ReleaseError(
                f"Another training is writing {target}",
                expected="a folder for this training alone",
                found=f"process {found or '?'}",
                fix="Wait until it has ended, or choose another --out.",
            )
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    """Whether the file is this process's now; not one that its last holder has just removed."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return os.fstat(descriptor).st_nlink > 0


def _swap(draft: Path, target: Path) -> None:
    draft.chmod(0o755)
    old = target.with_name(f".{target.name}.old.{os.getpid()}")
    if target.exists():
        target.rename(old)
    draft.rename(target)
    shutil.rmtree(old, ignore_errors=True)
