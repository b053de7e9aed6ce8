"""Reading logs: what is tolerated, what is kept apart, and how much memory it takes."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import LogUnreadable
from retrieval.logs import parse_conversation, read_logs
from retrieval.reading import items

GOOD: dict[str, Any] = {
    "id": "en-1",
    "language": "en",
    "channel": "widget",
    "started": "2026-03-04T10:22:11+08:00",
    "agent": "Mia",
    "outcome": "resolved",
    "rating": 5,
    "turns": [
        {"role": "customer", "at": "2026-03-04T10:22:11+08:00", "text": "hi"},
        {"role": "agent", "at": "2026-03-04T10:22:31+08:00", "text": "Hello!"},
    ],
}


def line(**change: Any) -> str:
    return json.dumps(GOOD | change, ensure_ascii=False)


def test_a_conversation_comes_as_written() -> None:
    read = parse_conversation(GOOD | {"unknown": {"key": 1}})
    assert (read.id, read.language, read.agent, read.rating) == ("en-1", "en", "Mia", 5)
    assert [turn.role for turn in read.turns] == ["customer", "agent"]
    assert read.started is not None
    assert read.started.utcoffset() is not None


def test_other_names_of_roles_and_absent_fields() -> None:
    turns = [
        {"role": "Visitor", "text": "请问包邮吗"},
        {"role": "system", "text": "joined"},
        {"role": "bot", "text": "满99包邮", "at": "2026-01-01T00:00:00"},
        {"role": "agent", "text": "  "},
    ]
    read = parse_conversation({"id": 7, "turns": turns})
    assert [turn.role for turn in read.turns] == ["customer", "agent"]
    assert (read.id, read.language, read.outcome, read.rating) == ("7", "zh", None, None)
    assert read.turns[1].at is not None
    assert read.turns[1].at.tzinfo is not None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": None}, "'id'"),
        ({"id": True}, "'id'"),
        ({"turns": "none"}, "'turns'"),
        ({"turns": []}, "no turn"),
        ({"turns": ["x"]}, "turn 0"),
        ({"turns": [{"role": "cat", "text": "x"}]}, "'cat'"),
        ({"turns": [{"role": "agent"}]}, "no text"),
        ({"outcome": "great"}, "'great'"),
        ({"rating": 9}, "'9'"),
        ({"rating": True}, "'True'"),
        ({"started": "yesterday"}, "ISO time"),
        ({"channel": 4}, "'channel'"),
    ],
)
def test_a_bad_line_is_kept_apart_with_its_reason(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text("\n".join([line(), line(**change), "", line(id="en-2")]), "utf-8")
    reader = read_logs([file])
    assert [c.id for c in reader] == ["en-1", "en-2"]
    assert reader.bad_count == 1
    assert (reader.bad[0].file, reader.bad[0].line) == (str(file), 2)
    assert reason in reader.bad[0].reason


def test_what_is_not_json_or_utf8_is_kept_apart(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    rows = [b"\xef\xbb\xbf" + line().encode(), b"{", b"[1]", b"\xff\xfe", b"[" * 100_000]
    file.write_bytes(b"\n".join(rows))
    reader = read_logs([file])
    assert len(list(reader)) == 1
    assert [bad.line for bad in reader.bad] == [2, 3, 4, 5]
    assert len(list(reader)) == 1, "a reader starts anew each time"
    assert reader.bad_count == 4


def test_folders_gzip_and_a_torn_file(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.jsonl").write_text(line(id="a"), "utf-8")
    packed = gzip.compress("\n".join(line(id=f"g{i}") for i in range(200)).encode())
    (tmp_path / "deep" / "b.jsonl.gz").write_bytes(packed)
    (tmp_path / "c.jsonl").write_bytes(packed[: len(packed) // 2])
    (tmp_path / "notes.txt").write_text("not a log")
    reader = read_logs([tmp_path, tmp_path / "absent.jsonl"])
    found = [c.id for c in reader]
    assert found[0] == "a"
    assert found.count("g199") == 1
    bad = {Path(bad.file).name: bad for bad in reader.bad}
    assert set(bad) == {"c.jsonl", "absent.jsonl", "notes.txt"}
    assert bad["notes.txt"].line == 0
    assert "known format" in bad["notes.txt"].reason


def test_a_line_too_long_is_kept_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items, "LONGEST_RECORD", 500)
    file = tmp_path / "a.jsonl"
    file.write_text("x" * 3000 + "\n" + line() + "\n" + "y" * 501, "utf-8")
    reader = read_logs([file])
    assert [c.id for c in reader] == ["en-1"]
    assert [bad.line for bad in reader.bad] == [1, 3]


def test_nothing_readable_is_an_error_that_names_the_lines(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text("{}\nnope\n", "utf-8")
    with pytest.raises(LogUnreadable) as caught:
        list(read_logs([file]))
    assert f"{file}:2" in str(caught.value)
    with pytest.raises(LogUnreadable, match="no path"):
        list(read_logs([]))


class Steps:
    def __init__(self) -> None:
        self.seen: list[object] = []

    def start(self, what: str, total: int | None = None) -> None:
        self.seen.append(total)

    def advance(self, n: int = 1) -> None:
        self.seen.append(n)

    def done(self) -> None:
        self.seen.append("done")


def test_progress_counts_kilobytes_of_the_files_on_the_disk(tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_text("\n".join([line()] * 1000), "utf-8")
    steps = Steps()
    list(read_logs([tmp_path], steps))
    total, *moved, end = steps.seen
    kilobytes = sum(file.stat().st_size for file in tmp_path.iterdir()) // 1024
    assert total == kilobytes + 1
    assert end == "done"
    numbers = [n for n in moved if isinstance(n, int)]
    assert kilobytes - 2 <= sum(numbers) <= kilobytes + 1
    assert len([n for n in numbers if n]) > 4, "in steps, not at the end"


def test_memory_does_not_grow_with_the_log(tmp_path: Path) -> None:
    file = tmp_path / "big.jsonl.gz"
    with gzip.open(file, "wt", encoding="utf-8", compresslevel=1) as out:
        for number in range(6000):
            out.write(line(id=f"c{number}") + ("\nbroken" if number % 2 else "") + "\n")
    reader = iter(read_logs([file]))
    next(reader)

    for _ in range(2500):
        next(reader)
    tracemalloc.start()
    for _ in range(3000):
        next(reader)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 300_000


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from([*GOOD, "role", "text", "at", "x"]), inner, max_size=6
            )
        ),
        max_leaves=20,
    )
)
def test_any_json_is_read_or_refused_with_a_reason(data: Any) -> None:
    try:
        parse_conversation(data)
    except ValueError as error:
        assert str(error)  # noqa: PT017
