"""Training of the tagger: on cached token states, or inside an encoder's fine-tune."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from models.arrays import FloatArray, IntArray
from models.crf import LEAST
from models.encoders.tokens import length_batches
from models.epochs import MOST_SEARCHED, tagger_epochs
from models.errors import ModelError
from models.joint_labels import joined, labels_of
from models.learning.dropout import ByteDropout
from models.progress import Progress, Silent
from models.tagger import (
    IMPOSSIBLE,
    PARAMETERS,
    Requested,
    Span,
    Tagger,
    allowed_transitions,
    requested_names,
    slot_codes,
)
from models.units import FEATURES, FORMS, HASH_BUCKETS, Units, units_of


@dataclass(frozen=True)
class TaggedLine:
    """A training line: token states (t, d), their offsets (t, 2), the text, and its entities."""

    tokens: FloatArray
    offsets: IntArray
    text: str
    spans: Sequence[tuple[int, int, str]]
    requested_slot: Requested = None


@dataclass(frozen=True)
class TaggerSettings:
    """How the tagger is trained; the defaults suit hundreds to tens of thousands of lines.

    A tagger of few lines takes ``steps`` steps at least: ten epochs of a hundred lines leave it
    half taught. Beyond ``most_searched`` lines the number of epochs is not looked for: the mean of
    the last epochs' weights depends little on it, and the search would double the time.
    """

    hidden: int = 128
    dropout: float = 0.3
    learning_rate: float = 3e-3
    weight_decay: float = 0.02
    batch: int = 32
    epochs: int = 20
    steps: int = 240
    patience: int = 4
    held_out: float = 0.1
    least_held_out: int = 40
    most_searched: int = MOST_SEARCHED


@dataclass
class TaggerReport:
    """What training did: held-out F1 per epoch (empty where nothing was held out), the epochs
    of the final fit, and how many gold spans had to be widened to unit borders."""

    held_out_f1: list[float] = field(default_factory=list)
    epochs: int = 0
    widened: int = 0


@dataclass(frozen=True)
class Target:
    """A line as the network needs it: its units, gold tags (u,) and requested slots' codes."""

    units: Units
    tags: IntArray
    slots: tuple[int, ...]


