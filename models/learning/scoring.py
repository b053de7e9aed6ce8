"""How well a network that is being trained does on lines that it does not learn from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from models.encoders.runtime import Encoding
from models.learning.joint import JointModule, TrainingLine
from models.learning.tagger import TaggerModule, span_f1
from models.mood import SENTIMENTS


def score(module: JointModule, lines: Sequence[TrainingLine]) -> dict[str, float]:
    """Accuracy of intents and moods, span F1, and their mean as ``score``; empty without lines."""
    if not lines:
        return {}
    encoding = module.encoder.encode([line.text for line in lines])
    vectors = torch.from_numpy(encoding.sentence)
    parts = {}
    if module.intent_head is not None:
        with torch.no_grad():
            best = module.intent_head(vectors).argmax(dim=1).tolist()
        pairs = zip(best, lines, strict=True)
        hits = [module.names.intents[b] == x.intent for b, x in pairs if x.intent is not None]
        parts["accuracy"] = float(np.mean(hits)) if hits else 0.0
    if module.tagger is not None:
        parts["span_f1"] = _span_f1(module.tagger, encoding, lines)
    if module.sentiment_head is not None:
        parts |= _sentiment(module.sentiment_head, vectors, lines)
    return parts | {"score": float(np.mean(list(parts.values())))} if parts else {}


def _span_f1(module: TaggerModule, encoding: Encoding, lines: Sequence[TrainingLine]) -> float:
    tagger = module.frozen()
    known = [i for i, line in enumerate(lines) if line.spans is not None]
    found = [
        tagger.decode(
            encoding.tokens[i], encoding.offsets[i], lines[i].text, lines[i].requested_slot
        )
        for i in known
    ]
    return span_f1([lines[i].spans or () for i in known], found)


def _sentiment(head: nn.Module, vectors: Tensor, lines: Sequence[TrainingLine]) -> dict[str, float]:
    rows = [i for i, line in enumerate(lines) if line.sentiment is not None]
    if not rows:
        return {}
    with torch.no_grad():
        best = head(vectors[rows] * 8).argmax(dim=1).tolist()
    moods = [lines[i].sentiment for i in rows]
    pairs = zip(best, moods, strict=True)
    return {"sentiment": float(np.mean([SENTIMENTS[b] == mood for b, mood in pairs]))}
