"""``frontdesk train``: from labelled lines to a release.

The only module of this room that needs torch, and it imports it when it comes to it.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from intents.artefacts import as_json, assistant_files, learned_files
from intents.assistant import Assistant
from intents.balancing import balance
from intents.card import model_card
from intents.examples import Example, language_of_set, merge_examples
from intents.findings import in_short
from intents.fitting import Lines
from intents.naming import encoded_names, names_of
from intents.release import Facts, Release, seal
from intents.training import preflight
from intents.training.intents import Judge, told_by
from intents.training.mood import OwnLines, ShippedLines, fit_moods
from intents.training.tagger import MarkedLines, tagger_figures
from intents.training.target import checkpoints_of, draft_for
from intents.verdict import Wanted
from models.arrays import AnyArray, FloatArray
from models.encoders import adapter
from models.encoders.runtime import Encoder
from models.encoders.weights import Weights, cache_folder, default_encoder, resolve, resolve_view
from models.errors import DataError, Problem
from models.mood import FILE as MOOD_FILE
from models.mood import save_moods
from models.progress import Progress, Silent

if TYPE_CHECKING:
    from intents.training.full import Tuned
    from models.learning.finetune import FinetuneSettings

Mode = Literal["head", "full"]
_FEW_MARKED = 1000
"""Fewer marked lines give a tagger too few steps in a fine-tune: it is taught anew after it."""
PRECISION: Literal["int8"] = "int8"


def train(
    examples: Sequence[Example],
    out: Path | str,
    *,
    language: str | None = None,
    mode: Mode = "full",
    encoder: str | None = None,
    seed: int = 0,
    assistant: Assistant | None = None,
    progress: Progress | None = None,
    wanted: Wanted | None = None,
    problems: Sequence[Problem] = (),
    parent: str | None = None,
    logs: Path | None = None,
    note: Callable[[str], None] | None = None,
    tuning: FinetuneSettings | None = None,
) -> Release:
    """Train on ``examples`` and write a release into the folder ``out``.

    :param language: ``en``, ``zh`` or ``mul``; found by script if not given.
    :param mode: ``head`` leaves the encoder as it is (seconds); ``full`` fine-tunes it as well.
    :param encoder: a packaged name, a folder or a hub name; by language if not given.
    :param assistant: its rules for entities and a copy of its files go into the release.
    :param wanted: what the operator asks of the decisions; from the assistant's settings if None.
    :param problems: what was found wrong while reading; kept in evaluation.json.
    :param logs: folder for TensorBoard logs of a fine-tune.
    :param tuning: settings of the fine-tune; its defaults if None.
    :param note: is told, before anything long starts, what time and memory it will take.
    :raises DataError: nothing to learn from.
    :raises NotEnoughMemory: the training would not fit; nothing was started.
    :raises ReleaseError: ``out`` is there and no release, or another training is writing it.
    """
    target = Path(out)
    work = _Work.of(examples, language, seed, assistant, progress or Silent(), wanted)
    work.logs, work.tuning, work.checkpoints = logs, tuning, checkpoints_of(target)
    with draft_for(target) as draft:
        weights = resolve(encoder or work.encoder_name(), progress=work.progress)
        need = preflight.estimate(work.examples, weights, mode)
        if note is not None:
            note(f"This will take {need}")
        preflight.check(need)
        work.weights = weights
        unseen = work.encoder_into(draft / "encoder", weights, mode)
        work.learn(draft, unseen)
        work.write(draft, weights, mode, problems, parent)
    return Release.open(target)


def exported_encoder(weights: Weights, progress: Progress | None = None) -> Path:
    """The serving folder of untouched weights, made once and kept in the cache."""
    from models.encoders.export import EXPORT_VERSION, export

    folder = (
        cache_folder()
        / "exported"
        / f"{weights.name.replace('/', '-')}-{weights.sha256[:16]}-{PRECISION}-v{EXPORT_VERSION}"
    )
    if not (folder / "encoder.json").is_file():
        show = progress or Silent()
        show.start("Preparing the encoder", 1)
        folder.parent.mkdir(parents=True, exist_ok=True)
        export(weights, folder, PRECISION, resolve_view())
        show.advance()
        show.done()
    return folder


@dataclass
class _Work:
    """One training: its lines, and what has been learned so far."""

    examples: list[Example]
    dropped: list[Example]
    language: str
    seed: int
    assistant: Assistant | None
    progress: Progress
    wanted: Wanted
    files: dict[str, bytes] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    entity_types: tuple[str, ...] = ()
    warnings: list[str] = field(default_factory=list)
    logs: Path | None = None
    tuning: FinetuneSettings | None = None
    checkpoints: Path = Path(".checkpoints")
    tuned: Tuned | None = None
    weights: Weights | None = None

    @classmethod
    def of(
        cls,
        examples: Sequence[Example],
        language: str | None,
        seed: int,
        assistant: Assistant | None,
        progress: Progress,
        wanted: Wanted | None,
    ) -> _Work:
        useful = [example for example in examples if example.text.strip() and _teaches(example)]
        if not useful:
            raise DataError(
                "There is nothing to learn from",
                expected="lines with an intent, entities, a sentiment or an urgency",
                found=f"{len(examples)} lines without any",
                fix="Give at least two intents with a few lines each.",
            )
        kept, dropped = merge_examples(useful)
        found = language or language_of_set(example.language for example in kept)
        work = cls(kept, dropped, found, seed, assistant, progress, wanted or _wanted(assistant))
        work.warnings += in_short(kept)
        return work

    def encoder_name(self) -> str:
        """The encoder that the assistant asks for, else the language's."""
        asked = self.assistant.settings.encoder if self.assistant else None
        if asked and self.assistant and asked.endswith(adapter.SUFFIX):
            return str(self.assistant.folder / asked)
        return asked or default_encoder(self.language)

    def encoder_into(self, folder: Path, weights: Weights, mode: Mode) -> AnyArray:
        """Put the serving encoder into ``folder``; which ``examples`` it has not seen (a mask)."""
        started = time.perf_counter()
        if mode == "full":
            from intents.training.full import fine_tune

            tuned = fine_tune(
                self.examples,
                weights,
                folder,
                self.seed,
                self.progress,
                self.checkpoints,
                self.logs,
                self.tuning,
                self.assistant,
            )
            self.tuned, self.figures["fine_tune"] = tuned, tuned.report
            self.seconds["fine_tune"] = round(time.perf_counter() - started, 2)
            return tuned.unseen
        shutil.copytree(exported_encoder(weights, self.progress), folder, copy_function=_link)
        self.seconds["encoder"] = round(time.perf_counter() - started, 2)
        return adapter.unseen_mask(weights.path, [example.text for example in self.examples])

    def learn(self, draft: Path, unseen: AnyArray) -> None:
        """Fit every head to the encoder in ``draft``."""
        encoder = Encoder.load(draft / "encoder")
        self._balance(encoder, draft / "encoder")
        moods = OwnLines(self.examples)
        marked = MarkedLines(self.examples, self._teaches_tagger())
        vectors = self._vectors(encoder, moods, marked)
        self._intents(vectors, unseen, encoder)
        self._segments(vectors, unseen, encoder)
        self._moods(moods, encoder, draft, unseen)
        self._tagger(marked, encoder, draft)

    def _balance(self, encoder: Encoder, folder: Path | None = None) -> None:
        balance(encoder, [example.text for example in self.examples], self.language, folder)

    def write(
        self,
        draft: Path,
        weights: Weights,
        mode: Mode,
        problems: Sequence[Problem],
        parent: str | None,
    ) -> None:
        """Write the remaining files and the manifest."""
        facts = Facts(
            parent=parent,
            encoder={
                "name": weights.name,
                "sha256": weights.sha256,
                "dim": weights.dim,
                "precision": PRECISION,
                "licence": weights.licence,
            },
            languages=("en", "zh") if self.language == "mul" else (self.language,),
            mode=mode,
            labels=self.labels,
            entity_types=self.entity_types,
            examples=len(self.examples),
            seed=self.seed,
            versions=versions(),
            accuracy=self.figures.get("intent", {}).get("accuracy"),
        )
        left_out = [vars(problem) for problem in problems]
        self.files["evaluation.json"] = as_json(
            {
                **self.figures,
                "warnings": self.warnings,
                "left_out": left_out[:1000],
                "repeated": len(self.dropped),
                "seconds": self.seconds,
            }
        )
        card = model_card(facts, self.figures, self.warnings, len(left_out))
        self.files["MODEL_CARD.md"] = card.encode()
        if self.assistant is not None:
            self.files.update(assistant_files(self.assistant))
        for name, content in self.files.items():
            path = draft / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        seal(draft, facts)

    def _vectors(self, encoder: Encoder, moods: OwnLines, marked: MarkedLines) -> FloatArray:
        started = time.perf_counter()
        texts = [example.text for example in self.examples]
        vectors = np.zeros((len(texts), encoder.dim), dtype=np.float32)
        self.progress.start("Reading the lines", len(texts))
        for start in range(0, len(texts), 256):
            part = encoder.encode(texts[start : start + 256])
            vectors[start : start + 256] = part.sentence
            moods.take(start, part)
            marked.take(start, part)
            self.progress.advance(len(part.sentence))
        self.progress.done()
        self.seconds["encode"] = round(time.perf_counter() - started, 2)
        return vectors

    def _intents(self, vectors: FloatArray, unseen: AnyArray, encoder: Encoder) -> None:
        at = [i for i, example in enumerate(self.examples) if example.intent]
        if not at:
            return
        started = time.perf_counter()
        chosen = [self.examples[i] for i in at]
        labels = [str(e.intent) for e in chosen]
        called = names_of(set(labels), self.assistant)
        names = encoded_names(called, lambda texts: encoder.encode(texts).sentence)
        lines = Lines([e.text for e in chosen], labels, vectors[at], unseen[at], names)
        languages = [e.language for e in chosen]
        told = told_by(self.weights) if self.weights and not self.tuned else None
        judge = Judge(languages, called, self._untouched, self.wanted, self.seed, told)
        fitted, figures = judge.fit(lines, self.progress)
        self.figures.update(figures)
        self.files.update(learned_files(lines, chosen, fitted))
        self.labels = fitted.head.labels
        self.seconds["intents"] = round(time.perf_counter() - started, 2)

    def _untouched(self) -> Encoder:
        """The encoder as it was before it learned from any of the lines."""
        assert self.weights is not None
        base = adapter.base_of(self.weights.path)
        weights = self.weights if base is None else resolve(base, progress=self.progress)
        encoder = Encoder.load(exported_encoder(weights, self.progress))
        self._balance(encoder)
        return encoder

    def _segments(self, vectors: FloatArray, unseen: AnyArray, encoder: Encoder) -> None:
        from intents.training.segments import fit_splitter

        started = time.perf_counter()
        at = [i for i, example in enumerate(self.examples) if example.intent]
        texts = [self.examples[i].text for i in at]
        labels = [str(self.examples[i].intent) for i in at]
        splitter = fit_splitter(texts, labels, vectors[at], unseen[at], encoder, self.seed)
        if splitter is not None:
            self.files["segments.json"] = as_json(splitter.as_json())
        self.seconds["segments"] = round(time.perf_counter() - started, 2)

    def _moods(self, own: OwnLines, encoder: Encoder, draft: Path, unseen: AnyArray) -> None:
        started = time.perf_counter()
        origin = self.weights.path if self.weights is not None else None
        shipped = ShippedLines(encoder, draft / "encoder", self.language, origin, self.progress)
        heads, figures = fit_moods(own, shipped, unseen, self.seed)
        save_moods(draft / MOOD_FILE, heads)
        self.figures.update(figures)
        self.seconds["moods"] = round(time.perf_counter() - started, 2)

    def _teaches_tagger(self) -> bool:
        """Whether the tagger is taught on the exported encoder, not only in a fine-tune."""
        few = sum(example.entities is not None for example in self.examples) < _FEW_MARKED
        return few or self.tuned is None or self.tuned.tagger is None

    def _tagger(self, marked: MarkedLines, encoder: Encoder, draft: Path) -> None:
        started = time.perf_counter()
        tagger = self.tuned.tagger if self.tuned is not None else None
        figures: dict[str, Any] = {}
        if len(marked):
            tagger, figures = marked.fit(self.seed, self.progress)
        elif tagger is not None and self.tuned is not None and self.tuned.unseen.any():
            unseen = [e for e, new in zip(self.examples, self.tuned.unseen, strict=True) if new]
            figures = tagger_figures(tagger, encoder, unseen)
        if tagger is None or not any(example.entities for example in self.examples):
            return
        tagger.save(draft / "tagger.npz")
        self.entity_types = tuple(sorted({label.split("\t")[0] for label in tagger.names}))
        self.figures["entities"] = figures
        self.seconds["tagger"] = round(time.perf_counter() - started, 2)


def versions() -> dict[str, str]:
    """What a release was made with."""
    found = {"python": platform.python_version()}
    for name in ("frontdesk", "numpy", "onnxruntime", "torch", "transformers"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _teaches(example: Example) -> bool:
    labels = (example.intent, example.sentiment, example.urgency)
    return any(labels) or example.entities is not None


def _wanted(assistant: Assistant | None) -> Wanted:
    if assistant is None:
        return Wanted()
    settings = assistant.settings
    return Wanted(settings.error_rate, settings.max_options, settings.out_of_scope_share)


def _link(source: str, target: str) -> str:
    """A copy, by hard link where that is possible: the cache is never written to again."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
    return target