class TaggerModule(nn.Module):
    """The network of :class:`models.tagger.Tagger` with a CRF loss."""

    def __init__(
        self, labels: Sequence[str], slots: Sequence[str], dim: int, hidden: int, dropout: float
    ) -> None:
        super().__init__()
        self.labels, self.slots = tuple(labels), tuple(slots)
        tags = 1 + 2 * len(self.labels)
        self.own, self.previous, self.following = (
            nn.Parameter(torch.randn(dim, hidden) / math.sqrt(3 * dim)) for _ in range(3)
        )
        self.whole = nn.Parameter(torch.zeros(dim, hidden))
        self.shape = nn.Parameter(torch.randn(FEATURES, hidden) * 0.1)
        self.written = nn.Parameter(torch.zeros(HASH_BUCKETS, hidden))
        # Far apart from the start, so that the same words may mean another thing for each of them:
        # few lines answer a question, too few to drive them apart.
        self.slot = nn.Parameter(torch.randn(len(self.slots) + 1, hidden))
        nn.init.zeros_(self.slot[0])
        self.hidden_bias = nn.Parameter(torch.zeros(hidden))
        self.emit = nn.Parameter(torch.randn(hidden, tags) / math.sqrt(hidden))
        self.emit_bias = nn.Parameter(torch.zeros(tags))
        self.transitions = nn.Parameter(torch.zeros(tags, tags))
        self.starts = nn.Parameter(torch.zeros(tags))
        self.ends = nn.Parameter(torch.zeros(tags))
        follow, first = allowed_transitions(len(self.labels))
        self.register_buffer("may_follow", torch.from_numpy(follow), persistent=False)
        self.register_buffer("may_start", torch.from_numpy(first), persistent=False)
        self.dropout = ByteDropout(dropout)

    def emissions(
        self, states: Tensor, features: Tensor, hashes: Tensor, slots: Tensor, mask: Tensor
    ) -> Tensor:
        """Tag scores (b, u, t) for unit states (b, u, d) whose padding (by ``mask``) is zero."""
        whole = states.sum(dim=1) / mask.sum(dim=1, keepdim=True).clamp_min(1)
        states = self.dropout(states)
        hidden = states @ self.own + features @ self.shape + self.hidden_bias
        before, after = states @ self.previous, states @ self.following
        hidden = hidden + nn.functional.pad(before[:, :-1], (0, 0, 1, 0))
        hidden = hidden + nn.functional.pad(after[:, 1:], (0, 0, 0, 1))
        written = nn.functional.embedding_bag(hashes.flatten(0, 1), self.written, mode="sum")
        hidden = hidden + self.dropout(written.view(*mask.shape, -1))
        hidden = hidden + (self.dropout(whole) @ self.whole + slots @ self.slot).unsqueeze(1)
        scores: Tensor = self.dropout(torch.relu(hidden)) @ self.emit + self.emit_bias
        return scores

    def loss(self, scores: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        """Mean negative log-likelihood of a line; ``mask`` (b, u) is true on real units."""
        moves, starts = self._constrained()
        gold = self._gold_weight(scores, tags, mask, moves, starts)
        # Sums over paths as matrix products of powers: many times faster than a logsumexp of
        # (b, t, t), and exact as long as nothing underflows, which the least number catches.
        powers = moves.exp()
        forward = scores[:, 0] + starts
        for unit in range(1, scores.shape[1]):
            peak = forward.detach().amax(dim=1, keepdim=True)
            reached = (forward - peak).exp() @ powers
            moved = reached.clamp_min(LEAST).log() + peak + scores[:, unit]
            forward = torch.where(mask[:, unit : unit + 1], moved, forward)
        total = (forward + self.ends).logsumexp(dim=1)
        return (total - gold).mean()

    def frozen(self) -> Tagger:
        """The tagger for serving."""
        parameters = {name: getattr(self, name).detach().numpy().copy() for name in PARAMETERS}
        moves, starts = self._constrained()
        parameters["transitions"] = moves.detach().numpy().copy()
        parameters["starts"] = starts.detach().numpy().copy()
        return Tagger(self.labels, self.slots, parameters)

    def _constrained(self) -> tuple[Tensor, Tensor]:
        barred = float(IMPOSSIBLE)
        moves = self.transitions.masked_fill(~self.get_buffer("may_follow"), barred)
        return moves, self.starts.masked_fill(~self.get_buffer("may_start"), barred)

    def _gold_weight(
        self, scores: Tensor, tags: Tensor, mask: Tensor, moves: Tensor, starts: Tensor
    ) -> Tensor:
        picked = scores.gather(2, tags.unsqueeze(2)).squeeze(2) * mask
        steps = moves[tags[:, :-1], tags[:, 1:]] * mask[:, 1:]
        last = tags.gather(1, mask.sum(dim=1, keepdim=True).long() - 1).squeeze(1)
        return picked.sum(dim=1) + steps.sum(dim=1) + starts[tags[:, 0]] + self.ends[last]


def train_tagger(
    lines: Sequence[TaggedLine],
    settings: TaggerSettings | None = None,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> tuple[Tagger, TaggerReport]:
    """Train a tagger on cached states.

    Of some hundreds to some thousands of lines a part is held out to find the number of epochs;
    the tagger is then fitted to all lines for that long.

    :raises ModelError: no lines, or a span outside its text.
    """
    settings, progress = settings or TaggerSettings(), progress or Silent()
    if not lines:
        raise ModelError(
            "The tagger has nothing to learn from",
            expected="at least one line whose entities are known",
            found="none",
            fix="Mark entities in some training lines.",
        )
    labels = labels_of(line.spans for line in lines)
    slots = sorted({name for line in lines for name in requested_names(line.requested_slot)})
    report = TaggerReport()
    data = [_prepare(line, labels, slots, report) for line in lines]
    dim = lines[0].tokens.shape[1]
    if not labels:
        return TaggerModule([], slots, dim, 8, 0.0).frozen(), report
    trainer = _Trainer(labels, slots, dim, settings, seed, progress)
    epochs = trainer.find_epochs(data, report)
    report.epochs = epochs
    progress.start("Training the tagger", epochs)
    module = trainer.fit(data, epochs)
    progress.done()
    return module.frozen(), report


def gold_tags(
    units: Units, spans: Sequence[tuple[int, int, str]], labels: Sequence[str]
) -> tuple[IntArray, int]:
    """BIO tags (u,) for character spans, and how many spans were widened to unit borders.

    Labels of the same characters are one where ``labels`` has them together; of other spans that
    overlap the first (then the longest) is kept.
    """
    tags = np.zeros(len(units), dtype=np.int64)
    widened = 0
    starts, ends = units.offsets[:, 0], units.offsets[:, 1]
    for start, end, label in joined(spans, labels):
        inside = np.flatnonzero((starts < end) & (ends > start))
        if not len(inside) or tags[inside].any():
            continue
        widened += int(starts[inside[0]] < start or ends[inside[-1]] > end)
        code = labels.index(label)
        tags[inside] = 2 + 2 * code
        tags[inside[0]] = 1 + 2 * code
    return tags, widened


def span_f1(
    gold: Sequence[Sequence[tuple[int, int, str]]], found: Sequence[Sequence[Span]]
) -> float:
    """Micro-averaged F1 of exact spans with their labels; 1.0 where there are none at all."""
    right = wanted = given = 0
    for marked, spans in zip(gold, found, strict=True):
        expected = {tuple(span) for span in marked}
        right += sum((span.start, span.end, span.label) in expected for span in spans)
        wanted, given = wanted + len(expected), given + len(spans)
    return 2 * right / (wanted + given) if wanted + given else 1.0


@dataclass(frozen=True)
class _Prepared:
    line: TaggedLine
    states: FloatArray
    target: Target


def target_of(
    text: str,
    offsets: IntArray,
    spans: Sequence[tuple[int, int, str]],
    labels: Sequence[str],
    slots: tuple[int, ...],
) -> tuple[Target, int]:
    """Units and gold tags of a line, and how many of its spans were widened.

    :raises ModelError: a span that does not lie in the text.
    """
    for start, end, label in spans:
        if not 0 <= start < end <= len(text):
            raise ModelError(
                f"The entity {label!r} does not lie in its text",
                expected=f"0 <= start < end <= {len(text)}",
                found=f"{start} to {end} in {text[:60]!r}",
                fix="Correct the offsets of the training line.",
            )
    units = units_of(text, offsets)
    tags, widened = gold_tags(units, spans, labels)
    return Target(units, tags, slots), widened


def collate(
    targets: Sequence[Target], slot_rows: int
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Features (b, u, f), hashes (b, u, FORMS), tags and mask (b, u), slots (b, slot_rows)."""
    longest = max(len(target.units) for target in targets)
    features = torch.zeros(len(targets), longest, FEATURES)
    hashes = torch.zeros(len(targets), longest, FORMS, dtype=torch.long)
    tags = torch.zeros(len(targets), longest, dtype=torch.long)
    mask = torch.zeros(len(targets), longest, dtype=torch.bool)
    slots = torch.zeros(len(targets), slot_rows)
    for row, target in enumerate(targets):
        size = len(target.units)
        features[row, :size] = torch.from_numpy(target.units.features)
        hashes[row, :size] = torch.from_numpy(target.units.hashes)
        tags[row, :size] = torch.from_numpy(target.tags)
        mask[row, :size] = True
        slots[row, list(target.slots)] = 1
    return features, hashes, tags, mask, slots


def _prepare(
    line: TaggedLine, labels: Sequence[str], slots: Sequence[str], report: TaggerReport
) -> _Prepared:
    asked = slot_codes(line.requested_slot, slots)
    target, widened = target_of(line.text, line.offsets, line.spans, labels, asked)
    report.widened += widened
    return _Prepared(line, target.units.states(line.tokens), target)


@dataclass
class _Trainer:
    labels: Sequence[str]
    slots: Sequence[str]
    dim: int
    settings: TaggerSettings
    seed: int
    progress: Progress

    def find_epochs(self, data: Sequence[_Prepared], report: TaggerReport) -> int:
        """Number of epochs with the best held-out F1."""
        held_count = int(len(data) * self.settings.held_out)
        enough = self._epochs_for(self.settings.steps, len(data))
        if held_count < self.settings.least_held_out:
            return enough
        if len(data) > self.settings.most_searched:
            return tagger_epochs(len(data))
        order = np.random.default_rng(self.seed).permutation(len(data))
        held = [data[i] for i in order[:held_count]]
        train = [data[i] for i in order[held_count:]]
        gold = [item.line.spans for item in held]
        most = max(self.settings.epochs, enough)
        self.progress.start("Finding the tagger's training length", most)
        best, best_epoch = -1.0, 1
        for epoch, module in self._epochs(train, most):
            tagger = module.frozen()
            found = [
                tagger.decode(i.line.tokens, i.line.offsets, i.line.text, i.line.requested_slot)
                for i in held
            ]
            report.held_out_f1.append(span_f1(gold, found))
            if report.held_out_f1[-1] > best + 1e-4:
                best, best_epoch = report.held_out_f1[-1], epoch
            if epoch - best_epoch >= self.settings.patience:
                break
        self.progress.done()
        return best_epoch

    def _epochs_for(self, steps: int, lines: int) -> int:
        """Epochs that give about so many steps, 80 at most."""
        return min(80, math.ceil(steps / math.ceil(lines / self.settings.batch)))

    def fit(self, data: Sequence[_Prepared], epochs: int) -> TaggerModule:
        """A module trained for ``epochs`` whose weights are the mean of its last third."""
        last = epochs - max(1, epochs // 3)
        mean: dict[str, Tensor] = {}
        for epoch, module in self._epochs(data, epochs):
            for name, parameter in module.named_parameters() if epoch > last else ():
                seen = mean.setdefault(name, parameter.detach().clone())
                seen += (parameter.detach() - seen) / (epoch - last)
        with torch.no_grad():
            for name, parameter in module.named_parameters():
                parameter.copy_(mean[name])
        return module

    def _epochs(self, data: Sequence[_Prepared], epochs: int) -> Iterator[tuple[int, TaggerModule]]:
        """Train; after each epoch yield its number from 1 and the module, dropout off."""
        torch.manual_seed(self.seed)
        shuffle = np.random.default_rng(self.seed)
        s = self.settings
        data = [item for item in data if len(item.target.units)]
        module = TaggerModule(self.labels, self.slots, self.dim, s.hidden, s.dropout)
        optimiser = torch.optim.AdamW(
            module.parameters(), lr=s.learning_rate, weight_decay=s.weight_decay, fused=True
        )
        batches = length_batches([len(item.target.units) for item in data], s.batch)
        steps = epochs * max(1, len(batches))
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: min(1.0, (step + 1) / 30) * (1 - 0.9 * min(1.0, step / steps))
        )
        for epoch in range(1, epochs + 1):
            module.train()
            noisy = [len(item.target.units) + shuffle.uniform(0, 3) for item in data]
            batches = length_batches([int(length) for length in noisy], s.batch)
            for batch in shuffle.permutation(len(batches)):
                loss = _loss(module, [data[i] for i in batches[batch]])
                optimiser.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                nn.utils.clip_grad_norm_(module.parameters(), 5.0)
                optimiser.step()
                schedule.step()
            module.eval()
            self.progress.advance()
            yield epoch, module


def _loss(module: TaggerModule, items: Sequence[_Prepared]) -> Tensor:
    features, hashes, tags, mask, slots = collate([item.target for item in items], len(module.slot))
    states = torch.zeros(*mask.shape, items[0].states.shape[1])
    for row, item in enumerate(items):
        states[row, : len(item.states)] = torch.from_numpy(item.states)
    return module.loss(module.emissions(states, features, hashes, slots, mask), tags, mask)
