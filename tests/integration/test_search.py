"""frontdesk search on a tiny encoder: goes on where it stopped and ends in a release."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from intents.examples import Example
from intents.reading.datasets import read_dataset
from intents.release import Release
from intents.training.search import hold_out, search
from models.errors import DataError, ReleaseError
from tests.unit.models.conftest import write_tiny_encoder

WORDS = {
    "track": "where is my parcel",
    "refund": "i want my refund back",
    "greet": "hello hello you",
}


@pytest.fixture
def lines(tmp_path: Path) -> list[Example]:
    rows = [
        {"text": f"{words} {letter}", "intent": name}
        for name, words in WORDS.items()
        for letter in "abcdefghij"
    ]
    path = tmp_path / "lines.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return read_dataset([path]).examples


@pytest.fixture
def encoder(tmp_path: Path) -> str:
    return str(write_tiny_encoder(tmp_path / "encoder", languages=["en"]))


def test_held_out_part_leaves_every_intent_a_line(lines: list[Example]) -> None:
    single = [*lines, Example("alone", "single")]
    train, held = hold_out(single, 0.2, 0)
    assert not set(train) & set(held)
    assert {single[i].intent for i in train} == {*WORDS, "single"}
    assert len(held) == 6
    assert hold_out(single, 0.2, 0) == (train, held)


def test_search_goes_on_and_ends_in_a_release(
    lines: list[Example], encoder: str, tmp_path: Path
) -> None:
    out = tmp_path / "search"
    told: list[str] = []
    first = search(lines, out, trials=1, encoder=encoder, language="en", note=told.append)
    assert first.trials == 1
    assert first.score == first.default_score
    assert told[0] == "Trial 1 of 1"
    second = search(lines, out, trials=2, encoder=encoder, language="en", note=told.append)
    assert second.trials == 2
    assert first.default_score is not None
    assert second.score >= first.default_score
    assert any(text.startswith("Trial 2 of 2") for text in told)
    Release.open(out / "release").verify()
    kept = json.loads((out / "search.json").read_text(encoding="utf-8"))
    assert [row["number"] for row in kept["all"]] == [0, 1]
    with pytest.raises(ReleaseError, match="other data"):
        search(lines[:-1], out, trials=2, encoder=encoder, language="en")


def test_a_killed_trial_is_taken_up_with_its_own_settings(
    lines: list[Example], encoder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import models.learning.finetune as module

    tried: list[object] = []
    real = module.finetune

    def dies_once(*given: object, **named: object) -> object:
        tried.append(given[3])
        if len(tried) == 1:
            raise KeyboardInterrupt
        return real(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "finetune", dies_once)
    with pytest.raises(KeyboardInterrupt):
        search(lines, tmp_path / "out", trials=1, encoder=encoder, language="en")
    made = search(lines, tmp_path / "out", trials=1, encoder=encoder, language="en")
    assert tried[0] == tried[1]
    assert made.default_score == made.score


def test_too_few_lines_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="at least 20"):
        search([Example("hi", "greet")], tmp_path / "out")
