"""``frontdesk adapt``: fine-tune the encoder on an assistant's lines and keep the difference.

The adapter is a file of a few megabytes that lies beside the assistant; ``encoder:`` in its
``frontdesk.yml`` names it, and head training on top of it takes minutes where the fine-tune
takes much longer. What heads on it are worth cannot be seen from lines that it has learned: it is
found by cross-fitting (:mod:`intents.crossfitting`), and kept in the adapter.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from intents.assistant import Assistant
from intents.balancing import balance
from intents.crossfitting import Part, judge_part, verdict_of_parts
from intents.examples import OUT_OF_SCOPE, Example, language_of_set, merge_examples
from intents.fitting import Lines
from intents.folds import fold_of_lines
from intents.naming import encoded_names, names_of
from models.arrays import FloatArray, IntArray, load_arrays, save_arrays
from models.encoders.adapter import extract, keep_evidence, merge
from models.encoders.runtime import Encoder
from models.encoders.weights import default_encoder, resolve, resolve_view, write_metadata
from models.errors import DataError
from models.progress import Progress, Silent

if TYPE_CHECKING:
    from models.learning.finetune import FinetuneSettings
    from models.learning.joint import TrainingLine

HELD_OUT = 0.12
EPOCHS = 4
ENCODER_RATE = 1e-4
PARTS, FEWEST = 4, 100
"""Parts of the lines for cross-fitting, each of which costs a fine-tune, and lines it needs."""


@dataclass(frozen=True)
class Adapted:
    """What a fine-tune gave: the adapter, and accuracy on held-out lines at the best epoch.

    ``cross_fitted`` is the accuracy over all lines of heads and encoders that had not seen them.
    """

    path: Path
    lines: int
    held_out: int
    accuracy: float | None
    cross_fitted: float | None
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
    from models.learning.finetune import finetune

    began = time.perf_counter()
    examples = _useful(assistant.examples)
    base = resolve(_base(assistant), progress=progress)
    with tempfile.TemporaryDirectory(prefix="frontdesk-adapt-") as scratch:
        folder = (work or Path(scratch)) / "encoder"
        made = finetune(
            base, _to_learn(examples), folder, _settings(), seed=seed, progress=progress or Silent()
        )
        held = set(made.report.held_out)
        trained = [example.text for i, example in enumerate(examples) if i not in held]
        kept = extract(base, made.folder, out, rank=rank, trained=trained, licence=base.licence)
    right = judge_again(assistant, out, rank=rank, seed=seed, work=work, progress=progress)
    best = [row for row in made.report.history if row.get("epoch") == made.report.best_epoch]
    return Adapted(
        out,
        len(trained),
        len(held),
        best[0].get("accuracy") if best else None,
        right,
        kept,
        round(time.perf_counter() - began, 1),
    )


def judge_again(
    assistant: Assistant,
    adapter: Path,
    *,
    rank: int = 32,
    seed: int = 0,
    work: Path | None = None,
    progress: Progress | None = None,
) -> float | None:
    """Find out how far heads on an adapter of the assistant's lines may be believed, and keep it
    in the file; return the share of the lines that were understood.

    With fewer than 100 lines it says nothing, and keeps nothing.

    :param work: folder for what is finished; a run that was killed goes on from there.
    """
    labelled, _ = merge_examples([e for e in assistant.examples if e.intent])
    if len(labelled) < FEWEST:
        return None
    labels = [str(example.intent) for example in labelled]
    fold = fold_of_lines([e.text for e in labelled], labels, PARTS, seed)
    with tempfile.TemporaryDirectory(prefix="frontdesk-judge-") as scratch:
        crossing = _Crossing(
            assistant, labelled, rank, seed, work or Path(scratch), progress or Silent()
        )
        parts = [crossing.part(np.flatnonzero(fold == number)) for number in range(PARTS)]
    verdict = verdict_of_parts(labels, parts)
    keep_evidence(adapter, verdict.arrays())
    return float(verdict.evidence.right.mean())


@dataclass(frozen=True)
class _Crossing:
    """Encoders that learn from all lines but a part."""

    assistant: Assistant
    examples: Sequence[Example]
    rank: int
    seed: int
    work: Path
    progress: Progress

    def part(self, rows: IntArray) -> Part:
        """The lines ``rows`` as judged by the others; done once for each content of ``work``."""
        held = {int(row) for row in rows}
        given = [e for i, e in enumerate(self.examples) if i not in held]
        said = "\n".join(f"{e.text}\t{e.intent}" for e in given)
        digest = hashlib.sha256(f"{self.rank} {self.seed}\n{said}".encode()).hexdigest()[:12]
        kept = self.work / f"part-{digest}.npz"
        if kept.is_file():
            return Part(**{k: v for k, v in load_arrays(kept, "part").items() if k != "kind"})
        encoder = self._learned(given, self.work / f"part-{digest}")
        part = judge_part(self._read(encoder), rows)
        save_arrays(kept, {"kind": np.array("part"), **vars(part)})
        return part

    def _learned(self, given: Sequence[Example], folder: Path) -> Encoder:
        """An encoder as a release has it, with an adapter that has learned from ``given``."""
        from models.encoders.export import export
        from models.learning.finetune import finetune

        base = resolve(_base(self.assistant), progress=self.progress)
        settings = replace(_settings(), held_out=0.0)
        lines = _to_learn(_useful(given))
        made = finetune(
            base, lines, folder / "encoder", settings, seed=self.seed, progress=self.progress
        )
        file, merged, serving = folder / "made.safetensors", folder / "merged", folder / "serving"
        extract(base, made.folder, file, rank=self.rank, trained=[], licence=base.licence)
        merge(base, file, merged)
        write_metadata(merged, base, name=base.name)
        export(resolve(str(merged)), serving, "int8", resolve_view())
        encoder = Encoder.load(serving)
        texts = [example.text for example in self.examples]
        balance(encoder, texts, language_of_set(e.language for e in self.examples))
        shutil.rmtree(folder)
        return encoder

    def _read(self, encoder: Encoder) -> Lines:
        """All lines as ``encoder`` reads them."""

        def read(texts: Sequence[str]) -> FloatArray:
            return np.concatenate(
                [encoder.encode(texts[i : i + 256]).sentence for i in range(0, len(texts), 256)]
            )

        texts = [example.text for example in self.examples]
        labels = [str(example.intent) for example in self.examples]
        names = encoded_names(names_of(set(labels), self.assistant), read)
        return Lines(texts, labels, read(texts), np.ones(len(texts), dtype=bool), names)


def _settings() -> FinetuneSettings:
    from models.learning.finetune import FinetuneSettings

    return FinetuneSettings(epochs=EPOCHS, encoder_rate=ENCODER_RATE, held_out=HELD_OUT)


def _to_learn(examples: Sequence[Example]) -> list[TrainingLine]:
    from models.learning.joint import TrainingLine

    return [TrainingLine(e.text, e.intent, None, e.sentiment, None) for e in examples]


def _base(assistant: Assistant) -> str:
    languages = {language.split("-")[0] for language in assistant.languages}
    return default_encoder("en" if languages == {"en"} else "mul")


def _useful(examples: Sequence[Example]) -> list[Example]:
    """What the encoder learns from. Lines marked out of scope have nothing in common: without them
    it reads the intents as if there were none."""
    found = [e for e in examples if (e.intent or e.sentiment) and e.intent != OUT_OF_SCOPE]
    if not found:
        raise DataError(
            "There is nothing to adapt the encoder to",
            expected="training lines with intents",
            found="none",
            fix="Write some, or keep the packaged encoder.",
        )
    return found
