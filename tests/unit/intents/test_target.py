"""The folder that a training writes."""

from pathlib import Path

import pytest

from intents.release import MANIFEST
from intents.training.target import draft_for
from models.errors import ReleaseError


def _write(target: Path, text: str) -> None:
    with draft_for(target) as draft:
        (draft / MANIFEST).write_text(text)


def test_what_was_written_takes_the_folders_place(tmp_path: Path) -> None:
    target = tmp_path / "models" / "shop"
    _write(target, "first")
    _write(target, "second")
    assert (target / MANIFEST).read_text() == "second"
    assert [path.name for path in target.parent.iterdir()] == ["shop"]


def test_two_trainings_do_not_write_one_folder(tmp_path: Path) -> None:
    target = tmp_path / "shop"
    with draft_for(target) as draft:
        (draft / MANIFEST).write_text("first")
        with pytest.raises(ReleaseError, match="Another training is writing"):
            _write(target, "second")
        _write(tmp_path / "other", "third")
    assert (target / MANIFEST).read_text() == "first"
    assert (tmp_path / "other" / MANIFEST).read_text() == "third"


def test_a_training_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "shop"
    _write(target, "first")
    with pytest.raises(ZeroDivisionError), draft_for(target) as draft:
        (draft / MANIFEST).write_text(str(1 / 0))
    assert (target / MANIFEST).read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]
    _write(target, "second")


def test_what_is_no_release_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").touch()
    with pytest.raises(ReleaseError, match="holds something else"), draft_for(tmp_path):
        pass
    assert (tmp_path / "photo.jpg").exists()
