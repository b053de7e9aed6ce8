"""Sentiment and urgency as a step of training: from labelled lines, or from those that ship.

An assistant that labels no line with a sentiment (or with an urgency) gets a head trained on the
lines in ``intents/data``, in its own languages and on its own encoder. A few labelled lines are
joined with those; many stand alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from intents.evaluation import ece, macro_f1
from intents.examples import Example
from intents.reading.jsonl import read_jsonl
from models.arrays import AnyArray, FloatArray, IntArray, load_arrays, save_arrays
from models.encoders.adapter import unseen_mask
from models.encoders.pooling import pooled
from models.encoders.runtime import GRAPH, TOKENIZER, Encoder, Encoding
from models.encoders.weights import cache_folder
from models.mood import SCALES, HeldOut, MoodHead, best_of, load_moods, save_moods
from models.progress import Progress, Silent

FEW = 100
"""Fewer own lines of a trait than this are joined with the shipped ones."""

OWN = 5
"""For how many of the shipped lines one of so few own lines counts."""

_TELLING = 20
"""Lines about nothing but a trait, from which on there is no class but those they have."""

MOST_TAUGHT = 4000
"""Lines with nothing but a sentiment that a fine-tune learns from; the head learns from all."""

_DATA = Path(__file__).parents[1] / "data"
_VERSION = 5
_SPOKEN = 120
_EMOJI = "🙏🙂👋📦😅🙇"
_STATES = "mood-states"
_LANGUAGES = {"en": ("en",), "zh": ("zh",)}


def shipped_lines(language: str) -> list[Example]:
    """The lines with sentiment and urgency that come with the product, for ``en``, ``zh``, ``mul``.

    They are written by hand.
    """
    found: list[Example] = []
    for name in _LANGUAGES.get(language, ("en", "zh")):
        found += read_jsonl(_DATA / f"mood.{name}.jsonl", f"mood.{name}.jsonl").examples
    return found


def spoken(language: str) -> list[str]:
    """Some of these lines' texts in ``en`` or ``zh``: how people write to a shop, whatever they
    want."""
    texts = [line.text for line in shipped_lines(language)]
    return texts[:: -(-len(texts) // _SPOKEN)]


class OwnLines:
    """An assistant's own lines with a sentiment or an urgency, and their pooled states."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.rows = [i for i, e in enumerate(examples) if e.sentiment or e.urgency]
        self.examples = [examples[i] for i in self.rows]
        self.states: FloatArray = np.zeros((0, 0), dtype=np.float32)
        self._at = {row: place for place, row in enumerate(self.rows)}

    def take(self, start: int, encoding: Encoding) -> None:
        """Keep what an encoder pass gave for the examples from number ``start`` on."""
        inside = [i for i in range(len(encoding.sentence)) if start + i in self._at]
        if inside:
            part = Encoding(
                encoding.sentence[inside],
                [encoding.tokens[i] for i in inside],
                [encoding.offsets[i] for i in inside],
            )
            read = pooled(part)
            if not len(self.states):
                self.states = np.zeros((len(self.rows), read.shape[1]), dtype=np.float32)
            self.states[[self._at[start + i] for i in inside]] = read

    def classes(self, trait: str) -> frozenset[str]:
        """The classes of ``trait`` that messages have, as far as these lines tell.

        Lines that are about nothing else show them all. Who marks a few lines of an assistant
        may have marked the angry ones alone.
        """
        given = [_label(e, trait) for e in self.examples if not e.intent and e.entities is None]
        found = frozenset(label for label in given if label)
        told = len(found) > 1 and sum(label is not None for label in given) >= _TELLING
        return found if told else frozenset(SCALES[trait])

    def of(self, trait: str, unseen: AnyArray) -> Labelled:
        """The lines that say something of ``trait``.

        :param unseen: which of all examples (n,) the encoder was not fine-tuned on.
        """
        at = [i for i, example in enumerate(self.examples) if _label(example, trait)]
        return Labelled(
            [self.examples[i].text for i in at],
            [str(_label(self.examples[i], trait)) for i in at],
            self.states[at],
            unseen[[self.rows[i] for i in at]],
            np.arange(len(at)),
        )


