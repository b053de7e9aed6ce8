"""Real servers as children of a test."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

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


def end(process: subprocess.Popen[bytes]) -> None:
    """End a server that is not ours; kill it where it does not go by itself.

    On a loaded machine Sanic has not come back from SIGTERM within 20 s, and no test asks for that.
    """
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(20)


@contextlib.contextmanager
def action_server(assistant: Path, address: Path, **environment: str) -> Iterator[str]:
    """Run the actions of ``assistant`` in a real rasa-sdk server; yields its address."""
    command = [sys.executable, "-m", "bot.actions.server"]
    command += ["--folder", str(assistant), "--socket", str(address)]
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment}
    process = subprocess.Popen(
        command, env=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        eventually_now(lambda: _answers(address, process), 30)
        yield f"unix:{address}"
    finally:
        end(process)


@contextlib.contextmanager
def grpc_action_server(assistant: Path, *options: str) -> Iterator[str]:
    """Run the actions of ``assistant`` by rasa-sdk's own command, over gRPC; yields its address."""
    port = free_port()
    command = [sys.executable, "-m", "rasa_sdk", "--grpc", "--port", str(port), *options]
    process = subprocess.Popen(
        [*command, "--actions", "actions"],
        cwd=assistant,
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually_now(lambda: _listens(port, process), 30)
        yield f"grpc://localhost:{port}"
    finally:
        end(process)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _listens(port: int, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "the action server has ended"
    with contextlib.suppress(OSError), socket.create_connection(("localhost", port), 1):
        return True
    return False


def _answers(path: Path, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "the action server has ended"
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client,
    ):
        client.settimeout(5)
        client.connect(str(path))
        client.sendall(b"GET /health HTTP/1.0\r\nHost: actions\r\n\r\n")
        return b" 200 " in client.recv(64)
    return False


@contextlib.asynccontextmanager
async def peer(answer: Callable[[bytes], bytes | None]) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that answers each HTTP request by ``answer``; None closes the connection.

    Yields its address and the bodies it was sent.
    """
    seen: list[bytes] = []
    open_ones: dict[asyncio.Task[None] | None, asyncio.StreamWriter] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones[asyncio.current_task()] = writer
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
        del open_ones[asyncio.current_task()]
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/webhook", seen
    finally:
        server.close()
        for task, writer in tuple(open_ones.items()):
            writer.close()
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task


HANG = b"hang"


def http(status: int, body: bytes, **headers: Any) -> bytes:
    """An HTTP answer."""
    extra = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{extra}\r\n".encode() + body
