"""Tests that wait for events, and are bounded in time."""

from __future__ import annotations

import asyncio
import functools
import inspect
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

Test = Callable[..., Coroutine[Any, Any, None]]


def within(seconds: float) -> Callable[[Test], Callable[..., None]]:
    """Run a coroutine as a test in a loop of its own, for at most ``seconds``."""

    def decorate(test: Test) -> Callable[..., None]:
        @functools.wraps(test)
        def run(*args: Any, **kwargs: Any) -> None:
            async def bounded() -> None:
                async with asyncio.timeout(seconds):
                    await test(*args, **kwargs)

            asyncio.run(bounded())

        # pytest must see a plain function with the coroutine's parameters
        del run.__wrapped__
        run.__signature__ = inspect.signature(test)  # type: ignore[attr-defined]
        return run

    return decorate


async def eventually(
    holds: Callable[[], Awaitable[bool]] | Callable[[], bool], seconds: float = 5.0
) -> None:
    """Wait until ``holds`` is true, looking often."""
    deadline = time.monotonic() + seconds
    while True:
        found = holds()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"{getattr(holds, '__name__', holds)} did not come true")
        await asyncio.sleep(0.02)


def eventually_now(holds: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait, without an event loop, until ``holds`` is true."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"{getattr(holds, '__name__', holds)} did not come true")
        time.sleep(0.01)
