"""Fine-tuning: learns all heads, resumes after a kill, repeats with its seed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file

from models import epochs
from models.encoders.export import export
from models.encoders.runtime import Encoder
from models.encoders.weights import Weights, resolve
from models.errors import ModelError
from models.intent_head import IntentHead
from models.learning import encoder as torch_encoder
from models.learning import frozen as torch_frozen
from models.learning.encoder import TorchEncoder, choose_threads, seed_everything
from models.learning.finetune import FinetuneSettings, finetune
from models.learning.frozen import FrozenLayers
from models.learning.joint import TrainingLine
from models.learning.lines import EpochLines, split_held_out
from models.learning.peft import METHODS, Method
from models.progress import Silent
from models.slips import with_slip

QUICK = FinetuneSettings(epochs=3, batch=8, encoder_rate=1e-3, dropout=0.0, bf16=False, threads=1)


def intent_lines(each: int) -> list[TrainingLine]:
    random = np.random.default_rng(0)
    words = {
        "track": ["where", "is", "my", "parcel"],
        "refund": ["want", "refund", "my", "order"],
        "cancel": ["please", "cancel", "order", "my"],
    }
    return [
        TrainingLine(" ".join(random.permutation([*line, *"xyzkq"[: i % 4]])), name)
        for name, line in words.items()
        for i in range(each)
    ]


def full_lines(each: int) -> list[TrainingLine]:
    lines = []
    for i in range(each):
        number = str(100 + 7 * i)
        spans = [(6, 6 + len(number), "order_id")]
        lines.append(TrainingLine(f"order {number} please", "track", spans, "neutral", "order_id"))
        lines.append(TrainingLine("cancel my refund", "cancel", (), "negative"))
        lines.append(TrainingLine("hello", None, None, "positive"))
    return lines


def test_learns_intents_and_writes_a_folder_that_can_be_served(
    tiny_weights: Weights, tmp_path: Path
) -> None:
    lines = intent_lines(12)
    made = finetune(tiny_weights, lines, tmp_path / "tuned", QUICK)
    assert made.tagger is None
    assert made.report.best_epoch == 3
    assert made.report.history[-1]["loss_intent"] < made.report.history[0]["loss_intent"]
    export(resolve(str(made.folder)), tmp_path / "serving")
    x = Encoder.load(tmp_path / "serving").encode([line.text for line in lines]).sentence
    head = IntentHead.fit(x, [str(line.intent) for line in lines])
    hits = [
        head.labels[i] == line.intent
        for i, line in zip(head.logits(x).argmax(1), lines, strict=True)
    ]
    assert np.mean(hits) > 0.9


def test_learns_every_task_in_one_pass(tiny_weights: Weights, tmp_path: Path) -> None:
    made = finetune(tiny_weights, full_lines(10), tmp_path / "tuned", QUICK)
    assert made.tagger is not None
    assert made.tagger.labels == ("order_id",)
    assert made.tagger.slots == ("order_id",)
    assert {"loss_intent", "loss_entities", "loss_sentiment"} <= set(made.report.history[-1])


def test_entities_alone_can_be_learnt(tiny_weights: Weights, tmp_path: Path) -> None:
    lines = [TrainingLine(x.text, None, x.spans) for x in full_lines(6) if x.spans is not None]
    made = finetune(tiny_weights, lines, tmp_path / "tuned", QUICK)
    assert made.tagger is not None


def test_word_embeddings_stay_as_they_are(tiny_weights: Weights, tmp_path: Path) -> None:
    finetune(tiny_weights, intent_lines(6), tmp_path / "tuned", QUICK)
    before = load_file(tiny_weights.path / "model.safetensors")
    after = load_file(tmp_path / "tuned" / "model.safetensors")
    name = "embeddings.word_embeddings.weight"
    np.testing.assert_array_equal(before[name], after[name])
    other = "encoder.layer.1.output.dense.weight"
    assert np.abs(before[other] - after[other]).max() > 1e-4


def test_frozen_layers_stay_and_give_what_the_whole_encoder_gives(
    tiny_weights: Weights, tmp_path: Path
) -> None:
    texts = ["where is my parcel", "cancel my order please, at once", "hello"]
    encoder = TorchEncoder.from_weights(tiny_weights).eval()
    lines = encoder.tokenizer.encode(texts)
    whole = encoder.forward(*encoder.batch(lines))
    below = FrozenLayers(encoder, 1, lines, sums=True)
    vectors, states = below.encode([0, 1, 2])
    np.testing.assert_allclose(vectors.detach(), whole[0].detach(), atol=3e-3)
    for row, line in enumerate(lines):
        length = len(line.ids)
        expected = whole[1][row, :length].detach()
        np.testing.assert_allclose(states[row, :length].detach(), expected, atol=3e-3)


def test_both_kernels_of_attention_give_the_same(
    tiny_weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = TorchEncoder.from_weights(tiny_weights).eval()
    lines = encoder.tokenizer.encode(["where is my parcel", "hello"])
    plain = encoder.forward(*encoder.batch(lines))
    monkeypatch.setattr(torch_encoder, "_PLAIN_ATTENTION", 0)
    fused = encoder.forward(*encoder.batch(lines))
    np.testing.assert_allclose(plain[0].detach(), fused[0].detach(), atol=1e-5)
    np.testing.assert_allclose(plain[1][0].detach(), fused[1][0].detach(), atol=1e-5)


def test_frozen_layers_are_not_trained(tiny_weights: Weights, tmp_path: Path) -> None:
    finetune(tiny_weights, intent_lines(6), tmp_path / "tuned", QUICK)
    before = load_file(tiny_weights.path / "model.safetensors")
    after = load_file(tmp_path / "tuned" / "model.safetensors")
    name = "encoder.layer.0.output.dense.weight"
    np.testing.assert_array_equal(before[name], after[name])


def test_long_lines_are_read_from_their_beginning_but_for_those_with_values(
    tiny_weights: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    below = FrozenLayers.__init__

    def watched(self: FrozenLayers, encoder: object, layers: int, lines: Any, **rest: Any) -> None:
        read.extend(len(line.ids) for line in lines)
        below(self, encoder, layers, lines, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(FrozenLayers, "__init__", watched)
    monkeypatch.setattr(epochs, "LONG", 8)
    lines = [replace(line, text=line.text + " and so on" * 4) for line in full_lines(6)]
    finetune(tiny_weights, lines, tmp_path / "tuned", QUICK)
    assert min(read) <= 8 < max(read)
    assert len([length for length in read if length > 8]) == sum(bool(e.spans) for e in lines)


def test_lines_too_many_to_keep_are_read_anew(
    tiny_weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = TorchEncoder.from_weights(tiny_weights).eval()
    lines = encoder.tokenizer.encode(["where is my parcel", "hello"])
    below = FrozenLayers(encoder, 1, lines, sums=False)
    kept = below.encode([1, 0])[0]
    monkeypatch.setattr(torch_frozen, "KEPT_BYTES", 0)
    below = FrozenLayers(encoder, 1, lines, sums=False)
    anew = below.encode([1, 0])[0]
    np.testing.assert_allclose(kept.detach(), anew.detach(), atol=3e-3)
    assert anew.requires_grad


@pytest.mark.parametrize(("deep", "moved"), [(12, True), (13, False)])
def test_many_marked_lines_train_all_layers(
    tiny_weights: Weights, tmp_path: Path, deep: int, moved: bool
) -> None:
    finetune(tiny_weights, full_lines(6), tmp_path / "tuned", replace(QUICK, deep=deep))
    before = load_file(tiny_weights.path / "model.safetensors")
    after = load_file(tmp_path / "tuned" / "model.safetensors")
    name = "encoder.layer.0.output.dense.weight"
    assert np.array_equal(before[name], after[name]) is not moved


def test_the_same_seed_gives_the_same_weights(tiny_weights: Weights, tmp_path: Path) -> None:
    for name in ("a", "b"):
        finetune(tiny_weights, full_lines(4), tmp_path / name, QUICK, seed=5)
    first, second = (load_file(tmp_path / name / "model.safetensors") for name in "ab")
    for name, value in first.items():
        np.testing.assert_array_equal(value, second[name])


class Killed(Exception):
    """Stands for the end of the process."""


class KillAfter(Silent):
    """Stops the run after a number of steps of fine-tuning."""

    def __init__(self, steps: int) -> None:
        self.left, self.active = steps, False

    def start(self, what: str, total: int | None = None) -> None:
        self.active = what.startswith("Fine-tuning")

    def advance(self, n: int = 1) -> None:
        self.left -= n if self.active else 0
        if self.left < 0:
            raise Killed


@pytest.mark.parametrize("tune", METHODS)
def test_a_killed_run_goes_on_and_ends_the_same(
    tiny_weights: Weights, tmp_path: Path, tune: Method
) -> None:
    lines, quick = intent_lines(8), replace(QUICK, tune=tune, deep=0)
    whole = finetune(tiny_weights, lines, tmp_path / "whole", quick, seed=2)
    with pytest.raises(Killed):
        finetune(tiny_weights, lines, tmp_path / "cut", quick, seed=2, progress=KillAfter(7))
    kept = torch.load(tmp_path / ".cut.checkpoint" / "last.pt", weights_only=True)["module"]
    frozen = "word_embeddings"  # whatever is trained, these are not, and need not be written
    assert kept
    assert not any(frozen in name for name in kept)
    resumed = finetune(tiny_weights, lines, tmp_path / "cut", quick, seed=2)
    assert resumed.report.history == whole.report.history
    first, second = (load_file(tmp_path / n / "model.safetensors") for n in ("whole", "cut"))
    for name, value in first.items():
        np.testing.assert_allclose(value, second[name], atol=1e-6)
    assert not (tmp_path / ".cut.checkpoint").exists()


def test_the_lower_half_settles_and_a_run_killed_after_that_ends_the_same(
    tiny_weights: Weights, tmp_path: Path
) -> None:
    lines, quick = full_lines(8), replace(QUICK, epochs=4, deep=0)
    whole = finetune(tiny_weights, lines, tmp_path / "whole", quick)
    with pytest.raises(Killed):
        finetune(tiny_weights, lines, tmp_path / "cut", quick, progress=KillAfter(16))
    kept = torch.load(tmp_path / ".cut.checkpoint" / "last.pt", weights_only=True)["module"]
    resumed = finetune(tiny_weights, lines, tmp_path / "cut", quick)
    assert resumed.report.history == whole.report.history
    after = load_file(tmp_path / "cut" / "model.safetensors")
    name = "encoder.layer.{}.output.dense.weight"
    assert np.array_equal(kept[f"encoder.model.{name.format(0)}"], after[name.format(0)])
    assert not np.array_equal(kept[f"encoder.model.{name.format(1)}"], after[name.format(1)])


def test_a_checkpoint_of_other_data_is_not_used(tiny_weights: Weights, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        finetune(tiny_weights, intent_lines(8), tmp_path / "x", QUICK, progress=KillAfter(7))
    made = finetune(tiny_weights, intent_lines(6), tmp_path / "x", QUICK)
    assert [row["epoch"] for row in made.report.history] == [1, 2, 3]


def test_held_out_lines_are_never_trained_on(tiny_weights: Weights, tmp_path: Path) -> None:
    lines = [TrainingLine("hello 1 2 3"), *intent_lines(200)]
    made = finetune(
        tiny_weights,
        lines,
        tmp_path / "tuned",
        FinetuneSettings(epochs=1, bf16=False, threads=1),
    )
    assert len(made.report.held_out) == 60
    assert 0 not in made.report.held_out
    assert max(made.report.held_out) <= 600
    assert "accuracy" in made.report.history[0]


def test_tensorboard_logs_are_written(tiny_weights: Weights, tmp_path: Path) -> None:
    finetune(tiny_weights, intent_lines(4), tmp_path / "tuned", QUICK, logs=tmp_path / "logs")
    assert any(f.name.startswith("events") for f in (tmp_path / "logs").iterdir())


def test_lines_that_teach_nothing_are_refused(tiny_weights: Weights, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="nothing to learn"):
        finetune(tiny_weights, [TrainingLine("hello")], tmp_path / "x", QUICK)
    with pytest.raises(ModelError, match="grumpy"):
        finetune(tiny_weights, [TrainingLine("a", "b", None, "grumpy")], tmp_path / "x", QUICK)
    with pytest.raises(ModelError, match="does not lie in its text"):
        finetune(tiny_weights, [TrainingLine("a", "b", [(0, 9, "c")])], tmp_path / "x", QUICK)


def test_few_lines_are_not_held_out() -> None:
    assert len(split_held_out(intent_lines(10), 0.1, 0)) == 0
    held = split_held_out(intent_lines(200), 0.1, 0)
    assert len(held) == 60
    assert (np.diff(held) > 0).all()


def test_threads_respect_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert choose_threads() == 1


def test_negative_seeds_are_refused() -> None:
    with pytest.raises(ModelError, match="negative"):
        seed_everything(-1)


def test_an_epoch_reads_each_line_once_some_with_a_slip() -> None:
    lines = [
        TrainingLine("where is my parcel", "track"),
        TrainingLine("order 12 please", "order", [(6, 8, "number")]),
    ]
    drawn = EpochLines(lines, [TrainingLine("track my order", "track")], 2, seed=1)
    assert len(drawn) == 3
    seen = [[drawn.lines[i] for i in drawn.of_epoch(epoch)] for epoch in range(1, 30)]
    assert all([line.intent for line in read] == ["track", "order", "track"] for read in seen)
    first = {read[0].text for read in seen}
    assert len(first) == 3
    assert "where is my parcel" in first
    assert {read[1].text for read in seen} == {"order 12 please"}
    assert {read[2].text for read in seen} == {"track my order"}


def test_hints_of_unknown_intents_are_not_learned(tiny_weights: Weights, tmp_path: Path) -> None:
    hints = [TrainingLine("where it is", "track"), TrainingLine("to pay", "payment")]
    made = finetune(tiny_weights, intent_lines(6), tmp_path / "tuned", QUICK, hints=hints)
    assert made.report.history[-1]["loss_intent"] < made.report.history[0]["loss_intent"]


@given(st.text(max_size=40), st.integers(0, 99))
def test_a_slip_changes_one_place(text: str, seed: int) -> None:
    slipped = with_slip(text, np.random.default_rng(seed))
    assert abs(len(slipped) - len(text)) <= 1
    if len(text) < 5:
        assert slipped == text
    else:
        assert (slipped[0], slipped[-1]) == (text[0], text[-1])
