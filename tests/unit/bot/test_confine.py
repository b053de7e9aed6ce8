"""Whose the action server is, and what it may not do."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.actions import confine
from bot.actions.confine import Account, account, arrange, bound
from bot.serve import Child
from models.errors import ServiceError

as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that others could reach if they were let in."""
    with tempfile.TemporaryDirectory(prefix="fd-") as name:
        Path(name).chmod(0o755)
        home = Path(name) / "home"
        (home / "assistant" / "actions").mkdir(parents=True)
        (home / "assistant" / "actions" / "__init__.py").touch()
        for name in ("secret", "record.sqlite3", "record.sqlite3-wal", "shop.sqlite3"):
            (home / name).write_text("private")
        (home / "releases").mkdir()
        (home / "run").mkdir()
        yield home


def test_bounds_cannot_be_lifted_again() -> None:
    code = """
import resource
assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] <= 1024
assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] <= 2 << 30
assert "NoNewPrivs:\\t1" in open("/proc/self/status").read()
"""
    subprocess.run([sys.executable, "-c", code], preexec_fn=bound, check=True, timeout=30)


def test_who_is_not_root_keeps_the_action_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    assert account(None) is None
    assert account("nobody") is None


def test_root_chooses_the_user_made_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 0)
    assert account("root") is None
    found = account(None)
    assert found is not None
    assert found.name in confine.UNPRIVILEGED
    assert found.uid == pwd.getpwnam(found.name).pw_uid != 0
    with pytest.raises(ServiceError, match="no user"):
        account("frontdesk-nobody-of-this-name")


def test_what_the_home_keeps_is_closed_to_others(home: Path) -> None:
    place = arrange(home, home / "assistant", home / "run", "root", None)
    assert (place.user, place.sockets, place.kept) == (None, home / "run", home)
    for name in ("secret", "record.sqlite3", "record.sqlite3-wal", "shop.sqlite3", "releases"):
        assert _mode(home / name) & 0o077 == 0, name


@as_root
def test_action_server_is_another_user_who_opens_nothing_of_the_service(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the interpreter of this test may lie where only root may go
    monkeypatch.setattr(confine, "obstacle", lambda *_: None)
    place = arrange(home, home / "assistant", home / "run", "nobody", None)
    assert place.user == Account("nobody", *pwd.getpwnam("nobody")[2:4])
    assert place.kept == home / "actions"
    assert (place.kept / "shop.sqlite3").read_text() == "private"
    script = f"""
id -un
umask
cat {home}/assistant/actions/__init__.py && echo code
echo more >> {place.kept}/shop.sqlite3 && echo data
touch {place.sockets}/actions.sock && echo socket
cat {home}/secret; cat {home}/record.sqlite3; ls {home}; ls {home}/releases; touch {home}/x
"""
    child = Child("actions", ["/bin/sh", "-c", script], {}, user=place.user, prepare=bound)
    read, write = os.pipe()
    kept = os.dup(1)
    mask = os.umask(0o077)
    try:
        os.dup2(write, 1)
        child.start()
    finally:
        os.dup2(kept, 1)
        os.umask(mask)
        os.close(kept)
        os.close(write)
    with os.fdopen(read) as said:
        assert said.read().split() == ["nobody", "0077", "code", "data", "socket"]
    child.wait(10)
    assert arrange(home, home / "assistant", home / "run", "root", None).kept == home / "actions"
    (place.sockets / "actions.sock").unlink()
    place.sockets.rmdir()


@as_root
def test_action_server_stays_where_another_user_cannot_run_it(home: Path) -> None:
    home.parent.chmod(0o700)
    home.chmod(0o700)
    place = arrange(home, home / "assistant", home / "run", "nobody", None)
    assert place.user is None
    assert place.kept == home
    assert _mode(home) == 0o700
