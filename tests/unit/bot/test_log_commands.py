"""``frontdesk logs``: guessed columns are shown and confirmed, stores are made and looked into."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot import cli
from bot.commands.logs import past_logs
from models.arrays import FloatArray


def frontdesk(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    return int(ended.value.code or 0)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "chats.csv"
    rows = [f"{n},{who},my order HL2073{n:04}" for n in range(9) for who in ("user", "bot")]
    file.write_text("\n".join(["session_id,role,text", *rows, "9,,nobody"]))
    return file


def test_a_guess_is_shown_and_needs_a_yes(
    tmp_path: Path, table: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = str(tmp_path / "store")
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert frontdesk("logs", "read", str(table), "--store", store) == 1
    error = capsys.readouterr().err
    assert "role         <- role" in error
    assert "user = customer" in error
    assert "--yes" in error
    assert not Path(store).exists(), "nothing is read before that"

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    assert frontdesk("logs", "read", str(table), "--store", store) == 1
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    assert frontdesk("logs", "read", str(table), "--store", store) == 0


def test_read_show_redact_and_mine_a_store(
    tmp_path: Path, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, mapping = str(tmp_path / "store"), str(tmp_path / "mapping.json")
    assert frontdesk("logs", "columns", str(table), "--out", mapping, "--json") == 0
    assert json.loads(capsys.readouterr().out)["columns"]["text"] == "text"
    read = ("logs", "read", str(table), "--store", store, "--mapping", mapping, "--json")
    assert frontdesk(*read) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["added"], told["bad"], told["store"]["messages"]) == (9, 1, 18)
    assert Path(told["bad_lines_file"]).read_text().count("\n") == 1
    assert frontdesk("logs", "show", "--store", store, "3") == 0
    assert capsys.readouterr().out.splitlines()[0] == "customer: my order {order_id}"
    assert frontdesk("logs", "show", "--store", store, "absent") == 1
    assert frontdesk("logs", "redact", "--store", store, "--json") == 0
    out = capsys.readouterr().out
    assert json.loads(out.splitlines()[-1])["changed"] == 0
    encoded: list[str] = []
    encoder = tmp_path / "encoder"
    encoder.mkdir()

    def encode(texts: Any) -> FloatArray:
        encoded.extend(texts)
        return np.ones((len(texts), 2), dtype=np.float32)

    for _ in range(2):
        past = past_logs([store], encode, encoder)
        assert len(list(past.conversations)) == 9
        assert past.redacted
        assert past.counts() == {"conversations": 9, "left_out": 0}
        assert past.encode(["a", "b"]).shape == (2, 2)
    assert encoded == ["a", "b"]
    raw = past_logs([str(table)], encode, encoder)
    assert len(list(raw.conversations)) == 9
    assert not raw.redacted
    assert raw.counts()["left_out"] == 1


def test_what_is_no_log_ends_with_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert frontdesk("logs", "read", str(tmp_path / "empty"), "--store", str(tmp_path / "s")) == 1
    assert "No logs found" in capsys.readouterr().err
    assert frontdesk("logs", "show", "--store", str(tmp_path / "s")) == 1
    assert "holds no store" in capsys.readouterr().err
    (tmp_path / "odd.bin").write_bytes(b"\x00\x01")
    read = ("logs", "read", str(tmp_path / "odd.bin"), "--store", str(tmp_path / "s"), "--json")
    assert frontdesk(*read) == 1
