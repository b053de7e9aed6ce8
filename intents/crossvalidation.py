"""Cross-validation: every labelled line as a training understands it that did not see it.

Each fold is a whole training, tagger included, so that what comes out is what a release would do.
The held-out figures of a release (``intents.figures``) cost no further training, and know no
entities.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from intents.assistant import Assistant
from intents.examples import Example, merge_examples
from intents.folds import fold_of_lines
from intents.parse import Parse
from intents.training.training import train
from intents.understanding import Understanding
from models.errors import DataError
from models.progress import Progress

_BATCH = 64


def cross_validated(
    assistant: Assistant, folds: int, *, seed: int = 0, progress: Progress | None = None
) -> list[tuple[Example, Parse]]:
    """Train ``folds`` times without a part of the lines; pairs of a line and what was understood.

    The parts are stratified by intent. Lines without an intent teach every training.

    :raises DataError: fewer labelled lines than folds, fewer than two folds, or nothing to learn.
    """
    labelled, _ = merge_examples([e for e in assistant.examples if e.intent is not None])
    if not 2 <= folds <= len(labelled):
        raise DataError(
            "The lines cannot be divided so",
            expected=f"2 to {len(labelled)} folds for {len(labelled)} labelled lines",
            found=str(folds),
            fix="Ask for another number, or give more lines.",
        )
    others = [e for e in assistant.examples if e.intent is None]
    fold = fold_of_lines([e.text for e in labelled], [str(e.intent) for e in labelled], folds, seed)
    found: list[tuple[Example, Parse]] = []
    for number in range(folds):
        kept = [e for e, part in zip(labelled, fold, strict=True) if part != number]
        asked = [e for e, part in zip(labelled, fold, strict=True) if part == number]
        found += _fold(assistant, [*kept, *others], asked, seed, progress) if asked else []
    return found


def _fold(
    assistant: Assistant,
    kept: Sequence[Example],
    asked: Sequence[Example],
    seed: int,
    progress: Progress | None,
) -> list[tuple[Example, Parse]]:
    # what the assistant knows of marked values must not come from the lines that are asked
    known = replace(assistant, examples=list(kept))
    with tempfile.TemporaryDirectory() as work:
        out = Path(work) / "release"
        train(kept, out, mode="head", seed=seed, assistant=known, progress=progress)
        understanding = Understanding.load(out)
        texts = [example.text for example in asked]
        batches = [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]
        parses = [parse for batch in batches for parse in understanding.parse(batch)]
    return list(zip(asked, parses, strict=True))
