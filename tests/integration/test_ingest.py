"""Reading logs as a process that is killed, in several, and on Ray: the store is the same."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot import cli
from bot.commands import mining_work
from retrieval import ingest as ingesting
from retrieval.engine import Engine, LocalEngine, ProcessEngine, RayEngine
from retrieval.ingest import Work, Worker, ingest
from retrieval.reading.formats import find_logs
from retrieval.store import FILE, LogStore
from tests.support import tiny

ROOT = Path(__file__).parents[2]
LOGS = ROOT / "intents" / "packs" / "retail" / "logs"


def contents(folder: Path) -> list[Any]:
    """Everything that a store holds, but for its secret and what the secret changes."""
    connection = sqlite3.connect(folder / FILE)
    tables = ("files", "conversations", "bad_lines")
    rows = [
        connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in tables
    ]
    connection.close()
    with LogStore.open(folder) as store:
        return [*rows, list(store)]


def test_kill_9_again_and_again_loses_nothing(tmp_path: Path) -> None:
    log = tmp_path / "a.jsonl"
    texts = (file.read_text("utf-8") for file in sorted(LOGS.glob("*-0*.jsonl")))
    known = [json.loads(row) for text in texts for row in text.splitlines()]
    rows = [json.dumps(talk | {"turns": talk["turns"][:2], "agent": None}) for talk in known]
    rows[77] = "{torn"
    log.write_text("\n".join(rows * 2), "utf-8")

    def read(store: str) -> subprocess.Popen[bytes]:
        command = ("logs", "read", str(log), "--store", str(tmp_path / store), "--yes")
        return subprocess.Popen(
            [sys.executable, "-m", "bot", *command],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    assert read("whole").wait(240) == 0
    file = tmp_path / "killed" / FILE
    for items in (1, 257):
        process = read("killed")
        while process.poll() is None and _items(file) < items:
            time.sleep(0.01)
        assert process.poll() is None, "killed while it reads"
        os.kill(process.pid, signal.SIGKILL)
        process.wait(60)
        assert items <= _items(file) < len(rows) * 2
    assert read("killed").wait(240) == 0
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")
    with LogStore.open(tmp_path / "killed") as store:
        assert len(store) == len(rows) - 1
        assert store.summary()["bad_lines"] == 2


def _items(file: Path) -> int:
    """Items written so far, seen from another process."""
    if not file.exists():
        return 0
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)
    try:
        return int(connection.execute("SELECT coalesce(max(items), 0) FROM files").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()


class Telling(Worker):
    """Encodes by what a text holds, and tells which process did it."""

    def redact(self, entries: Any) -> Any:
        done = super().redact(entries)
        texts = tuple(t for e in done.entries if hasattr(e.item, "turns") for t in _texts(e.item))
        return ingesting.Redacted(done.entries, texts)

    def encode(self, texts: Sequence[str]) -> Any:
        return np.array(
            [[len(t), sum(map(ord, t)) % 999, os.getpid() % 2000] for t in texts], np.float16
        )


def _texts(conversation: Any) -> list[str]:
    return [turn.text for turn in conversation.turns]


INNER = Work(key=b"one secret")


def make() -> Telling:
    return Telling(INNER)


def engine_of(name: str) -> Engine:
    if name == "ray":
        pytest.importorskip("ray", reason="Ray is not installed: pip install 'frontdesk[ray]'")
        return RayEngine(make, 2)
    return LocalEngine(make) if name == "local" else ProcessEngine(make, 2)


@pytest.mark.parametrize("name", ["processes", "ray"])
def test_two_processes_make_the_same_store(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingesting, "BLOCK", 16)
    (tmp_path / "encoder").mkdir()
    work = Work(encoder=tmp_path / "encoder", key=b"one secret")
    seen: list[Any] = []
    for own in ("local", name):
        engine = engine_of(own)
        try:
            with LogStore.open(tmp_path / own, create=True) as store:
                ingest(find_logs([LOGS / "en-01.jsonl", LOGS / "zh-01.jsonl"]), store, work, engine)
                kept = store.vectors(ingesting.encoder_name(tmp_path / "encoder"))
                texts = [turn.text for c in store for turn in c.turns]
                vectors = kept.get(texts)
                processes = {int(pid) for pid in kept.rows[:, 2]}
        finally:
            engine.close()
        bodies = sqlite3.connect(tmp_path / own / FILE)
        seen.append((contents(tmp_path / own), vectors[:, :2].tolist()))
        seen[-1] += (bodies.execute("SELECT * FROM blocks").fetchall(),)
        bodies.close()
        assert len(processes) == (1 if own == "local" else 2)
    assert seen[0] == seen[1]


@pytest.fixture(scope="module", autouse=True)
def _home_of_ray(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Ray writes a token into the home folder, once for a process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.mark.weights
def test_ray_mines_the_same_in_two_processes(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'frontdesk[ray]'")
    cache = os.environ.get("FRONTDESK_CACHE")
    home = tiny.prepared(Path(cache) if cache else tmp_path_factory.mktemp("cache"))
    log = tmp_path / "log.jsonl"
    files = (LOGS / "en-01.jsonl", LOGS / "zh-01.jsonl")
    rows = [row for file in files for row in file.read_text("utf-8").splitlines()[:10]]
    log.write_text("\n".join(rows), "utf-8")
    monkeypatch.setattr(mining_work, "BLOCK", 4)
    made = []
    for engine, workers in (("local", "1"), ("local", "2"), ("ray", "2")):
        out = tmp_path / f"{engine}{workers}.jsonl"
        command = ["mine", "--logs", str(log), "--model", str(home / "current"), "--out", str(out)]
        with pytest.raises(SystemExit) as ended:
            cli.main([*command, "--engine", engine, "--workers", workers])
        assert not ended.value.code
        made.append((out.read_bytes(), out.with_name(f"{engine}{workers}.gaps.jsonl").read_bytes()))
    assert made[0] == made[1] == made[2]
    assert made[0][0].count(b"\n") > 5
