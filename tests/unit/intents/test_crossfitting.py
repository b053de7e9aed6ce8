"""Lines are judged by encoders and heads that have not learned from them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from intents.assistant import Assistant
from intents.crossfitting import judge_part, verdict_of_parts
from intents.examples import Example
from intents.fitting import Lines, fit_lines
from intents.reading.folder import read_assistant
from intents.training import adapting
from intents.training.adapting import PARTS, judge_again
from intents.training.intents import Judge
from intents.verdict import Verdict, Wanted
from models.encoders import adapter
from models.encoders.weights import Weights
from models.errors import ModelError
from models.progress import Silent
from tests.unit.intents.hashing import TOPICS, HashingEncoder, example_lines, fitted_lines

LINES = example_lines(30, TOPICS | {"bill": ("invoice", "bill", "paid")})
"""Lines of six intents, two of which are often taken for each other."""


def learned(lines: Lines, rows: np.ndarray) -> Lines:
    """The lines as an encoder reads them that has learned all but ``rows``."""
    labels = np.array(lines.labels)
    own = np.stack([lines.vectors[labels == label].mean(axis=0) for label in labels])
    vectors = 0.2 * lines.vectors + own
    vectors[rows] = lines.vectors[rows]
    return replace(lines, vectors=vectors)


def told(lines: Lines) -> Verdict:
    folds = [np.arange(start, len(lines), PARTS) for start in range(PARTS)]
    return verdict_of_parts(lines.labels, [judge_part(learned(lines, f), f) for f in folds])


def test_what_an_encoder_has_learned_is_judged_as_what_it_has_not() -> None:
    lines, honest = fitted_lines(LINES)
    nothing = np.zeros(0, dtype=np.int64)
    seen = replace(learned(lines, nothing), unseen=np.zeros(len(lines), dtype=bool))
    rosy = fit_lines(seen, Wanted()).verdict.evidence.right.mean()
    true = honest.verdict.evidence.right.mean()
    found = told(lines).evidence.right.mean()
    assert rosy > 0.99
    assert true < 0.95
    assert abs(found - true) < 0.05
    judge = Judge(["en"], {}, HashingEncoder, Wanted(), 0, told(lines))  # type: ignore[arg-type]
    fitted, _ = judge.fit(seen, Silent())
    assert fitted.verdict.evidence.right.mean() == found
    assert fitted.thresholds == told(lines).evidence.thresholds(Wanted())


def test_an_adapter_says_nothing_of_lines_that_it_has_not_learned() -> None:
    lines, own = fitted_lines(LINES)
    judge = Judge(["en"], {}, HashingEncoder, Wanted(), 0, told(lines))  # type: ignore[arg-type]
    fitted, _ = judge.fit(lines, Silent())
    assert fitted.thresholds == own.thresholds


def test_a_few_new_lines_do_not_outweigh_what_many_have_shown() -> None:
    lines, _ = fitted_lines(LINES)
    before = told(lines)
    some, half = np.zeros((2, len(lines)), dtype=bool)
    some[::3], half[::2] = True, True
    assert not replace(lines, unseen=some).judge_themselves(before)
    assert replace(lines, unseen=half).judge_themselves(before) == (half.sum() >= 100)
    assert lines.judge_themselves(before)


def test_an_intent_with_one_line_is_judged_as_unknown() -> None:
    lines, _ = fitted_lines([*LINES, Example("quite unlike anything else", "lonely")])
    part = judge_part(lines, np.array([0, len(lines) - 1]))
    assert part.known.tolist() == [True, False]
    assert part.logits.shape == (2, len(part.labels))


def test_the_adapter_keeps_the_verdict_and_a_second_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = _adapter(tmp_path / "made.safetensors")
    learned_from: list[int] = []

    def quick(_: object, given: list[Example], folder: Path) -> HashingEncoder:
        learned_from.append(len(given))
        if len(learned_from) == 3:
            raise ModelError("killed", expected="", found="", fix="")
        return HashingEncoder()

    monkeypatch.setattr(adapting._Crossing, "_learned", quick)
    assistant = _assistant(tmp_path)
    with pytest.raises(ModelError):
        judge_again(assistant, made, work=tmp_path)
    right = judge_again(assistant, made, work=tmp_path)
    assert len(learned_from) == 5
    assert learned_from[2] == learned_from[3]
    adapter.merge(_base(tmp_path), made, tmp_path / "merged")
    evidence = adapter.evidence_in(tmp_path / "merged")
    assert evidence is not None
    kept = Verdict.from_arrays(evidence)
    assert kept.evidence.right.mean() == right
    parts = [*learned_from[:2], *learned_from[3:]]
    assert sum(parts) == (PARTS - 1) * len(kept.evidence.right)
    again = Verdict.from_arrays(kept.arrays())
    assert again.calibration == kept.calibration
    assert again.fusion.as_json() == kept.fusion.as_json()
    assert adapter.base_of(tmp_path / "merged") == "base"


def test_too_few_lines_say_nothing(tmp_path: Path) -> None:
    made = _adapter(tmp_path / "made.safetensors")
    before = made.read_bytes()
    few = replace(_assistant(tmp_path), examples=LINES[:90])
    assert judge_again(few, made) is None
    assert made.read_bytes() == before


def _assistant(folder: Path) -> Assistant:
    (folder / "domain.yml").write_text("intents: [refund]\n")
    return replace(read_assistant(folder), examples=list(LINES))


def _base(folder: Path) -> Weights:
    path = folder / "base"
    path.mkdir()
    save_file({"w": np.zeros((2, 2), dtype=np.float32)}, path / "model.safetensors")
    return Weights("base", path, ("en",), "", 2, 1, 64, "a" * 64, "MIT")


def _adapter(path: Path) -> Path:
    facts = {"base": "base", "base_sha256": "a" * 64, "rank": "1", "licence": "MIT"}
    save_file({adapter.TRAINED: adapter.fingerprints(["hi"])}, path, metadata=facts)
    return path
