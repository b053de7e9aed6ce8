"""Keeps what lives as long as a release out of the garbage collector's way.

A full collection looks at every object there is, and nothing else runs meanwhile: a tenth of a
second and more with a release in memory. What is loaded is therefore set aside once and looked at
no more, until the next release takes its place; it goes when nobody refers to it any more.
"""

from __future__ import annotations

import asyncio
import gc

from bot.live import Releases

THRESHOLDS = (10_000, 20, 50)
"""Objects that came and stayed before the young are looked at, and how often each age waits for
the one before. CPython's own suit short programs."""

AFTER_SWAP = 60.0
"""Seconds from a change of release to the next full look: turns that began before have ended."""


def tend(releases: Releases) -> None:
    """Tend this process's garbage, whenever ``releases`` have changed; in a worker alone."""
    gc.set_threshold(*THRESHOLDS)
    releases.swapped = _swapped


def set_aside() -> None:
    """Collect everything, and set aside what is left."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _swapped(first: bool) -> None:
    if first:
        set_aside()
    else:
        asyncio.get_running_loop().call_later(AFTER_SWAP, set_aside)
