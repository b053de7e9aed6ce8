"""The parallel part of mining: redacting, understanding and encoding, in blocks, on any engine.

Results come in order and do not depend on how texts are divided into blocks, so that what is mined
is the same whatever the engine and the number of its workers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from intents.examples import OUT_OF_SCOPE
from intents.parse import Parse
from intents.understanding import Understanding
from models.arrays import FloatArray
from retrieval.conversation import Conversation
from retrieval.engine import Engine
from retrieval.mining.asked import Understood
from retrieval.redaction.redactor import Redactor, Rules

BLOCK = 64
"""Conversations, or texts, of a call."""
DOUBTFUL = 0.6
"""Out-of-scope score from which a line between two intents counts as one of neither."""


@dataclass(frozen=True)
class MiningWork:
    """What a worker needs: the folder of a release, and rules of redaction."""

    release: Path
    rules: Rules

    def worker(self) -> MiningWorker:
        """A worker, on the machine where this is called."""
        return MiningWorker(Understanding.load(self.release), Redactor.packaged(self.rules))


class MiningWorker:
    """Does blocks of the work, each by itself."""

    def __init__(self, understanding: Understanding, redactor: Redactor) -> None:
        self._understanding = understanding
        self._redactor = redactor

    def redact(self, conversations: Sequence[Conversation]) -> list[Conversation]:
        """Redacted conversations; their agents stay, for mining to tell them apart."""
        hidden = self._redactor.redact_conversations(conversations)
        return [replace(h, agent=c.agent) for h, c in zip(hidden, conversations, strict=True)]

    def classify(self, texts: Sequence[str]) -> list[Understood]:
        """What the release makes of customers' texts, as mining asks for it."""
        return [
            Understood(p.intent, p.confidence, _covered(p))
            for p in self._understanding.parse(list(texts))
        ]

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """The release's vectors of ``texts``: (n, d)."""
        return self._understanding.encoder.encode(texts).sentence


class Spread:
    """Calls of :class:`MiningWorker` spread over an engine's workers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def redacted(self, conversations: Iterable[Conversation]) -> Iterator[Conversation]:
        """Redacted conversations, in order; a few blocks are in memory at a time."""
        return chain.from_iterable(self._calls("redact", conversations))

    def classify(self, texts: Sequence[str]) -> list[Understood]:
        """What the release makes of customers' texts."""
        return list(chain.from_iterable(self._calls("classify", texts)))

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """The release's vectors of ``texts``, at least one: (n, d)."""
        return np.concatenate(list(self._calls("encode", texts)))

    def _calls(self, method: str, items: Iterable[Any]) -> Iterator[Any]:
        left = iter(items)
        blocks = iter(lambda: list(islice(left, BLOCK)), [])
        return (found for _, found in self._engine.map(method, ((None, one) for one in blocks)))


def _covered(parse: Parse) -> bool:
    """Whether an intent deals with it; an own ``out_of_scope`` says that none does."""
    if parse.intent == OUT_OF_SCOPE or parse.decision == "reject":
        return False
    return parse.decision == "accept" or parse.out_of_scope < DOUBTFUL
