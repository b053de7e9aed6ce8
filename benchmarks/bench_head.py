"""The intent head on stored vectors: seconds of a re-fit, and intents added one by one.

    python benchmarks/bench_head.py --data FRONTDESK_DATA [--encoder minilm-en]

Encodes the lines of BANKING77 once. Then: seconds to fit 77 intents with 10 lines each and with all
lines; seconds to add an intent of ten lines to 76; accuracy after 75 intents were added one by one,
each fit started from the one before, against one joint fit; what the old intents lose by one more,
mean of the 75.
Seconds are those of the processor, so that a busy machine does not blur them. Prints one JSON
line.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from intents.naming import encoded_names, names_of
from intents.training.training import exported_encoder
from models.arrays import FloatArray
from models.encoders.runtime import Encoder
from models.encoders.weights import resolve
from models.intent_head import IntentHead

Rows = list[tuple[str, str]]


class Part:
    """Lines of a set with their vectors."""

    def __init__(self, rows: Rows, encoder: Encoder) -> None:
        self.labels = [label for _, label in rows]
        self.vectors: FloatArray = encoder.encode([text for text, _ in rows]).sentence

    def of(self, labels: Sequence[str]) -> tuple[FloatArray, list[str]]:
        """Vectors and labels of the lines of some intents."""
        wanted = set(labels)
        at = [i for i, label in enumerate(self.labels) if label in wanted]
        return self.vectors[at], [self.labels[i] for i in at]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoder", default="minilm-en")
    parser.add_argument("--full", action="store_true", help="fit all lines as well")
    given = parser.parse_args()
    encoder = Encoder.load(exported_encoder(resolve(given.encoder)))
    folder = given.data / "banking77" / "fewshot_splits"
    few, valid = Part(read(folder / "train_10"), encoder), Part(read(folder / "valid"), encoder)
    found = measure(few, valid, encoder)
    if given.full:
        found.update(whole(Part(read(folder / "train"), encoder), valid, encoder))
    print(json.dumps(found))


def read(folder: Path) -> Rows:
    """Lines of one part with their labels."""
    texts = (folder / "seq.in").read_text(encoding="utf-8").split("\n")
    labels = (folder / "label").read_text(encoding="utf-8").split("\n")
    pairs = zip(texts, labels, strict=True)
    return [(text.strip(), label.strip()) for text, label in pairs if text.strip()]


def named(labels: Sequence[str], encoder: Encoder) -> dict[str, FloatArray]:
    """Vectors of what the intents are called."""
    made = encoded_names(names_of(set(labels)), lambda texts: encoder.encode(texts).sentence)
    return {label: name.vector for label, name in made.items()}


def accuracy(head: IntentHead, x: FloatArray, gold: Sequence[str]) -> float:
    """Share of lines whose top intent is right."""
    best = head.logits(x).argmax(axis=1)
    return float(np.mean([head.labels[b] == g for b, g in zip(best, gold, strict=True)]))


def measure(few: Part, valid: Part, encoder: Encoder) -> dict[str, float]:
    """Few lines: time of a fit, of one intent more, and additions one by one."""
    names = named(few.labels, encoder)
    order = sorted(set(few.labels))
    np.random.default_rng(0).shuffle(order)

    def fit(labels: Sequence[str], warm: IntentHead | None = None) -> tuple[IntentHead, float]:
        x, y = few.of(labels)
        started = time.process_time()
        head = IntentHead.fit(x, y, names={n: names[n] for n in labels}, warm=warm)
        return head, time.process_time() - started

    head, _ = fit(order[:2])
    joint, seconds = fit(order)
    adding, lost = [], []
    for count in range(3, len(order) + 1):
        old = valid.of(order[: count - 1])
        before = accuracy(head, *old)
        head, spent = fit(order[:count], head)
        adding.append(spent)
        lost.append(before - accuracy(head, *old))
    return {
        "fit_10_s": round(seconds, 3),
        "add_one_s": round(adding[-1], 3),
        "accuracy_joint": round(accuracy(joint, *valid.of(order)), 4),
        "accuracy_one_by_one": round(accuracy(head, *valid.of(order)), 4),
        "old_intents_lose": round(float(np.mean(lost)), 4),
    }


def whole(part: Part, valid: Part, encoder: Encoder) -> dict[str, float]:
    """All lines: time of a fit, and accuracy."""
    names = named(part.labels, encoder)
    started = time.process_time()
    head = IntentHead.fit(part.vectors, part.labels, names=names)
    return {
        "lines": len(part.labels),
        "fit_full_s": round(time.process_time() - started, 2),
        "accuracy_full": round(accuracy(head, valid.vectors, valid.labels), 4),
    }


if __name__ == "__main__":
    main()
