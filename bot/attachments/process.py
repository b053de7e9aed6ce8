"""A plug-in reader in a process of its own: it may crash, hang and take what memory it will.

The child is started with the first file and kept. It is asked by a line of JSON (``size``,
``type``, ``language``) with the file behind it, and answers by a line with ``text`` or ``error``.
A call that is given up ends it, and the next one starts another.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from typing import BinaryIO

from bot.attachments.content import Attachment
from models.errors import ReadingFailed

MAX_LINE = 1_000_000


class ProcessReader:
    """The class ``module:Class`` behind a pipe; one file at a time."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._process: Process | None = None
        self._turn = asyncio.Lock()

    async def read(self, attachment: Attachment, language: str) -> str:
        """Return what the plug-in read. Raises ReadingFailed."""
        head = {"size": len(attachment.content), "type": attachment.media_type}
        async with self._turn:
            try:
                answer = await self._asked({**head, "language": language}, attachment.content)
            except BaseException:
                await self._end()  # whatever it still says belongs to this call
                raise
        if "text" not in answer:
            raise ReadingFailed(f"{self._name} failed", found=str(answer.get("error"))[:80])
        return str(answer["text"])

    async def close(self) -> None:
        """End the process."""
        await self._end()

    async def _asked(self, head: dict[str, object], content: bytes) -> dict[str, object]:
        process = await self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(head).encode() + b"\n" + content)
            await process.stdin.drain()
            line = await process.stdout.readline()
            answer = json.loads(line or b"null")
        except (OSError, ValueError) as error:
            raise ReadingFailed(f"{self._name} ended", found=type(error).__name__) from error
        if not isinstance(answer, dict):
            raise ReadingFailed(f"{self._name} ended", fix="See the log for what it said.")
        return answer

    async def _running(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            # its settings and keys are its own: nothing of the service's is in its environment
            given = {k: v for k, v in os.environ.items() if not k.startswith("FRONTDESK_")}
            command = [sys.executable, "-m", "bot.attachments.process", self._name]
            self._process = await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, env=given, limit=MAX_LINE
            )
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def main() -> None:
    """Serve the class that the command line names, until the pipe is closed."""
    # what the model prints must not stand among the answers
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    module, _, name = sys.argv[1].partition(":")
    reader = getattr(importlib.import_module(module), name)()
    while head := _head(sys.stdin.buffer):
        content = sys.stdin.buffer.read(int(head["size"]))
        try:
            answer = {"text": str(reader.read(content, str(head["type"]), str(head["language"])))}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}"}
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def _head(source: BinaryIO) -> dict[str, str] | None:
    line = source.readline()
    found: dict[str, str] | None = json.loads(line) if line else None
    return found


if __name__ == "__main__":
    main()
