"""What the mining command takes from the assistant, and the files it refuses."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pytest

from bot.commands.mining import kinds_of, mine, review
from intents.reading.folder import read_assistant
from models.errors import BadRequest, DataError
from tests.support.processes import ROOT

PACK = ROOT / "intents" / "packs" / "retail"


def given(**values: Any) -> argparse.Namespace:
    return argparse.Namespace(**{"json": True, "flagged": False, **values})


def test_things_that_the_assistant_lists_have_their_type() -> None:
    assistant = read_assistant(PACK)
    kind = kinds_of(assistant)
    listing = next(listing for listing in assistant.lookups if listing.items)
    assert kind(f" {listing.items[0].upper()} ") == listing.name
    assert kind("nothing of that name") is None
    synonym = next(s for s in assistant.synonyms if kind(s.value))
    assert {kind(word) for word in synonym.variants} <= {kind(synonym.value)}


def test_a_folder_without_an_assistant_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="no assistant"):
        mine(given(logs=["x"], home=tmp_path, out=None, model=None, rules=None))
    with pytest.raises(BadRequest, match="Which release"):
        mine(given(logs=["x"], home=None, out=tmp_path / "p.jsonl", model=None, rules=None))


@pytest.mark.parametrize("text", ["{broken", '["a list"]', '{"text": "no id"}'])
def test_a_file_of_decisions_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "home" / "releases").mkdir(parents=True)
    file = tmp_path / "d.jsonl"
    file.write_text(text, encoding="utf-8")
    for wrong in (file, tmp_path / "absent"):
        with pytest.raises(DataError):
            review(given(action="take", home=tmp_path / "home", file=wrong))


def test_only_what_waits_can_be_decided(tmp_path: Path) -> None:
    (tmp_path / "home" / "releases").mkdir(parents=True)
    file = tmp_path / "d.jsonl"
    file.write_text('{"id": "gone", "status": "rejected"}\n', encoding="utf-8")
    with pytest.raises(BadRequest, match="wait"):
        review(given(action="take", home=tmp_path / "home", file=file))
