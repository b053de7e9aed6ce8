"""A whole worker in the test's own event loop, and those who talk to it over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import structlog
import uvicorn
from websockets.asyncio.client import ClientConnection, connect

from bot.app import create_app
from bot.record.migrate import migrate
from bot.service import Service
from bot.settings import Settings

# the default shows the values of every frame, which takes longer than the turn that failed
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        ),
    ]
)

API = "/api/v1/conversations"
PASSWORD = "correct horse battery"


@contextlib.asynccontextmanager
async def serving(
    home: Path, redis_url: str, actions_url: str | None, **options: Any
) -> AsyncIterator[App]:
    """Serve ``home`` on a free port until the block ends."""
    worker = options.pop("worker", None)
    settings = Settings(_env_file=None, home=home, **{"conversations_per_minute": 5000, **options})
    service = Service.build(settings, redis_url=redis_url, actions_url=actions_url, worker=worker)
    migrate(service.record.engine)
    config = uvicorn.Config(
        create_app(service),
        log_config=None,
        access_log=False,
        ws_max_size=settings.max_body,
        server_header=False,
        proxy_headers=False,
    )
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            while not server.started:
                if task.done():
                    await task
                    raise AssertionError("the service did not start")
                await asyncio.sleep(0.01)
            base = f"http://127.0.0.1:{listening.getsockname()[1]}"
            async with App(base, service) as app:
                yield app
        finally:
            server.should_exit = True
            await task


class App:
    """A running service, seen from outside; ``service`` are its parts."""

    def __init__(self, base: str, service: Service) -> None:
        self.base = base
        self.service = service
        self.http = httpx.AsyncClient(base_url=base, timeout=20)

    async def __aenter__(self) -> App:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def customer(self, **body: Any) -> Customer:
        """Open a conversation."""
        answer = await self.http.post(API, json=body)
        assert answer.status_code == 201, answer.text
        data = answer.json()
        return Customer(self.http, self.base, data["conversation_id"], data["token"])

    async def ready(self) -> dict[str, Any]:
        """What ``/readyz`` says."""
        found: dict[str, Any] = (await self.http.get("/readyz")).json()
        return found

    async def administrator(self) -> Staffer:
        """Set the installation up."""
        code = self.service.staff.setup_code()
        body = {"setup_code": code, "username": "ada", "display_name": "Ada", "password": PASSWORD}
        return await Staffer.enter(self.base, "setup", body)

    async def staffer(self, role: str, name: str) -> Staffer:
        """Make an account and sign in."""
        self.service.staff.create(name, name.title(), role, PASSWORD)  # type: ignore[arg-type]
        return await Staffer.enter(self.base, "login", {"username": name, "password": PASSWORD})


@dataclass
class Customer:
    """Somebody who has a conversation's token."""

    http: httpx.AsyncClient
    base: str
    id: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """What opens the conversation."""
        return {"Authorization": f"Bearer {self.token}"}

    async def post(self, text: str, name: str | None = None, **more: Any) -> httpx.Response:
        """Send a message."""
        body = {"client_message_id": name or str(uuid.uuid4()), "text": text, **more}
        url = f"{self.base}{API}/{self.id}/messages"
        return await self.http.post(url, json=body, headers=self.headers)

    async def fetch(self, after: int = 0) -> dict[str, Any]:
        """Return the events after a number, with owner and last_seq."""
        url = f"{self.base}{API}/{self.id}/events"
        answer = await self.http.get(url, params={"after": after}, headers=self.headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def events(self, after: int = 0) -> list[dict[str, Any]]:
        """Return the events after a number."""
        found: list[dict[str, Any]] = (await self.fetch(after))["events"]
        return found

    async def until(
        self, wanted: Callable[[dict[str, Any]], bool], after: int = 0, seconds: float = 10.0
    ) -> dict[str, Any]:
        """Wait for an event."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for event in await self.events(after):
                if wanted(event):
                    return event
            await asyncio.sleep(0.02)
        raise AssertionError(f"no such event within {seconds} s: {await self.events()}")

    async def say(self, text: str, seconds: float = 10.0, **more: Any) -> dict[str, Any]:
        """Say something and return the bot's reply to it."""
        answer = await self.post(text, **more)
        assert answer.status_code == 202, answer.text
        seq = answer.json()["seq"]
        return await self.until(lambda e: e["role"] == "bot", seq, seconds)

    @contextlib.asynccontextmanager
    async def stream(
        self, after: int = 0, token: str | None = None, **options: Any
    ) -> AsyncIterator[Stream]:
        """Open the live stream."""
        url = self.base.replace("http", "ws") + f"{API}/{self.id}/stream"
        async with connect(url, **options) as connection:
            frames = Stream(connection)
            shown = self.token if token is None else token
            await frames.send({"type": "auth", "token": shown, "after": after})
            yield frames


@dataclass
class Stream:
    """Frames of an open WebSocket: ``seen`` are all, ``passed`` those that were not waited for."""

    connection: ClientConnection
    seen: list[dict[str, Any]] = field(default_factory=list)
    passed: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, frame: dict[str, Any]) -> None:
        """Send a frame."""
        await self.connection.send(json.dumps(frame))

    async def next(self, seconds: float = 10.0) -> dict[str, Any]:
        """Return the next frame."""
        async with asyncio.timeout(seconds):
            frame: dict[str, Any] = json.loads(await self.connection.recv())
        self.seen.append(frame)
        return frame

    async def until(
        self, wanted: Callable[[dict[str, Any]], bool], seconds: float = 10.0
    ) -> dict[str, Any]:
        """Return the first wanted frame among those passed over and those to come."""
        for frame in self.passed:
            if wanted(frame):
                self.passed.remove(frame)
                return frame
        async with asyncio.timeout(seconds):
            while not wanted(frame := await self.next(seconds)):
                self.passed.append(frame)
            return frame

    async def event(self, role: str, seconds: float = 10.0) -> dict[str, Any]:
        """Return the next event of ``role``."""
        frame = await self.until(
            lambda f: f["type"] == "event" and f["event"]["role"] == role, seconds
        )
        found: dict[str, Any] = frame["event"]
        return found


