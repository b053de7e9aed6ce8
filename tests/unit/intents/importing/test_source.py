"""What is read of folders and zips, and what of them is refused."""

import stat
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.importing import source
from intents.importing.source import Source
from intents.reading.jsonfile import Located, line_of, load_json
from models.errors import DataError
from tests.unit.intents.importing.support import put, zipped


def test_a_folder_without_what_is_hidden_or_installed(tmp_path: Path) -> None:
    files = {"a.json": "{}", "b/c.md": "x", ".git/d": "x", "node_modules/e": "x", "b/.f": "x"}
    assert list(Source.of(put(tmp_path, files)).files) == ["a.json", "b/c.md"]


def test_trained_models_and_pictures_are_names_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "MAX_TOTAL", 100)
    files = {"models/a.tar.gz": "0" * 1000, "shoe.png": "0" * 1000, "a.md": "x"}
    for found in (
        Source.of(put(tmp_path / "a", files)),
        Source.of(zipped(tmp_path / "a.zip", files)),
    ):
        assert sorted(found.files) == ["a.md", "models/a.tar.gz", "shoe.png"]
        assert sum(map(len, found.files.values())) == 1


def test_links_are_not_followed(tmp_path: Path) -> None:
    secret = put(tmp_path / "outside", {"secret": "x"}) / "secret"
    put(tmp_path / "in", {"a": "x"})
    (tmp_path / "in" / "link").symlink_to(secret)
    (tmp_path / "in" / "folder").symlink_to(secret.parent)
    assert list(Source.of(tmp_path / "in").files) == ["a"]


@pytest.mark.parametrize("name", ["../up.json", "/etc/passwd", "a/../../b", "C:/x", "..\\up"])
def test_names_that_lead_out_of_an_archive_are_refused(tmp_path: Path, name: str) -> None:
    found = Source.of(zipped(tmp_path / "a.zip", {name: "{}", "good.json": "{}"}))
    assert list(found.files) == ["good.json"]
    assert found.problems[0].expected == "files inside the archive"


def test_links_in_an_archive_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    found = Source.of(tmp_path / "a.zip")
    assert (found.files, "link" in found.problems[0].found) == ({}, True)


def test_an_archive_that_grows_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "MAX_FILE", 1000)
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.json", "0" * 100_000)
    with pytest.raises(DataError, match=r"bomb\.json:0: error: expected files of at most"):
        Source.of(path)


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_FILES", 2)
    with pytest.raises(DataError, match="at most 2 files"):
        Source.of(put(tmp_path, {"a": "", "b": "", "c": ""}))


def test_a_broken_archive_says_so(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.json": "{}" * 99})
    raw = bytearray(path.read_bytes())
    raw[40:60] = b"x" * 20
    path.write_bytes(raw)
    with pytest.raises(DataError, match="a zip without a password"):
        Source.of(path)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nothing there"):
        Source.of(tmp_path / "missing")


def test_objects_know_their_line() -> None:
    found = load_json('{\n "a": [\n  {"b": 1},\n  {"b": {"c": 2}}\n ]\n}', "x")
    assert [line_of(found), *(line_of(one) for one in found["a"])] == [1, 3, 4]
    assert (found["a"][1]["b"], line_of(3, 7)) == ({"c": 2}, 7)


def test_broken_json_is_told_with_its_line(tmp_path: Path) -> None:
    found = Source.of(put(tmp_path, {"a.json": '{\n "a": 1,\n "b": }\n'}))
    assert found.json("a.json") is None
    (problem,) = found.problems
    assert (problem.file, problem.line, problem.expected) == ("a.json", 3, "JSON")
    assert '"b": }' in problem.found


def test_json_nested_too_deep_is_told() -> None:
    with pytest.raises(DataError, match="hundreds of levels"):
        load_json("[" * 100_000, "x")


@given(st.text(max_size=30))
def test_any_text_is_json_or_refused(text: str) -> None:
    with suppress(DataError):
        found = load_json(text, "x")
        assert not isinstance(found, dict) or isinstance(found, Located)
