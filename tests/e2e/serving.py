"""A real ``frontdesk serve`` on a copy of a home with the shipped retail assistant."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.support import tiny
from tests.support.processes import ROOT
from tests.support.service import PASSWORD

SETUP_CODE = "e2e-first-day"
ADMIN = "ada"
_MAKERS = ("intents", "intents/packs/retail", "retrieval", "models", "bot/templates.py")
_NOT_IN_RELEASE = ("__pycache__", "logs", "tests")
_STARTS_WITHIN = 60.0


# -- the home -------------------------------------------------------------------------------


def prepared(cache: Path) -> Path:
    """Return a home that ``bot.prepare`` has made of the retail pack, kept under ``cache``."""
    kept = cache / "tests" / f"retail-{_fingerprint()}"
    kept.parent.mkdir(parents=True, exist_ok=True)
    with (kept.parent / "retail.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            for old in kept.parent.glob("retail-*"):
                shutil.rmtree(old)
            draft = kept.with_name(f"draft-retail-{os.getpid()}")
            environment = {**os.environ, "FRONTDESK_CACHE": str(cache), "HF_HUB_OFFLINE": "1"}
            command = [sys.executable, "-m", "bot.prepare", "--home", str(draft)]
            subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=1200)
            draft.rename(kept)
    return kept


def _fingerprint() -> str:
    """Changes with whatever makes the release."""
    found = hashlib.sha256()
    for name in _MAKERS:
        path = ROOT / name
        files = path.rglob("*") if "packs" in name else path.glob("*.py")
        for file in [path] if path.is_file() else sorted(files):
            if file.is_file() and not set(file.parts) & set(_NOT_IN_RELEASE):
                found.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return found.hexdigest()[:16]


def copy_home(source: Path, target: Path) -> Path:
    """Copy the assistant and the releases of a home, without its conversations."""
    target.mkdir(parents=True)
    for name in ("assistant", "releases", "blobs"):
        tiny.copied(source / name, target / name)
    (target / "current").symlink_to((source / "current").readlink())
    return target


# -- the service ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Service:
    """A running service: where it is, where it keeps its state, what it has printed."""

    url: str
    home: Path
    log: Path
    _sessions: dict[str, tuple[dict[str, str], str]] = field(default_factory=dict)

    def administrator(self) -> None:
        """Set the installation up."""
        body = {"setup_code": SETUP_CODE, "username": ADMIN, "display_name": "Ada"}
        self._enter("setup", {**body, "password": PASSWORD})

    def colleague(self, username: str, display_name: str, role: str) -> None:
        """Make an account."""
        body = {"username": username, "display_name": display_name, "role": role}
        self.as_staff(ADMIN, "POST", "auth/users", {**body, "password": PASSWORD})

    def cookies(self, username: str) -> dict[str, str]:
        """Return the session of a colleague, who signs in once: many tries would be refused."""
        return self._session(username)[0]

    def as_staff(self, username: str, method: str, path: str, body: Any = None) -> Any:
        """Call the API as a member of staff; return its answer."""
        cookies, csrf = self._session(username)
        with httpx.Client(base_url=self.url, timeout=30, cookies=cookies) as client:
            headers = {"X-CSRF-Token": csrf}
            answer = client.request(method, f"/api/v1/{path}", json=body, headers=headers)
            return answer.raise_for_status().json()

    def _session(self, username: str) -> tuple[dict[str, str], str]:
        if username not in self._sessions:
            self._enter("login", {"username": username, "password": PASSWORD})
        return self._sessions[username]

    def _enter(self, way: str, body: dict[str, str]) -> None:
        with httpx.Client(base_url=self.url, timeout=30) as client:
            answer = client.post(f"/api/v1/auth/{way}", json=body).raise_for_status()
            self._sessions[body["username"]] = (dict(client.cookies), answer.json()["csrf"])


@contextlib.contextmanager
def serving(prepared_home: Path, *, origins: Sequence[str] = ()) -> Iterator[Service]:
    """Run ``frontdesk serve`` on a copy of ``prepared_home`` until the block ends."""
    with tempfile.TemporaryDirectory(prefix="fd-e2e-") as folder:
        home = copy_home(prepared_home, Path(folder) / "home")
        log = Path(folder) / "serve.log"
        port = _free_port()
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "bot", "serve"],
                cwd=ROOT,
                env=_environment(home, port, origins),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            service = Service(f"http://localhost:{port}", home, log)
            _wait_until_ready(service, process)
            yield service
        finally:
            process.terminate()
            status = process.wait(30)
        assert status == 0, f"the service ended with {status}:\n{log.read_text()[-4000:]}"


def _environment(home: Path, port: int, origins: Sequence[str]) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("FRONTDESK_", "SHOP_"))}
    return {
        **kept,
        "FRONTDESK_HOME": str(home),
        "FRONTDESK_PORT": str(port),
        "FRONTDESK_SETUP_CODE": SETUP_CODE,
        "FRONTDESK_LOG_LEVEL": "WARNING",
        "FRONTDESK_CONVERSATIONS_PER_MINUTE": "5000",
        "FRONTDESK_ORIGINS": json.dumps(list(origins)),
        "OMP_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(service: Service, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN
    with httpx.Client(base_url=service.url, timeout=5) as client:
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError):
                if client.get("/readyz").json()["status"] == "ok":
                    return
            time.sleep(0.05)
    raise AssertionError(f"the service is not ready:\n{service.log.read_text()[-4000:]}")
