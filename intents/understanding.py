"""Serving: one encoder pass turns messages into intent, decision, entities, sentiment and
urgency.

Imports neither torch nor scikit-learn.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from intents import slipped
from intents.examples import language_of
from intents.moods import Mood, read_moods
from intents.parse import Parse
from intents.parts import IntentPart, load_intents, load_rules, load_splitter
from intents.release import Release
from intents.requests.dividing import Looked, segments_of
from intents.slipped import Read
from intents.spelling import Speller
from intents.thresholds import Taken
from intents.values.patterns import EntityComposer, EntityRules, Found
from models.arrays import FloatArray, load_arrays
from models.encoders.runtime import Encoder, Encoding
from models.mood import FILE as MOOD_FILE
from models.mood import MoodHead, load_moods
from models.tagger import Span, Tagger

LONGEST = 4000
"""Characters of a message that are read; customers' messages are far shorter."""

Asked = str | Sequence[str] | None
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Neighbour:
    """A training line near a message: its index among the release's examples and the cosine."""

    index: int
    text: str
    intent: str
    similarity: float


class Understanding:
    """A loaded release; safe to share among threads."""

    def __init__(
        self,
        release: Release,
        encoder: Encoder,
        intents: IntentPart | None,
        tagger: Tagger | None,
        moods: Mapping[str, MoodHead],
        rules: EntityRules,
    ) -> None:
        self.release = release
        self.encoder = encoder
        self.intents = intents
        self.tagger = tagger
        self.moods = moods
        self.splitter = load_splitter(release)
        kinds = {label.split("\t")[0] for label in tagger.names} if tagger else set()
        self.composer = EntityComposer(rules, kinds)
        # Half a second the first time: here rather than within the first customer's turn.
        self.speller = self._read_words()

    @classmethod
    def load(
        cls,
        folder: Path | str,
        threads: int = 1,
        *,
        encoder: Encoder | None = None,
        verify: bool = True,
    ) -> Understanding:
        """Load the release in ``folder``.

        :param encoder: an encoder already loaded from a release with the same encoder files.
        :param verify: compare every file with the manifest first.
        :raises ReleaseNotFound: no release there.
        :raises ReleaseAltered: a file is missing or changed.
        """
        release = Release.open(folder)
        if verify:
            release.verify()
        tagger = Tagger.load(release.path("tagger.npz")) if release.has("tagger.npz") else None
        return cls(
            release,
            encoder or Encoder.load(release.path("encoder"), threads),
            load_intents(release) if release.has("intent.npz") else None,
            tagger,
            load_moods(release.path(MOOD_FILE)) if release.has(MOOD_FILE) else {},
            load_rules(release),
        )

    @property
    def labels(self) -> tuple[str, ...]:
        """The intents that this release knows."""
        return self.intents.head.labels if self.intents else ()

    def parse(
        self,
        texts: Sequence[str],
        requested_slots: Sequence[Asked] | None = None,
        *,
        divide: bool = False,
    ) -> list[Parse]:
        """Understand messages in one encoder pass; the order is kept.

        :param requested_slots: for each message the slot or slots that the bot had asked for.
        :param divide: look for several requests in a message, which may take a second, small pass.
        """
        return self.parse_beside(texts, (), requested_slots, divide=divide)[0]

    def parse_beside(
        self,
        texts: Sequence[str],
        others: Sequence[str],
        requested_slots: Sequence[Asked] | None = None,
        *,
        divide: bool = False,
    ) -> tuple[list[Parse], FloatArray]:
        """What :meth:`parse` gives, and the sentence vectors (m, d) of ``others``, in one pass."""
        if not texts:
            return [], self.encode(others).sentence
        asked = requested_slots if requested_slots is not None else [None] * len(texts)
        readable = [_SURROGATES.sub("\ufffd", text[:LONGEST]) for text in texts]
        read = slipped.read(
            self.encoder, readable, self.speller, twice=self.tagger is not None, also=others
        )
        encoding = read.encoding
        ranked = self._rank(encoding.sentence)
        moods = read_moods(self.moods, self.release.facts.languages, encoding, readable)
        slots = [_slots(each) for each in asked]
        found = self._entities(readable, read, slots)
        parses = [
            self._parse(texts[i], readable[i], found[i], encoding.sentence[i], _row(ranked, i),
                        moods[i])
            for i in range(len(texts))
        ]  # fmt: skip
        if not divide or self.splitter is None or ranked is None:
            return parses, read.also
        divided = segments_of(self, self.splitter, readable, encoding, parses, ranked)
        parses = [
            replace(parse, segments=segments) if segments else parse
            for parse, segments in zip(parses, divided, strict=True)
        ]
        return parses, read.also

    def taken(self, vector: FloatArray) -> Taken:
        """What a text with a sentence vector (d,) is taken for."""
        assert self.intents is not None
        shares, scores = self.intents.read(vector[None])
        return self.taken_for(self.labels, shares[0], float(scores[0]))

    def taken_for(self, names: Sequence[str], shares: FloatArray, score: float) -> Taken:
        """What follows from the shares (c,) of intents and an out-of-scope score."""
        assert self.intents is not None
        return self.intents.thresholds.taken(names, shares, score)

    def encode(self, texts: Sequence[str]) -> Encoding:
        """One encoder pass over texts, slips of the keyboard mended; offsets are the texts' own."""
        return slipped.read(self.encoder, texts, self.speller, twice=False).encoding

    def mended(self, texts: Sequence[str]) -> list[str]:
        """Texts as the encoder reads them: slips of the keyboard mended."""
        return [self.speller.mend(text).text for text in texts] if self.speller else list(texts)

    def _read_words(self) -> Speller | None:
        """What knows the words of the training lines; None where the release keeps no lines."""
        if not self._examples:
            return None
        rules = self.composer.rules
        names = [value for values in rules.lookups.values() for value in values]
        vocabulary = [*names, *rules.synonyms, *rules.synonyms.values(), *rules.known]
        return Speller.of((text for text, _ in self._examples), vocabulary)

    def nearest(self, vector: FloatArray, k: int = 5) -> list[Neighbour]:
        """The training lines nearest to a message's ``vector``, the nearest first."""
        if self.intents is None or not len(self._examples):
            return []
        z = self.intents.head.transform(vector[None, :])[0]
        near = self.memory @ z
        best = np.argsort(-near, kind="stable")[:k]
        return [Neighbour(int(i), *self._examples[int(i)], float(near[i])) for i in best]

    @cached_property
    def memory(self) -> FloatArray:
        """The training lines (m, d) in the head's centred space, unit vectors."""
        assert self.intents is not None
        vectors = load_arrays(self.release.path("examples.npz"), "examples")["vectors"]
        return self.intents.head.transform(vectors.astype(np.float32))

    @cached_property
    def _examples(self) -> list[tuple[str, str]]:
        if not self.release.has("examples.jsonl"):
            return []
        rows = self.release.path("examples.jsonl").read_text(encoding="utf-8").split("\n")
        read = [json.loads(row) for row in rows if row]
        return [(row["text"], row["intent"]) for row in read]

    def _rank(self, vectors: FloatArray) -> Looked | None:
        return self.intents.look(vectors) if self.intents is not None and len(vectors) else None

    def _parse(
        self,
        text: str,
        readable: str,
        entities: tuple[Found, ...],
        vector: FloatArray,
        ranked: tuple[FloatArray, float] | None,
        mood: Mood,
    ) -> Parse:
        common = {
            "text": text,
            "language": language_of(readable),
            "entities": entities,
            **vars(mood),
            "vector": vector,
        }
        if ranked is None or not readable.strip() or self.intents is None:
            return Parse(
                intent="", confidence=0.0, ranking=(), decision="reject", options=(),
                out_of_scope=1.0, **common,
            )  # fmt: skip
        return Parse(**vars(self.taken_for(self.labels, *ranked)), **common)

    def _entities(
        self, texts: Sequence[str], read: Read, asked: Sequence[tuple[str, ...]]
    ) -> list[tuple[Found, ...]]:
        spans: list[list[Span]] = [[] for _ in texts]
        if self.tagger is not None:
            spans = read.spans(self.tagger, texts, [slots or None for slots in asked])
        return [
            self.composer.compose(text, [found_of(text, span) for span in tagged], slots)
            if text.strip()
            else ()
            for text, tagged, slots in zip(texts, spans, asked, strict=True)
        ]


def _row(looked: Looked | None, index: int) -> tuple[FloatArray, float] | None:
    """The shares (c,) and the out-of-scope score of one message."""
    return None if looked is None else (looked[0][index], float(looked[1][index]))


def _slots(asked: Asked) -> tuple[str, ...]:
    if asked is None:
        return ()
    return (asked,) if isinstance(asked, str) else tuple(asked)


def found_of(text: str, span: Span) -> Found:
    """A span of the tagger as a finding, its label taken apart."""
    label, _, rest = span.label.partition("\t")
    role, _, group = rest.partition("\t")
    words = text[span.start : span.end]
    return Found(
        span.start, span.end, label, words, words, "tagger", span.confidence, role or None,
        group or None,
    )  # fmt: skip
