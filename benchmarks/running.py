"""A real ``frontdesk serve`` for benchmarks, on a home of its own."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

PASSWORD = uuid.uuid4().hex


@dataclass
class Running:
    """A served home: customers' calls by ``client``, staff's by ``staff``."""

    url: str
    home: Path
    client: httpx.Client
    staff: httpx.Client
    pid: int
    seconds_to_ready: float

    def open(self, language: str, customer: str | None = None) -> Talk:
        """Open a conversation, signed in as an example customer if given."""
        token = None
        if customer:
            answer = self.client.post("/demo/sign-in", json={"customer": customer})
            token = answer.raise_for_status().json()["token"]
        body = {"language": language, "customer_token": token}
        data = self.client.post("/api/v1/conversations", json=body).raise_for_status().json()
        return Talk(self, data["conversation_id"], data["token"])


@dataclass
class Talk:
    """One conversation."""

    running: Running
    id: str
    token: str
    seen: int = 0

    def say(self, text: str, patience: float = 12.0) -> list[dict[str, Any]]:
        """Send a message and return the events of its turn as the desk sees them."""
        path = f"/api/v1/conversations/{self.id}"
        headers = {"Authorization": f"Bearer {self.token}"}
        body = {"client_message_id": uuid.uuid4().hex, "text": text}
        posted = self.running.client.post(f"{path}/messages", json=body, headers=headers)
        seq = posted.raise_for_status().json()["seq"]
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            page = self.running.client.get(f"{path}/events?after={seq}", headers=headers).json()
            if page["last_seq"] > seq:
                shown = self.running.staff.get(f"/api/v1/desk/conversations/{self.id}").json()
                return [e for e in shown["events"] if e["seq"] > seq]
            time.sleep(0.004)
        return []


@contextlib.contextmanager
def serve(home: Path, **options: str) -> Iterator[Running]:
    """Run ``frontdesk serve`` on ``home`` until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "FRONTDESK_HOME": str(home),
        "FRONTDESK_PORT": str(port),
        "FRONTDESK_SETUP_CODE": PASSWORD,
        "FRONTDESK_LOG_LEVEL": "ERROR",
        "FRONTDESK_MESSAGES_PER_MINUTE": "1000000",
        "FRONTDESK_CONVERSATIONS_PER_MINUTE": "1000000",
        "SHOP_DB": str(home / "shop.sqlite3"),
        **{f"FRONTDESK_{name.upper()}": value for name, value in options.items()},
    }
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "bot", "serve"], env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(base_url=url, timeout=30) as client:
            _wait(client, process)
            ready = time.perf_counter() - began
            with httpx.Client(base_url=url, timeout=30) as staff:
                _sign_in(staff)
                yield Running(url, home, client, staff, process.pid, ready)
    finally:
        process.terminate()
        process.wait(30)


def _wait(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if client.get("/readyz").json()["status"] == "ok":
                return
        time.sleep(0.05)
    raise SystemExit("frontdesk serve ended before it was ready")


def _sign_in(staff: httpx.Client) -> None:
    body = {"setup_code": PASSWORD, "username": "bench", "password": PASSWORD}
    state = staff.get("/api/v1/auth/state").json()
    if state["setup_needed"]:
        staff.post("/api/v1/auth/setup", json=body).raise_for_status()
    else:
        login = {"username": "bench", "password": PASSWORD}
        staff.post("/api/v1/auth/login", json=login).raise_for_status()
    state = staff.get("/api/v1/auth/state").json()
    staff.headers["X-CSRF-Token"] = state["csrf"]