@dataclass(frozen=True)
class Labelled:
    """n texts with labels of one trait, pooled states (n, p) and which the encoder has not seen.

    ``sources`` (n,) are the lines that each is a copy of; a line that is none, its own number.
    """

    texts: list[str]
    labels: list[str]
    states: FloatArray
    unseen: AnyArray
    sources: IntArray

    def __add__(self, other: Labelled) -> Labelled:
        """These lines and those of the other that are not among them."""
        known = {text.casefold().strip() for text in self.texts}
        first = [other.texts[i].casefold().strip() for i in other.sources]
        new = [i for i, text in enumerate(first) if text not in known]
        place = {row: len(self.texts) + at for at, row in enumerate(new)}
        return Labelled(
            self.texts + [other.texts[i] for i in new],
            self.labels + [other.labels[i] for i in new],
            np.concatenate([self.states, other.states[new]]),
            np.concatenate([self.unseen, other.unseen[new]]),
            np.array([*self.sources, *(place[other.sources[i]] for i in new)], dtype=np.int64),
        )

    def times(self, number: int) -> Labelled:
        """These lines, each with ``number`` - 1 copies."""
        return self._at(np.tile(np.arange(len(self.texts)), number), self.sources)

    def within(self, classes: Collection[str]) -> Labelled:
        """The lines with one of these labels."""
        rows = np.array([i for i, label in enumerate(self.labels) if label in classes], np.int64)
        places = np.zeros(len(self.texts), dtype=np.int64)
        places[rows] = np.arange(len(rows))
        return self._at(rows, places[self.sources])

    def _at(self, rows: IntArray, sources: IntArray) -> Labelled:
        return Labelled(
            [self.texts[i] for i in rows],
            [self.labels[i] for i in rows],
            self.states[rows],
            self.unseen[rows],
            sources[rows],
        )


