import itertools
import time
from dataclasses import replace
from pathlib import Path

import pytest

from intents.examples import Entity, Example
from intents.training.preflight import (
    MB,
    Need,
    available_memory,
    check,
    estimate,
    machine_speed,
    spoken,
)
from models.encoders.weights import Weights
from models.errors import NotEnoughMemory


@pytest.fixture
def weights(tmp_path: Path) -> Weights:
    (tmp_path / "model.safetensors").write_bytes(b"0" * 1000)
    return Weights("tiny", tmp_path, ("en",), "", 384, 6, 256, "0", "MIT")


def lines(count: int, text: str = "where is my parcel", marks: bool = False) -> list[Example]:
    entities = (Entity(0, 5, "x", "where"),) if marks else None
    return [Example(text, f"intent {i % 10}", entities) for i in range(count)]


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")
    return root


def test_need_grows_with_lines_length_mode_and_marks(weights: Weights) -> None:
    small = estimate(lines(100), weights, "head", 1.0)
    for larger in (
        estimate(lines(10_000), weights, "head", 1.0),
        estimate(lines(100), weights, "full", 1.0),
        estimate(lines(100, marks=True), weights, "head", 1.0),
    ):
        assert larger.memory > small.memory
        assert larger.seconds > small.seconds
    long = estimate(lines(100, "word " * 200), weights, "full", 1.0)
    assert long.memory > estimate(lines(100), weights, "full", 1.0).memory
    deep = estimate(lines(100), replace(weights, layers=12), "full", 1.0)
    assert deep.memory > estimate(lines(100), weights, "full", 1.0).memory


def test_long_texts_cost_a_fine_tune_no_more_than_their_beginnings(weights: Weights) -> None:
    def tuned(text: str) -> float:
        full, head = (estimate(lines(5000, text), weights, m, 1.0) for m in ("full", "head"))
        return full.seconds - head.seconds

    assert tuned("word " * 90) == tuned("word " * 400) < tuned("word " * 58) * 1.2


def test_a_slower_machine_takes_longer_by_as_much(weights: Weights) -> None:
    usual = estimate(lines(1000), weights, "full", 1.0).seconds
    assert estimate(lines(1000), weights, "full", 0.5).seconds == pytest.approx(2 * usual)
    assert machine_speed(0.02) > 0


def test_other_work_on_the_machine_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count()
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock) / 1000)
    speeds = []
    for share in (1.0, 0.25):
        used = itertools.count()
        monkeypatch.setattr(time, "thread_time", lambda s=share, u=used: s * next(u) / 10)
        speeds.append(machine_speed(0.1))
    assert speeds[1] == pytest.approx(speeds[0] / 4, rel=0.1)


def test_many_marked_lines_take_longer_and_no_longer_than_their_number(weights: Weights) -> None:
    few, many = (
        estimate(lines(count, marks=True), weights, "full", 1.0).seconds for count in (990, 1010)
    )
    assert many > 1.1 * few
    more = estimate(lines(20_000, marks=True), weights, "full", 1.0).seconds
    most = estimate(lines(40_000, marks=True), weights, "full", 1.0).seconds
    assert most < 2.2 * more


def test_too_little_memory_says_how_much_is_missing() -> None:
    check(Need(500 * MB, 10), 600 * MB)
    with pytest.raises(NotEnoughMemory) as caught:
        check(Need(1500 * MB, 10), 600 * MB)
    assert "1,500 MB" in str(caught.value)
    assert "600 MB" in str(caught.value)
    assert "--mode head" in str(caught.value)


def test_available_memory_of_the_machine(tmp_path: Path) -> None:
    write(tmp_path, {"proc/meminfo": "MemTotal: 99 kB\nMemAvailable:    2048 kB\n"})
    assert available_memory(tmp_path) == 2 * MB


def test_control_groups_of_version_two_count_their_files_as_free(tmp_path: Path) -> None:
    files = {
        "proc/meminfo": "MemAvailable: 999999999 kB\n",
        "proc/self/cgroup": "0::/pod/box\n",
        "sys/fs/cgroup/pod/memory.max": f"{800 * MB}\n",
        "sys/fs/cgroup/pod/memory.current": f"{600 * MB}\n",
        "sys/fs/cgroup/pod/memory.stat": f"anon 5\ninactive_file {100 * MB}\n",
        "sys/fs/cgroup/pod/box/memory.max": "max\n",
        "sys/fs/cgroup/pod/box/memory.current": "5\n",
    }
    assert available_memory(write(tmp_path, files)) == 300 * MB


def test_control_groups_of_version_one_and_a_container_s_own_view(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "5:cpu:/x\n4:memory:/docker/abc\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{500 * MB}\n",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{100 * MB}\n",
    }
    assert available_memory(write(tmp_path, files)) == 400 * MB


def test_no_limit_at_all_is_no_limit(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "4:memory:/\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    }
    assert available_memory(write(tmp_path, files)) is None


@pytest.mark.parametrize(
    ("seconds", "said"), [(2, "5 s"), (33, "35 s"), (600, "10 min"), (7200, "2.0 h")]
)
def test_time_is_spoken(seconds: float, said: str) -> None:
    assert spoken(seconds) == said