class Staffer:
    """A signed-in member of staff."""

    def __init__(self, base: str, http: httpx.AsyncClient, csrf: str) -> None:
        self.base = base
        self.http = http
        self.csrf = csrf

    @classmethod
    async def enter(cls, base: str, way: str, body: dict[str, Any]) -> Staffer:
        """Set up or sign in."""
        http = httpx.AsyncClient(base_url=base, timeout=20)
        answer = await http.post(f"/api/v1/auth/{way}", json=body)
        if not answer.is_success:
            await http.aclose()
            raise AssertionError(answer.text)
        return cls(base, http, answer.json()["csrf"])

    async def __aenter__(self) -> Staffer:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def get(self, path: str, **params: Any) -> httpx.Response:
        """Read."""
        return await self.http.get(f"/api/v1/{path}", params=params)

    async def send(self, path: str, body: Any = None, method: str = "POST") -> httpx.Response:
        """Write, with the CSRF token."""
        headers = {"X-CSRF-Token": self.csrf}
        return await self.http.request(method, f"/api/v1/{path}", json=body, headers=headers)

    async def take(self, conversation: str) -> int:
        """Take a conversation over; returns the epoch."""
        epoch = (await self.get(f"desk/conversations/{conversation}")).json()["epoch"]
        answer = await self.send(f"desk/conversations/{conversation}/take", {"epoch": epoch})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["epoch"])

    async def reply(self, conversation: str, text: str, epoch: int) -> httpx.Response:
        """Say something to the customer."""
        body = {"client_message_id": str(uuid.uuid4()), "text": text, "epoch": epoch}
        return await self.send(f"desk/conversations/{conversation}/reply", body)

    @contextlib.asynccontextmanager
    async def desk(self) -> AsyncIterator[Stream]:
        """Open the desk's stream, which makes its agent present."""
        url = self.base.replace("http", "ws") + "/api/v1/desk/stream"
        cookie = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        async with connect(url, additional_headers={"Cookie": cookie}) as connection:
            frames = Stream(connection)
            await frames.send({"type": "ping"})
            await frames.until(lambda frame: frame["type"] == "pong")
            yield frames
