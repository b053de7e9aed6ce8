"""Fine-tuning of the encoder as a step of training; torch is loaded here."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intents.assistant import Assistant
from intents.examples import Example
from intents.naming import names_of
from intents.training.mood import spared_lines
from intents.training.tagger import label_of
from models.arrays import AnyArray
from models.encoders.weights import Weights, resolve, resolve_view
from models.progress import Progress

if TYPE_CHECKING:
    from models.learning.finetune import FinetuneSettings
    from models.learning.joint import TrainingLine
    from models.learning.peft import Method
    from models.tagger import Tagger

_ENOUGH = 30
"""Lines an intent from which on its name teaches nothing more."""


@dataclass(frozen=True)
class Tuned:
    """What a fine-tune gave: the tagger trained with it, lines it did not see, and a report.

    ``unseen`` is a mask over the examples: calibration and thresholds come from those lines.
    """

    tagger: Tagger | None
    unseen: AnyArray
    report: dict[str, Any]


def fine_tune(
    examples: Sequence[Example],
    weights: Weights,
    serving: Path,
    seed: int,
    progress: Progress,
    checkpoints: Path,
    logs: Path | None = None,
    settings: FinetuneSettings | None = None,
    assistant: Assistant | None = None,
) -> Tuned:
    """Fine-tune ``weights`` on ``examples`` and write the serving encoder to ``serving``.

    :param checkpoints: folder that outlives a killed run; the same training goes on from there.
    :param logs: folder for TensorBoard logs.
    :param settings: of the fine-tune; its defaults if None.
    :param assistant: what its intents are called is learned from too.
    """
    from models.encoders.export import export
    from models.learning.finetune import finetune

    spared = spared_lines(examples, seed)
    lines = training_lines(
        [
            replace(e, sentiment=None) if spare else e
            for e, spare in zip(examples, spared, strict=True)
        ]
    )
    checkpoints.mkdir(parents=True, exist_ok=True)
    folder = checkpoints / "encoder"
    made = finetune(
        weights,
        lines,
        folder,
        settings,
        seed=seed,
        hints=named_lines(examples, assistant),
        logs=logs,
        progress=progress,
    )
    progress.start("Preparing the encoder", 1)
    export(resolve(str(made.folder)), serving, "int8", resolve_view())
    progress.advance()
    progress.done()
    shutil.rmtree(checkpoints, ignore_errors=True)
    unseen = spared.copy()
    unseen[list(made.report.held_out)] = True
    report = {
        "held_out": len(made.report.held_out),
        "best_epoch": made.report.best_epoch,
        "seconds": round(made.report.seconds, 1),
        "threads": made.report.threads,
        "bf16": made.report.bf16,
        "history": made.report.history,
    }
    return Tuned(made.tagger, unseen, report)


def settings_of(tune: Method) -> FinetuneSettings:
    """The defaults of a fine-tune that trains ``tune`` of the encoder."""
    from models.learning.finetune import FinetuneSettings

    return FinetuneSettings(tune=tune)


def named_lines(examples: Sequence[Example], assistant: Assistant | None) -> list[TrainingLine]:
    """What the intents are called, as further lines; none where there are lines enough."""
    from models.learning.joint import TrainingLine

    counts = Counter(example.intent for example in examples if example.intent)
    if sum(counts.values()) > _ENOUGH * len(counts):
        return []
    names = names_of((label for label in counts if label), assistant)
    return [
        TrainingLine(text, label) for label, texts in names.items() if label in counts
        for text in texts
    ]  # fmt: skip


def training_lines(examples: Sequence[Example]) -> list[TrainingLine]:
    """Examples as the fine-tune takes them."""
    from models.learning.joint import TrainingLine

    return [
        TrainingLine(
            example.text,
            example.intent,
            None
            if example.entities is None
            else [(e.start, e.end, label_of(e)) for e in example.entities],
            example.sentiment,
            example.requested_slots or None,
        )
        for example in examples
    ]
