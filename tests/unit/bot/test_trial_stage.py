"""What a release that is tested is remembered by."""

from __future__ import annotations

from pathlib import Path

from bot.trials.stage import _digest


def test_a_release_is_made_anew_for_any_file_that_it_is_made_of(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "domain.yml").write_text("intents: []", encoding="utf-8")
    before = _digest(tmp_path)
    (tmp_path / "tests" / "story.yml").write_text("stories: []", encoding="utf-8")
    (tmp_path / ".cache").write_text("x", encoding="utf-8")
    (tmp_path / "actions.py").write_text("x = 1", encoding="utf-8")
    assert _digest(tmp_path) == before
    (tmp_path / "encoder.safetensors").write_bytes(b"1")
    adapted = _digest(tmp_path)
    (tmp_path / "encoder.safetensors").write_bytes(b"2")
    assert len({before, adapted, _digest(tmp_path)}) == 3
