"""``frontdesk evaluate --report`` and ``frontdesk parse --why``."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from bot.cli import build_parser, function_at
from bot.commands import files as commands
from intents.understanding import Understanding
from tests.unit.intents.hashing import HashingEncoder, example_lines, release_at


@pytest.fixture
def released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = release_at(tmp_path / "release", example_lines()).folder
    load = Understanding.load

    def loaded(path: Any, **options: Any) -> Understanding:
        return load(path, encoder=HashingEncoder(), **options)  # type: ignore[arg-type]

    monkeypatch.setattr(commands.Understanding, "load", loaded)
    return folder


def run(*arguments: str) -> int:
    given = build_parser().parse_args(list(arguments))
    code: int = function_at(given.run)(given)
    return code


def test_evaluate_writes_the_report_beside_its_figures(
    released: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "lines.csv"
    rows = [f"{e.text},{e.intent}" for e in example_lines()[::4]]
    data.write_text("text,intent\n" + "\n".join([*rows, "<b>zebra</b>,greet"]), encoding="utf-8")
    out = tmp_path / "deep" / "report.html"
    asked = ["evaluate", "--model", str(released), "--data", str(data), "--json"]
    assert run(*asked, "--report", str(out), "--lang", "zh") == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["n"] == len(rows) + 1
    assert "Measuring how lines help" in said.err
    page = out.read_text(encoding="utf-8")
    assert 'lang="zh-CN"' in page
    assert "lines.csv" in page
    assert "<b>zebra" not in page
    assert [path.name for path in out.parent.iterdir()] == ["report.html"]


def test_parse_explains_when_asked(
    released: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = '{"text": "please refund money now"}\n{"text": "hello hi"}\n'
    for why in ([], ["--why"]):
        typed = io.TextIOWrapper(io.BytesIO(lines.encode()))
        monkeypatch.setattr("sys.stdin", typed)
        assert run("parse", "--model", str(released), *why) == 0
        answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [a["intent"]["name"] for a in answers] == ["refund", "greet"]
        assert [("why" in a) for a in answers] == [bool(why)] * 2
    assert answers[0]["why"]["intent"] == "refund"
    assert answers[0]["why"]["nearest"][0]["intent"] == "refund"
