"""Children that end with their parent, even when it is killed without a chance to stop them."""

from __future__ import annotations

import ctypes
import signal
import sys

_SET_PARENT_DEATH_SIGNAL = 1
_SET_NO_NEW_PRIVILEGES = 38


def die_with_parent() -> None:
    """Run between fork and exec: ask Linux to end this process when its parent ends (prctl(2))."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def no_new_privileges() -> None:
    """Run between fork and exec: no program that this process starts gains rights by setuid."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
