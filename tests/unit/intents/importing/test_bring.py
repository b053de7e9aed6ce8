"""Tables, what a path is, where it is written, and names that Rasa takes."""

from pathlib import Path

import pytest

from intents.importing import bring, write
from intents.importing.draft import Draft
from intents.importing.source import Source
from models.errors import DataError
from tests.unit.intents.importing.support import again, brought, lines, put


def test_a_table(tmp_path: Path) -> None:
    rows = "text,intent\nwhere is it,track order\n在哪里,track order\n,empty\n"
    found = brought(tmp_path, {"a.csv": rows, "bad.csv": "x,y\n1,2\n"})
    a = again(found, tmp_path / "out")
    assert lines(a, "track_order") == ["where is it", "在哪里"]
    assert a.languages == ("en", "zh")
    assert [(p.file, p.line) for p in found.problems] == [("a.csv", 4), ("bad.csv", 1)]


def test_json_lines_keep_marks_and_moods(tmp_path: Path) -> None:
    row = (
        '{"text": "to Rome", "intent": "go", "sentiment": "negative", '
        '"entities": [{"start": 3, "end": 7, "entity": "city"}]}\n'
    )
    a = again(brought(tmp_path, {"a.jsonl": row}), tmp_path / "out")
    (example,) = a.examples
    assert example.sentiment == "negative"
    assert [mark.entity for mark in example.entities or ()] == ["city"]


@pytest.mark.parametrize("files", [{}, {"notes.txt": "x"}, {"a.json": "{}"}, {"README.md": "# x"}])
def test_what_is_no_assistant_is_refused(tmp_path: Path, files: dict[str, str]) -> None:
    (tmp_path / "export").mkdir()
    with pytest.raises(DataError, match="an assistant of Rasa, Dialogflow"):
        bring(put(tmp_path / "export", files))


def test_a_broken_export_says_where(tmp_path: Path) -> None:
    broken = '{"luis_schema_version": "7",\n "intents": [}'
    found = brought(tmp_path, {"app.json": broken})
    assert (found.problems[0].file, found.problems[0].line) == ("app.json", 2)
    assert found.counts()["lines"] == 0


def test_nothing_is_written_into_a_folder_with_files(tmp_path: Path) -> None:
    found = brought(tmp_path, {"a.csv": "text,intent\nx,y\n"})
    mine = put(tmp_path / "out", {"mine": "x"})
    with pytest.raises(DataError, match="a new or empty folder"):
        write(found, mine)
    assert [path.name for path in mine.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("original", "name"),
    [
        ("Default Welcome Intent", "Default_Welcome_Intent"),
        ("order.add - context: ongoing-order", "order.add_context_ongoing-order"),
        ("faq/ask", "faq_ask"),
        ("查 订单", "查_订单"),
        ("24h", "intent_24h"),
        ("???", "intent"),
    ],
)
def test_names(tmp_path: Path, original: str, name: str) -> None:
    assert Draft("x", Source(tmp_path, {}, [])).name("intent", original) == name


def test_two_things_never_share_a_name(tmp_path: Path) -> None:
    draft = Draft("x", Source(tmp_path, {}, []))
    given = ["a b", "a-b", "a_b", "a b"]
    assert [draft.name("intent", one) for one in given] == ["a_b", "a-b", "a_b_2", "a_b"]


def test_the_report_as_data(tmp_path: Path) -> None:
    data = brought(tmp_path, {"a.csv": "text,intent\nx,y\n"}).as_data()
    assert (data["format"], data["understood"]["lines"], data["problems"]) == ("CSV", 1, [])