class ShippedLines:
    """The shipped lines under one encoder; what was computed once is kept in the cache.

    :param folder: of the serving encoder.
    :param weights: folder that the encoder comes from, which may name lines that it has learned.
    """

    def __init__(
        self,
        encoder: Encoder,
        folder: Path,
        language: str,
        weights: Path | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._encoder = encoder
        self._progress = progress or Silent()
        self._lines = shipped_lines(language)
        self._weights = weights
        self._kept = cache_folder() / "moods" / _key(folder, self._lines)

    def of(self, trait: str) -> Labelled:
        """The lines with their labels of ``trait``."""
        texts, sources = with_copies([line.text for line in self._lines])
        unseen = np.ones(len(self._lines), dtype=bool)
        if self._weights is not None:
            unseen = unseen_mask(self._weights, texts[: len(self._lines)])
        labels = [str(_label(self._lines[i], trait)) for i in sources]
        return Labelled(texts, labels, self._states(texts), unseen[sources], sources)

    def heads(self, seed: int) -> tuple[dict[str, MoodHead], dict[str, Any]]:
        """A head of each trait from these lines alone, and held-out figures by trait."""
        kept = self._kept / f"heads-{seed}.npz"
        notes = kept.with_suffix(".json")
        if kept.is_file() and notes.is_file():
            return load_moods(kept), json.loads(notes.read_text(encoding="utf-8"))
        heads: dict[str, MoodHead] = {}
        figures: dict[str, Any] = {}
        for trait in SCALES:
            heads[trait], figures[trait] = _fit(trait, self.of(trait), seed, "shipped lines")
        save_moods(kept, heads)
        notes.write_text(json.dumps(figures), encoding="utf-8")
        return heads, figures

    def _states(self, texts: Sequence[str]) -> FloatArray:
        kept = self._kept / "states.npz"
        if kept.is_file():
            return load_arrays(kept, _STATES)["states"].astype(np.float32)
        self._progress.start("Reading lines for sentiment and urgency", len(texts))
        parts = []
        for start in range(0, len(texts), 128):
            parts.append(pooled(self._encoder.encode(texts[start : start + 128])))
            self._progress.advance(len(parts[-1]))
        self._progress.done()
        states = np.concatenate(parts)
        save_arrays(kept, {"kind": np.array(_STATES), "states": states.astype(np.float16)})
        return states.astype(np.float16).astype(np.float32)


def spared_lines(examples: Sequence[Example], seed: int) -> AnyArray:
    """Lines that a fine-tune is spared (n,), bool: those beyond :data:`MOST_TAUGHT` that have
    nothing but a sentiment, drawn at random.

    An encoder learns tone from a few thousand lines; tens of thousands cost it hours.
    """
    alone = [
        i
        for i, example in enumerate(examples)
        if example.sentiment and not example.intent and example.entities is None
    ]
    spared = np.zeros(len(examples), dtype=bool)
    drawn = np.random.default_rng(seed).permutation(len(alone))[MOST_TAUGHT:]
    spared[[alone[i] for i in drawn]] = True
    return spared


def fit_moods(
    own: OwnLines, shipped: ShippedLines, unseen: AnyArray, seed: int
) -> tuple[dict[str, MoodHead], dict[str, Any]]:
    """A head for each trait, and held-out figures by trait.

    :param unseen: which of all examples (n,) the encoder was not fine-tuned on.
    """
    heads: dict[str, MoodHead] = {}
    figures: dict[str, Any] = {}
    for trait in SCALES:
        lines = own.of(trait, unseen)
        if not lines.texts:
            given, found = shipped.heads(seed)
            heads[trait], figures[trait] = given[trait], found[trait]
            continue
        source = "own lines"
        if len(lines.texts) < FEW:
            lines = lines.times(OWN) + shipped.of(trait).within(own.classes(trait))
            source = "own and shipped lines"
        heads[trait], figures[trait] = _fit(trait, lines, seed, source)
    return heads, figures


def _fit(trait: str, lines: Labelled, seed: int, source: str) -> tuple[MoodHead, dict[str, Any]]:
    head, held = MoodHead.fit(
        trait,
        lines.states,
        lines.texts,
        lines.labels,
        unseen=lines.unseen,
        sources=lines.sources,
        seed=seed,
    )
    return head, {"source": source} | _figures(trait, lines.labels, held)


def with_copies(texts: Sequence[str]) -> tuple[list[str], IntArray]:
    """The texts, then a copy of every fourth one with an emoji that says little behind it.

    Encoders know few emoji, and an unknown one throws them. The numbers (m,) tell what each line
    is a copy of.
    """
    sources = [*range(len(texts)), *range(0, len(texts), 4)]
    copies = [f"{text} {_EMOJI[i % len(_EMOJI)]}" for i, text in enumerate(texts[::4])]
    return [*texts, *copies], np.array(sources, dtype=np.int64)


def _key(folder: Path, lines: Sequence[Example]) -> str:
    digest = hashlib.sha256(f"{_VERSION}".encode())
    for name in (GRAPH, TOKENIZER):
        with (folder / name).open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    for line in lines:
        digest.update(f"\n{line.text}\t{line.sentiment}\t{line.urgency}".encode())
    return digest.hexdigest()[:24]


def _label(example: Example, trait: str) -> str | None:
    return example.sentiment if trait == "sentiment" else example.urgency


def _figures(trait: str, labels: Sequence[str], held: HeldOut) -> dict[str, Any]:
    """Accuracy, macro F1 and calibration on the held-out lines."""
    figures: dict[str, Any] = {"lines": len(labels), "held_out": len(held.rows)}
    if not len(held.rows):
        return figures
    gold = [labels[i] for i in held.rows]
    best = best_of(trait, held.shares)
    right = np.array([g == label for g, (label, _) in zip(gold, best, strict=True)])
    confidence = np.array([share for _, share in best])
    return figures | {
        "accuracy": float(right.mean()),
        "macro_f1": macro_f1(gold, [label for label, _ in best]),
        "ece": ece(confidence, right),
    }
