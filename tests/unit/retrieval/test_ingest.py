"""From logs to a store: redacted, going on where it stopped, nothing lost and nothing twice."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import Conflict, LogUnreadable
from retrieval import ingest as ingesting
from retrieval.conversation import Conversation
from retrieval.engine import LocalEngine, engine_of
from retrieval.ingest import Entry, NothingToRedact, Redacted, Work, ingest, redact_again
from retrieval.reading.formats import find_logs
from retrieval.redaction.redactor import Rules
from retrieval.store import LogStore, Written, is_store


def talk(number: int, *texts: str, **fields: Any) -> str:
    roles = ("customer", "agent")
    turns = [{"role": roles[i % 2], "text": text} for i, text in enumerate(texts)]
    return json.dumps({"id": f"c{number}", "turns": turns} | fields, ensure_ascii=False)


def word(number: int) -> str:
    """A word of its own for each number below 676."""
    return "lemon" + "".join(chr(97 + digit) for digit in divmod(number, 26))


def logs(folder: Path, count: int) -> Path:
    """Files of several formats with good and bad lines."""
    folder.mkdir()
    rows = [talk(n, f"order HL2073{n:04} is late", f"it left on day {n}") for n in range(count)]
    rows[count // 2 : count // 2] = ["{broken", "", '{"id": "x", "turns": []}']
    (folder / "a.jsonl").write_text("\n".join(rows), "utf-8")
    cells = [f"t{n},{who},text {n}" for who in ("user", "bot") for n in range(count)]
    (folder / "b.csv").write_text("\n".join(["session_id,role,text", *cells, "1,2,3,4"]), "utf-8")
    for n in range(3):
        (folder / f"c{n}.txt").write_text("10:01 Visitor: hi\n10:02 Agent Mia: hello\n", "utf-8")
    return folder


def run(folder: Path, store: LogStore, engine: Any = None, rules: Rules | None = None) -> Written:
    work = Work(rules or Rules(), None, store.key)
    return ingest(find_logs([folder]), store, work, engine or LocalEngine(work.worker))


def state(store: LogStore) -> Any:
    """Everything in a store but the secret that each has of its own."""
    store.encoders()
    tables = ("files", "blocks", "conversations", "bad_lines", "vectors")
    return {t: store.connection.execute(f"SELECT * FROM {t}").fetchall() for t in tables}


class Ending:
    """An engine that is killed after so many calls."""

    def __init__(self, make: Any, calls: int) -> None:
        self._inner, self._left = LocalEngine(make), calls

    def map(self, method: str, pairs: Iterable[Any]) -> Iterator[Any]:
        for done in self._inner.map(method, pairs):
            if self._left <= 0:
                raise KeyboardInterrupt
            self._left -= 1
            yield done

    def close(self) -> None:
        self._inner.close()


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingesting, "BLOCK", 7)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LogStore]:
    with LogStore.open(tmp_path / "store", create=True) as opened:
        yield opened


def test_everything_is_stored_once_and_redacted(tmp_path: Path, store: LogStore) -> None:
    folder = logs(tmp_path / "logs", 20)
    written = run(folder, store)
    assert (written.added, written.bad) == (41, 3), "equal files are one"
    assert len(list(store)) == len(store) == 41
    found = store.find("c7")
    assert found is not None
    assert [turn.text for turn in found.turns] == ["order {order_id} is late", "it left on day 7"]
    raw = (store.folder / "conversations.sqlite3").read_bytes()
    assert b"HL2073" not in raw
    bad = [json.loads(row) for row in (store.folder / "bad-lines.jsonl").read_text().splitlines()]
    assert [(b["file"], b["line"]) for b in bad] == [
        ("a.jsonl", 11),
        ("a.jsonl", 13),
        ("b.csv", 42),
    ]
    assert is_store(store.folder)
    assert not is_store(folder)
    second = run(folder, store)
    assert (second.added, second.bad, second.repeated) == (0, 0, 0), (
        "files that were read are known"
    )


class Plain:
    """A worker that redacts nothing and encodes by length."""

    def redact(self, entries: Sequence[Entry]) -> Redacted:
        talks = [e.item for e in entries if isinstance(e.item, Conversation)]
        return Redacted(tuple(entries), tuple(turn.text for c in talks for turn in c.turns))

    def encode(self, texts: Sequence[str]) -> Any:
        return np.array([[len(text)] for text in texts], dtype=np.float16).reshape(-1, 1)


@settings(max_examples=6, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=4), st.integers(3, 14))
def test_kills_at_any_point_leave_the_same_store(
    tmp_path_factory: pytest.TempPathFactory, kills: list[int], count: int
) -> None:
    home = tmp_path_factory.mktemp("kills")
    files = logs(home / "logs", count)
    (home / "encoder").mkdir()
    work = Work(encoder=home / "encoder")

    def go_on(name: str, engine: Any) -> Any:
        with LogStore.open(home / name, create=True) as store:
            with contextlib.suppress(KeyboardInterrupt):
                ingest(find_logs([files]), store, work, engine)
            vectors = [file.read_bytes() for file in store.folder.glob("vectors-*")]
            return state(store), vectors

    wanted = go_on("whole", LocalEngine(Plain))
    for calls in kills:
        go_on("killed", Ending(Plain, calls))
    assert go_on("killed", LocalEngine(Plain)) == wanted


def test_a_torn_transaction_is_undone(tmp_path: Path, store: LogStore) -> None:
    folder = logs(tmp_path / "logs", 20)

    store.connection.execute(
        "CREATE TEMP TRIGGER stop BEFORE INSERT ON main.blocks WHEN new.id = 3 "
        "BEGIN SELECT raise(ABORT, 'disk full'); END"
    )
    with pytest.raises(sqlite3.IntegrityError, match="disk full"):
        run(folder, store)
    assert 0 < len(list(store)) == len(store) < 20
    store.connection.execute("DROP TRIGGER stop")
    run(folder, store)
    assert len(list(store)) == 41


def test_a_file_that_grew_brings_only_what_is_new(tmp_path: Path, store: LogStore) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text("\n".join([talk(1, "hi", "hello"), talk(2, "where", "there")]))
    run(file, store)
    file.write_text(
        "\n".join(
            [
                talk(1, "hi", "hello"),
                talk(2, "where", "there", "thanks"),
                talk(2, "another person's", "with the same number"),
                talk(3, "new", "one"),
            ]
        )
    )
    written = run(file, store)
    assert (written.repeated, written.grown, written.renamed, written.added) == (1, 1, 1, 2)
    texts = {c.id: [turn.text for turn in c.turns] for c in store}
    assert texts["c2"] == ["where", "there", "thanks"]
    assert texts["c2#2"][0] == "another person's"
    assert len(texts) == len(store) == 4
    file.write_text(talk(2, "where", "there") + "\n" + talk(9, "a", "b"))
    assert run(file, store).grown == 1, "an older state of a conversation changes nothing"
    again = store.find("c2")
    assert again is not None
    assert len(again.turns) == 3


def test_who_a_conversation_names_is_nowhere_in_the_store(tmp_path: Path, store: LogStore) -> None:
    file = tmp_path / "Chat with Mr. Zachary Quibble.txt"
    file.write_text(
        "2026-03-04 10:01 Zachary Quibble: hi, Zachary Quibble here\n"
        "2026-03-04 10:02 Agent Ottoline: hello Zachary, Ottoline speaking\n"
    )
    mail = tmp_path / "b.jsonl"
    mail.write_text(
        json.dumps({"id": "+86 138 0013 8000", "turns": [{"role": "cat +86 138 0013 8000"}]})
        + "\n"
        + json.dumps({"id": "13800138000", "agent": "Ottoline", "turns": [
            {"role": "user", "text": "hi"}]})
    )  # fmt: skip
    run(tmp_path, store)
    held = json.dumps(state(store), default=repr, ensure_ascii=False)
    held += "".join(str(vars(c)) for c in store)
    for name in ("Quibble", "Zachary", "Ottoline", "13800138", "138 0013"):
        assert name not in held, name
    agents = {c.agent for c in store}
    assert len(agents) == 1, "the same agent is the same one, under another name"


def test_better_rules_over_a_store_and_stopped_half_way(tmp_path: Path, store: LogStore) -> None:
    file = tmp_path / "a.jsonl"
    rows = [talk(n, f"a lamp, {word(n)}, please", "thanks, noted") for n in range(30)]
    file.write_text("\n".join(rows))
    run(file, store)
    assert any("lemon" in turn.text for c in store for turn in c.turns)
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps({"orders": ["lemon[a-z]+"]}))
    better = Work(Rules.read(rules))

    class Stopping:
        steps = 0

        def start(self, what: str, total: int | None = None) -> None: ...

        def advance(self, n: int = 1) -> None:
            self.steps += 1
            if self.steps == 2:
                raise KeyboardInterrupt

        def done(self) -> None: ...

    with pytest.raises(KeyboardInterrupt):
        redact_again(store, better, Stopping())
    half = sum("lemon" in turn.text for c in store for turn in c.turns)
    assert 0 < half < 30
    assert redact_again(store, better) == half
    assert redact_again(store, better) == 0
    assert all("{order_id}" in c.turns[0].text for c in store)
    assert b"lemon" not in (store.folder / "conversations.sqlite3").read_bytes()
    run(file, store, rules=Rules.read(rules))
    assert len(store) == 30


def test_two_writers_and_folders_that_hold_no_store(tmp_path: Path, store: LogStore) -> None:
    other = LogStore.open(store.folder)
    with store.writing(), pytest.raises(Conflict, match="another process"):
        other.writing()
    other.close()
    with pytest.raises(LogUnreadable, match="logs read"):
        LogStore.open(tmp_path / "absent")
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "conversations.sqlite3").write_bytes(b"no database at all" * 99)
    with pytest.raises(LogUnreadable, match="holds no store"):
        LogStore.open(tmp_path / "odd")


def test_progress_is_in_bytes_and_ends_at_the_whole(tmp_path: Path, store: LogStore) -> None:
    folder = logs(tmp_path / "logs", 25)
    seen: list[int] = []

    class Steps:
        total = 0

        def start(self, what: str, total: int | None = None) -> None:
            self.total = total or 0

        def advance(self, n: int = 1) -> None:
            seen.append(n)

        def done(self) -> None: ...

    steps, work = Steps(), Work(key=store.key)
    ingest(find_logs([folder]), store, work, LocalEngine(work.worker), steps)
    assert steps.total - len(list(folder.iterdir())) - 1 <= sum(seen) <= steps.total


def test_names_of_rules_change_with_them_and_stores_need_no_redaction(store: LogStore) -> None:
    one, same, other = Work(), Work(key=b"x"), Work(Rules(keep=frozenset({"Tide"})))
    assert one.rules_name == same.rules_name != other.rules_name
    assert isinstance(engine_of("local", one.worker), LocalEngine)
    conversation = Conversation("1", "en", ())
    assert NothingToRedact().redact_conversation(conversation) is conversation
