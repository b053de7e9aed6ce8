from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from bot import serve
from bot.actions.server import has_actions
from bot.home import Home
from bot.serve import Child
from models.errors import Conflict
from tests.support.timing import eventually_now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(serve.time, "monotonic", lambda: now[0])
    return now


def _child(code: str) -> Child:
    return Child("test", [sys.executable, "-S", "-c", code], {"PATH": os.environ["PATH"]})


def _dead(child: Child) -> bool:
    assert child.process is not None
    return child.process.wait(10) is not None


def test_dead_child_is_started_again(clock: list[float]) -> None:
    child = _child("import time; time.sleep(60)")
    child.start()
    assert child.process is not None
    first = child.process.pid
    clock[0] += 60
    child.look()
    assert child.process.pid == first
    os.kill(first, signal.SIGKILL)
    assert _dead(child)
    clock[0] += 0.01
    child.look()
    assert child.process.pid != first
    child.stop()
    child.wait(5)
    assert child.process.poll() is not None


def test_child_that_keeps_dying_is_started_ever_more_slowly(clock: list[float]) -> None:
    child = _child("")
    child.start()
    pauses = []
    for _ in range(9):
        assert _dead(child)
        began, started = clock[0], child.process
        while child.process is started:
            clock[0] += 0.05
            child.look()
        pauses.append(round(clock[0] - began, 1))
    assert _dead(child)
    assert pauses[:4] == [0.2, 0.4, 0.8, 1.6]
    assert max(pauses) <= 10.1
    assert pauses == sorted(pauses)


def test_child_that_does_not_stop_is_killed() -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    child = _child(code + "; print('ready', flush=True); time.sleep(60)")
    read, write = os.pipe()
    stdout = os.dup(1)
    os.dup2(write, 1)
    try:
        child.start()
    finally:
        os.dup2(stdout, 1)
        os.close(stdout)
        os.close(write)
    assert os.read(read, 5) == b"ready"
    os.close(read)
    child.stop()
    child.wait(0.1)
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL


def test_second_server_on_a_home_is_refused_and_told_of_the_first(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    again = Home(tmp_path / "home").served()
    with home.served(), pytest.raises(Conflict, match=str(os.getpid())):
        again.__enter__()
    with Home(tmp_path / "home").served():
        pass


def test_home_is_private_and_the_pack_is_copied_once(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    for name in ("domain.yml", "tests/x.yml", "logs/a.jsonl", "actions/__init__.py"):
        (pack / name).parent.mkdir(parents=True, exist_ok=True)
        (pack / name).write_text("x")
    home = Home(tmp_path / "home")
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700
    copy = home.copy_pack(pack)
    found = sorted(str(p.relative_to(copy)) for p in copy.rglob("*") if p.is_file())
    assert found == ["actions/__init__.py", "domain.yml"]
    (copy / "domain.yml").write_text("edited")
    assert (home.copy_pack(pack) / "domain.yml").read_text() == "edited"


def test_sockets_lie_in_a_private_folder_with_a_short_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    home = Home(tmp_path / ("long" * 20) / "home")
    folder = home.run_folder()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert len(str(folder)) - len(str(tmp_path)) < 40
    assert Home(home.path).run_folder() == folder
    eventually_now(folder.is_dir)


def test_actions_are_a_package_or_a_single_file(tmp_path: Path) -> None:
    assert not has_actions(tmp_path)
    (tmp_path / "actions.py").touch()
    assert has_actions(tmp_path)
    (tmp_path / "actions.py").unlink()
    (tmp_path / "actions").mkdir()
    assert has_actions(tmp_path)
