from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import cli
from models.errors import AssistantInvalid, Problem


def test_train_takes_the_options_other_tools_rely_on() -> None:
    given = cli.build_parser().parse_args(
        [
            "train",
            "--data",
            "a.yml",
            "b.csv",
            "--data",
            "c.jsonl",
            "--out",
            "out",
            "--language",
            "zh",
            "--mode",
            "head",
            "--encoder",
            "e5-mul",
            "--seed",
            "7",
            "--json",
        ]
    )
    assert given.data == [Path("a.yml"), Path("b.csv"), Path("c.jsonl")]
    assert (given.out, given.language, given.mode) == (Path("out"), "zh", "head")
    assert (given.encoder, given.seed, given.json) == ("e5-mul", 7, True)


def test_train_defaults() -> None:
    given = cli.build_parser().parse_args(["train", "--data", "a.yml", "--out", "o"])
    assert (given.language, given.mode, given.encoder) == (None, "full", None)
    assert (given.seed, given.json) == (0, False)


def test_evaluate_takes_the_options_other_tools_rely_on() -> None:
    given = cli.build_parser().parse_args(
        ["evaluate", "--model", "m", "--data", "a", "b", "--data", "c", "--json"]
    )
    assert (given.model, given.json) == (Path("m"), True)
    assert given.data == [Path("a"), Path("b"), Path("c")]


@pytest.mark.parametrize(
    "line",
    [
        "parse --model m",
        "chat --url http://x --language en",
        "mine --logs a b --logs c --model m --out o --json",
        "validate folder --json",
        "releases list --home h --json",
        "releases promote r1",
        "releases rollback",
        "releases prune --keep 3",
        "serve",
    ],
)
def test_commands(line: str) -> None:
    assert callable(cli.function_at(cli.build_parser().parse_args(line.split()).run))


def test_every_command_has_its_function() -> None:
    def leaves(parser: argparse.ArgumentParser) -> Iterator[str]:
        below = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
        if not below:
            yield parser.get_default("run")
        for action in below:
            for each in action.choices.values():
                yield from leaves(each)

    places = list(leaves(cli.build_parser()))
    assert len(places) > 25
    assert all(callable(cli.function_at(place)) for place in places)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "nonsense",
        "train --out o",
        "train --data a",
        "train --data a --out o --language fr",
        "train --data a --out o --mode half",
        "releases",
        "releases promote",
    ],
)
def test_wrong_usage_ends_with_2(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(line.split())
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def _run(line: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(line)
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_path_that_the_system_refuses_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "lines.csv").write_text("text,intent\nhello,greet\nbye,leave\n")
    out = tmp_path / "file" / "mine"
    assert _run(["import", str(tmp_path / "lines.csv"), "--out", str(out), "--json"]) == 1
    told = capsys.readouterr()
    assert told.err.startswith("frontdesk: ")
    assert "Traceback" not in told.err
    assert "Not a directory" in told.err
    error = json.loads(told.out.splitlines()[-1])["error"]
    assert error["type"] == "PathRefused"


def test_error_is_one_clear_line_and_one_json_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(["releases", "list", "--home", str(tmp_path), "--json"]) == 1
    shown = capsys.readouterr()
    assert json.loads(shown.out)["error"]["type"] == "BadRequest"
    assert shown.err.startswith("frontdesk: There are no releases in")
    assert "Traceback" not in shown.err


def test_problems_of_files_are_in_the_json_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: object) -> int:
        raise AssistantInvalid("Broken", [Problem("domain.yml", 3, "a list", "a number", "Mend")])

    monkeypatch.setattr("bot.commands.files.validate", fail)
    assert _run(["validate", "x", "--json"]) == 1
    [problem] = json.loads(capsys.readouterr().out)["error"]["problems"]
    assert problem.startswith("domain.yml:3: error: expected a list, found a number")


def test_broken_assistant_is_reported_with_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "domain.yml").write_text('version: "3.1"\nintents:\n  - greet\n - bye\n')
    assert _run(["validate", str(tmp_path)]) == 1
    shown = capsys.readouterr()
    assert "domain.yml:4" in shown.err + shown.out
    assert "Traceback" not in shown.err


def test_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FRONTDESK_PORT", "many")
    assert _run(["serve"]) == 1
    assert "FRONTDESK_PORT cannot be used" in capsys.readouterr().err
    monkeypatch.setenv("FRONTDESK_PORT", "0")
    monkeypatch.setenv("FRONTDESK_ORIGINS", "https://shop.example")
    assert _run(["serve"]) == 1
    assert "FRONTDESK_ORIGINS" in capsys.readouterr().err


def test_interrupt_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.commands.files.validate", interrupt)
    assert _run(["validate", "x"]) == 130


LUIS = {
    "luis_schema_version": "7.0.0",
    "intents": [{"name": "Book"}],
    "utterances": [{"text": "book it", "intent": "Book", "entities": []}],
    "phraselists": [{"name": "Words"}],
}


def test_import_says_what_came_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("app.json").write_text(json.dumps(LUIS), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        cli.main(["import", "app.json"])
    shown = capsys.readouterr().out
    assert ended.value.code == 0
    assert "LUIS, understood:\n       1  intents\n       1  lines\n" in shown
    assert "Left out:\n  app.json:1: " in shown
    assert "Nothing was written" in shown
    assert [path.name for path in tmp_path.iterdir()] == ["app.json"]


def test_import_writes_and_reports_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("app.json").write_text(json.dumps(LUIS), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        cli.main(["import", "app.json", "--out", "mine", "--json"])
    report = json.loads(capsys.readouterr().out)
    assert ended.value.code == 0
    assert (report["format"], report["understood"]["intents"]) == ("LUIS", 1)
    assert report["left_out"][0]["file"] == "app.json"
    assert (report["problems"], report["out"]) == ([], "mine")
    assert report["files"] == ["data/nlu.yml", "domain.yml"]
    assert Path("mine/data/nlu.yml").read_text(encoding="utf-8").endswith("      - book it\n")


def test_import_of_nothing_usable_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "prices.csv").write_text("name,price\ntea,4\n", encoding="utf-8")
    out = tmp_path / "out"
    with pytest.raises(SystemExit) as ended:
        cli.main(["import", str(tmp_path / "prices.csv"), "--out", str(out)])
    assert ended.value.code == 1
    assert "prices.csv:1" in capsys.readouterr().err
    assert not out.exists()


def test_import_of_nothing_known_ends_with_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["import", str(tmp_path), "--json"])
    assert ended.value.code == 1
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["type"] == "DataError"
