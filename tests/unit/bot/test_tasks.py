from __future__ import annotations

import asyncio

from bot.tasks import ended
from tests.support.timing import within


@within(10)
async def test_task_that_loses_a_cancellation_ends_all_the_same() -> None:
    lost = 0

    async def stubborn() -> None:
        nonlocal lost
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                lost += 1
                if lost > 1:
                    raise

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await ended(task)
    assert task.cancelled()
    assert lost == 2


@within(10)
async def test_failed_and_finished_tasks_are_laid_to_rest() -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    async def finish() -> None:
        return

    tasks = [asyncio.create_task(fail()), asyncio.create_task(finish())]
    await asyncio.wait(tasks)
    await ended(*tasks, None)
