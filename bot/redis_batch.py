"""Commands for Redis that are given while others are under way go out together.

A request costs the client more than it costs Redis. Under load many turns ask at the same moment;
what they ask shares one request and one answer, in the order in which it was given.
"""

from __future__ import annotations

import asyncio
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as NotConnected

from bot.tasks import ended

Command = tuple[str | bytes | int | float, ...]


class Batch:
    """Sends commands of a client. None of them may block or belong to a transaction."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._asked: list[tuple[tuple[Command, ...], asyncio.Future[list[Any]]]] = []
        self._sending: asyncio.Task[None] | None = None

    async def ask(self, *commands: Command) -> list[Any]:
        """Run commands one after the other; return what Redis answers to each.

        :raises RedisError, OSError: one of them was refused, or Redis does not answer.
        """
        answer: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._asked.append((commands, answer))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send(), name="redis-batch")
            self._sending.add_done_callback(self._ended)
        return await answer

    async def close(self) -> None:
        """Stop; whoever still waits is told that there is no connection."""
        await ended(self._sending)

    def _ended(self, sending: asyncio.Task[None]) -> None:
        """Nobody is left waiting for a task that was cancelled, even before it began."""
        if sending.cancelled():
            asked, self._asked = self._asked, []
            self._fail(asked, NotConnected("closed"))

    async def _send(self) -> None:
        while self._asked:
            asked, self._asked = self._asked, []
            try:
                async with self._redis.pipeline(transaction=False) as pipe:
                    for commands, _ in asked:
                        for command in commands:
                            pipe.execute_command(*command)
                    answers = await pipe.execute(raise_on_error=False)
            except asyncio.CancelledError:
                self._fail(asked, NotConnected("closed"))
                raise
            except Exception as error:
                # what came meanwhile would wait for as long again
                self._fail([*asked, *self._asked], error)
                self._asked = []
                continue
            self._settle(asked, answers)

    @staticmethod
    def _settle(
        asked: list[tuple[tuple[Command, ...], asyncio.Future[list[Any]]]], answers: list[Any]
    ) -> None:
        at = 0
        for commands, answer in asked:
            mine = answers[at : at + len(commands)]
            at += len(commands)
            if answer.done():
                continue
            refused = next((item for item in mine if isinstance(item, Exception)), None)
            if refused is None:
                answer.set_result(mine)
            else:
                answer.set_exception(refused)

    @staticmethod
    def _fail(
        asked: list[tuple[tuple[Command, ...], asyncio.Future[list[Any]]]], error: Exception
    ) -> None:
        for _, answer in asked:
            if not answer.done():
                answer.set_exception(error)
