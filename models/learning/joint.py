"""Encoder, intent head, tagger and sentiment head as one network with one loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from models.arrays import FloatArray, IntArray, grouped_sums
from models.encoders.tokens import Tokenised
from models.errors import ModelError
from models.joint_labels import labels_of
from models.learning.encoder import TorchEncoder
from models.learning.tagger import TaggerModule, TaggerSettings, Target, collate, target_of
from models.mood import SENTIMENTS
from models.tagger import Requested, requested_names, slot_codes

IGNORED = -100


@dataclass(frozen=True)
class TrainingLine:
    """A line to learn from; what nobody looked at is None (``spans=()`` says there are none)."""

    text: str
    intent: str | None = None
    spans: Sequence[tuple[int, int, str]] | None = None
    sentiment: str | None = None
    requested_slot: Requested = None

    def teaches(self) -> bool:
        """Whether the line says anything to learn."""
        return self.intent is not None or self.spans is not None or self.sentiment is not None


@dataclass(frozen=True)
class Prepared:
    """A line as the network needs it; ``intent`` and ``sentiment`` are codes or IGNORED."""

    tokenised: Tokenised
    intent: int
    sentiment: int
    target: Target | None


@dataclass(frozen=True)
class Vocabularies:
    """Names behind the codes of a training set."""

    intents: tuple[str, ...]
    entities: tuple[str, ...]
    slots: tuple[str, ...]
    has_sentiment: bool

    @classmethod
    def of(cls, lines: Sequence[TrainingLine]) -> Vocabularies:
        """Collect the names, sorted.

        :raises ModelError: no line says anything to learn, or a sentiment is unknown.
        """
        intents = {line.intent for line in lines if line.intent is not None}
        entities = labels_of(line.spans or () for line in lines)
        slots = {name for line in lines for name in requested_names(line.requested_slot)}
        sentiments = {line.sentiment for line in lines if line.sentiment is not None}
        if not intents and not entities and not sentiments:
            raise ModelError(
                "There is nothing to learn from",
                expected="lines with an intent, entities or a sentiment",
                found=f"{len(lines)} lines without any",
                fix="Label the training lines.",
            )
        if unknown := sorted(sentiments - set(SENTIMENTS)):
            raise ModelError(
                "A sentiment label is unknown",
                expected=", ".join(SENTIMENTS),
                found=", ".join(unknown[:5]),
                fix="Correct the labels of the training lines.",
            )
        return cls(
            tuple(sorted(intents)),
            tuple(entities),
            tuple(sorted(slots)),
            len(sentiments) > 1,
        )

    def prepare(self, line: TrainingLine, tokenised: Tokenised) -> Prepared:
        """Turn names into codes and spans into tags."""
        target = None
        if line.spans is not None and self.entities:
            codes = slot_codes(line.requested_slot, self.slots)
            target, _ = target_of(line.text, tokenised.offsets, line.spans, self.entities, codes)
        return Prepared(
            tokenised,
            IGNORED if line.intent is None else self.intents.index(line.intent),
            IGNORED if line.sentiment is None else SENTIMENTS.index(line.sentiment),
            target if target is not None and len(target.units) else None,
        )


class CosineHead(nn.Module):
    """Scaled cosine between a centred vector and one direction a class."""

    def __init__(self, mean: FloatArray, directions: FloatArray, scale: float) -> None:
        super().__init__()
        self.register_buffer("mean", torch.from_numpy(mean.copy()))
        self.directions = nn.Parameter(torch.from_numpy(directions.copy()))
        self.scale = scale

    @classmethod
    def from_vectors(
        cls, vectors: FloatArray, codes: IntArray, classes: int, scale: float
    ) -> CosineHead:
        """Start from the class means of the untrained encoder's vectors (n, d)."""
        mean = vectors.mean(axis=0)
        centred = vectors - mean
        centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-6)
        directions = grouped_sums(centred, codes, classes).astype(np.float32)
        directions /= np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-6)
        return cls(mean, directions, scale)

    def forward(self, vectors: Tensor) -> Tensor:
        """Logits (b, c) for sentence vectors (b, d)."""
        centred = nn.functional.normalize(vectors - self.get_buffer("mean"), dim=-1)
        directions = nn.functional.normalize(self.directions, dim=-1)
        return self.scale * centred @ directions.T


class JointModule(nn.Module):
    """One encoder pass under every head that the data can train."""

    def __init__(
        self,
        encoder: TorchEncoder,
        names: Vocabularies,
        intent_head: CosineHead | None,
        tagger: TaggerSettings,
        *,
        label_smoothing: float,
        task_weights: tuple[float, float, float],
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.names = names
        self.intent_head = intent_head
        self.tagger = (
            TaggerModule(names.entities, names.slots, encoder.dim, tagger.hidden, tagger.dropout)
            if names.entities
            else None
        )
        self.sentiment_head = (
            nn.Linear(encoder.dim, len(SENTIMENTS)) if names.has_sentiment else None
        )
        self.label_smoothing = label_smoothing
        self.task_weights = task_weights

    def loss(self, lines: Sequence[Prepared], vectors: Tensor, states: Tensor) -> dict[str, Tensor]:
        """Weighted losses by task; tasks that no line of the batch teaches are left out.

        :param vectors: the lines' sentence vectors (b, d).
        :param states: their token states (b, t, d).
        """
        losses = {}
        intents = torch.tensor([line.intent for line in lines])
        if self.intent_head is not None and (intents != IGNORED).any():
            losses["intent"] = self.task_weights[0] * nn.functional.cross_entropy(
                self.intent_head(vectors.float()),
                intents,
                ignore_index=IGNORED,
                label_smoothing=self.label_smoothing,
            )
        tagged = [row for row, line in enumerate(lines) if line.target is not None]
        if self.tagger is not None and tagged:
            losses["entities"] = self.task_weights[1] * self._tagging_loss(lines, states, tagged)
        moods = torch.tensor([line.sentiment for line in lines])
        if self.sentiment_head is not None and (moods != IGNORED).any():
            losses["sentiment"] = self.task_weights[2] * nn.functional.cross_entropy(
                self.sentiment_head(vectors.float() * 8), moods, ignore_index=IGNORED
            )
        return losses

    def _tagging_loss(
        self, lines: Sequence[Prepared], states: Tensor, tagged: Sequence[int]
    ) -> Tensor:
        assert self.tagger is not None
        targets = [target for row in tagged if (target := lines[row].target) is not None]
        features, hashes, tags, mask, slots = collate(targets, len(self.tagger.slot))
        longest = mask.shape[1]
        unit_at, piece_at = [], []
        for position, (row, target) in enumerate(zip(tagged, targets, strict=True)):
            pairs = torch.from_numpy(target.units.pairs)
            pieces = torch.from_numpy(lines[row].tokenised.rows)[pairs[:, 1]]
            unit_at.append(position * longest + pairs[:, 0])
            piece_at.append(row * states.shape[1] + pieces)
        units = _mean_by(
            states.float().flatten(0, 1), torch.cat(piece_at), torch.cat(unit_at), mask.numel()
        ).view(*mask.shape, -1)
        scores = self.tagger.emissions(units, features, hashes, slots, mask)
        return self.tagger.loss(scores, tags, mask) / 4


def _mean_by(values: Tensor, take: Tensor, into: Tensor, groups: int) -> Tensor:
    total = values.new_zeros(groups, values.shape[1]).index_add(0, into, values[take])
    counts = torch.bincount(into, minlength=groups).clamp_min(1)
    return total / counts.unsqueeze(1)
