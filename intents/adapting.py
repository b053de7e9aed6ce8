"""``frontdesk adapt``: fine-tune the encoder on an assistant's lines and keep the difference.

The adapter is a file of a few megabytes that lies beside the assistant; ``encoder:`` in its
``frontdesk.yml`` names it, and head training on top of it takes minutes where the fine-tune
takes much longer. Part of the lines is held out, so that thresholds stay honest.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from intents.assistant import Assistant
from intents.examples import Example
from models.adapter import extract
from models.errors import DataError
from models.progress import Progress, Silent
from models.weights import default_encoder, resolve

HELD_OUT = 0.12
EPOCHS = 4
ENCODER_RATE = 1e-4


@dataclass(frozen=True)
class Adapted:
    """What a fine-tune gave: the adapter, and accuracy on held-out lines at the best epoch."""

    path: Path
    lines: int
    held_out: int
    accuracy: float | None
    kept: float
    seconds: float


def adapt(
    assistant: Assistant,
    out: Path,
    *,
    rank: int = 32,
    seed: int = 0,
    work: Path | None = None,
    progress: Progress | None = None,
) -> Adapted:
    """Fine-tune the assistant's language's encoder and write the adapter to ``out``.

    :param rank: of the factors; 32 gives about 5 MB and keeps most of the gain.
    :param work: folder for checkpoints; a run that was killed goes on from there.
    :raises DataError: the assistant has no training lines.
    """
    from models.torch_finetune import FinetuneSettings, finetune
    from models.torch_joint import TrainingLine

    examples = _useful(assistant.examples)
    languages = {language.split("-")[0] for language in assistant.languages}
    base = resolve(default_encoder("en" if languages == {"en"} else "mul"), progress=progress)
    lines = [TrainingLine(e.text, e.intent, None, e.sentiment, None) for e in examples]
    settings = FinetuneSettings(epochs=EPOCHS, encoder_rate=ENCODER_RATE, held_out=HELD_OUT)
    with tempfile.TemporaryDirectory(prefix="frontdesk-adapt-") as scratch:
        folder = (work or Path(scratch)) / "encoder"
        made = finetune(base, lines, folder, settings, seed=seed, progress=progress or Silent())
        held = set(made.report.held_out)
        trained = [example.text for i, example in enumerate(examples) if i not in held]
        kept = extract(base, made.folder, out, rank=rank, trained=trained, licence=base.licence)
    best = [row for row in made.report.history if row.get("epoch") == made.report.best_epoch]
    accuracy = best[0].get("accuracy") if best else None
    return Adapted(out, len(trained), len(held), accuracy, kept, made.report.seconds)


def _useful(examples: Sequence[Example]) -> list[Example]:
    found = [example for example in examples if example.intent or example.sentiment]
    if not found:
        raise DataError(
            "There is nothing to adapt the encoder to",
            expected="training lines with intents",
            found="none",
            fix="Write some, or keep the packaged encoder.",
        )
    return found
