"""A small deterministic encoder for tests: hashed letter groups, one state a character."""

import functools
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from intents.artefacts import as_json, learned_files
from intents.examples import Example
from intents.fitting import Fitted, Lines, fit_lines
from intents.naming import encoded_names, names_of
from intents.release import Facts, Release, seal
from intents.values.patterns import EntityRules
from intents.verdict import Wanted
from models.arrays import FloatArray
from models.encoders.runtime import Encoding

DIM = 48


class HashingEncoder:
    """Stands in for the neural encoder; texts that share words lie near each other."""

    dim = DIM
    prefix = ""

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str], batch: int = 32) -> Encoding:
        self.encoded += texts
        sentence = (
            np.stack([self._sentence(text) for text in texts]) if texts else np.zeros((0, DIM))
        )
        offsets = [np.array([[i, i + 1] for i in range(len(t))]).reshape(-1, 2) for t in texts]
        tokens = [np.zeros((len(t), DIM), dtype=np.float32) for t in texts]
        return Encoding(sentence.astype(np.float32), tokens, offsets)

    def _sentence(self, text: str) -> FloatArray:
        total = np.full(DIM, 1e-3, dtype=np.float32)
        for word in text.lower().split() or [" "]:
            total += _direction(word)
        return total / np.linalg.norm(total)


@functools.cache
def _direction(word: str) -> FloatArray:
    return np.random.default_rng(zlib.crc32(word.encode())).normal(size=DIM)


TOPICS = {
    "order_status": ("order", "status", "package", "sent"),
    "refund": ("refund", "money", "back", "paid"),
    "greet": ("hello", "hi", "morning", "hey"),
    "invoice": ("invoice", "tax", "bill", "receipt"),
    "size": ("size", "large", "small", "fit"),
}
FILLERS = ("please", "my", "the", "now", "can", "you", "need", "about", "today", "ok", "so", "well")


def example_lines(
    per_intent: int = 14, topics: dict[str, tuple[str, ...]] = TOPICS
) -> list[Example]:
    rng = np.random.default_rng(3)
    lines = []
    for name, words in topics.items():
        for number in range(per_intent):
            some = [*rng.choice(words, 2), *rng.choice(FILLERS, 2), f"n{number}"]
            lines.append(Example(" ".join(some), name, file="data/nlu.yml", line=number + 1))
    return lines


def fitted_lines(examples: Sequence[Example], wanted: Wanted | None = None) -> tuple[Lines, Fitted]:
    vectors = HashingEncoder().encode([e.text for e in examples]).sentence
    lines = Lines(
        [e.text for e in examples],
        [str(e.intent) for e in examples],
        vectors,
        np.ones(len(examples), dtype=bool),
        encoded_names(
            names_of({str(e.intent) for e in examples}),
            lambda texts: HashingEncoder().encode(texts).sentence,
        ),
    )
    return lines, fit_lines(lines, wanted or Wanted())


@functools.cache
def _fitted_once(labelled: tuple[tuple[str, str], ...]) -> tuple[Lines, Fitted]:
    return fitted_lines([Example(text, intent) for text, intent in labelled])


def release_at(
    folder: Path,
    examples: Sequence[Example],
    rules: EntityRules | None = None,
    seen: bool = False,
) -> Release:
    """A release; ``seen`` says that its encoder learned from the lines."""
    lines, fitted = _fitted_once(tuple((e.text, str(e.intent)) for e in examples))
    if seen:
        lines = replace(lines, unseen=np.zeros(len(lines), dtype=bool))
    files = learned_files(lines, examples, fitted)
    files["entities.json"] = as_json((rules or EntityRules()).as_json())
    files["encoder/encoder.json"] = b"{}"
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return seal(folder, Facts(labels=fitted.head.labels, languages=("en",), examples=len(examples)))
