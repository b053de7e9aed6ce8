"""Real servers as children of a test."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from bot.embedded_redis import EmbeddedRedis
from tests.support.timing import eventually_now

ROOT = Path(__file__).parents[2]
ASSISTANTS = ROOT / "tests" / "assistants"


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[EmbeddedRedis]:
    """Run an embedded Redis with its data and socket in ``folder``."""
    server = EmbeddedRedis(folder / "data", folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def action_server(assistant: Path, socket: Path, **environment: str) -> Iterator[str]:
    """Run the actions of ``assistant`` in a real rasa-sdk server; yields its address."""
    command = [sys.executable, "-m", "bot.action_server"]
    command += ["--folder", str(assistant), "--socket", str(socket)]
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment}
    process = subprocess.Popen(
        command, env=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        eventually_now(lambda: _answers(socket, process), 30)
        yield f"unix:{socket}"
    finally:
        process.terminate()
        process.wait(10)


def _answers(socket: Path, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "the action server has ended"
    with contextlib.suppress(httpx.HTTPError):
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(socket)), timeout=2) as client:
            return client.get("http://actions/health").status_code == 200
    return False


@contextlib.asynccontextmanager
async def peer(answer: Callable[[bytes], bytes | None]) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that answers each HTTP request by ``answer``; None closes the connection.

    Yields its address and the bodies it was sent.
    """
    import asyncio

    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lines = head.decode("latin-1").lower().split("\r\n")
                [size] = [line.split(":")[1] for line in lines if "content-length" in line] or ["0"]
                seen.append(await reader.readexactly(int(size)))
                wanted = answer(seen[-1])
                if wanted is None:
                    break
                if wanted == HANG:
                    await asyncio.sleep(3600)
                writer.write(wanted)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/webhook", seen
    finally:
        server.close()


HANG = b"hang"


def http(status: int, body: bytes, **headers: Any) -> bytes:
    """An HTTP answer."""
    extra = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{extra}\r\n".encode() + body
