from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from intents import crossvalidation
from intents.assistant import Assistant
from intents.crossvalidation import cross_validated
from intents.examples import Example
from models.errors import DataError


class Trainings:
    """Stands for training and loading: notes what was taught, understands each text as itself."""

    def __init__(self) -> None:
        self.taught: list[list[Example]] = []
        self.asked: list[list[str]] = []

    def train(self, examples: Sequence[Example], out: Path, **more: Any) -> None:
        assert more["assistant"].examples == list(examples)
        self.taught.append(list(examples))

    def load(self, folder: Path) -> Trainings:
        self.asked.append([])
        return self

    def parse(self, texts: Sequence[str]) -> list[str]:
        self.asked[-1] += texts
        return list(texts)


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> Trainings:
    stands = Trainings()
    monkeypatch.setattr(crossvalidation, "train", stands.train)
    monkeypatch.setattr(crossvalidation, "Understanding", stands)
    return stands


def assistant(tmp_path: Path) -> Assistant:
    labelled = [
        Example(f"{intent} {number}", intent) for intent in ("hi", "bye") for number in range(70)
    ]
    moods = [Example("how dare you", sentiment="negative")]
    return Assistant(tmp_path, examples=[*labelled, *moods, labelled[0]])


def test_each_line_is_understood_once_by_a_training_without_it(
    tmp_path: Path, trainings: Trainings
) -> None:
    found = cross_validated(assistant(tmp_path), 2)
    assert all(example.text == understood for example, understood in found)
    assert Counter(example.text for example, _ in found).most_common(1)[0][1] == 1
    assert len(found) == 140
    for taught, asked in zip(trainings.taught, trainings.asked, strict=True):
        assert not {example.text for example in taught} & set(asked)
        assert "how dare you" in {example.text for example in taught}
        shares = Counter(text.split()[0] for text in asked)
        assert shares == {"hi": 35, "bye": 35}


@pytest.mark.parametrize("folds", [0, 1, 141])
def test_folds_that_the_lines_do_not_allow_are_refused(
    tmp_path: Path, trainings: Trainings, folds: int
) -> None:
    with pytest.raises(DataError, match="2 to 140 folds"):
        cross_validated(assistant(tmp_path), folds)
    assert trainings.taught == []
