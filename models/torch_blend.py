"""Mixtures of an encoder's weights before and after its fine-tune (Wortsman et al., 2022)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from models.intent_head import IntentHead
from models.torch_encoder import TorchEncoder
from models.torch_joint import TrainingLine

_LINES_TO_FIT = 3000


def snapshot(encoder: TorchEncoder) -> dict[str, Tensor]:
    """A copy of the encoder's weights."""
    return {name: value.detach().clone() for name, value in encoder.model.state_dict().items()}


def mix(
    encoder: TorchEncoder, old: dict[str, Tensor], new: dict[str, Tensor], share: float
) -> None:
    """Set the encoder to ``(1 - share) * old + share * new``."""
    mixed = {
        name: torch.lerp(old[name], value, share) if value.is_floating_point() else value
        for name, value in new.items()
    }
    encoder.model.load_state_dict(mixed)


def best_share(
    encoder: TorchEncoder,
    old: dict[str, Tensor],
    new: dict[str, Tensor],
    learnt: Sequence[TrainingLine],
    judged: Sequence[TrainingLine],
    shares: Sequence[float],
    seed: int,
) -> float:
    """The share of new weights whose vectors, under a fitted head, judge held-out lines best."""
    picked = np.random.default_rng(seed).permutation(len(learnt))[:_LINES_TO_FIT]
    sample = [learnt[i] for i in picked]
    scores = []
    for share in shares:
        mix(encoder, old, new, share)
        x = encoder.encode([line.text for line in sample]).sentence
        head = IntentHead.fit(x, [str(line.intent) for line in sample])
        best = head.logits(encoder.encode([line.text for line in judged]).sentence).argmax(axis=1)
        hits = [head.labels[b] == line.intent for b, line in zip(best, judged, strict=True)]
        scores.append(float(np.mean(hits)))
    return shares[int(np.argmax(scores))]
