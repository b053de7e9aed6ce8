"""Ends background tasks for certain."""

from __future__ import annotations

import asyncio
from typing import Any


async def ended(*tasks: asyncio.Task[Any] | None) -> None:
    """Cancel tasks and wait until they have ended; what they ended with is dropped.

    One cancellation can be lost, where what a task waits for is done at the same moment.
    """
    for task in tasks:
        while task is not None and not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=0.5)
        if task is not None and not task.cancelled():
            task.exception()
