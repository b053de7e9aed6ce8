"""How often the exported int8 encoder decides as the torch model does.

    python -m benchmarks.bench_agreement --model RELEASE --encoder NAME_OR_FILE --data FILE ...

The same heads and thresholds read both encoders' vectors; a decision is the top intent together
with accept, clarify or reject; the second view is the same for both. NAME_OR_FILE is what the
release was trained on, such as ``intents/packs/retail/encoder.safetensors``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from intents.understanding import Understanding
from models.arrays import FloatArray
from models.encoders.weights import resolve
from models.learning.encoder import TorchEncoder


def decisions(understanding: Understanding, vectors: FloatArray) -> list[tuple[str, str]]:
    """Return (top intent, decision) for each vector."""
    part = understanding.intents
    assert part is not None
    shares, scores = part.read(vectors)
    found: list[tuple[str, str]] = []
    for row, score in zip(shares, scores, strict=True):
        order = np.argsort(-row, kind="stable")
        decision = part.thresholds.decide(row[order], float(score))
        found.append((part.head.labels[order[0]], decision))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--encoder", required=True)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    given = parser.parse_args()
    torch.set_num_threads(1)
    understanding = Understanding.load(given.model)
    rows = [
        json.loads(line)
        for file in given.data
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    texts = [row["text"] for row in rows]
    inside = [i for i, row in enumerate(rows) if row.get("intent") != "out_of_scope"]
    served = understanding.encoder.encode(texts).sentence
    states = TorchEncoder.from_weights(resolve(given.encoder)).encode(texts).sentence
    reference = understanding.encoder.joined(states, texts)
    mine, theirs = decisions(understanding, served), decisions(understanding, reference)
    result = {
        "lines": len(texts),
        "same_decision": round(
            float(np.mean([a == b for a, b in zip(mine, theirs, strict=True)])), 4
        ),
        "same_intent": round(
            float(np.mean([a[0] == b[0] for a, b in zip(mine, theirs, strict=True)])), 4
        ),
        "same_intent_in_scope": round(
            float(np.mean([mine[i][0] == theirs[i][0] for i in inside])), 4
        ),
        "mean_cosine": round(float((served * reference).sum(axis=1).mean()), 5),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
