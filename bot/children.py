"""Children that end with their parent, even when it is killed without a chance to stop them, and
jobs that compute beside the service."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_SET_PARENT_DEATH_SIGNAL = 1
_SET_NO_NEW_PRIVILEGES = 38
_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH")
NICE = 10
"""How far a job stands back behind turns."""


def die_with_parent() -> None:
    """Run between fork and exec: ask Linux to end this process when its parent ends (prctl(2))."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def no_new_privileges() -> None:
    """Run between fork and exec: no program that this process starts gains rights by setuid."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def job_environment() -> dict[str, str]:
    """The environment of a job: no secrets, one thread."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
