"""Fine-tuning of an encoder together with every head its data can teach.

AdamW with two learning rates, warm-up and linear decay, label smoothing, clipping and bfloat16
where the processor has it. The lower half of the layers and the word embeddings stay as they are:
that halves the work and keeps rare words in place.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from models.encoders.tokens import length_batches
from models.encoders.weights import Weights
from models.epochs import DEEP, deep_epochs, default_epochs, read_of_each
from models.learning.average import MovingAverage
from models.learning.checkpoint import Checkpoint, fingerprint
from models.learning.encoder import TorchEncoder, choose_threads, has_fast_bf16, seed_everything
from models.learning.frozen import FrozenLayers
from models.learning.joint import (
    CosineHead,
    JointModule,
    Prepared,
    TrainingLine,
    Vocabularies,
)
from models.learning.lines import EpochLines, some_of_each, split_held_out
from models.learning.logs import Logs
from models.learning.peft import RATES, Adapters, Method
from models.learning.scoring import score
from models.learning.tagger import TaggerSettings
from models.progress import Progress, Silent
from models.tagger import Tagger


@dataclass(frozen=True)
class FinetuneSettings:
    """How an encoder is fine-tuned; None means chosen from the data or the machine.

    ``tune``: train the layers above the frozen ones themselves, or adapters in them.
    ``frozen_layers``: the lowest ones; if None half of them, or none where at least ``deep`` lines
    have their entities marked: a tagger reads the states of all layers. Then the lower half learns
    in the first half of the epochs, and a moving ``average`` of the weights is kept (this is its
    decay in a step). Where there are at most ``few`` lines,
    dropout is doubled, and each line has ``slips`` copies with a slip of the keyboard that take
    its place half of the time.
    """

    tune: Method = "upper"
    epochs: int | None = None
    batch: int = 32
    encoder_rate: float = 1e-4
    head_rate: float = 2e-3
    warmup: float = 0.1
    weight_decay: float = 0.01
    dropout: float = 0.1
    label_smoothing: float = 0.0
    scale: float = 20.0
    clip: float = 1.0
    held_out: float = 0.1
    patience: int = 2
    task_weights: tuple[float, float, float] = (1.0, 1.0, 0.5)
    frozen_layers: int | None = None
    slips: int = 2
    few: int = 3000
    deep: int = DEEP
    average: float = 0.998
    bf16: bool | None = None
    threads: int | None = None


@dataclass
class FinetuneReport:
    """What the fine-tune did.

    ``held_out`` are the indices of given lines that the encoder never saw: calibrate on those.
    ``history`` holds one row an epoch.
    """

    held_out: tuple[int, ...] = ()
    history: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = 0
    seconds: float = 0.0
    threads: int = 1
    bf16: bool = False


@dataclass(frozen=True)
class Finetuned:
    """A fine-tuned encoder's folder, the tagger trained with it (None: no entities), a report.

    Intent and sentiment heads are fitted afterwards on the exported encoder's vectors.
    """

    folder: Path
    tagger: Tagger | None
    report: FinetuneReport


def finetune(
    weights: Weights,
    lines: Sequence[TrainingLine],
    out: Path,
    settings: FinetuneSettings | None = None,
    *,
    seed: int = 0,
    hints: Sequence[TrainingLine] = (),
    logs: Path | None = None,
    progress: Progress | None = None,
) -> Finetuned:
    """Fine-tune ``weights`` on ``lines`` and write a Hugging Face folder to ``out``.

    A run that was killed goes on from its last epoch when it is started again with the same
    data, settings, seed and ``out``.

    :param hints: further lines that are learned from, never measured on: what intents are called.
    :param logs: folder for TensorBoard logs.
    :raises ModelError: no line teaches anything, or a span lies outside its text.
    """
    run = FineTuning(
        weights,
        list(lines),
        list(hints),
        out,
        settings or FinetuneSettings(),
        seed,
        progress or Silent(),
    )
    return run.execute(logs)


class FineTuning:
    """One fine-tune; see :func:`finetune`."""

    def __init__(
        self,
        weights: Weights,
        lines: list[TrainingLine],
        hints: list[TrainingLine],
        out: Path,
        settings: FinetuneSettings,
        seed: int,
        progress: Progress,
    ) -> None:
        given = np.array([i for i, line in enumerate(lines) if line.teaches()], dtype=np.int64)
        lines = [lines[i] for i in given]
        self.names = Vocabularies.of(lines)
        self.weights, self.lines, self.out = weights, lines, out
        self.settings, self.seed, self.progress = settings, seed, progress
        held = split_held_out(lines, settings.held_out, seed)
        kept = np.setdiff1d(np.arange(len(lines)), held)
        self.report = FinetuneReport(held_out=tuple(given[held].tolist()))
        self.train_lines = [lines[i] for i in kept]
        self.hints = [hint for hint in hints if hint.intent in self.names.intents]
        self.few = len(self.train_lines) <= settings.few
        marked = sum(line.spans is not None for line in lines) if self.names.entities else 0
        self.deep = marked >= settings.deep
        slips = settings.slips if self.few else 0
        self.drawn = EpochLines(self.train_lines, self.hints, slips, seed)
        self.held_lines = [lines[i] for i in held]
        self.adapters: Adapters | None = None
        self.epochs = settings.epochs or 1

    def execute(self, logs: Path | None) -> Finetuned:
        """Train, and write what was made."""
        began = time.perf_counter()
        seed_everything(self.seed)
        self.report.threads = self.settings.threads or choose_threads()
        torch.set_num_threads(self.report.threads)
        wanted = self.settings.bf16
        self.report.bf16 = has_fast_bf16() if wanted is None else wanted
        dropout = self.settings.dropout * (2 if self.few else 1)
        encoder = self.load_encoder(dropout)
        module = self._module(encoder)
        self._train(module, Logs(logs))
        tagger = module.tagger.frozen() if module.tagger is not None else None
        if self.adapters is not None:
            self.adapters.merge()
        encoder.save(self.out, finetuned={"seed": self.seed})
        self.report.seconds = time.perf_counter() - began
        return Finetuned(self.out, tagger, self.report)

    def _frozen_layers(self, encoder: TorchEncoder) -> int:
        if self.settings.frozen_layers is not None:
            return self.settings.frozen_layers
        return 0 if self.deep else encoder.weights.layers // 2

    def load_encoder(self, dropout: float) -> TorchEncoder:
        """The encoder to start from."""
        return TorchEncoder.from_weights(self.weights, dropout=dropout)

    def free(self, encoder: TorchEncoder) -> None:
        """Leave of the encoder what is to be trained, and freeze the rest."""
        frozen = self._frozen_layers(encoder)
        if self.settings.tune != "upper":
            self.adapters = Adapters(encoder, self.settings.tune, frozen)
            return
        encoder.model.get_input_embeddings().weight.requires_grad_(False)
        if frozen:
            encoder.embeddings.requires_grad_(False)
            encoder.layers[:frozen].requires_grad_(False)

    def _module(self, encoder: TorchEncoder) -> JointModule:
        s = self.settings
        head = None
        known = some_of_each(self.train_lines)
        if known:
            codes = [self.names.intents.index(str(line.intent)) for line in known]
            vectors = encoder.encode([line.text for line in known], progress=self.progress).sentence
            head = CosineHead.from_vectors(
                vectors, np.array(codes, dtype=np.int64), len(self.names.intents), s.scale
            )
        self.free(encoder)
        return JointModule(
            encoder,
            self.names,
            head,
            TaggerSettings(),
            label_smoothing=s.label_smoothing,
            task_weights=s.task_weights,
        )

    def _train(self, module: JointModule, logs: Logs) -> None:
        data = self._prepare(module.encoder, self.drawn.lines)
        lines = len(self.train_lines)
        tokens = sum(len(line.tokenised.ids) for line in data[:lines])
        self.epochs = self.settings.epochs or default_epochs(lines, tokens, self.deep)
        below = self._below(module, data, self._frozen_layers(module.encoder), self.progress)
        optimiser, schedule = self._optimiser(module, len(self.drawn))
        checkpoint = Checkpoint(
            self.out.with_name(f".{self.out.name}.checkpoint"),
            fingerprint(
                self.weights.sha256, asdict(self.settings), self.seed, [*self.lines, *self.hints]
            ),
            module,
        )
        average = MovingAverage(module, self.settings.average if self.deep else 0.0)
        state = checkpoint.load(optimiser, schedule, average)
        self.report.history = state.history
        settled = deep_epochs(self.epochs) if self._settles(module.encoder) else 0
        # A step of all layers takes about twice the time of one of the upper half.
        whole = len(self._batches(data, 0))
        steps = [whole * (2 if epoch < settled else 1) for epoch in range(self.epochs)]
        self.progress.start("Fine-tuning the encoder", sum(steps))
        self.progress.advance(sum(steps[: state.epoch]))
        for epoch in range(state.epoch + 1, self.epochs + 1):
            if self._stalled(epoch):
                break
            if settled and epoch == settled + 1:
                average.settle()
            if settled and epoch > settled and not below.layers:
                below = self._settle(module, data)
            row = self._epoch(module, data, below, epoch, optimiser, schedule, average)
            with average.applied():
                row |= score(module, self.held_lines)
                self.report.history.append(row)
                if self._best_epoch() == epoch:
                    checkpoint.keep_best()
            logs.write(epoch, row)
            checkpoint.save(optimiser, schedule, average, epoch, self.report.history)
        self.report.best_epoch = self._best_epoch()
        checkpoint.restore_best()
        self.progress.done()
        checkpoint.remove()
        logs.close()

    def _below(
        self,
        module: JointModule,
        data: Sequence[Prepared],
        layers: int,
        progress: Progress | None = None,
    ) -> FrozenLayers:
        return FrozenLayers(
            module.encoder,
            layers,
            [line.tokenised for line in data],
            sums=module.tagger is not None,
            bf16=self.report.bf16,
            progress=progress,
        )

    def _settles(self, encoder: TorchEncoder) -> bool:
        """Whether the lower half learns in the first epochs alone."""
        free = self.settings.tune == "upper" and self._frozen_layers(encoder) == 0
        return self.deep and free

    def _settle(self, module: JointModule, data: Sequence[Prepared]) -> FrozenLayers:
        """Freeze the lower half as it is now."""
        encoder = module.encoder
        lower = encoder.weights.layers // 2
        for part in (encoder.embeddings, *encoder.layers[:lower]):
            part.requires_grad_(False)
        return self._below(module, data, lower)

    def _epoch(
        self,
        module: JointModule,
        data: Sequence[Prepared],
        below: FrozenLayers,
        epoch: int,
        optimiser: torch.optim.Optimizer,
        schedule: torch.optim.lr_scheduler.LRScheduler,
        average: MovingAverage,
    ) -> dict[str, float]:
        torch.manual_seed(self.seed * 1000 + epoch)
        module.train()
        sums: dict[str, float] = {}
        batches = self._batches(data, epoch)
        trainable = [p for p in module.parameters() if p.requires_grad]
        cost = 2 if self._settles(module.encoder) and not below.layers else 1
        for batch in batches:
            with torch.autocast("cpu", torch.bfloat16, enabled=self.report.bf16):
                losses = module.loss([data[i] for i in batch], *below.encode(batch))
            if losses:
                torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
                nn.utils.clip_grad_norm_(trainable, self.settings.clip)
                optimiser.step()
                optimiser.zero_grad(set_to_none=True)
                average.step()
            schedule.step()
            self.progress.advance(cost)
            for task, loss in losses.items():
                sums[task] = sums.get(task, 0.0) + float(loss.detach())
        return {"epoch": epoch} | {f"loss_{k}": v / len(batches) for k, v in sums.items()}

    def _prepare(self, encoder: TorchEncoder, lines: Sequence[TrainingLine]) -> list[Prepared]:
        tokenised = encoder.tokenizer.encode([line.text for line in lines])
        most = read_of_each([len(line.ids) for line in tokenised], self.deep)
        if most is not None:
            tokenised = [
                read if line.spans else read.beginning(most)
                for line, read in zip(lines, tokenised, strict=True)
            ]
        return [self.names.prepare(*pair) for pair in zip(lines, tokenised, strict=True)]

    def _batches(self, data: Sequence[Prepared], epoch: int) -> list[list[int]]:
        """Batches of similar length in random order, others every epoch."""
        shuffle = np.random.default_rng((self.seed, epoch))
        order = shuffle.permutation(self.drawn.of_epoch(epoch))
        lengths = [len(data[i].tokenised.ids) + int(shuffle.integers(0, 4)) for i in order]
        batches = length_batches(lengths, self.settings.batch)
        return [[int(order[i]) for i in batches[b]] for b in shuffle.permutation(len(batches))]

    def _optimiser(
        self, module: JointModule, lines: int
    ) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
        s = self.settings
        inner = {id(p) for p in module.encoder.parameters()}
        groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
        for parameter in module.parameters():
            if parameter.requires_grad:
                key = (id(parameter) in inner, parameter.ndim > 1)
                groups.setdefault(key, []).append(parameter)
        options: list[dict[str, Any]] = [
            {
                "params": members,
                "lr": s.encoder_rate * RATES[s.tune] if is_encoder else s.head_rate,
                "weight_decay": s.weight_decay if is_matrix else 0.0,
            }
            for (is_encoder, is_matrix), members in groups.items()
        ]
        optimiser = torch.optim.AdamW(options, fused=True)
        total = self.epochs * max(1, -(-lines // s.batch))
        rise = max(1, round(total * s.warmup))

        def factor(step: int) -> float:
            if step < rise:
                return (step + 1) / rise
            return max(0.02, (total - step) / max(1, total - rise))

        return optimiser, torch.optim.lr_scheduler.LambdaLR(optimiser, factor)

    def _best_epoch(self) -> int:
        """The epoch with the best score; the last one where nothing is held out."""
        history = self.report.history
        scores = [row.get("score", float(place)) for place, row in enumerate(history)]
        return int(history[int(np.argmax(scores))]["epoch"]) if history else 0

    def _stalled(self, epoch: int) -> bool:
        held = bool(self.held_lines) and bool(self.report.history)
        return held and epoch - 1 - self._best_epoch() >= self.settings.patience
